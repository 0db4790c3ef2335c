"""Writes articles back to front-matter files."""

import os
import sys
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from articles.management import base
from articles.models import Article
from articles.sync import exporter


class Command(base.Command):
    help = (
        "Writes FOLDER/_news/<stem>.md for every article of a site. What nobody edited comes out byte for byte as it "
        "came in; of the rest, only the lines that were edited differ."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        base.add_source(parser, "Which site. Needed if there are several.")
        base.add_report(parser)
        parser.add_argument("--no-progress", action="store_true", help="No progress bar on a terminal.")

    def handle(self, *, folder, source, report, no_progress, **options):
        base.check_source(source)
        base.check_report(report)
        (site,) = base.chosen(source)
        started = monotonic()
        news = folder / "_news"
        news.mkdir(parents=True, exist_ok=True)
        total = Article.objects.filter(source=site).count()
        quiet = no_progress or not sys.stderr.isatty()
        bar = tqdm(exporter.files(site), total=total, unit=" files", disable=quiet, leave=False)
        written = sum(write(news / f"{stem}.md", data) for stem, data in bar)
        stems = site.deleted_articles.order_by("stem").values_list("stem", flat=True)
        left = [stem for stem in stems if (news / f"{stem}.md").exists()]
        for stem in left:
            self.stderr.write(f"{news / stem}.md: left as it is; its article was deleted here.")
        seconds = round(monotonic() - started, 3)
        self.stdout.write(f"{written} written, {total - written} unchanged; {seconds:.1f} s")
        base.write_report(
            report,
            {"files": total, "written": written, "unchanged": total - written, "deleted": left, "seconds": seconds},
        )


def write(path, data):
    """Write a file whole or not at all, if it is not there like this already. Returns whether it was written."""
    if path.is_file() and path.read_bytes() == data:
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return True
