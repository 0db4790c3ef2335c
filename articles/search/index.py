"""The search index: published articles' words, and which of them a query finds, in which order.

Both databases index the same words, folded here: an FTS5 table on SQLite, whose rows stand in the order of their
rank so that a search reads only as many as it shows; a `tsvector` on PostgreSQL. Triggers note whose words changed,
whoever changed them; `refresh` indexes those anew: in the importer's transaction, after an editor's request, or by
`manage.py tend`. A search answers from the index as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ..db import bulk
from ..db.bulk import batches
from ..models import Article, ArticleQuerySet, ArticleTopic, Provider, SearchEntry, Topic, Unindexed
from ..text.plain import plain
from .query import BIGGEST_QUALITY, TITLE, Query, folded, prefixes

FACETS = 10  # topics, and outlets, told beside the hits
MOST = 1000  # hits that are told apart and counted
TITLE_POINTS = 500  # what it is worth that all words stand in the title
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)  # days that a range of dates may reach
WEEK = 7  # days that are worth one point
REFRESH_BATCH = 2000  # noted changes that are indexed in one transaction
LOCK_PATIENCE = 200  # milliseconds that an editor's request waits for another writer; then `tend` indexes
ASKED_WORDS = 5  # of a long query's words, those that the index is asked for: the longest
FEW_CANDIDATES = 100  # articles at most in which the other words are looked for one by one
EXACT, TITLED, FOUND = range(3)  # ways to find an article
MOST_INDEXED, MOST_REPEATS, MOST_BYTES = 16_000, 250, 700_000  # words of an article, times of one, bytes of all
WORST, BITS = 2**20, 40  # of a rank, and for an id
GAP = ":"  # between texts, so that no phrase reaches from one into the next
WORDS = "articles_searchwords"
READ = ("title", "excerpt", "published", "removed", "published_at", "quality", "provider_name")
READ += ("provider__name", "provider__domain")


def rank(quality: int, day: date) -> int:
    """Points for quality and age, whatever is asked: each point of quality one, each week that it is newer one."""
    return min(quality, BIGGEST_QUALITY) + (day.toordinal() - EARLIEST.toordinal()) // WEEK


def refresh(most: int | None = None, after: int = 0) -> int:
    """Index the articles whose words changed, at most so many of the changes, of those noted `after` one.

    It waits for nobody, who may wait for it: what another transaction holds stays noted for the next time. Returns
    the last change that was looked at, 0 if there was none.
    """
    noted = Unindexed.objects.filter(pk__gt=after).order_by("pk")
    if not noted.exists():
        return 0
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        changes = list(noted.select_for_update(skip_locked=skip).values_list("pk", "article_id")[:most])
        held = _index({article for _, article in changes})
        for keys in batches(key for key, article in changes if article not in held):
            Unindexed.objects.filter(pk__in=keys).delete()
    return changes[-1][0] if changes else 0


def rebuild() -> None:
    """Index all articles anew, batch by batch, while searches go on. What others hold meanwhile stays noted."""
    with transaction.atomic(), connection.cursor() as cursor:
        Unindexed.objects.all().delete()
        cursor.execute(
            "INSERT INTO articles_unindexed (article_id) SELECT id FROM articles_article WHERE published"
            " UNION SELECT article_id FROM articles_searchentry"
        )
    catch_up()


def catch_up() -> None:
    """Index all that changed, batch by batch."""
    last = 0
    while last := refresh(REFRESH_BATCH, last):
        pass


def index_after_writing(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: index what an editor's request changed, so that the next search finds it.

    No other request indexes anything. What cannot be indexed now, as while an import writes, is left to `tend`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and request.user.is_staff:
            with suppress(OperationalError), _impatient():
                refresh(REFRESH_BATCH)
        return response

    return middleware


def find(query: Query, now=None) -> list[int]:
    """Ids of published articles that a query finds, the best first; MOST + 1 if there are more.

    First those whose title is the query, else by points: `rank`, and TITLE_POINTS if all words stand in the title.
    """
    if not query:
        return []
    points: dict[int, tuple] = {}
    for way, place in sorted(_found(query)):
        bonus = TITLE_POINTS if way == TITLED else 0
        points.setdefault(place, (way == EXACT, WORST - (place >> BITS) + bonus))
    order = sorted(points, key=lambda place: (*(-p for p in points[place]), place))[: MOST + 1]
    ids = [place & (2**BITS - 1) for place in order]
    shown = Article.objects.published(now or timezone.now()).filter(pk__in=ids)
    there = set(shown.values_list("pk", flat=True))
    return [pk for pk in ids if pk in there]


@contextmanager
def _impatient() -> Iterator[None]:
    """On SQLite, do not wait as long as usual for another writer."""
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


def facets(ids: list[int]) -> dict[str, list]:
    """The topics and the outlets that most of these articles have; each has the number as `hits`."""
    shown = Article.objects.filter(pk__in=ids[:MOST])
    topics = ArticleTopic.objects.filter(content_object__in=ids[:MOST]).values_list("tag", flat=True)
    return {
        "topics": _most(Topic, topics),
        "outlets": _most(Provider, shown.exclude(provider=None).values_list("provider", flat=True)),
    }


def _most(model: type[Model], keys: Iterable[int]) -> list:
    counts = sorted(Counter(keys).items(), key=lambda item: (-item[1], item[0]))[:FACETS]
    found = model.objects.in_bulk([key for key, _ in counts])
    for key, number in counts:
        found[key].hits = number
    return sorted(found.values(), key=lambda one: (-one.hits, one.name))


def _index(articles: Iterable[int]) -> set[int]:
    """Index articles anew; those that are not published are taken out. Gives those that others hold."""
    all_held: set[int] = set()
    for some in batches(sorted(articles)):
        held = _held(Article.objects.filter(pk__in=some)) | _held(SearchEntry.objects.filter(pk__in=some))
        all_held |= held
        keys = [key for key in some if key not in held]
        rows = _readable(Article.objects.filter(pk__in=keys).order_by("pk"))
        found = [row for row in rows if row.published and not row.removed]
        SearchEntry.objects.filter(pk__in=keys).delete()
        entries = [(row.pk, _place(row), _key(" ".join(_shown(row.title))), _words(row)) for row in found]
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                bulk.insert(SearchEntry, ("article", "place", "title_key"), (entry[:3] for entry in entries))
                rows = ((place, " ".join(words)) for _, place, _, words in sorted(entries, key=lambda e: e[1]))
                cursor.executemany(f"INSERT INTO {WORDS} (rowid, words) VALUES (%s, %s)", rows)  # noqa: S608
            else:
                cursor.executemany(
                    "INSERT INTO articles_searchentry (article_id, place, title_key, words)"
                    " VALUES (%s, %s, %s, %s::tsvector)",
                    [(pk, place, key, _vector(words)) for pk, place, key, words in entries],
                )

    return all_held


def _held(rows: QuerySet) -> set[int]:
    """Which of these rows other transactions hold. The others are ours now, where a database locks rows at all."""
    if not connection.features.has_select_for_update_skip_locked:
        return set()
    free = rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    return set(rows.values_list("pk", flat=True)).difference(free)


def _readable(articles: ArticleQuerySet) -> ArticleQuerySet:
    """Loads what `_words` reads."""
    return articles.select_related("provider").with_topics().only(*READ)


def _place(article: Article) -> int:
    """Where an article stands among all: the better, the smaller."""
    return (WORST - rank(article.quality, article.published_at.date()) << BITS) + article.pk


def _key(title: str) -> int:
    return int.from_bytes(blake2b(title.encode(), digest_size=8).digest(), signed=True)


def _shown(text: str) -> list[str]:
    """The words of a text as readers see it."""
    return folded(plain(text))


def _words(article: Article) -> list[str]:
    """What an article is found by, in its order. Words with a ':' are for operators."""
    title = _shown(article.title)
    outlet = folded(f"{article.provider.name} {article.provider.domain} {article.provider_name}")
    topics = [folded(topic.name) for topic in article.topic_list]
    texts = [title, [TITLE + word for word in title], outlet, *topics, _shown(article.excerpt)]
    topical = {f"t:{word}" for topic in topics for word in topic}
    numbers = _levels("q", min(article.quality, BIGGEST_QUALITY), 4, 1)
    numbers += _levels("d", int(f"{article.published_at:%Y%m%d}"), 8, 3)
    found = _limited([word for text in texts if text for word in (*text, GAP)])
    return [*found, *sorted({f"p:{word}" for word in outlet} | topical), *numbers]


def _limited(words: list[str]) -> list[str]:
    """As many of the words as a `tsvector` can tell the places of, with a gap for each one too many."""
    if len(words) <= MOST_REPEATS:
        return words
    times: Counter[str] = Counter()
    found, size = [], 0
    for word in words[:MOST_INDEXED]:
        times[word] += 1
        size += len(word.encode()) if times[word] == 1 else 0
        found.append(word if times[word] <= MOST_REPEATS and size <= MOST_BYTES else GAP)
    return found


def _levels(name: str, number: int, digits: int, least: int) -> list[str]:
    """A number's beginnings of `least` and more digits, by which a range is found."""
    text = str(number).zfill(digits)
    return [f"{name}:{text[:end]}" for end in range(least, digits + 1)]


