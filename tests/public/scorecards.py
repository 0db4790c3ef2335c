"""Helpers for tests of scorecards."""

from datetime import UTC, datetime, timedelta

from articles.public.scorecards import scorecard
from tests.factories import make_article, make_story

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(**span):
    return NOW - timedelta(**span)


def card(provider, period="all"):
    return scorecard(provider, period, NOW)


def story_of(*articles):
    """Store a story of articles, given as pairs of provider and moment. The first one leads."""
    return make_story(*(make_article(provider=provider, published_at=moment) for provider, moment in articles))
