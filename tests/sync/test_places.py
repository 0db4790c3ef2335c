"""Files that have other names than their stem and .md: an export writes them where they were."""

import io
import unicodedata
from contextlib import suppress

import pytest
from django.core.management import call_command

from articles.models import Article
from tests.factories import make_file
from tests.sync.sites import write

pytestmark = pytest.mark.django_db
NFD = unicodedata.normalize("NFD", "café")
PLACES = [
    "a.md",
    "b.markdown",
    "c.MD",
    "2024/d.md",
    "2024/03/e.Markdown",
    "ferry late/index.md",
    f"{NFD}.md",
    "f/g/Index.MD",
]


def run(command, *arguments):
    out, err = io.StringIO(), io.StringIO()
    with suppress(SystemExit):
        call_command(command, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def site(tmp_path):
    files = {f"harbour/_news/{place}": make_file(f"n{n}").data for n, place in enumerate(PLACES)}
    run("import_articles", write(tmp_path, files) / "harbour")
    return tmp_path / "harbour"


def test_an_export_over_a_site_changes_nothing_and_adds_nothing(site):
    before = contents(site)

    out, _ = run("export_articles", site)

    assert out.startswith(f"0 written, {len(PLACES)} unchanged")
    assert contents(site) == before


def test_an_export_to_an_empty_folder_gives_the_same_files(site, tmp_path):
    run("export_articles", tmp_path / "out")

    assert contents(tmp_path / "out") == contents(site)


def test_a_file_that_moves_is_the_same_article_and_is_exported_where_it_is_now(site, tmp_path):
    (site / "_news" / "a.md").rename(site / "_news" / "2024" / "a.md")

    out, _ = run("import_articles", site)
    run("export_articles", tmp_path / "out")

    assert out.startswith(f"0 created, 0 updated, {len(PLACES)} unchanged")
    assert (tmp_path / "out" / "_news" / "2024" / "a.md").is_file()
    assert run("import_articles", site)[0].startswith(f"0 created, 0 updated, {len(PLACES)} unchanged")


def test_an_export_leads_through_no_link_out_of_its_folder(site, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path, {"out/_news/.keep": b""})
    (tmp_path / "out" / "_news" / "2024").symlink_to(tmp_path / "elsewhere")

    out, err = run("export_articles", tmp_path / "out")

    assert "2 could not be written" in out
    assert "expected a folder within the exported one, found a link to" in err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_in_the_way_of_a_file_keeps_no_other_from_being_written(site, tmp_path):
    write(tmp_path, {"out/_news/2024": b"a file"})

    out, _ = run("export_articles", tmp_path / "out")

    assert f"{Article.objects.count() - 2} written, 0 unchanged, 2 could not be written" in out