# What a query asks of the index: all of several, each one of several phrases of words; a True: the last word begins.
Wanted = list[list[tuple[tuple[str, ...], bool]]]


def _wanted(query: Query, mark: str = "") -> Wanted:
    """`mark` stands before each word. A query of nothing but operators is one of no words: nothing of a title."""
    wanted: Wanted = [[((mark + word,), False)] for word in query.words]
    wanted += [[(tuple(mark + word for word in phrase), False)] for phrase in query.phrases]
    wanted += [[((mark + query.prefix,), True)]] if query.prefix else []
    if mark and not wanted:
        return []
    for name, texts in (("p", query.providers), ("t", query.topics)):
        wanted += [[((f"{name}:{word}",), False)] for text in texts for word in text.split()]
    if query.quality is not None:
        low = min(query.quality, BIGGEST_QUALITY)
        wanted.append([((f"q:{start}",), False) for start in prefixes(low, BIGGEST_QUALITY, 4)])
    if query.after or query.before:
        low, high = max(query.after or EARLIEST, EARLIEST), min(query.before or LATEST, LATEST)
        starts = prefixes(int(f"{low:%Y%m%d}"), int(f"{high:%Y%m%d}"), 8)
        starts = sorted({start if len(start) > 2 else start + digit for start in starts for digit in "0123456789"})
        wanted.append([((f"d:{start}",), False) for start in starts] or [(("d:",), False)])
    return wanted


