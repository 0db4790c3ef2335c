"""The search index: published articles' words, kept by the database.

Both databases index the same words: an FTS5 table on SQLite, whose rows lie in the order of their places, so that a
search reads only as many as it shows; a `tsvector` on PostgreSQL. Triggers note whose words changed, whoever changed
them; `refresh` indexes those anew: in the importer's transaction, after an editor's request, or by `manage.py tend`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from ..db import bulk
from ..db.bulk import batches
from ..models import Article, ReindexRequest, SearchEntry
from . import words

BATCH = 2000  # noted changes that are indexed in one transaction
LOCK_PATIENCE = 200  # milliseconds that an editor's request waits for another writer; then `tend` indexes
SQLITE_TABLE = "articles_searchwords"


def refresh(most: int | None = None, after: int = 0) -> int:
    """Index articles whose words changed: at most `most` of the noted changes, of those noted after number `after`.

    It waits for nobody: what another transaction holds stays noted for the next time. Returns the number of the last
    change that it looked at, 0 if there was none.
    """
    noted = ReindexRequest.objects.filter(pk__gt=after).order_by("pk")
    if not noted.exists():
        return 0
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        changes = list(noted.select_for_update(skip_locked=skip).values_list("pk", "article_id")[:most])
        held = _index({article for _, article in changes})
        for keys in batches(key for key, article in changes if article not in held):
            ReindexRequest.objects.filter(pk__in=keys).delete()
    return changes[-1][0] if changes else 0


def catch_up() -> Iterator[int]:
    """Index all that changed, batch by batch; yields the number of each batch's last change."""
    last = 0
    while last := refresh(BATCH, last):
        yield last


def rebuild() -> Iterator[int]:
    """Index all articles anew, batch by batch, while searches go on. What others hold meanwhile stays noted.

    Yields as `catch_up` does.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        ReindexRequest.objects.all().delete()
        cursor.execute(
            "INSERT INTO articles_unindexed (article_id) SELECT id FROM articles_article WHERE published"
            " UNION SELECT article_id FROM articles_searchentry"
        )
    yield from catch_up()


def index_after_writing(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: index what an editor's request changed, so that the next search finds it.

    No other request indexes anything. What cannot be indexed now, as while an import writes, is left to `tend`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and request.user.is_staff:
            with suppress(OperationalError), _impatient():
                refresh(BATCH)
        return response

    return middleware


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for another writer for LOCK_PATIENCE only. PostgreSQL waits for none here."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_PATIENCE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _index(articles: Iterable[int]) -> set[int]:
    """Index articles anew, and take out those that are not published. Returns the ids of those that others hold."""
    all_held: set[int] = set()
    for some in batches(sorted(articles)):
        held = _held(Article.objects.filter(pk__in=some)) | _held(SearchEntry.objects.filter(pk__in=some))
        all_held |= held
        keys = [key for key in some if key not in held]
        rows = words.readable(Article.objects.filter(pk__in=keys).order_by("pk"))
        SearchEntry.objects.filter(pk__in=keys).delete()
        _insert([row for row in rows if row.published and not row.removed])
    return all_held


def _insert(articles: list[Article]) -> None:
    entries = [(row.pk, words.place(row), words.title_key(row.title), words.words_of(row)) for row in articles]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            bulk.insert(SearchEntry, ("article", "place", "title_key"), (entry[:3] for entry in entries))
            rows = ((place, " ".join(found)) for _, place, _, found in sorted(entries, key=lambda entry: entry[1]))
            cursor.executemany(f"INSERT INTO {SQLITE_TABLE} (rowid, words) VALUES (%s, %s)", list(rows))  # noqa: S608
        else:
            cursor.executemany(
                "INSERT INTO articles_searchentry (article_id, place, title_key, words)"
                " VALUES (%s, %s, %s, %s::tsvector)",
                [(pk, place, key, _vector(found)) for pk, place, key, found in entries],
            )


def _held(rows: QuerySet[SearchEntry]) -> set[int]:
    """Return which of these rows other transactions hold, and lock the rest, where a database locks rows at all."""
    if not connection.features.has_select_for_update_skip_locked:
        return set()
    free = rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    return set(rows.values_list("pk", flat=True)).difference(free)


def _vector(found: list[str]) -> str:
    """Return words as PostgreSQL reads a `tsvector`."""
    places = defaultdict(list)
    for place, word in enumerate(found, 1):
        if word != words.GAP:
            places[word].append(str(place))
    return " ".join(f"'{word}':{','.join(numbers)}" for word, numbers in places.items())
