"""Do what is due."""

from articles.management import base
from articles.models import Boost, Draft, LastRun, ReindexRequest
from articles.search import index
from articles.stories import leads
from articles.sync import uploads
from articles.text.plain import counted
from newsroom import outbox, throttling
from newsroom.accounts.records import delete_old_records


class Command(base.Command):
    help = (
        "Does what is due: takes the points of boosts that are over off the stored scores; stores which articles lead "
        "their stories since others went live or ended; indexes for search what "
        "editors changed while the index could not be written; sends mails that readers and editors asked for and did "
        "not get yet; deletes records of log-ins after 90 days, drafts that nobody came back for after 30, and files "
        "that were sent to be imported after one. Safe to run every minute, and twice at once."
    )

    def handle(self, **options):
        ended, led, noted = Boost.end_due(), leads.elect_due(), ReindexRequest.objects.count()
        for _last in self.progress(index.catch_up(), unit="batch"):
            pass
        LastRun.note("tend")
        indexed = noted - ReindexRequest.objects.count()
        mails = outbox.send_due()
        delete_old_records()
        throttling.delete_old()
        Draft.delete_old()
        uploads.delete_old()
        summary = f"{counted(ended, 'boost')} ended, {counted(indexed, 'change')} indexed"
        summary += f", {counted(led, 'lead')} elected" if led else ""
        summary += f", {counted(mails, 'mail')} sent" if mails else ""
        self.finish({"boosts": ended, "indexed": indexed, "mails": mails, "leads": led}, summary)