def _narrowed(query: Query) -> bool:
    """Whether more is asked for than words and phrases."""
    limits = (query.after, query.before, query.quality)
    return bool(query.providers or query.topics or any(limit is not None for limit in limits))


def _found(query: Query) -> list[tuple[int, int]]:
    """What `_places` says, in less time for many words, each of which may be a frequent one: the index is asked for
    the longest of them, and the others are looked for in what it finds."""
    if len(query.words) <= ASKED_WORDS:
        return _places(query)
    longest = sorted(query.words, key=len, reverse=True)[:ASKED_WORDS]
    found = _places(replace(query, words=tuple(longest)))
    candidates = {place & (2**BITS - 1) for way, place in found if way in (TITLED, FOUND)}
    if len(candidates) > FEW_CANDIDATES:
        return _places(query)
    words = {row.pk: set(_words(row)) for row in _readable(Article.objects.filter(pk__in=candidates))}
    marks = {TITLED: TITLE, FOUND: ""}
    return [
        (way, place)
        for way, place in found
        if way not in marks or {marks[way] + word for word in query.words} <= words.get(place & (2**BITS - 1), set())
    ]


def _places(query: Query) -> list[tuple[int, int]]:
    """Return the first places that each way finds, MOST + 1 at most, in one statement."""
    sqlite = connection.vendor == "sqlite"
    anywhere, titled = _wanted(query), _wanted(query, TITLE)
    exact = "{0} IN (SELECT place FROM articles_searchentry WHERE title_key = %s)"
    arms: list[str] = []
    values: list[Any] = []
    for way, wanted, among, more in (
        (EXACT, anywhere, exact, [_key(query.title)]),
        (TITLED, titled, "1 = 1", []),
        (FOUND, anywhere, "1 = 1", []),
    ):
        if way == EXACT and not _narrowed(query):  # such a title has all that is asked for
            rows = f"SELECT {EXACT}, place FROM articles_searchentry WHERE title_key = %s ORDER BY place LIMIT %s"  # noqa: S608
            arms.append(f"SELECT * FROM ({rows}) AS exact")  # noqa: S608 (names only)
            values += [*more, MOST + 1]
        elif wanted:
            arms.append(_arm(way, among, sqlite))
            values += [_expression(wanted, sqlite), *more, MOST + 1]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms), values)
        return cursor.fetchall()


def _arm(way: int, among: str, sqlite: bool) -> str:
    if sqlite:
        matches, place, table = f"{WORDS} MATCH %s", "rowid", WORDS
    else:
        matches, place, table = "words @@ %s::tsquery", "place", "articles_searchentry"
    rows = f"SELECT {way}, {place} FROM {table} WHERE {matches} AND {among.format(place)}"  # noqa: S608
    return f"SELECT * FROM ({rows} ORDER BY {place} LIMIT %s) AS way{way}"  # noqa: S608


def _expression(wanted: Wanted, sqlite: bool) -> str:
    """In the database's own language. Words are letters and digits, § and ':', so that none needs escaping."""
    write = _fts5 if sqlite else _tsquery
    either, both = (" OR ", " AND ") if sqlite else (" | ", " & ")
    return both.join(f"({either.join(write(*choice) for choice in choices)})" for choices in wanted)


def _fts5(words: tuple[str, ...], begins: bool) -> str:
    return f'"{" ".join(words)}"{"*" if begins else ""}'


def _tsquery(words: tuple[str, ...], begins: bool) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in words)
    return f"({phrase}{':*' if begins else ''})"


def _vector(words: list[str]) -> str:
    places = defaultdict(list)
    for place, word in enumerate(words, 1):
        if word != GAP:
            places[word].append(str(place))
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())
