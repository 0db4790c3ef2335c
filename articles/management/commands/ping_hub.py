"""Tell the WebSub hub which feeds changed."""

from django.conf import settings
from django.core.management.base import CommandError

from articles.management import base
from articles.syndication import websub
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Tells the hub of NEWSROOM_WEBSUB_HUB which feeds changed since it was last told. Run it after imports and "
        "every minute or so. Exits with 2 if the hub did not accept all of them: the next run tells it again."
    )

    def handle(self, **options):
        hub = settings.NEWSROOM_WEBSUB_HUB
        if not hub:
            raise CommandError("NEWSROOM_WEBSUB_HUB: expected a hub's address, found none. There is nobody to tell.")
        told, failed, problem = websub.tell_all(hub, self.progress(websub.changed_feeds(), "feed"))
        if problem:
            self.stderr.write(f"{failed[0].page}: the hub did not take it: {problem}")
        self.finish(
            {"feeds": len(told), "failed": [feed.page for feed in failed]},
            f"The hub was told of {counted(len(told), 'feed')}",
            complete=not failed,
        )
