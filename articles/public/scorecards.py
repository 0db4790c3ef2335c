"""A provider's figures for a period, from what readers see and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Avg, Case, Count, F, Max, Min, OuterRef, Subquery, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from ..models import PERIODS, Article, Provider, Story, start_of

WINDOWS = [*PERIODS, "all"]
BARS = {"day": 12, "week": 7, "month": 10, "year": 12, "all": 12}  # of equal length in time


@dataclass(frozen=True)
class Scorecard:
    """A provider's figures between two moments.

    Its articles are those that readers see (`ArticleQuerySet.shown`): published ones, and those below the published
    lead of their story. An article counts in the period in which its provider published it. A story counts, as first
    or behind, if its lead is published and readers see two or more of its articles. It counts in the period of its
    first article, by time, then by file name. Links to articles that are not here do not count.
    """

    period: str  # one of WINDOWS
    start: datetime | None  # for all: the provider's first article; None if it has none
    end: datetime | None  # now; for all: the provider's last article
    articles: int
    leads: int  # articles that lead a story or are in none
    total: int  # articles of all providers
    first: int  # stories that it reported first
    lag: timedelta | None  # median time from a story's first article to its own first; None if it was never behind
    quality: float | None  # mean of its articles, 0 or more; None if there are none

    @property
    def share(self) -> float:
        """Its part of all providers' articles, from 0 to 1."""
        return self.articles / self.total if self.total else 0.0


@dataclass(frozen=True)
class Part:
    """A part of a period, from `start` to the next part's, and the provider's articles in it."""

    start: datetime
    led: int
    others: int

    @property
    def articles(self) -> int:
        return self.led + self.others


def scorecard(provider: Provider, period: str, now: datetime | None = None) -> Scorecard:
    """Return a provider's scorecard for the `period` (one of WINDOWS) that ends `now`. Costs four queries."""
    now = now or timezone.now()
    sums = (
        Article.objects.shown(now)
        .filter(provider=provider)
        .within(period, now)
        .aggregate(
            **_sums(now),
            first=Min("published_at"),
            last=Max("published_at"),
        )
    )
    start = start_of(period, now)
    lags = _lags(provider, period, now)
    behind = [lag for lag in lags if lag is not None]
    return Scorecard(
        period=period,
        start=start or sums["first"],
        end=now if start else sums["last"],
        articles=sums["articles"],
        leads=sums["leads"],
        total=_total(period, now),
        first=len(lags) - len(behind),
        lag=median(behind) if behind else None,  # type: ignore[type-var]  # it works for lengths of time
        quality=sums["quality"],
    )


def in_brief(period: str, now: datetime | None = None) -> dict[str, Subquery]:
    """Return annotations for providers: figures for the period that ends `now`, as `recent_` and a key of `_sums`.

    All are None for a provider without articles in the period.
    """
    own = Article.objects.shown(now).filter(provider=OuterRef("pk")).within(period, now).order_by().values("provider")
    sums = _sums(now or timezone.now())
    return {f"recent_{name}": Subquery(own.annotate(value=value).values("value")) for name, value in sums.items()}


def _sums(now: datetime) -> dict[str, Any]:
    return {"articles": Count("pk"), "leads": _number_of_cards(now), "quality": Avg("quality")}


def _number_of_cards(now: datetime | None) -> Count:
    return Count("pk", filter=Article.objects.is_card(now))


def _total(period: str, now: datetime) -> int:
    """Return the number of all providers' articles, as two counts: an index alone answers the first."""
    published = Article.objects.published(now).within(period, now).count()
    if period in PERIODS:
        below = Article.objects.in_shown_stories(now).within(period, now)
    else:  # the same rows; four times as fast when they are most of the table
        stories = Story.objects.led(now)
        below = Article.objects.coverage(now).filter(story__in=stories)
    return published + below.filter(published=False).count()


def _lags(provider: Provider, period: str, now: datetime) -> list[timedelta | None]:
    """Return how far the provider was behind in each story it covers, or None where it was first.

    Stories have two or more articles and began in the period. Costs one query of one row per story.
    """
    own_stories = Article.objects.in_shown_stories(now).filter(provider=provider).within(period, now).values("story")
    own = Case(When(provider=provider, then="published_at"))
    place = Window(RowNumber(), partition_by=F("story"), order_by=["published_at", "file_name", "pk"])
    rows = (
        Article.objects.coverage(now)
        .filter(story__in=own_stories)
        .annotate(place=place, size=Window(Count("pk"), partition_by=F("story")))
        .annotate(own_first=Window(Min(own), partition_by=F("story")))
        .filter(place=1, size__gte=2)
        .values_list("provider", "published_at", "own_first")
    )
    start = start_of(period, now)
    return [
        None if first == provider.pk else own_at - first_at
        for first, first_at, own_at in rows
        if start is None or first_at >= start
    ]


def parts(provider: Provider, card: Scorecard, now: datetime | None = None) -> list[Part]:
    """Return a card's period in BARS parts of equal length, with the number of articles in each.

    Returns no parts for a card without articles, and one for a single moment. The last part includes its end. Costs
    one query.
    """
    if not (card.articles and card.start and card.end):
        return []
    number = BARS[card.period] if card.end > card.start else 1
    edges = [card.start + (card.end - card.start) * n / number for n in range(number)]
    whens = [When(published_at__lt=edge, then=Value(n)) for n, edge in enumerate(edges[1:])]
    rows = (
        Article.objects.shown(now)
        .filter(provider=provider, published_at__gte=card.start, published_at__lte=card.end)
        .annotate(part=Case(*whens, default=Value(number - 1)))
        .order_by()
        .values("part")
        .annotate(number=Count("pk"), led=_number_of_cards(now))
    )
    found = {row["part"]: row for row in rows}
    counts = [(found[n]["number"], found[n]["led"]) if n in found else (0, 0) for n in range(number)]
    return [Part(start, led, all_ - led) for start, (all_, led) in zip(edges, counts, strict=True)]
