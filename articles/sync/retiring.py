"""Articles whose files are gone from their site.

A file that is gone is merged like one that says `removed: true` and `published: false`: what an editor decided about
these two stays, and a file that comes back is merged like any other version.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from ..db.bulk import batches
from ..models import Article, ImportedFile, ImportRun, Source
from ..provenance import history, values
from ..provenance.merge import merge
from ..provenance.values import GONE
from ..search import index as search_index
from .merging import store

FEW = 10  # articles that may be retired even if they are most of a site


def count_known(source: Source) -> int:
    """Return how many articles of a site have a file that is not known to be gone."""
    return _known(source).count()


def find_gone(source: Source, is_there: Callable[[str], bool]) -> dict[int, str]:
    """Return the ids and paths of the articles whose files are not there any more, in the order of paths."""
    rows = _known(source).order_by("article__file_name").values_list("pk", "article__stem")
    return {pk: f"{source.name}/_news/{stem}.md" for pk, stem in rows.iterator() if not is_there(stem)}


def _known(source: Source):  # type: ignore[no-untyped-def]
    return ImportedFile.objects.filter(article__source=source, gone_at=None, mapping=None)


def is_too_much(gone: int, known: int) -> bool:
    """Return whether so many of a site's articles are gone that something else is likelier than that they left."""
    return gone > FEW and gone * 2 > known


def retire(source: Source, run: ImportRun, ids: list[int]) -> None:
    """Retire articles, 500 in a transaction."""
    for some in batches(ids):
        with transaction.atomic():
            _retire(source, run, some)
            search_index.refresh()


def _retire(source: Source, run: ImportRun, ids: list[int]) -> None:
    rows = Article.objects.select_for_update(of=["self"]).select_related("provider").filter(pk__in=ids)
    articles = {article.pk: article for article in rows.order_by("pk")}
    live = values.from_rows(articles.values())
    files = ImportedFile.objects.in_bulk(articles)
    changes = {}
    for pk, file in files.items():
        base = history.file_values(file) if file.text else live[pk]
        merged, _ = merge({name: base[name] for name in GONE}, live[pk], GONE)
        file.gone_at = timezone.now()
        changes[pk] = {name: value for name, value in merged.items() if value != live[pk][name]}
        file.gone_fields = list(changes[pk])
        file.field_runs |= dict.fromkeys(changes[pk], run.pk)
    store(source, run, {pk: changed for pk, changed in changes.items() if changed}, live, articles)
    ImportedFile.objects.bulk_update(files.values(), ["gone_at", "gone_fields", "field_runs"])
