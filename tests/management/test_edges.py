"""Commands at their edges: bad arguments, reports that cannot be written, terminals that cannot show every letter."""

import io
import json
import os
import subprocess
import sys
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, load_command_class

from articles.management import base
from articles.models import Source
from newsroom import environment
from tests.factories import make_article
from tests.management.test_base import COMMANDS, Count
from tests.paths import ROOT, SAMPLES

ARGUMENTS = {
    "import_articles": [str(SAMPLES)],
    "export_articles": ["out"],
    "demo": ["--no-server"],
    "backup": ["b"],
    "restore": ["b"],
    "reset_second_factor": ["nobody"],
    "import_upload": ["1"],
}
NAMES = ["report.json", "report", "räport.json", "a b.json", "レポート.json"]


def run(*arguments):
    """Run a command as from a command line. Return its exit code, and what it says."""
    closes = mock.patch("django.core.management.base.connections.close_all")  # the test's own as well
    with closes, pytest.raises(SystemExit) as exit_:
        load_command_class("articles", arguments[0]).run_from_argv(["manage.py", *arguments])
    code = exit_.value.code
    return (code, "") if isinstance(code, int) else (1, code)  # Python prints a text and exits with 1


@pytest.fixture
def folder(tmp_path, monkeypatch, settings):
    settings.IS_DEMO = True
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "wrong",
    [["--no-such-option"], ["--report"], ["too", "many", "words", "--x"], ["--no-progress=1"], ["--source"]],
)
def test_h_every_command_exits_with_1_on_bad_arguments(folder, name, wrong):
    code, said = run(name, *wrong)

    assert code == 1
    assert said.startswith("usage: manage.py ")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("path", [".", "missing/r.json", "file/r.json", "x" * 300, "/proc/r.json", "/dev/full/r"])
@pytest.mark.django_db
def test_h_a_report_that_cannot_be_written_is_told_before_anything_is_done(folder, name, path, capsys):
    (folder / "file").write_text("kept")

    code, _ = run(name, *ARGUMENTS.get(name, []), "--report", path)

    assert code == 1
    assert capsys.readouterr().err.startswith("CommandError: --report: ")
    assert not Source.objects.exists()
    assert [(found.name, found.read_text()) for found in folder.iterdir()] == [("file", "kept")]


@pytest.mark.parametrize("name", NAMES)
def test_h_a_report_is_replaced_only_by_the_next_one(folder, name):
    (folder / name).write_text("old")
    seen = []

    class Looks(Count):
        def handle(self, **options):
            seen.append((folder / name).read_text())
            super().handle(**options)

    call_command(Looks(), report=folder / name)

    assert seen == ["old"]
    assert json.loads((folder / name).read_text())["counted"] == 3


@pytest.mark.parametrize("name", NAMES)
def test_h_a_command_that_fails_leaves_no_report_behind(folder, name):
    class Fails(base.Command):
        def handle(self, **options):
            raise CommandError("no")

    with pytest.raises(CommandError):
        call_command(Fails(), report=folder / name)

    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["caf\udce9.md", "→", "新しい", "\ud800", "😀"])
def test_h_a_report_can_name_any_file(folder, name):
    command = Count()
    command.started, command.report_file = 0, folder / "report.json"

    command.finish({"path": name})

    assert json.loads((folder / "report.json").read_text("utf-8"))["path"] == name


def test_h_a_stopped_command_says_so_in_one_sentence():
    class Stopped(base.Command):
        def handle(self, **options):
            raise KeyboardInterrupt

    with pytest.raises(CommandError, match=r"^Stopped\. Everything written so far is complete"):
        call_command(Stopped())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cache_images", "--limit", "0"], "--limit: expected "),
        (["cache_images", "--limit", "-1"], "--limit: expected "),
        (["cache_images", "--limit", "9" * 5000], "argument --limit: invalid int value"),
        (["export_articles", ""], "FOLDER: expected the name of a folder, found none"),
        (["export_articles", "out", "--source", "nobody"], "--source: expected the name of a site"),
        (["check_scores", "--source", "ÄÖ"], "--source: expected a-z, 0-9 and hyphens, found 'ÄÖ'"),
        (["suggest_stories", "--source", ""], "--source: expected a-z, 0-9 and hyphens, found ''"),
        (["build_newsletter", "--date", "2026-02-30"], "expected a day such as"),
        (["build_newsletter", "--date", "9999-12-31"], "expected a day such as"),
        (["demo", "--port", "0"], "expected a number from 1 to 65535, found '0'"),
        (["demo", "--port", "65536"], "expected a number from 1 to 65535, found '65536'"),
        (["demo", "--port", "²"], "expected a number from 1 to 65535"),
        (["demo", "--port", "9" * 5000], "expected a number from 1 to 65535"),
    ],
)
@pytest.mark.django_db
def test_h_a_value_out_of_range_is_told_in_one_sentence(folder, capsys, arguments, sentence):
    make_article()

    code, said = run(*arguments)

    assert code == 1
    assert sentence in said + capsys.readouterr().err


