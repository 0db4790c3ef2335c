"""The kind and the site of a file by its path."""

from pathlib import PurePosixPath

import pytest

from articles.frontmatter import Kind, printable
from articles.sync.found import classify, source_name


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
        ("harbour/_news/a.yaml", None),
        ("harbour/_data/topics/a.md", None),
        ("harbour/_data/a.yaml", None),
        ("harbour/_news/deeper/a.md", None),
        ("harbour/_people/a.md", None),
        ("harbour/_news/.keep", None),
        ("harbour/_news/.a.md", None),
        ("a.md", None),
    ],
)
def test_a_files_place_gives_its_kind_and_its_site(path, place):
    assert classify(PurePosixPath(path)) == place


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("harbour", "harbour"),
        ("Harbour_News.org", "harbour-news-org"),
        ("--a--", "a"),
        ("Über 2", "ber-2"),
        ("潮", None),
        ("", None),
        ("x" * 60, "x" * 50),
    ],
)
def test_a_sites_name_is_made_from_its_folders_name(folder, name):
    assert source_name(folder) == name


def test_paths_are_shown_on_one_line():
    assert printable("a\nb\x1b\udcff\u2028é") == r"a\nb\x1b\udcff\u2028é"
