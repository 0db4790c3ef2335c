"""Base of the commands: common options, progress, the report, exit codes, and errors in one sentence."""

import errno
import json
import sys
from pathlib import Path
from time import monotonic

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import Error
from tqdm import tqdm

from articles.models import Source
from articles.sync.found import NothingFoundError
from articles.sync.locks import LockTimeoutError
from articles.text import rules
from articles.text.printable import printable

RERUN = "Everything written so far is complete; run the command again to continue."
DATABASE_PROBLEMS = {  # part of the database's own message: our sentence
    "database or disk is full": f"There is no room left for the database. Free some disk space. {RERUN}",
    "no space left": f"There is no room left on the database's disk. Free some disk space. {RERUN}",
    "readonly database": "The database is read-only for this account: its file and its folder must be writable.",
    "read-only transaction": "The database is read-only: this is a replica, or it has been made read-only.",
    "database is locked": f"Another process has been writing to the database for too long. {RERUN}",
    "unable to open": "The database file cannot be opened: its folder must exist and be writable for this account.",
    "no such table": "The database has no tables yet, or those of an older version: run manage.py migrate.",
    "no such column": "The database has the tables of an older version: run manage.py migrate.",
    "does not exist": "The database or one of its tables does not exist: run manage.py migrate.",
    "disk i/o error": f"The database's disk failed to read or write; it may be full. {RERUN}",
    "malformed": "The database file is damaged: restore it from a backup.",
}


class OneLine(OutputWrapper):
    """Prints each text as one line without control characters: it may quote what strangers wrote."""

    def write(self, msg="", style_func=None, ending=None):
        super().write(printable(msg.removesuffix("\n")), style_func, ending)


class Command(BaseCommand):
    """A command with `--report` and `--no-progress`, and with `--source` if `source_help` is set.

    Exits with 0 when all is done, with 2 when some of it failed, and with 1 and one sentence when nothing could be
    done, bad usage included. `handle` ends with `finish`.
    """

    requires_system_checks = []  # they load every page and form, which takes as long as importing an unchanged site
    source_help = ""

    @property
    def stdout(self):
        return self._stdout

    @stdout.setter
    def stdout(self, output):
        self._stdout = OneLine(output._out)

    @property
    def stderr(self):
        return self._stderr

    @stderr.setter
    def stderr(self, output):
        self._stderr = OneLine(output._out)

    def create_parser(self, *arguments, **options):
        parser = super().create_parser(*arguments, **options)
        if parser.called_from_command_line:
            parser.error = lambda message: sys.exit(f"{parser.format_usage()}{printable(message)}")
        return parser

    def add_arguments(self, parser):
        if self.source_help:
            parser.add_argument("--source", metavar="NAME", help=self.source_help)
        parser.add_argument("--report", metavar="FILE.json", type=Path, help="Write what was done to a file.")
        parser.add_argument("--no-progress", action="store_true", help="Show no progress bar on a terminal.")

    def execute(self, *arguments, **options):
        self.started = monotonic()
        self.report_file = options["report"]
        self.shows_progress = not options["no_progress"] and sys.stderr.isatty()
        self._check(options.get("source"))
        try:
            return super().execute(*arguments, **options)
        except (NothingFoundError, LockTimeoutError) as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError(database_problem(error)) from error
        except OSError as error:
            raise CommandError(system_problem(error)) from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {RERUN}") from None

    def _check(self, source):
        """Raise CommandError for bad options before any work is done."""
        if source is not None:
            try:
                rules.source(source)
            except ValueError as error:
                raise CommandError(f"--source: {error}.") from error
        if self.report_file:
            _try_to_write(self.report_file)

    def progress(self, items, unit, total=None):
        """Iterate over `items` with a progress bar on standard error, if that is a terminal."""
        return tqdm(items, total=total, unit=f" {unit}s", disable=not self.shows_progress, leave=False)

    def finish(self, report, summary="", complete=True):
        """Print the summary, write the report, both with the seconds taken; exit with 2 if something failed."""
        seconds = report.setdefault("seconds", self.seconds())
        if summary:
            self.stdout.write(f"{summary}; {seconds:.1f} s")
        if self.report_file:
            text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
            self.report_file.write_text(text, "utf-8", "backslashreplace")  # names that are no text are JSON's \\udcXX
        if not complete:
            sys.exit(2)

    def seconds(self):
        """Return the seconds since the command was started."""
        return round(monotonic() - self.started, 3)


def _try_to_write(path):
    """Raise CommandError for a report that cannot be written. A file that is there stays as it is."""
    try:
        if not path.parent.is_dir():
            raise CommandError(f"--report: {path.parent} is not a folder.")
        is_new = not path.exists()
        if not path.is_fifo():  # to open and close one would end its reader
            path.open("ab").close()
        if is_new:
            path.unlink()
    except OSError as error:
        raise CommandError(f"--report: {system_problem(error)}") from error


def database_problem(error):
    """Return a sentence that says why the database failed and what to do."""
    message = printable(str(error).strip().partition("\n")[0])
    known = next((ours for theirs, ours in DATABASE_PROBLEMS.items() if theirs in message.lower()), "")
    if known:
        return f"{known} (The database says: {message}.)"
    return f"The database reported: {message}. Does it exist, and has manage.py migrate been run?"


def system_problem(error):
    """Return a sentence that says why the operating system failed and what to do."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{where}There is no room left on this disk. Free some space. {RERUN}"
    return f"{where}{error.strerror or error}."


def sites(name=None):
    """Return the site of that name, or all sites, as a list. Raise CommandError if there is none."""
    found = list(Source.objects.filter(name=name) if name else Source.objects.order_by("name"))
    if not found:
        raise _no_site(name)
    return found


def one_site(name=None):
    """Return the site of that name, or the only one there is. Raise CommandError if there is no such site."""
    found = sites(name)
    if len(found) > 1:
        raise _no_site(name)
    return found[0]


def _no_site(name):
    known = ", ".join(Source.objects.order_by("name").values_list("name", flat=True)) or "none yet"
    found = repr(name) if name else "none"
    return CommandError(f"--source: expected the name of a site ({known}), found {found}.")