@pytest.mark.django_db
def test_h_any_limit_will_do():
    call_command("cache_images", limit=10**30, stdout=io.StringIO())


@pytest.mark.parametrize(
    ("name", "entry", "sentence"),
    [
        ("DATABASE_URL", "postgres://u:secret@h/n", 'DATABASE_URL: .*psycopg .*pip install "\\.\\[postgres\\]"'),
        ("DATABASE_URL", "postgresql://u@/n?host=/run", 'DATABASE_URL: .*psycopg .*pip install "\\.\\[postgres\\]"'),
        ("CACHE_URL", "redis://h:1/2", "CACHE_URL: .*redis .*pip install .*production"),
    ],
)
def test_h_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch, name, entry, sentence):
    monkeypatch.setenv(name, entry)
    monkeypatch.setattr(environment.databases, "find_spec", lambda module: None)
    read = environment.cache if name == "CACHE_URL" else lambda name: environment.database(name, ROOT)

    with pytest.raises(ImproperlyConfigured, match=sentence) as error:
        environment.with_driver(name, read(name))
    assert "secret" not in str(error.value)


def test_h_what_needs_no_package_starts_without_any(monkeypatch, tmp_path):
    monkeypatch.setattr(environment.databases, "find_spec", lambda module: None)

    for entry in (environment.sqlite(tmp_path / "db"), environment.cache("MISSING")):
        assert environment.with_driver("NAME", entry) is entry


ENCODINGS = [
    {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "cp437:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LANG": "C"}, {"PYTHONIOENCODING": "utf-8:strict"},
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A database with articles whose texts are not ASCII, and files that would change them."""
    place = tmp_path_factory.mktemp("site")
    variables = {"DATABASE_URL": f"sqlite:///{place}/db.sqlite3", "NEWSROOM_MEDIA_ROOT": f"{place}/media"}
    news = place / "insel" / "_news"
    news.mkdir(parents=True)
    text = (
        '---\ntitle: "Fähre → 島 😀"\npublishedDateTime: 2024-03-05T10:00:00Z\nquality: 99\nheat: 1\npublished: true\n'
        'webUrl: "https://example.org/{0}"\nprovider:\n  name: Zeitung Übersee\n  domain: example.org\n---\n'
    )
    for name in ("fähre", "島"):
        (news / f"{name}.md").write_text(text.format(name), "utf-8")
    python(variables, "migrate")
    python(variables, "import_articles", str(news.parent))
    for name in ("fähre", "島"):
        (news / f"{name}.md").write_text(text.format(name).replace("→", "⇒"), "utf-8")
    (news / "schön.md").write_text("---\ntitle: →\n---\n", "utf-8")
    return variables


def python(variables, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("variables", ENCODINGS, ids=lambda found: " ".join(map("=".join, found.items())))
def test_h_every_command_prints_what_it_can_and_escapes_the_rest(site, tmp_path, variables):
    folder = site["DATABASE_URL"].removeprefix("sqlite:///").removesuffix("/db.sqlite3")
    commands = [
        ["import_articles", f"{folder}/insel", "--dry-run", "--report", str(tmp_path / "r.json")],
        ["check_scores", "--source", "über"],
        ["export_articles", str(tmp_path / "aus→")],
    ]
    if variables == ENCODINGS[0]:
        commands += [[name] for name in COMMANDS if name not in ARGUMENTS]
    for arguments in commands:
        result = python(site | variables, *arguments)

        assert result.returncode in (0, 1, 2)
        assert b"Traceback" not in result.stderr + result.stdout
        assert b"Error:" not in result.stderr.replace(b"CommandError:", b"")


def test_h_output_that_a_terminal_cannot_show_is_escaped():
    result = python({"PYTHONIOENCODING": "ascii"}, "check_scores", "--source", "→")

    assert result.returncode == 1
    assert b"--source: expected a-z, 0-9 and hyphens, found '\\u2192'." in result.stderr
