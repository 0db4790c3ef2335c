"""Rebuild the search index."""

from functools import partial

from articles.management import base
from articles.models import SearchEntry
from articles.search import index as search_index
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Indexes the words of every published article again, batch by batch, while searches go on. The index keeps "
        "itself up to date: run this after an upgrade, or if the index was damaged."
    )

    def handle(self, **options):
        search_index.rebuild(partial(self.progress, unit="batch"))
        indexed = SearchEntry.objects.count()
        self.stdout.write(f"{counted(indexed, 'article')} indexed in {self.seconds():.1f} s")
        self.finish({"articles": indexed})
