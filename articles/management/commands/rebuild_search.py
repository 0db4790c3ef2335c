"""Rebuild the search index."""

from articles.management import base
from articles.models import SearchEntry
from articles.search import index
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Indexes the words of every published article again, batch by batch, while searches go on. The index keeps "
        "itself up to date: run this after an upgrade, or if the index was damaged."
    )

    def handle(self, **options):
        for _last in self.progress(index.rebuild(), unit="batch"):
            pass
        indexed = SearchEntry.objects.count()
        self.stdout.write(f"{counted(indexed, 'article')} indexed in {self.seconds():.1f} s")
        self.finish({"articles": indexed})
