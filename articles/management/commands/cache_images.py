"""Fetch pictures, and make the renditions that readers get."""

import sys
from itertools import islice

from django.core.management.base import CommandError

from articles.management import base
from articles.pictures import copies, imaging, renditions
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Fetches the pictures of published articles and of outlets that have no copy yet, makes their renditions, and "
        "deletes copies that nothing uses any more. Takes pictures only, from public addresses only. Exits with 2 if "
        "some failed: they are tried again after a day, then after two, and so on."
    )
    source_help = "Fetch the pictures of this site only. Default: all sites."

    def add_arguments(self, parser):
        parser.add_argument("--limit", metavar="N", type=int, help="Fetch at most this many addresses.")
        parser.add_argument("--retry", action="store_true", help="Also fetch pictures that failed a short while ago.")
        super().add_arguments(parser)

    def handle(self, *, source, limit, retry, **options):
        if limit is not None and limit < 1:
            raise CommandError(f"--limit: expected 1 or more, found {limit}.")
        site = base.one_site(source) if source else None
        copies.forget_lost()
        found = copies.waiting(site, retry)
        images = sum(map(len, found.values()))
        found = dict(islice(copies.adopt(found).items(), limit and min(limit, sys.maxsize)))
        failed = self.fetch(found)
        counts = {
            "images": images,
            "fetched": len(found) - len(failed),
            "examined": copies.examine(),
            "renditions": self.render(),
            "deleted": copies.sweep(),
            "failed": failed,
        }
        self.finish(
            counts,
            f"{counted(images, 'image')} without a copy: {counted(counts['fetched'], 'picture')} fetched, "
            f"{len(failed)} failed; {counted(counts['renditions'], 'rendition')} made, "
            f"{counts['deleted']} copies deleted",
            complete=not failed,
        )

    def fetch(self, found):
        """Fetch the pictures at these addresses. Return those that failed, each with the reason."""
        failed = []
        for url, answer in self.progress(copies.fetched(found), "picture", len(found)):
            if reason := copies.store_result(found[url], answer):
                self.stderr.write(f"{url}: {reason}")
                failed.append({"address": url, "reason": reason})
        return failed

    def render(self):
        """Make the renditions that pages use and that do not exist yet. Return how many were made."""
        made = 0
        for image, width, encoding in self.progress(list(renditions.missing()), "rendition"):
            try:
                renditions.made(image, width, encoding, must_be_stored=True)
                made += 1
            except (OSError, imaging.PictureError) as error:
                self.stderr.write(f"{image.file.name}: {error}")
        return made
