"""Loads front-matter files: articles, topics and organizations."""

import sys
from itertools import chain

from tqdm import tqdm

from articles.frontmatter import MAX_BYTES, Kind
from articles.management import base
from articles.sync import files
from articles.sync import found as sync_found
from articles.sync.importer import import_files


class Command(base.Command):
    help = (
        "Imports articles, topics and organizations from files, folders and archives (.tar, .tar.gz, .tar.xz, .zip), "
        "merging them with what editors changed."
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="+", metavar="PATH", help="A file, folder, archive, or -: standard input.")
        base.add_source(parser, "The site they belong to. Default: the folder that holds _news.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would change and keep nothing.")
        base.add_report(parser)
        parser.add_argument("--no-progress", action="store_true", help="No progress bar on a terminal.")

    def handle(self, *, paths, source, dry_run, report, no_progress, **options):
        base.check_source(source)
        base.check_report(report)
        found = chain.from_iterable([opened(path) for path in paths])
        quiet = no_progress or not sys.stderr.isatty()
        bar = tqdm(found, total=None if quiet else files.count(paths), unit=" files", disable=quiet, leave=False)
        result = import_files(bar, source, dry_run, paths)
        for rejection in result.rejected:
            self.stderr.write(str(rejection))
        for difference in result.differences or ():
            self.stdout.write(str(difference))
        self.stdout.write(f"{'Would be: ' if dry_run else ''}{result}")
        base.write_report(report, result.as_json())
        if result.rejected:
            sys.exit(2)


def opened(path):
    """The files under a path, the first already found: a path with nothing to import stops all before it starts."""
    if path == "-":
        return [sync_found.FoundFile("-", Kind.ARTICLE, None, "", sys.stdin.buffer.read(MAX_BYTES + 1))]
    found = files.find(path)
    return chain([next(found)], found)
