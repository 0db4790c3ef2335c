"""Tells the WebSub hub of the feeds that changed."""

import sys
from time import monotonic
from urllib.error import URLError

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from articles.management import base
from articles.syndication import websub
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Tells the hub that NEWSROOM_WEBSUB_HUB names which feeds changed since it was told last. Run it after imports "
        "and every minute or so. Exits with 2 if the hub did not take all: the next run tells it again."
    )

    def add_arguments(self, parser):
        base.add_report(parser)
        parser.add_argument("--no-progress", action="store_true", help="No progress bar, even on a terminal.")

    def handle(self, *, report, no_progress, **options):
        base.check_report(report)
        hub = settings.NEWSROOM_WEBSUB_HUB
        if not hub:
            raise CommandError("NEWSROOM_WEBSUB_HUB: expected a hub's address, found none. There is nobody to tell.")
        started, told, failed = monotonic(), 0, []
        for feed in tqdm(websub.changed_feeds(), disable=True if no_progress else None, unit="feed"):
            if failed:  # the hub is down: the others would only wait for it too
                websub.postpone(feed)
                failed.append(feed.page)
                continue
            try:
                websub.tell(hub, feed)
                told += 1
            except URLError as error:
                self.stderr.write(f"{feed.page}: the hub did not take it: {error.reason}")
                failed.append(feed.page)
        seconds = round(monotonic() - started, 3)
        self.stdout.write(f"The hub was told of {counted(told, 'feed')}; {seconds:.1f} s")
        base.write_report(report, {"feeds": told, "failed": failed, "seconds": seconds})
        if failed:
            sys.exit(2)
