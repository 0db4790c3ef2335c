"""Find articles and stories for a story: by words, by number or by address, whether published or not."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count

from ..models import Article, ArticleTerm, Story
from ..search import finding
from ..search.query import MAX_LENGTH, parse
from ..suggestions import similarity
from ..text import digests
from ..text.numbers import read_id

MOST = 12  # articles that are found
LOOKED = 10_000  # latest articles, and latest stories with a headline, in which words are looked for
MAX_WORDS = 10  # of what is looked for
NUMBER = re.compile(r"(?:#|story |article )?(\d+)", re.IGNORECASE)
OURS = re.compile(r"/(?:stories|story|article)/(\d+)[-/]|/news/([^/?#]+)/([^/?#]+)")  # addresses of this site


def find(text: str) -> list[Article]:
    """Return what a text finds, the surest first: of a story by its number or headline, its lead."""
    text = text.replace("\0", " ").strip()[:MAX_LENGTH]
    if not text:
        return []
    if number := NUMBER.fullmatch(text):
        ids = [*_numbered(read_id(number[1]) or 0), *_leads(read_id(number[1]) or 0)]
    elif "/" in text and " " not in text:
        ids = list(_addressed(text))
    else:
        ids = [*_of_headlines(text), *finding.find(parse(text))[:MOST], *_of_terms(text), *_of_titles(text)]
    first = list(dict.fromkeys(ids))[:MOST]
    rows = with_stories(Article.objects.all()).in_bulk(first)
    return [rows[pk] for pk in first if pk in rows]


def with_stories(articles: Any) -> Any:
    """Load what is said of each article that is found."""
    rows = articles.select_related("provider", "source", "story__lead")
    return rows.defer("extra", "featured_content", "story__lead__extra", "story__lead__featured_content")


def _numbered(pk: int) -> Any:
    return Article.objects.filter(pk=pk).values_list("pk", flat=True)


def _leads(story_id: int) -> Any:
    led = Article.objects.filter(leads=story_id)
    rest = Article.objects.filter(story=story_id, story__lead=None).best_first()
    return [*led.values_list("pk", flat=True), *rest.values_list("pk", flat=True)[:1]]


def _addressed(text: str) -> Iterator[int]:
    """Yield the articles with an address: of this site, or of the page at the outlet."""
    if found := OURS.search(text):
        number, source, stem = found.groups()
        if number:
            yield from _numbered(read_id(number) or 0) if "/article/" in text else _leads(read_id(number) or 0)
        else:
            yield from Article.objects.filter(source__name=source, stem=stem).values_list("pk", flat=True)
    keys = [digests.number(f"//{key}") for key in similarity.duplicate_keys(text)]
    yield from ArticleTerm.objects.filter(term__in=keys).values_list("article", flat=True)[:MOST]
    yield from _latest().filter(web_url__in=[text, text.rstrip("/"), f"{text}/"]).values_list("pk", flat=True)[:MOST]


def _latest() -> Any:
    """Return the latest articles. No index has the words of those that are not published."""
    return Article.objects.filter(pk__in=Article.objects.order_by("-pk").values("pk")[:LOOKED])


def _with_words(rows: Any, column: str, text: str) -> Any:
    for word in text.split()[:MAX_WORDS]:
        rows = rows.filter(**{f"{column}__icontains": word})
    return rows


def _of_headlines(text: str) -> Iterable[int]:
    latest = Story.objects.filter(merged_into=None).exclude(headline="").order_by("-pk").values("pk")[:LOOKED]
    found = _with_words(Story.objects.filter(pk__in=latest), "headline", text)
    return [pk for pk in found.values_list("lead", flat=True)[:MOST] if pk]


def _of_terms(text: str) -> Any:
    """Return articles with all the longer words in their titles, by the words that suggestions are found by."""
    terms = [digests.number(word) for word in similarity.words(text)[:MAX_WORDS]]
    rows = ArticleTerm.objects.filter(term__in=terms).values("article").annotate(found=Count("pk"))
    return rows.filter(found=len(terms)).order_by("-article").values_list("article", flat=True)[: MOST if terms else 0]


def _of_titles(text: str) -> Any:
    return _with_words(_latest(), "title", text).order_by("-pk").values_list("pk", flat=True)[:MOST]
