"""Import front-matter files: articles, topics and organizations."""

import sys
from itertools import chain

from django.core.management import CommandError

from articles import mappings
from articles.frontmatter import MAX_BYTES, Kind
from articles.management import base
from articles.management.mapping import read as read_mapping
from articles.sync import files, mapped_finding
from articles.sync.allowance import Allowance
from articles.sync.found import FoundFile
from articles.sync.importer import import_files


class Command(base.Command):
    help = (
        "Imports articles, topics and organizations from files, folders and archives "
        "(.tar, .tar.gz, .tar.bz2, .tar.xz, .zip), merging them with what editors changed. "
        "Exits with 2 if some files were rejected."
    )
    source_help = "The site the files belong to. Default: the name of the folder that holds _news."

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="+", metavar="PATH", help="A file, folder or archive; - for standard input.")
        parser.add_argument(
            "--map",
            dest="mapping",
            metavar="MAPPING",
            help=f"The files are another program's: a mapping file, or {', '.join(mappings.ready())}.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Print what would change and keep nothing.")
        parser.add_argument(
            "--prune",
            action="count",
            default=0,
            help="Retire articles whose files are gone from their sources. Twice: even if they are most of a source.",
        )
        super().add_arguments(parser)

    def handle(self, *, paths, source, dry_run, prune, mapping, **options):
        paths = list(dict.fromkeys(paths))
        is_whole = _is_whole(paths, mapping, prune)
        mapping = read_mapping(mapping) if mapping else None
        allowance = Allowance()
        found = chain.from_iterable([opened(path, mapping, allowance) for path in paths])
        shown = []  # the first files of another program
        if dry_run and mapping:
            found = mapped_finding.collect(found, shown)
        total = files.count(paths) if self.shows_progress and not mapping else None  # reads each folder once more
        result = import_files(self.progress(found, "file", total), source, dry_run, paths, is_whole, prune)
        self._print(result, mapped_finding.preview(shown))
        self.stdout.write(f"{'Would be: ' if dry_run else ''}{result}")
        self.finish(result.as_json(), complete=not result.rejected)

    def _print(self, result, preview):
        for remark in (*result.rejected, *result.warnings):
            self.stderr.write(str(remark))
        for line in preview:
            self.stdout.write(line)
        for difference in result.differences or ():
            self.stdout.write(str(difference))
        for path in result.retired:
            self.stdout.write(f"{path}: retired, its file is gone")


def _is_whole(paths, mapping, prune):
    """Return whether paths are whole sites. Raise CommandError if they are not and have to be."""
    part = "--map" if mapping else next((path for path in paths if path == "-" or not files.is_whole(path)), None)
    if prune and part is not None:
        raise CommandError(f"--prune: expected folders or archives of whole sources, found {part!r}.")
    return part is None


def opened(path, mapping=None, allowance=None):
    """Iterate over the files of a path. The first is found at once: a path without any stops the import early."""
    if mapping:
        found = mapped_finding.find(path, mapping, allowance)
        return chain([next(found)], found)
    if path == "-":
        return [FoundFile("-", Kind.ARTICLE, None, "", sys.stdin.buffer.read(MAX_BYTES + 1))]
    found = files.find(path, allowance)
    return chain([next(found)], found)
