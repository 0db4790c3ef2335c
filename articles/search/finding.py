"""Which articles a query finds, the best first: read from the index as it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from ..db.showing import showable, showing
from ..models import Article, ArticleTopic, Provider, Topic
from ..text.digests import number
from .index import SQLITE_TABLE
from .query import EARLIEST, LATEST, MAX_QUALITY, TITLE, Query, prefixes
from .words import id_of, rank_of, readable, words_of

MAX_FACETS = 10  # topics, and outlets, that are counted beside the hits
MAX_HITS = 1000  # that are listed and counted
TITLE_POINTS = 500  # for an article with all words in its title
ASKED_WORDS = 5  # of a long query, those that the index is asked for: the longest
FEW_CANDIDATES = 100  # articles at most in which the other words are looked for one by one
EXACT, TITLED, FOUND = range(3)  # ways to find an article

# What a query asks of the index: all of several; each one of several phrases, of which the last word may only begin.
Phrase = tuple[tuple[str, ...], bool]
Wanted = list[list[Phrase]]


def find(query: Query, now: datetime | None = None) -> list[int]:
    """Return the ids of published articles that a query finds, the best first; MAX_HITS + 1 if there are more.

    Articles whose title is the query come first, all others by points: `rank`, and TITLE_POINTS if all words stand in
    the title.
    """
    if not query:
        return []
    points: dict[int, tuple[bool, int]] = {}
    for way, place in sorted(_found(query)):
        points.setdefault(place, (way == EXACT, rank_of(place) + (TITLE_POINTS if way == TITLED else 0)))
    order = sorted(points, key=lambda place: (*(-p for p in points[place]), place))[: MAX_HITS + 1]
    ids = [id_of(place) for place in order]
    shown = Article.objects.published(now or timezone.now()).filter(pk__in=ids)
    there = set(shown.values_list("pk", flat=True))
    return [pk for pk in ids if pk in there]


def facets(ids: list[int]) -> dict[str, list[Any]]:
    """Return the topics and the outlets that most of these articles have; each has their number as `hits`."""
    shown = Article.objects.filter(pk__in=ids[:MAX_HITS])
    links = ArticleTopic.objects.filter(content_object__in=ids[:MAX_HITS]).values_list("content_object", "tag")
    topics = (topic for _, topic in links.distinct())
    return {
        "topics": _most_frequent(Topic, topics),
        "outlets": _most_frequent(Provider, shown.exclude(provider=None).values_list("provider", flat=True)),
    }


def _most_frequent(model: type[Model], keys: Iterable[int]) -> list[Any]:
    counts = sorted(Counter(keys).items(), key=lambda item: (-item[1], item[0]))[:MAX_FACETS]
    found: dict[int, Any] = showable(model._default_manager.all()).in_bulk([key for key, _ in counts])
    for key, hits in counts:
        if key in found:
            found[key].hits = hits
    return sorted(found.values(), key=lambda one: (-one.hits, str(one.name)))


def _found(query: Query) -> list[tuple[int, int]]:
    """Return what `_places` does, in less time for a query of many words, each of which may be frequent.

    The index is asked for the longest words; the others are looked for in the articles that it finds, if they are few.
    """
    if len(query.words) <= ASKED_WORDS:
        return _places(query)
    longest = sorted(query.words, key=len, reverse=True)[:ASKED_WORDS]
    found = _places(replace(query, words=tuple(longest)))
    candidates = {id_of(place) for way, place in found if way in (TITLED, FOUND)}
    if len(candidates) > FEW_CANDIDATES:
        return _places(query)
    rows = readable(showable(Article.objects.filter(pk__in=candidates)))
    words = dict(showing(rows, lambda row: (row.pk, set(words_of(row)))))
    marks = {TITLED: TITLE, FOUND: ""}
    return [
        (way, place)
        for way, place in found
        if way not in marks or {marks[way] + word for word in query.words} <= words.get(id_of(place), set())
    ]


def _places(query: Query) -> list[tuple[int, int]]:
    """Return ways and places: the first MAX_HITS + 1 places that each way finds, in one statement."""
    statements: list[str] = []
    values: list[Any] = []
    anywhere, titled = _wanted(query), _wanted(query, TITLE)
    key = number(query.title)
    if _has_operators(query):
        same_title = "{place} IN (SELECT place FROM articles_searchentry WHERE title_key = %s)"
        statements.append(_statement(EXACT, same_title))
        values += [_expression(anywhere), key, MAX_HITS + 1]
    else:  # such a title has all that is asked for
        rows = f"SELECT {EXACT}, place FROM articles_searchentry WHERE title_key = %s ORDER BY place LIMIT %s"  # noqa: S608
        statements.append(f"SELECT * FROM ({rows}) AS exact")  # noqa: S608 (names only)
        values += [key, MAX_HITS + 1]
    for way, wanted in ((TITLED, titled), (FOUND, anywhere)):
        if wanted:
            statements.append(_statement(way))
            values += [_expression(wanted), MAX_HITS + 1]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), values)
        return cursor.fetchall()


def _has_operators(query: Query) -> bool:
    """Return whether more is asked for than words and phrases."""
    limits = (query.after, query.before, query.quality)
    return bool(query.providers or query.topics or any(limit is not None for limit in limits))


def _wanted(query: Query, mark: str = "") -> Wanted:
    """Return what a query asks of the index. `mark` stands before each word that must be in a title.

    A query of nothing but operators asks nothing of a title.
    """
    wanted: Wanted = [[((mark + word,), False)] for word in query.words]
    wanted += [[(tuple(mark + word for word in phrase), False)] for phrase in query.phrases]
    if query.prefix:
        wanted.append([((mark + query.prefix,), True)])
    return wanted + _operators(query) if wanted or not mark else []


def _operators(query: Query) -> Wanted:
    names = [f"p:{word}" for text in query.providers for word in text.split()]
    names += [f"t:{word}" for text in query.topics for word in text.split()]
    wanted = [[_word(name)] for name in names]
    if query.quality is not None:
        low = min(query.quality, MAX_QUALITY)
        wanted.append([_word(f"q:{start}") for start in prefixes(low, MAX_QUALITY, digits=4)])
    if query.after or query.before:
        wanted.append(_days(query) or [_word("d:")])
    return wanted


def _days(query: Query) -> list[Phrase]:
    low, high = max(query.after or EARLIEST, EARLIEST), min(query.before or LATEST, LATEST)
    starts = prefixes(int(f"{low:%Y%m%d}"), int(f"{high:%Y%m%d}"), digits=8)
    long_enough = {start if len(start) > 2 else start + digit for start in starts for digit in "0123456789"}
    return [_word(f"d:{start}") for start in sorted(long_enough)]


def _word(word: str) -> Phrase:
    return (word,), False


def _statement(way: int, condition: str = "1 = 1") -> str:
    if connection.vendor == "sqlite":
        matches, place, table = f"{SQLITE_TABLE} MATCH %s", "rowid", SQLITE_TABLE
    else:
        matches, place, table = "words @@ %s::tsquery", "place", "articles_searchentry"
    rows = f"SELECT {way}, {place} FROM {table} WHERE {matches} AND {condition.format(place=place)}"  # noqa: S608
    return f"SELECT * FROM ({rows} ORDER BY {place} LIMIT %s) AS way{way}"  # noqa: S608


def _expression(wanted: Wanted) -> str:
    """Return what is wanted in the database's language. Words hold letters, digits, § and ':': none needs escaping."""
    sqlite = connection.vendor == "sqlite"
    write = _fts5 if sqlite else _tsquery
    either, both = (" OR ", " AND ") if sqlite else (" | ", " & ")
    return both.join(f"({either.join(write(*phrase) for phrase in phrases)})" for phrases in wanted)


def _fts5(words: tuple[str, ...], begins: bool) -> str:
    return f'"{" ".join(words)}"{"*" if begins else ""}'


def _tsquery(words: tuple[str, ...], begins: bool) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in words)
    return f"({phrase}{':*' if begins else ''})"
