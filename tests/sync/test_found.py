"""The kind and the site of a file by its path."""

from pathlib import PurePosixPath

import pytest

from articles.frontmatter import Kind, printable
from articles.sync.found import Rejection, classify
from articles.sync.names import source_name


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("harbour/_news/a.md", (Kind.ARTICLE, "harbour")),
        ("sites/Harbour News/_news/a.md", (Kind.ARTICLE, "harbour-news")),
        ("_news/a.md", (Kind.ARTICLE, None)),
        ("harbour/_data/topics/a.yaml", (Kind.TOPIC, "harbour")),
        ("harbour/_data/topics/a.yml", (Kind.TOPIC, "harbour")),
        ("_data/organizations/a.example.md", (Kind.ORGANIZATION, None)),
        ("harbour/_news/_data/topics/a.yaml", (Kind.TOPIC, "news")),
        ("harbour/_news/a.MD", (Kind.ARTICLE, "harbour")),
        ("harbour/_news/deeper/a.markdown", (Kind.ARTICLE, "harbour")),
        ("harbour/_news/a.yaml", (None, "harbour")),
        ("harbour/_data/topics/a.md", (None, "harbour")),
        ("harbour/_data/topics.yml", (None, None)),
        ("harbour/_data/a.yaml", None),
        ("harbour/_people/a.md", None),
        ("harbour/_news/.keep", None),
        ("harbour/_news/.a.md", None),
        ("harbour/_news/.git/a.md", None),
        ("harbour/_news/a.md~", None),
        ("harbour/_news/Thumbs.db", None),
        ("a.md", None),
    ],
)
def test_a_files_place_gives_its_kind_and_its_site(path, place):
    found = classify(PurePosixPath(path).parts)

    assert (found and (found.kind, source_name(found.folder))) == place


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("harbour", "harbour"),
        ("Harbour_News.org", "harbour-news-org"),
        ("--a--", "a"),
        ("Über 2", "uber-2-6f286a"),
        ("潮", "site-103477"),
        ("", None),
        ("x" * 60, "x" * 50),
    ],
)
def test_a_sites_name_is_made_from_its_folders_name(folder, name):
    assert source_name(folder) == name


def test_paths_are_shown_on_one_line():
    assert printable("a\nb\x1b\udcff\u2028é") == r"a\nb\x1b\udcff\u2028é"


@pytest.mark.parametrize(
    ("rejection", "line"),
    [
        (Rejection("a.md", "expected text, found none", 3, "title"), "a.md:3: title: expected text, found none"),
        (Rejection("a.md", "expected text, found none"), "a.md:1: expected text, found none"),
        (Rejection("a.md", "expected text, found none", 7), "a.md:7: expected text, found none"),
    ],
)
def test_a_rejection_without_a_key_has_no_empty_one(rejection, line):
    assert str(rejection) == line
