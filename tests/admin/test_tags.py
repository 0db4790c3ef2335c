"""Tags in an article's form."""

import pytest
from django.urls import reverse

from articles.models import Article, ArticleTag
from articles.sync.importer import import_files
from tests.factories import make_article, make_file

pytestmark = pytest.mark.django_db


def tags():
    return list(ArticleTag.objects.values_list("name", flat=True))


def test_tags_that_an_editor_adds_in_an_open_form_are_merged_with_an_imports(opened):
    import_files([make_file("a", tags=["US"])])
    send = opened(Article.objects.get())

    import_files([make_file("a", tags=["US", "CA"])])
    send(**{"tags-TOTAL_FORMS": "2", "tags-1-name": "NYC", "tags-1-id": ""})

    assert set(tags()) == {"US", "CA", "NYC"}


def test_a_tag_can_be_removed_in_the_admin(opened):
    article = make_article(tags=["US", "FR"])

    opened(article)(**{"tags-0-DELETE": "on"})

    assert tags() == ["FR"]


def test_tags_can_follow_their_file_again(opened, editor_client):
    import_files([make_file("a", tags=["US"])])
    article = Article.objects.get()
    opened(article)(**{"tags-TOTAL_FORMS": "2", "tags-1-name": "NYC", "tags-1-id": ""})
    address = reverse("admin:articles_article_values", args=[article.pk])

    assert "NYC" in editor_client.get(address).content.decode()
    editor_client.post(address, {"field": "tags"})

    assert tags() == ["US"]


def test_the_history_shows_changes_of_tags(opened, editor_client):
    article = make_article(tags=["US"])

    opened(article)(**{"tags-0-name": "US-NY"})

    history = editor_client.get(reverse("admin:articles_article_history", args=[article.pk])).content.decode()
    assert "US-NY" in history
