"""Articles in the admin."""

import pytest
from django.urls import reverse

from articles.models import (
    Article,
    ArticleImage,
    DeletedArticle,
    RelatedLink,
)
from articles.sync.importer import import_files
from tests.admin.forms import change, form_data
from tests.factories import (
    make_article,
    make_file,
    make_provider,
    make_source,
    make_story,
    make_story_files,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "values",
    [
        {"title": " padded  title "},
        {"excerpt": "one\ntwo\r\nthree\rfour \n"},
        {"web_url": "https://a.example/PR Newswire/\u2028x "},
        {"web_url": "", "type": "video", "featured_content": '<iframe src="x">\n</iframe>'},
        {"heat": -1},
        {"quality": 0, "heat": 0},
        {"excerpt": ""},
    ],
)
def test_saving_an_untouched_article_changes_nothing(admin_client, values):
    article = make_article(topics=[make_topic("Tides"), make_topic("Harbour")], heat_is_computed=True, **values)
    ArticleImage.objects.create(article=article, url="https://i.example/a.png ", is_cached=None)
    before = Article.objects.values().get(), article.images.values().get(), list(article.topic_links.values())

    change(admin_client, article)

    after = Article.objects.values().get(), article.images.values().get(), list(article.topic_links.values())
    before[0].pop("updated_at")
    after[0].pop("updated_at")
    assert after == before


def test_saving_an_articles_form_stores_the_edits(admin_client):
    article = make_article("Before", excerpt="one\ntwo")

    change(admin_client, article, title="After", excerpt="one\r\nthree")

    article.refresh_from_db()
    assert (article.title, article.excerpt.splitlines()) == ("After", ["one", "three"])


def test_a_new_article_needs_no_file_name(admin_client):
    provider, source = make_provider(), make_source()
    url = reverse("admin:articles_article_add")
    data = form_data(admin_client.get(url)) | {
        "title": "Ferries",
        "provider": provider.pk,
        "source": source.pk,
        "published_at_0": "2026-11-01",
        "published_at_1": "12:00:00",
    }

    response = admin_client.post(url, data)

    assert response.status_code == 302, response.context["errors"]
    assert Article.objects.get().stem == "2026-11-01-ferries"


def test_an_articles_site_and_file_name_cannot_be_changed(admin_client):
    article = make_article(stem="a")

    change(admin_client, article, stem="b")

    article.refresh_from_db()
    assert article.stem == "a"


@pytest.mark.parametrize("values", [{"published_at_0": "1650-01-01"}, {"excerpt": "x" * 20_001}])
def test_an_articles_form_refuses_values_that_no_file_may_have(editor_client, values):
    article = make_article()
    address = reverse("admin:articles_article_change", args=[article.pk])

    response = editor_client.post(address, form_data(editor_client.get(address)) | values)

    assert response.status_code == 200
    assert "Enter " in response.content.decode()


def test_secured_text_is_shown_only_with_the_permission(admin_client, editor_client):
    import_files([make_file("a", secured="opaque;word")])
    address = reverse("admin:articles_article_change", args=[Article.objects.get().pk])

    seen = admin_client.get(address).content.decode()
    hidden = editor_client.get(address).content.decode()

    assert "opaque;word" in seen
    assert "opaque;word" not in hidden


def test_secured_text_is_not_listed_or_searchable(admin_client):
    import_files([make_file("a", secured="opaque;word")])
    address = reverse("admin:articles_article_changelist")

    assert "opaque;word" not in admin_client.get(address).content.decode()
    assert admin_client.get(address, {"q": "opaque;word"}).context["cl"].result_count == 0


def test_the_heat_of_a_storys_member_is_described_in_words(admin_client):
    make_story(make_article(), make_article())

    page = admin_client.get(reverse("admin:articles_article_changelist")).content.decode()

    assert "in its lead" in page
    assert ">-1<" not in page


def test_an_article_deleted_here_never_comes_back(editor_client):
    import_files(make_story_files("a", "b", "c"))
    article = Article.objects.get(stem="a")
    editor_client.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})

    report = import_files(make_story_files("a", "b", "c", quality=75))

    assert (report.created, report.updated, report.unchanged) == (0, 2, 1)
    assert sorted(Article.objects.values_list("stem", flat=True)) == ["b", "c"]
    assert not RelatedLink.objects.exists()
    DeletedArticle.objects.get().delete()
    assert import_files(make_story_files("a", "b", "c", quality=75)).created == 1
