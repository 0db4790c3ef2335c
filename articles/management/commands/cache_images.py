"""Fetches pictures, and makes what readers get of them."""

import sys
from itertools import islice
from time import monotonic

from django.core.management.base import CommandError
from tqdm import tqdm

from articles.management import base
from articles.pictures import copies, imaging, renditions
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Fetches the pictures of published articles and outlets that there is no copy of, makes their renditions, and "
        "deletes copies that nothing names any more. Only pictures are taken, only from public addresses. Exits with "
        "2 if some could not be had: they are tried again after a day, then after two, and so on."
    )

    def add_arguments(self, parser):
        base.add_source(parser, "Which site's pictures. Default: all.")
        parser.add_argument("--limit", metavar="N", type=int, help="At most so many addresses.")
        parser.add_argument("--retry", action="store_true", help="Also those that failed a short while ago.")
        base.add_report(parser)
        parser.add_argument("--no-progress", action="store_true", help="No progress bar, even on a terminal.")

    def handle(self, *, source, limit, retry, report, no_progress, **options):
        base.check_source(source)
        base.check_report(report)
        if limit is not None and limit < 1:
            raise CommandError(f"--limit: expected 1 or more, found {limit}.")
        started = monotonic()
        self.quiet = True if no_progress else None
        copies.forget_lost()
        found = copies.waiting(base.chosen(source)[0] if source else None, retry)
        images = sum(map(len, found.values()))
        found = dict(islice(copies.adopt(found).items(), limit))
        failed = self.fetch(found)
        examined = copies.examine()
        made = self.render()
        counts = {
            "images": images,
            "fetched": len(found) - len(failed),
            "examined": examined,
            "renditions": made,
            "deleted": copies.sweep(),
            "failed": failed,
            "seconds": round(monotonic() - started, 3),
        }
        self.stdout.write(
            f"{counted(images, 'image')} without a copy: {counted(counts['fetched'], 'picture')} fetched, "
            f"{len(failed)} failed; {counted(made, 'rendition')} made, {counts['deleted']} copies deleted; "
            f"{counts['seconds']:.1f} s"
        )
        base.write_report(report, counts)
        if failed:
            sys.exit(2)

    def fetch(self, found):
        """Fetch these addresses; those that could not be had, each with the reason."""
        failed = []
        for url, answer in tqdm(copies.fetched(found), total=len(found), disable=self.quiet, unit="picture"):
            if reason := copies.settle(found[url], answer):
                self.stderr.write(f"{url}: {reason}")
                failed.append({"address": url, "reason": reason})
        return failed

    def render(self):
        """Make the renditions that pages print and that are not there yet."""
        made = 0
        for image, width, encoding in tqdm(list(renditions.missing()), disable=self.quiet, unit="rendition"):
            try:
                renditions.made(image, width, encoding)
                made += 1
            except (OSError, imaging.PictureError) as error:
                self.stderr.write(f"{image.file.name}: {error}")
        return made
