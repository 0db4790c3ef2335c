"""Do what is due."""

from articles.management import base
from articles.models import Boost, ReindexRequest
from articles.search import index
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Does what is due: takes the points of boosts that are over off the stored scores, and indexes for search what "
        "editors changed while the index could not be written. Safe to run every minute, and twice at once."
    )

    def handle(self, **options):
        ended, noted = Boost.end_due(), ReindexRequest.objects.count()
        for _last in self.progress(index.catch_up(), unit="batch"):
            pass
        indexed = noted - ReindexRequest.objects.count()
        summary = f"{counted(ended, 'boost')} ended, {counted(indexed, 'change')} indexed"
        self.finish({"boosts": ended, "indexed": indexed}, summary)
