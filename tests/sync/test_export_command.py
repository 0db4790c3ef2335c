"""`manage.py export_articles`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article
from articles.sync.importer import import_files
from tests.factories import make_article, make_source, make_story_files

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("export_articles", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_an_export_writes_each_file_as_it_was_imported(tmp_path):
    files = make_story_files("a", "b")
    import_files(files)

    run(tmp_path / "out")

    news = tmp_path / "out" / "_news"
    assert {path.name: path.read_bytes() for path in news.iterdir()} == {f"{file.name}.md": file.data for file in files}


def test_an_export_writes_only_files_that_differ(tmp_path):
    import_files(make_story_files("a", "b"))
    run(tmp_path)
    before = (tmp_path / "_news" / "b.md").stat().st_mtime_ns
    Article.objects.filter(stem="a").update(title="Edited")

    out, _ = run(tmp_path, "--report", tmp_path / "report.json")

    assert out.startswith("1 written, 1 unchanged")
    assert (tmp_path / "_news" / "b.md").stat().st_mtime_ns == before
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["files"], report["written"], report["unchanged"], report["deleted"]) == (2, 1, 1, [])


def test_an_export_leaves_and_reports_the_file_of_a_deleted_article(tmp_path):
    import_files(make_story_files("a", "b"))
    run(tmp_path)
    Article.objects.get(stem="a").delete()

    _, err = run(tmp_path)

    assert (tmp_path / "_news" / "a.md").exists()
    assert "a.md: left as it is; its article was deleted here." in err


def test_an_export_asks_which_of_several_sites(tmp_path):
    make_article(stem="a")
    make_article(stem="b", source=make_source("island"))

    with pytest.raises(CommandError, match=r"expected the name of a site \(harbour, island\), found none"):
        run(tmp_path)
    run(tmp_path, "--source", "island")

    assert [path.name for path in (tmp_path / "_news").iterdir()] == ["b.md"]


def test_an_export_to_an_impossible_folder_fails_with_one_sentence(tmp_path):
    make_article()
    (tmp_path / "file").touch()

    with pytest.raises(CommandError, match=r"Not a directory|File exists"):
        run(tmp_path / "file")
