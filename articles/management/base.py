"""How all commands behave: exit codes, and one sentence for what goes wrong."""

import errno
import json
import re
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from articles.models import SOURCE_NAME, Source
from articles.sync.found import NothingFoundError
from articles.sync.locks import HeldError

AGAIN = "What was written before is whole and stays; run the command again to go on."
DATABASE_PROBLEMS = {  # a part of the database's own words: ours
    "database or disk is full": f"There is no room left for the database. Make some. {AGAIN}",
    "no space left": f"There is no room left on the database's disk. Make some. {AGAIN}",
    "readonly database": "The database is read-only for this account: its file and its folder must be writable.",
    "read-only transaction": "The database is read-only: this is a replica, or it has been set so.",
    "database is locked": f"Another process has been writing to the database for too long. {AGAIN}",
    "unable to open": "The database's file cannot be opened: its folder must be there, and writable for this account.",
    "no such table": "The database has no tables yet, or an older version's: run manage.py migrate.",
    "no such column": "The database has an older version's tables: run manage.py migrate.",
    "does not exist": "The database, or a table of it, is not there: run manage.py migrate.",
    "disk i/o error": f"The database's disk failed to read or write; it may be full. {AGAIN}",
    "malformed": "The database's file is damaged: restore it from a backup.",
}


class Command(BaseCommand):
    """Exits with 1 and a sentence when it could do nothing, bad usage included; 2 is for part of it."""

    requires_system_checks = []  # they load every page and form, and take as long as an unchanged site

    def create_parser(self, *arguments, **options):
        parser = super().create_parser(*arguments, **options)
        if parser.called_from_command_line:
            parser.error = lambda message: sys.exit(f"{parser.format_usage()}{message}")
        return parser

    def execute(self, *arguments, **options):
        try:
            return super().execute(*arguments, **options)
        except (NothingFoundError, HeldError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(database_problem(error)) from error
        except OSError as error:
            raise CommandError(system_problem(error)) from error


def database_problem(error):
    """A sentence for what a database refused."""
    words = str(error).strip().partition("\n")[0]
    known = next((ours for theirs, ours in DATABASE_PROBLEMS.items() if theirs in words.lower()), "")
    return f"{known} (It says: {words}.)" if known else f"The database refused: {words}. Is it there, and migrated?"


def system_problem(error):
    """A sentence for what the operating system refused."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{where}There is no room left on this disk. Make some. {AGAIN}"
    return f"{where}{error.strerror or error}."


def add_source(parser, about):
    parser.add_argument("--source", metavar="NAME", help=about)


def check_source(name):
    if name is not None and not re.fullmatch(SOURCE_NAME, name):
        raise CommandError(f"--source: expected a-z, 0-9 and hyphens, found {name!r}.")


def chosen(name, several=False):
    """The site of that name; without a name the only one there is, or all if there may be `several`."""
    sites = list(Source.objects.filter(name=name) if name else Source.objects.order_by("name"))
    if len(sites) == 1 or (several and sites):
        return sites
    known = ", ".join(Source.objects.order_by("name").values_list("name", flat=True)) or "none yet"
    found = repr(name) if name else "none"
    raise CommandError(f"--source: expected the name of a site ({known}), found {found}.")


def add_report(parser):
    parser.add_argument("--report", metavar="FILE.json", type=Path, help="Write what was done to a file.")


def check_report(path):
    """Before anything is done, since a report that cannot be written helps nobody afterwards."""
    if path and not path.parent.is_dir():
        raise CommandError(f"--report: {path.parent} is not a folder.")


def write_report(path, found):
    if path:
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
