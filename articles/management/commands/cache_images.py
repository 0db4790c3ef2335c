"""Fetch pictures, and make the renditions that readers get."""

import sys
from itertools import islice

from django.core.management.base import CommandError

from articles.management import base
from articles.pictures import copies, imaging, keeping, renditions, volume
from articles.text.plain import counted

LOST_FOLDER = "Nothing was done. If its pictures are lost for good, --force begins a new folder."
CHECK = (
    "Nothing was done about them: are these the right database and the right media folder? If so, run it again with "
    "--force."
)


class Command(base.Command):
    help = (
        "Fetches the pictures of published articles and of outlets that have no copy yet, makes their renditions, and "
        "moves copies that nothing uses any more to the trash, for 30 days. Takes pictures only, from public addresses "
        "only. Exits with 2 if some failed: they are tried again after a day, then after two, and so on."
    )
    source_help = "Fetch the pictures of this site only. Default: all sites."

    def add_arguments(self, parser):
        parser.add_argument("--limit", metavar="N", type=int, help="Fetch at most this many addresses.")
        parser.add_argument("--retry", action="store_true", help="Also fetch pictures that failed a short while ago.")
        parser.add_argument(
            "--force",
            action="store_true",
            help="Take the media folder as it is: begin a new one, forget all lost copies, delete all unused ones.",
        )
        super().add_arguments(parser)

    def handle(self, *, source, limit, retry, force, **options):
        if limit is not None and limit < 1:
            raise CommandError(f"--limit: expected 1 or more, found {limit}.")
        site = base.one_site(source) if source else None
        self.find_folder(force)
        lost = self.lost(force)
        found = copies.waiting(site, retry)
        images = sum(map(len, found.values()))
        found = dict(islice(copies.adopt(found).items(), limit and min(limit, sys.maxsize)))
        failed = self.fetch(found)
        counts = {
            "images": images,
            "fetched": len(found) - len(failed),
            "examined": copies.examine(),
            "renditions": self.render(),
            "lost": lost,
            **self.discard(force),
            "failed": failed,
        }
        self.finish(
            counts,
            f"{counted(images, 'image')} without a copy: {counted(counts['fetched'], 'picture')} fetched, "
            f"{len(failed)} failed; {counted(counts['renditions'], 'rendition')} made, "
            f"{counts['deleted']} copies deleted",
            complete=not (failed or lost or counts["unused"]),
        )

    def find_folder(self, force):
        """Raise CommandError if the media folder is not the site's."""
        try:
            volume.check()
        except volume.MissingMediaError as error:
            if not force:
                raise CommandError(f"{base.system_problem(error)} {LOST_FOLDER}") from error
            volume.make()

    def lost(self, force):
        """Forget copies whose files are lost, so that they are fetched again. Return those that are not forgotten."""
        names = keeping.lost()
        if force:
            kept = []
        elif keeping.too_many(len(names), len(keeping.used())):
            kept = names
            self.stderr.write(f"{len(names)} copies have lost their files. {CHECK}")
        else:
            kept = sorted(keeping.uploads(names))
            for name in kept:
                self.stderr.write(
                    f"{name}: this file is lost, and was an editor's. Put it back, or forget it by --force."
                )
        keeping.forget(set(names) - set(kept))
        return kept

    def discard(self, force):
        """Move what no image uses to the trash, unless it is too much to be right. Return the report's part."""
        names, total = keeping.unused()
        unused = len(names) if keeping.too_many(len(names), total) and not force else 0
        if unused:
            self.stderr.write(f"{unused} of {total} files are used by no image. {CHECK}")
        deleted = 0 if unused else keeping.discard(names)
        return {"deleted": deleted, "unused": unused, "emptied": keeping.empty_trash()}

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
