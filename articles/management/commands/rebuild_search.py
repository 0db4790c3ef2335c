"""Makes the search index anew."""

from time import monotonic

from articles.management import base
from articles.models import SearchEntry
from articles.search import index as search_index
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Indexes the words of every published article anew, batch by batch, while searches go on. The index is kept "
        "up to date by itself: this is for after an upgrade, which leaves it to the first searches otherwise, and "
        "for an index that was damaged."
    )

    def handle(self, **options):
        started = monotonic()
        search_index.rebuild()
        number = SearchEntry.objects.count()
        self.stdout.write(f"{counted(number, 'article')} indexed in {monotonic() - started:.1f} s")
