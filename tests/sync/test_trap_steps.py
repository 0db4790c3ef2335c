"""Traps of the real files that take more than one file or version to spring."""

from datetime import UTC, datetime, timedelta

import pytest

from articles.frontmatter.template import unescape
from articles.models import Article, ImportedFile, Provider, Source, Story, Topic
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_file, make_related, make_story_files

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_a_newcomer_rewrites_its_story_and_nothing_else():
    import_files([*make_story_files("a", "b"), make_file("alone")])
    story, alone = Story.objects.get(), Article.objects.values().get(stem="alone")

    report = import_files([*make_story_files("a", "b", "c"), make_file("alone")])

    assert (report.created, report.updated, report.unchanged, report.stories) == (1, 2, 1, 1)
    assert Story.objects.get() == story
    assert Article.objects.values().get(stem="alone") == alone


def test_a_lead_that_becomes_a_member_is_no_longer_on_the_front_page(client):
    import_files([make_file("old", quality=87, heat=87, published=True)])

    import_files(
        [
            make_file("old", quality=87, heat=-1, related=[make_related("new", 90)]),
            make_file("new", quality=90, heat=110, published=True, related=[make_related("old", 87)]),
        ]
    )

    assert [article.stem for article in client.get("/").context["page"].items] == ["new"]
    assert client.get("/news/harbour/old/").status_code == 404


def test_a_stale_copy_in_a_related_list_does_not_change_the_article():
    stale = {**make_related("b"), "title": "Old title", "quality": 1, "published_at": NOON - timedelta(days=1)}

    import_files([make_file("a", related=[stale]), make_file("b", related=[make_related("a")])])

    article = Article.objects.get(stem="b")
    assert (article.title, article.quality, article.published_at) == ("Title of b", 60, NOON)
    assert Story.objects.get().articles.count() == 2


def test_a_removed_article_is_hidden_keeps_its_link_and_leaves_the_story(client):
    import_files(
        [
            make_file("gone", quality=82, heat=102, removed=True, published=False, related=[make_related("b")]),
            make_file("b", published=True, heat=80),
        ]
    )

    gone = Article.objects.get(stem="gone")
    assert (gone.removed, gone.heat, gone.published) == (True, 102, False)
    assert gone.story.links.get().target.stem == "b"
    assert Article.objects.get(stem="b").story is None
    assert [article.stem for article in client.get("/").context["page"].items] == ["b"]


def test_a_short_secured_text_does_not_hide_what_changes():
    import_files([make_file("a", secured="5", heat=65)])

    report = import_files([make_file("a", secured="5", heat=6)])

    assert report.updated == 1
    assert Article.objects.get().heat == 6


@pytest.mark.parametrize(
    "secured",
    ["two;2", "", "x" * 581, "-", '"two"\\', None],
)
def test_a_change_of_secured_alone_never_touches_the_article(secured):
    import_files([make_file("a", secured="one;1")])
    before = Article.objects.values().get()

    report = import_files([make_file("a", secured=secured)])

    assert unescape(ImportedFile.objects.get().secured) == (secured or "")
    assert report.unchanged == 1
    assert Article.objects.values().get() == before


def test_a_percent_encoded_nul_is_not_decoded():
    import_files([make_file("a", provider={"name": "Gazette%00 Inc.", "domain": "g.example"})])

    assert "\x00" not in Provider.objects.get().name


def test_many_topics_without_a_slug_cost_a_fixed_number_of_queries_each(django_assert_max_num_queries):
    names = [f"潮{chr(0x4E00 + n)}" for n in range(40)]

    with django_assert_max_num_queries(40 * 5 + 50):
        import_files([make_file("a", topics=names)])

    assert Topic.objects.count() == 40


def test_an_address_that_a_file_lists_twice_is_exported_twice():
    twins = [make_related(name, web_url="https://gazette.example/twins") for name in ("b", "c")]
    file = make_file("a", related=twins)

    import_files([file])

    assert dict(exporter.files(Source.objects.get())) == {"a": file.data}
