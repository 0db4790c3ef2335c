"""Does what is due."""

from time import monotonic

from articles.management import base
from articles.models import Boost, Unindexed
from articles.search import index
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Does what is due: takes the points of boosts that are over off the stored scores, and indexes for search what "
        "editors changed while the index could not be written. Safe to run every minute, and twice at once."
    )

    def add_arguments(self, parser):
        base.add_report(parser)

    def handle(self, *, report, **options):
        base.check_report(report)
        started = monotonic()
        ended = Boost.end_due()
        noted = Unindexed.objects.count()
        index.catch_up()
        left = Unindexed.objects.count()
        seconds = round(monotonic() - started, 3)
        self.stdout.write(
            f"{counted(ended, 'boost')} ended, {counted(noted - left, 'change')} indexed; {seconds:.1f} s"
        )
        base.write_report(report, {"boosts": ended, "indexed": noted - left, "seconds": seconds})
