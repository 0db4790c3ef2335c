"""What is odd in one part of an article is told as a warning, and the article is in."""

import pytest

from articles.frontmatter import Kind
from articles.models import Article, Source, Topic
from articles.sync import exporter
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.factories import make_file, make_related

pytestmark = pytest.mark.django_db

FULL = {
    "provider": {"name": "Gazette", "domain": "a.example", "images": [{"url": "https://i.example/l.jpg", "width": 50}]},
    "topics": ["Harbour", "Sea"],
    "tags": ["US", "GB"],
    "images": [{"url": "https://i.example/a.jpg", "width": 640, "height": 480}],
    "related": [make_related("b"), make_related("c")],
}
ODD = {  # what is replaced by what; then the key of the warning
    "address of an image": ('"https://i.example/a.jpg"', '"ftp://i.example/a.jpg"', "images[0].url"),
    "height of an image": ("height: 480", "height: tall", "images[0].height"),
    "address of a logo": ('"https://i.example/l.jpg"', "javascript:x", "provider.images[0].url"),
    "width of a logo": ("width: 50", "width: [50]", "provider.images[0].width"),
    "name of an outlet": ("name: Gazette\n", "name: [Gazette]\n", "provider.name"),
    "topic": ("- Sea", "- {a: b}", "topics[1]"),
    "topics": ("topics:\n  - Harbour\n  - Sea", "topics: Harbour, Sea", "topics"),
    "tag": ("- GB", "- [GB]", "tags[1]"),
    "tags": ("tags:\n  - US\n  - GB", "tags: US, GB", "tags"),
    "title of a related article": ('title: "Title of c"', "title: [c]", "related[1].title"),
    "address of a related article": ('"https://gazette.example/c"', '"/c"', "related[1].webUrl"),
    "outlet of a related article": ("      domain: gazette.example", "      domain: a b", "related[0].provider.domain"),
}  # fmt: skip


@pytest.mark.parametrize(("good", "odd", "key"), ODD.values(), ids=ODD)
def test_an_odd_part_is_told_and_the_article_is_in(good, odd, key):
    file = make_file("a", **FULL)
    text = file.data.decode().replace(good, odd, 1)
    line = text[: text.index(odd)].count("\n") + 1
    file.data = text.encode()

    report = import_files([file, make_file("z")])

    assert (report.created, report.rejected, len(report.warnings)) == (2, [], 1)
    (warning,) = report.as_json()["warnings"]
    assert (warning["path"], warning["line"], warning["key"]) == (file.path, line, key)
    assert warning["message"].endswith(" is left out")
    assert dict(exporter.files(Source.objects.get()))["a"] == file.data


@pytest.mark.parametrize(("good", "odd", "key"), ODD.values(), ids=ODD)
def test_an_odd_part_stays_in_the_file_when_another_key_is_edited(good, odd, key):
    file = make_file("a", **FULL)
    file.data = file.data.decode().replace(good, odd, 1).encode()
    import_files([file])
    Article.objects.update(title="Edited")

    assert dict(exporter.files(Source.objects.get()))["a"] == file.data.replace(b"Title of a", b"Edited")


def test_a_file_with_warnings_counts_as_unchanged_when_it_comes_again():
    file = make_file("a", **FULL)
    file.data = file.data.replace(b"- GB", b"- [GB]")
    import_files([file])

    report = import_files([file])

    assert (report.unchanged, report.updated, report.rejected) == (1, 0, [])


def test_what_is_odd_in_a_topics_file_is_told_once_and_the_topic_is_in():
    text = b"_id: sea\nname: Sea\nkeywords:\n  - tide\n  - \n  - ~\n"
    topic = FoundFile("_data/topics/01-sea.yaml", Kind.TOPIC, "harbour", "01-sea", text)

    report = import_files([topic, make_file("a")])

    assert Topic.objects.get(slug="sea").keywords == ["tide"]
    assert [(warning.path, warning.line) for warning in report.warnings] == [(topic.path, 5), (topic.path, 6)]
    assert not import_files([topic, make_file("a")]).warnings
