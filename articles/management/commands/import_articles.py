"""Loads front-matter files: articles, topics and organizations."""

import json
import re
import sys
from itertools import chain
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from articles import files
from articles.frontmatter import MAX_BYTES, Kind
from articles.importer import import_files
from articles.models import SOURCE_NAME

ARGUMENTS = {
    "paths": {"nargs": "+", "metavar": "PATH", "help": "A file, folder or archive, or - for standard input."},
    "--source": {"metavar": "NAME", "help": "The site they belong to. Default: the folder that holds _news."},
    "--dry-run": {"action": "store_true", "help": "Do everything and keep nothing."},
    "--report": {"metavar": "FILE.json", "type": Path, "help": "Write what was done to a file."},
    "--no-progress": {"action": "store_true", "help": "No progress bar on a terminal."},
}


class Command(BaseCommand):
    help = "Imports articles, topics and organizations from files, folders and archives (.tar, .tar.gz, .tar.xz, .zip)."
    requires_system_checks = []  # they load every page and form, and take as long as an unchanged site

    def create_parser(self, *arguments, **options):
        """Bad usage exits with 1, as all that does nothing; 2 says that files were rejected."""
        parser = super().create_parser(*arguments, **options)
        if parser.called_from_command_line:
            parser.error = lambda message: sys.exit(f"{parser.format_usage()}{message}")
        return parser

    def add_arguments(self, parser):
        for name, about in ARGUMENTS.items():
            parser.add_argument(name, **about)

    def handle(self, *, paths, source, dry_run, report, no_progress, **options):
        if source is not None and not re.fullmatch(SOURCE_NAME, source):
            raise CommandError(f"--source: expected a-z, 0-9 and hyphens, found {source!r}.")
        if report and not report.parent.is_dir():
            raise CommandError(f"--report: {report.parent} is not a folder.")
        try:
            found = chain.from_iterable([opened(path) for path in paths])
            quiet = no_progress or not sys.stderr.isatty()
            bar = tqdm(found, total=None if quiet else files.count(paths), unit=" files", disable=quiet, leave=False)
            result = import_files(bar, source, dry_run, paths)
        except files.NothingFoundError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            problem = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database refused: {problem}. Is it there, and migrated (migrate)?") from error
        for rejection in result.rejected:
            self.stderr.write(str(rejection))
        if report:
            report.write_text(json.dumps(result.as_json(), indent=2) + "\n")
        self.stdout.write(f"{'Would be: ' if dry_run else ''}{result}")
        if result.rejected:
            sys.exit(2)


def opened(path):
    """The files under a path, the first already found: a path with nothing to import stops all before it starts."""
    if path == "-":
        return [files.FoundFile("-", Kind.ARTICLE, None, "", sys.stdin.buffer.read(MAX_BYTES + 1))]
    found = files.find(path)
    return chain([next(found)], found)
