"""No file of an import overwrites another: each name belongs to the first path that has it."""

import io
import sys
import tarfile
import tempfile
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, DeletedArticle
from articles.sync import importer
from articles.sync.claims import Claims
from articles.sync.files import find
from articles.sync.importer import import_files
from tests.factories import make_file
from tests.sync.sites import archive, write

pytestmark = pytest.mark.django_db
DATA = {name: make_file(name).data for name in "abcdef"}


def test_a_name_is_free_once():
    claims = Claims()

    assert claims.claim("topic", "weather", "one.yaml") is None
    assert claims.claim("topic", "weather", "two.yaml") == "one.yaml"
    assert claims.claim("outlet", "weather", "two.yaml") is None
    assert (claims.has("topic", "weather"), claims.has("topic", "sea")) == (True, False)


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("between", [0, 3])
def test_an_import_rejects_a_second_file_of_the_same_name(dry_run, between, monkeypatch):
    monkeypatch.setattr(importer, "BATCH", 2)
    others = [make_file(f"other-{n}") for n in range(between)]

    report = import_files([make_file("a", title="One"), *others, make_file("a", title="Two")], dry_run=dry_run)

    (told,) = report.rejected
    assert (report.files, report.created, told.key) == (between + 2, between + 1, "file name")
    assert told.message == f"expected a name of its own, found one that {told.path} has already"
    titles = [article.title for article in Article.objects.filter(stem="a")]
    assert titles == ([] if dry_run else ["One"])


CLASHES = {
    "years": ["s/_news/2022/fair.md", "s/_news/2023/fair.md"],
    "a bundle and a file": ["s/_news/fair.md", "s/_news/fair/index.md"],
    "two bundles": ["s/_news/2022/fair/index.md", "s/_news/2023/fair/index.md"],
    "suffixes": ["s/_news/fair.md", "s/_news/fair.markdown"],
    "case of the suffix": ["s/_news/fair.md", "s/_news/fair.MD"],
    "bare": ["posts/2022/fair.md", "posts/2023/fair.md"],
    "two sites of one name": ["x/s/_news/fair.md", "y/s/_news/fair.md"],
    "two folders that give one site": ["x/my_site/_news/one.md", "y/my-site/_news/two.md"],
    "case of a site": ["Site/_news/one.md", "site/_news/two.md"],
}
APART = {
    "bundles": ["s/_news/one/index.md", "s/_news/two/index.md"],
    "case": ["s/_news/Notes.md", "s/_news/notes.md"],
    "sites": ["s/_news/a.md", "t/_news/a.md"],
    "accents of sites": ["über/_news/a.md", "ber/_news/a.md", "uber/_news/a.md"],
    "scripts of sites": ["новости/_news/a.md", "погода/_news/a.md", "新聞/_news/a.md"],
    "accents": ["s/_news/cafe.md", "s/_news/café.md"],
}


@pytest.mark.parametrize("form", ["", "x.tar", "x.tar.gz", "x.zip"])
@pytest.mark.parametrize("names", [*CLASHES, *APART])
def test_files_of_one_name_are_told_and_those_of_different_names_are_in(tmp_path, names, form):
    paths = CLASHES.get(names) or APART[names]
    members = dict(zip(paths, DATA.values(), strict=False))
    path = archive(tmp_path / form, members) if form else write(tmp_path / "in", members)

    first, second = (import_files(find(str(path))) for _ in range(2))

    told = 1 if names in CLASHES else 0
    assert (first.created, len(first.rejected)) == (len(paths) - told, told)
    assert (second.unchanged, len(second.rejected)) == (len(paths) - told, told)


@pytest.mark.parametrize("form", ["x.tar", "x.tar.bz2", "x.zip"])
def test_files_of_one_name_are_told_across_paths(tmp_path, form):
    folder = write(tmp_path / "in", {"s/_news/a.md": DATA["a"]})
    packed = archive(tmp_path / form, {"s/_news/a.md": DATA["b"], "s/_news/b.md": DATA["b"]})

    report = import_files(chain.from_iterable(find(str(path)) for path in (folder, packed)))

    assert (report.created, [told.path for told in report.rejected]) == (2, [f"{packed}/s/_news/a.md"])


def test_a_member_that_an_archive_has_twice_is_told(tmp_path):
    path = archive(tmp_path / "x.tar", {"s/_news/a.md": DATA["a"]})
    with tarfile.open(path, "a") as file:
        info = tarfile.TarInfo("s/_news/a.md")
        info.size = len(DATA["b"])
        file.addfile(info, io.BytesIO(DATA["b"]))

    report = import_files(find(str(path)))

    assert (report.created, len(report.rejected)) == (1, 1)


def test_a_path_that_is_named_twice_is_read_once(tmp_path):
    site = write(tmp_path, {"s/_news/a.md": DATA["a"]}) / "s"
    out = io.StringIO()

    call_command("import_articles", str(site), str(site), stdout=out)

    assert out.getvalue().startswith("1 created, 0 updated, 0 unchanged, 0 rejected")


@pytest.mark.parametrize(
    "titles", [("新聞", "日報"), ("Погода", "Новости"), ("???", "…"), ("खबर", "समाचार"), ("🔥", "💧")]
)
def test_documents_from_standard_input_are_articles_of_their_own(monkeypatch, titles):
    for title in [*titles, titles[0]]:
        data = make_file("", title=title).data
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))
        call_command("import_articles", "-", source="desk", stdout=io.StringIO())

    assert {article.title for article in Article.objects.all()} == set(titles)


PART = st.sampled_from(["a", "b", "A", "é", "index", "2024"])
PATHS = st.lists(st.lists(PART, min_size=1, max_size=3), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PATHS, st.data())
def test_every_file_is_in_or_told_and_a_second_import_changes_nothing(paths, data):
    suffixes = st.sampled_from([".md", ".markdown", ".MD"])
    with tempfile.TemporaryDirectory() as folder:
        members = {f"s/_news/{'/'.join(parts)}{data.draw(suffixes)}": DATA["a"] for parts in paths}
        site = write(Path(folder), members) / "s"

        first = import_files(find(str(site)))
        second = import_files(find(str(site)))

    assert first.files == first.created + len(first.rejected) == len(members)
    assert (second.unchanged, second.updated, second.rejected) == (first.created, 0, first.rejected)
    Article.objects.all().delete()
    DeletedArticle.objects.all().delete()
