"""`manage.py import_articles`: arguments, exit codes, reports."""

import io
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError

from articles.models import Article, Source
from tests.factories import make_file, make_story_files
from tests.paths import ROOT, SAMPLES
from tests.sync.sites import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(tmp_path):
    """A folder of a site with one story and one bad file."""
    news = tmp_path / "harbour" / "_news"
    news.mkdir(parents=True)
    for file in make_story_files("a", "b"):
        (news / f"{file.name}.md").write_bytes(file.data)
    (news / ".keep").touch()
    return tmp_path / "harbour"


def test_a_folder_is_imported_under_its_own_name(site):
    result = run(site)

    assert result.code == 0
    assert result.out.startswith(
        "2 created, 0 updated, 0 unchanged, 0 rejected, 0 new conflicts; 1 stories, 1 topics, 1 providers;"
    )
    assert Source.objects.get().name == "harbour"


def test_an_import_prints_a_line_for_each_rejected_file_and_exits_with_2(site):
    (site / "_news" / "bad.md").write_text('---\ntitle: "A"\nquality: many\n---\n')

    result = run(site)

    assert result.code == 2
    assert Article.objects.count() == 2
    (line,) = result.err.splitlines()
    assert line.startswith(f"{site}/_news/bad.md:3: quality: expected a whole number from 0 to ")
    assert line.endswith("found 'many'")


def test_the_report_has_every_count(site, tmp_path):
    (site / "_news" / "bad.md").write_text("no front matter")

    run(site, "--report", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert report.pop("seconds") >= 0
    assert report == {
        "files": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "conflicts": 0,
        "rejected": [
            {
                "path": f"{site}/_news/bad.md",
                "message": "expected a line ---, found 'no front matter'",
                "line": 1,
                "key": "",
            }
        ],
        "warnings": [],
        "gone": 0,
        "retired": 0,
        "stories": 1,
        "topics": 1,
        "providers": 1,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/no/such/folder"], "/no/such/folder: No such file or directory."),
        ([".", "--source", "No Name"], "--source: expected a-z, 0-9 and hyphens, found 'No Name'."),
        ([".", "--report", "/no/such/folder/r.json"], "--report: /no/such/folder is not a folder."),
    ],
)
def test_bad_usage_changes_nothing_and_is_explained(arguments, sentence):
    with pytest.raises(CommandError, match="^" + sentence.replace(".", r"\.")) as error:
        run(*arguments)

    assert error.value.returncode == 1
    assert not Source.objects.exists()


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(CommandError, match="expected _news"):
        run(tmp_path)


@pytest.mark.parametrize(("path", "sentence"), [("missing", "No such file"), ("_data", "expected _news")])
def test_a_path_with_nothing_to_import_stops_the_whole_import(site, path, sentence):
    (site / "_data").mkdir()

    with pytest.raises(CommandError, match=sentence):
        run(site, site / path)

    assert not Article.objects.exists()


def test_a_dry_run_prints_the_counts_and_keeps_nothing(site):
    result = run(site, "--dry-run")

    assert result.out.startswith("Would be: 2 created")
    assert not Article.objects.exists()


def test_a_document_is_read_from_standard_input(monkeypatch):
    data = make_file("", title="From a pipe").data
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))

    result = run("-", "--source", "desk")

    assert result.code == 0
    assert Article.objects.get(source__name="desk").stem == "2026-11-01-from-a-pipe"


def test_without_a_terminal_there_is_no_progress_bar(site):
    assert run(site).err == ""


@pytest.mark.parametrize("arguments", [[], ["--no-such-option", "x"], ["/no/such/folder"]])
def test_bad_usage_exits_with_1(arguments):
    command = [sys.executable, "manage.py", "import_articles", *arguments]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("url", ["sqlite:///{folder}/new.sqlite3", "postgres://nobody@127.0.0.1:1/none"])
def test_an_unusable_database_is_explained_in_a_sentence(tmp_path, url):
    environment = {**os.environ, "DATABASE_URL": url.format(folder=tmp_path)}
    command = [sys.executable, "manage.py", "import_articles", SAMPLES]

    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_a_dry_run_prints_changes_and_conflicts(site, tmp_path):
    run(site)
    Article.objects.filter(stem="a").update(title="An editor's")
    for path in (site / "_news").glob("*.md"):
        path.write_text(
            path.read_text().replace("Title of a", "New", 1).replace("quality: 60\nheat", "quality: 70\nheat")
        )

    result = run(site, "--dry-run", "--report", tmp_path / "report.json")

    assert 'harbour/_news/a.md: title: "An editor\'s" stays, conflicts with "New"' in result.out
    assert "harbour/_news/a.md: quality: 60 → 70" in result.out
    report = json.loads((tmp_path / "report.json").read_text())
    assert {"path": "harbour/_news/a.md", "field": "quality", "before": 60, "after": 70, "conflict": False} in report[
        "differences"
    ]
    assert (report["updated"], report["conflicts"]) == (2, 1)
    assert Article.objects.get(stem="a").quality == 60
    assert "opaque" not in result.out + json.dumps(report)


def test_a_report_has_the_documented_keys(site, tmp_path):
    run(site, "--report", tmp_path / "report.json")

    counts = {"files", "created", "updated", "unchanged", "conflicts", "stories", "topics", "providers", "gone"}
    assert set(json.loads((tmp_path / "report.json").read_text())) == counts | {
        "rejected",
        "warnings",
        "retired",
        "seconds",
    }
