"""Scorecards against loops over every row."""

import random
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from django.db.models import Count

from articles.models import PERIODS, Article, Provider, Story
from articles.public.scorecards import BARS, WINDOWS, parts, scorecard
from articles.sync.files import find
from articles.sync.importer import import_files
from tests.factories import make_provider, make_source
from tests.paths import AZURE, needs_corpus
from tests.public.scorecards import NOW, card

pytestmark = pytest.mark.django_db


def is_public(article, now):
    return article.published and not article.removed and article.published_at <= now


def may_be_coverage(article, now):
    return (article.published or article.heat == -1) and not article.removed and article.published_at <= now


def seen_by_readers(now):
    """Return the articles readers see, those of shown stories by story, and the ids of leads: in plain Python."""
    articles, leads = list(Article.objects.all()), dict(Story.objects.values_list("pk", "lead"))
    public = {article.pk for article in articles if is_public(article, now)}

    def is_below(article):
        return may_be_coverage(article, now) and leads.get(article.story_id) in public

    seen = [article for article in articles if article.pk in public or is_below(article)]
    stories = {}
    for article in seen:
        if is_below(article):
            stories.setdefault(article.story_id, []).append(article)
    leading = {a.pk for a in seen if a.pk in public and leads.get(a.story_id) in (None, a.pk)}
    return seen, stories, leading


def first_and_lags(provider, start, stories):
    """Return the number of stories a provider reported first, and how far it was behind in each other one."""
    first, lags = 0, []
    for members in stories.values():
        order = sorted(members, key=lambda article: (article.published_at, article.file_name.encode(), article.pk))
        mine = [article for article in order if article.provider_id == provider.pk]
        if len(order) < 2 or not mine or order[0].published_at < start:
            continue
        if mine[0] is order[0]:
            first += 1
        else:
            lags.append(mine[0].published_at - order[0].published_at)
    return first, lags


def recomputed(provider, period, now, seen, stories, leading):
    """Return what a scorecard should say, as a tuple."""
    start = now - timedelta(days=PERIODS[period]) if period in PERIODS else datetime(1, 1, 1, tzinfo=UTC)
    in_window = [article for article in seen if article.published_at >= start]
    own = [article for article in in_window if article.provider_id == provider.pk]
    first, lags = first_and_lags(provider, start, stories)
    return (
        len(own),
        sum(article.pk in leading for article in own),
        pytest.approx(len(own) / len(in_window) if in_window else 0),
        first,
        median(lags) if lags else None,
        pytest.approx(sum(article.quality for article in own) / len(own)) if own else None,
    )


def assert_cards_are_right(providers, now):
    facts = seen_by_readers(now)
    for provider in providers:
        for period in WINDOWS:
            found = scorecard(provider, period, now)
            values = (found.articles, found.leads, found.share, found.first, found.lag, found.quality)
            assert values == recomputed(provider, period, now, *facts), (provider.domain, period)
            shown = parts(provider, found, now)
            assert len(shown) in (0, 1, BARS[period])
            assert (sum(part.articles for part in shown), sum(part.led for part in shown)) == values[:2]


def fill(chance):
    """Store 300 articles of 12 providers, 160 of them in 60 stories; return the providers.

    Some are removed, not published or dated after NOW, and some of one story share their moment.
    """
    providers = [make_provider(f"p{n}.example") for n in range(12)]
    source = make_source()
    stories = [Story.objects.create(source=source) for _ in range(60)]
    rows = [
        some_article(n, chance, source, chance.choice(providers), chance.choice(stories) if n < 160 else None)
        for n in range(300)
    ]
    for article, other in zip(rows[:160:4], rows[1:160:4], strict=True):
        other.story, other.published_at = article.story, article.published_at
    Article.objects.bulk_create(rows)
    for story in stories:
        choose_lead(story, chance)
    return providers


def some_article(n, chance, source, provider, story):
    days = chance.choice([1, 7, 30, 365, 900]) * chance.random() - (0.5 if chance.random() < 0.1 else 0)
    return Article(
        title=f"Article {n}",
        stem=f"{chance.choice('ab')}{chance.choice(['', '-', '.'])}{n}",
        source=source,
        provider=provider,
        story=story,
        published_at=NOW.replace(microsecond=0) - timedelta(minutes=round(days * 1440)),
        quality=chance.randrange(100),
        heat=chance.choice([-1, -1, 80]) if story else 80,
        published=chance.random() < 0.6,
        removed=chance.random() < 0.1,
    )


def choose_lead(story, chance):
    """Give a story a lead: mostly one that readers see, sometimes any article, sometimes none."""
    members = list(story.articles.order_by("pk"))
    if members and chance.random() < 0.9:
        chosen = [a for a in members if a.published and not a.removed] if chance.random() < 0.8 else members
        story.lead = chance.choice(chosen or members)
        story.save()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_scorecards_match_plain_loops_over_every_row(seed):
    providers = fill(random.Random(seed))  # noqa: S311 (a sample, not a secret)

    assert sum(card(provider).first for provider in providers) > 10
    assert sum(card(provider).lag is not None for provider in providers) > 6
    assert_cards_are_right(providers, NOW)


@pytest.mark.slow
@needs_corpus
def test_scorecards_of_a_real_site_match_plain_loops_over_every_row():
    import_files(find(str(AZURE)), "azure")
    busiest = Provider.objects.annotate(number=Count("articles")).order_by("-number", "domain")[:10]

    assert_cards_are_right(busiest, datetime(2021, 8, 29, tzinfo=UTC))
