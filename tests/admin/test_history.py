"""Where an article's values come from, and what changed."""

import json

import pytest
from django.urls import reverse

from articles.models import (
    Article,
    Change,
    ImportRun,
)
from articles.sync.importer import import_files
from tests.admin.forms import change
from tests.factories import (
    make_article,
    make_file,
    make_topic,
)

pytestmark = pytest.mark.django_db


def test_an_editors_change_is_in_the_history_with_both_values(editor_client):
    article = make_article("Ferries", topics=[make_topic("Harbour")])

    change(editor_client, article, title="Ships")

    assert Change.objects.get().deltas == {"title": ["Ferries", "Ships"]}
    page = editor_client.get(reverse("admin:articles_article_history", args=[article.pk])).content.decode()
    assert "<del>Ferries</del>" in page
    assert "<ins>Ships</ins>" in page


def test_an_imports_change_is_in_the_history(editor_client):
    for title in ("Ferries", "Ships"):
        import_files([make_file("a", title=title, heat=len(title))])

    assert Change.objects.get().deltas == {"title": ["Ferries", "Ships"]}


@pytest.mark.parametrize("imports", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_many_changes_by_imports_add_little_history(imports):
    long = "The harbour " * 40
    for n in range(imports):
        import_files(
            [make_file("a", title=f"{long[:150]} {n}", excerpt=f"{n} {long}", web_url=f"https://a.example/{n}")]
        )

    rows = Change.objects.values_list("deltas", flat=True)
    assert sum(len(json.dumps(deltas)) + 60 for deltas in rows) < 500 * imports


def test_the_values_page_says_where_each_value_comes_from(editor_client):
    import_files([make_file("a", title="The file's")])
    article = Article.objects.get()
    change(editor_client, article, title="The editor's")

    page = editor_client.get(reverse("admin:articles_article_values", args=[article.pk]))

    origins = {origin.field: origin for origin, *_ in page.context["origins"]}
    assert (origins["title"].kind, origins["title"].user.username) == ("editor", "ed")
    assert (origins["excerpt"].kind, origins["excerpt"].run) == ("file", ImportRun.objects.get())
    assert origins["leads its story"].kind == "computed"
    assert "opaque;text" not in page.content.decode()


def test_a_field_handed_back_follows_its_file_again(editor_client):
    import_files([make_file("a", title="The file's")])
    article = Article.objects.get()
    change(editor_client, article, title="The editor's")

    editor_client.post(reverse("admin:articles_article_values", args=[article.pk]), {"field": "title"})

    article.refresh_from_db()
    assert article.title == "The file's"
    import_files([make_file("a", title="Newer")])
    article.refresh_from_db()
    assert article.title == "Newer"
