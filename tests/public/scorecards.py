"""What tests of scorecards share."""

from datetime import UTC, datetime, timedelta

from articles.public.scorecards import scorecard
from tests.factories import make_article, make_story

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(**span):
    return NOW - timedelta(**span)


def card(provider, period="all"):
    return scorecard(provider, period, NOW)


def story_of(*articles):
    """A story of a provider's article at each moment, the first of which leads."""
    return make_story(*(make_article(provider=provider, published_at=moment) for provider, moment in articles))
