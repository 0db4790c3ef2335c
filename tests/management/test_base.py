"""What all commands have in common: their options, progress, report and exit codes."""

import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import DatabaseError, InterfaceError, OperationalError

from articles.management import base, commands
from tests.factories import make_article

COMMANDS = sorted(path.stem for path in Path(*commands.__path__).glob("[a-z]*.py"))


class Count(base.Command):
    """A command that counts to three, and fails at `fails`."""

    def handle(self, *, fails=False, **options):
        counted = sum(1 for _ in self.progress(range(3), "number"))
        self.finish({"counted": counted}, f"{counted} counted", complete=not fails)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "demo"])
def test_every_command_takes_a_report_and_can_hide_its_progress(name):
    parser = load_command_class("articles", name).create_parser("manage.py", name)

    options = {option for action in parser._actions for option in action.option_strings}
    assert {"--report", "--no-progress"} <= options


@pytest.mark.parametrize(
    ("on_a_terminal", "no_progress", "shown"), [(True, False, 1), (True, True, 0), (False, False, 0)]
)
def test_a_command_shows_its_progress_on_a_terminal_only(monkeypatch, capsys, on_a_terminal, no_progress, shown):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: on_a_terminal)

    call_command(Count(), no_progress=no_progress)

    assert bool(capsys.readouterr().err) == shown


def test_a_command_prints_and_reports_what_it_did_and_the_seconds(capsys, tmp_path):
    call_command(Count(), report=tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert report == {"counted": 3, "seconds": report["seconds"]}
    assert capsys.readouterr().out == f"3 counted; {report['seconds']:.1f} s\n"


def test_a_command_that_failed_in_part_writes_its_report_and_exits_with_2(tmp_path):
    with pytest.raises(SystemExit) as exit_:
        Count().execute(fails=True, report=tmp_path / "report.json", no_progress=True, force_color=False, no_color=True)

    assert exit_.value.code == 2
    assert json.loads((tmp_path / "report.json").read_text())["counted"] == 3


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("no such table: articles_article", "The database has no tables yet"),
        ("attempt to write a readonly database", "The database is read-only for this account"),
        ("something new", "The database reported: something new. Does it exist"),
    ],
)
def test_a_database_error_is_one_sentence_that_says_what_to_do(message, sentence):
    assert base.database_problem(DatabaseError(f"{message}\nLINE 1: SELECT")).startswith(sentence)


@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError("connection already closed")])
def test_a_database_that_fails_ends_a_command_with_one_sentence(monkeypatch, error):
    def fails(self, **options):
        raise error

    monkeypatch.setattr(Count, "handle", fails)

    with pytest.raises(CommandError, match=str(error)) as ended:
        call_command(Count())

    assert str(ended.value).isprintable()


@pytest.mark.django_db
def test_rebuild_search_reports_how_many_articles_it_indexed(tmp_path):
    make_article()

    call_command("rebuild_search", report=tmp_path / "report.json", no_progress=True)

    assert json.loads((tmp_path / "report.json").read_text())["articles"] == 1
