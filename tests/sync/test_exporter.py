"""Rows back to files."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from articles.frontmatter import Kind, parse, serialise
from articles.frontmatter.schema import ARTICLE
from articles.models import Article, Conflict, RelatedLink, Source, Story
from articles.sync import exporter
from articles.sync.files import find
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_provider, make_related, make_story_files, make_topic
from tests.paths import SAMPLES, SEED, needs_seed

pytestmark = pytest.mark.django_db


def written(source="harbour"):
    return {stem: data.decode() for stem, data in exporter.files(Source.objects.get(name=source))}


def test_a_story_is_written_into_each_of_its_files():
    files = make_story_files("a", "b", "c")

    import_files(files)

    assert written() == {file.name: file.data.decode() for file in files}


def test_links_to_other_sites_are_written_back():
    file = make_file("a", related=[make_related("outside"), make_related("elsewhere")])

    import_files([file])

    assert written() == {"a": file.data.decode()}


def test_line_ends_and_unknown_keys_are_written_back():
    provider = {"name": "The Gazette", "domain": "gazette.example", "extra": {"country": "XX"}}
    file = make_file("a", crlf=True, provider=provider, extra={"note": [1, {"b": None}]})

    import_files([file])

    assert written() == {"a": file.data.decode()}


def test_an_editors_article_becomes_a_readable_file():
    make_article("Ferries: a guide", topics=[make_topic("Harbour")])

    (text,) = written().values()

    assert parse(text).values["title"] == "Ferries: a guide"
    assert serialise(parse(text)) == text


EDITS = {
    "title": 'An "edited" title',
    "excerpt": "Edited.",
    "published_at": datetime(2026, 1, 2, tzinfo=UTC),
    "original_url": "https://e.example/o",
    "web_url": "https://e.example/",
    "amp_web_url": "https://e.example/amp",
    "cdn_amp_web_url": "https://e.example/cdn",
    "type": "video",
    "quality": 199,
    "heat": 4321,
    "removed": True,
    "published": True,
    "featured_content": "<b>",
}
KEYS = {field.name: field.key for field in ARTICLE.fields}


def edit(article, name):
    """Change one field of an article, as the desk stores it."""
    if name == "provider":
        Article.objects.filter(pk=article.pk).update(provider=make_provider("edited.example"), provider_name="Edited")
    elif name == "topics":
        article.topic_links.create(tag=make_topic("Edited", slug="edited"), position=99)
    elif name == "images":
        article.images.create(url="https://e.example/e.jpg", position=99)
    else:
        value = not article.published if name == "published" else EDITS[name]
        Article.objects.filter(pk=article.pk).update(**{name: value})


def edited_keys(before, after):
    """The top-level keys whose lines differ between two files."""
    blocks = []
    for text in (before, after):
        found, key = defaultdict(list), ""
        for line in text.splitlines():
            key = line.partition(":")[0] if line[:1] not in ("", " ", "-") else key
            found[key] += [line] if line else []
        blocks.append(found)
    return {key for key in {**blocks[0], **blocks[1]} if blocks[0][key] != blocks[1][key]}


@pytest.mark.parametrize("name", [*EDITS, "provider", "topics", "images"])
def test_an_edit_changes_only_the_lines_of_its_key(name):
    image = {"url": "https://i.example/a.jpg", "width": 2, "height": 1, "is_cached": True}
    files = make_story_files("a", "b", images=[image])
    import_files(files)

    edit(Article.objects.get(stem="a"), name)

    after = written()
    assert after["b"] == files[1].data.decode()
    assert edited_keys(files[0].data.decode(), after["a"]) == {KEYS[name]}


def test_an_article_that_leaves_its_story_leaves_the_lists_of_all():
    files = {file.name: file.data.decode() for file in make_story_files("a", "b", "c")}
    import_files(make_story_files("a", "b", "c"))

    Article.objects.filter(stem="b").update(story=None)

    after = written()
    assert [edited_keys(files[name], after[name]) for name in "abc"] == [{"related"}] * 3
    named = {name: [item["title"] for item in parse(text).values.get("related", [])] for name, text in after.items()}
    assert named == {"a": ["Title of c"], "b": [], "c": ["Title of a"]}


def test_an_article_that_joins_a_story_joins_the_lists_of_all():
    files = [*make_story_files("a", "b"), make_file("x", quality=70)]
    import_files(files)

    Article.objects.filter(stem="x").update(story=Story.objects.get())

    after = written()
    assert [edited_keys(file.data.decode(), after[file.name]) for file in files] == [{"related"}] * 3
    named = {name: [item["title"] for item in parse(text).values.get("related", [])] for name, text in after.items()}
    assert named == {
        "a": ["Title of x", "Title of b"],
        "b": ["Title of x", "Title of a"],
        "x": ["Title of a", "Title of b"],
    }


def test_an_editors_link_joins_the_lists_of_its_story():
    import_files(make_story_files("a", "b"))
    out = make_provider("out.example")
    RelatedLink.objects.create(story=Story.objects.get(), title="Out", web_url="https://out.example/", provider=out)

    assert [len(parse(text).values["related"]) for text in written().values()] == [2, 2]


def test_stale_copies_and_half_a_story_come_back_as_they_were():
    stale = {**make_related("b"), "title": " An old title", "quality": 1}
    files = [make_file("a", related=[stale, make_related("not-here")]), make_file("c", related=[make_related("d")])]

    import_files(files)

    assert written() == {file.name: file.data.decode() for file in files}


def test_an_import_of_an_export_makes_both_sides_agree():
    import_files(make_story_files("a", "b"))
    for name in ("title", "quality", "topics", "images"):
        edit(Article.objects.get(stem="a"), name)
    live = Article.objects.values("title", "quality", "heat").get(stem="a")

    report = import_files(
        FoundFile(f"_news/{stem}.md", Kind.ARTICLE, "harbour", stem, text.encode()) for stem, text in written().items()
    )

    assert (report.updated, report.unchanged, report.conflicts) == (1, 1, 0)
    assert Article.objects.values("title", "quality", "heat").get(stem="a") == live
    assert not Conflict.objects.exists()


def test_an_import_of_an_export_closes_conflicts_as_agreed():
    import_files([make_file("a")])
    edit(Article.objects.get(), "title")
    import_files([make_file("a", title="The file's")])
    assert Conflict.objects.open().count() == 1
    (text,) = written().values()

    import_files([FoundFile("_news/a.md", Kind.ARTICLE, "harbour", "a", text.encode())])

    assert Conflict.objects.get().taken == Conflict.Choice.AGREED
    assert Article.objects.get().title == EDITS["title"]


def test_an_edited_file_in_braces_is_rewritten():
    text = "---\n{title: A, publishedDateTime: 2026-11-01T12:00:00Z, provider: {domain: a.example}}\n---\n"
    import_files([FoundFile("_news/a.md", Kind.ARTICLE, "harbour", "a", text.encode())])
    assert written() == {"a": text}

    edit(Article.objects.get(), "title")

    assert parse(written()["a"]).values["title"] == EDITS["title"]


@pytest.mark.parametrize(
    "matter",
    [
        "  title: A\n  publishedDateTime: 2026-11-01T12:00:00Z\n  provider: {domain: a.example}\n",
        "? title\n: A\n? publishedDateTime\n: 2026-11-01T12:00:00Z\n? provider\n: {domain: a.example}\n",
        "title: >-\n  A\n\n# b\npublishedDateTime: 2026-11-01T12:00:00Z # c\nprovider: {domain: a.example}\n...\n",
    ],
)
@pytest.mark.parametrize("name", ["title", "topics", "images", "removed"])
def test_an_edited_file_of_any_style_has_the_editors_values(matter, name):
    import_files([FoundFile("_news/a.md", Kind.ARTICLE, "harbour", "a", f"---\n{matter}---\n".encode())])

    edit(Article.objects.get(), name)

    expected = {"title": EDITS["title"], "topics": ["Edited"], "images": [{"url": "https://e.example/e.jpg"}]}
    values = parse(written()["a"]).values
    assert values == {
        "title": "A",
        "published_at": datetime(2026, 11, 1, 12, tzinfo=UTC),
        "provider": {"domain": "a.example"},
        name: expected.get(name, True),
    }


def test_an_invalid_value_does_not_stop_the_export_of_the_others():
    files = make_story_files("a", "b")
    import_files(files)
    Article.objects.filter(stem="a").update(published_at=datetime(1800, 1, 1, tzinfo=UTC), story=None)

    after = written()

    assert "publishedDateTime: 1800-01-01T00:00:00Z" in after["a"]
    assert parse(after["b"]).values["title"] == "Title of b"


@needs_seed
def test_the_seed_is_imported_and_renders(client):
    (path,) = SEED.glob("*.md")
    report = import_files(find(str(SEED)))

    article = Article.objects.with_topics().get()
    assert (report.created, article.quality, article.heat) == (1, 61, 71)
    assert [topic.name for topic in article.topic_list] == ["AWS AI", "AI", "Computer Vision"]
    assert article.images.count() == 1
    link = RelatedLink.objects.get()
    assert (link.provider.domain, link.target) == ("usnews.com", None)
    assert written("default") == {path.stem: path.read_text()}
    page = client.get(article.get_absolute_url())
    assert page.status_code == 200
    assert link.link in page.content.decode()


def test_the_samples_are_exported_byte_for_byte():
    import_files(find(str(SAMPLES)), "meridian")

    files = {path.stem: path.read_text() for path in SAMPLES.glob("_news/*.md")}
    assert len(files) >= 60
    assert written("meridian") == files
