"""Rows back to documents."""

import pytest

from articles import exporter
from articles.files import find
from articles.frontmatter import parse
from articles.importer import import_files
from articles.models import Article, RelatedLink, Source
from tests.factories import make_article, make_file, make_related, make_story_files, make_topic
from tests.paths import SAMPLES, SEED, needs_seed

pytestmark = pytest.mark.django_db


def written(source="harbour"):
    return {stem: data.decode() for stem, data in exporter.files(Source.objects.get(name=source))}


def test_a_story_is_written_into_each_of_its_files():
    files = make_story_files("a", "b", "c")

    import_files(files)

    assert written() == {file.name: file.data.decode() for file in files}


def test_links_that_lead_out_are_written_back():
    file = make_file("a", related=[make_related("outside"), make_related("elsewhere")])

    import_files([file])

    assert written() == {"a": file.data.decode()}


def test_line_ends_and_unknown_keys_are_written_back():
    provider = {"name": "The Gazette", "domain": "gazette.example", "extra": {"country": "XX"}}
    file = make_file("a", crlf=True, provider=provider, extra={"note": [1, {"b": None}]})

    import_files([file])

    assert written() == {"a": file.data.decode()}


def test_an_article_written_by_an_editor_becomes_a_file_that_can_be_read():
    make_article("Ferries: a guide", topics=[make_topic("Harbour")])

    (text,) = written().values()

    assert parse(text).values["title"] == "Ferries: a guide"


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


def test_the_samples_come_back_in_the_same_bytes():
    import_files(find(str(SAMPLES)), "meridian")

    files = {path.stem: path.read_text() for path in SAMPLES.glob("_news/*.md")}
    assert len(files) >= 60
    assert written("meridian") == files
