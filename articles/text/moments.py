"""Moments as readers and machines get them."""

from datetime import UTC, datetime

from django.utils import timezone

YEARS = range(1900, 3000)  # that articles may be of


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC. Raises ValueError for a year that no article may be of: not all formats can write it."""
    moment = moment.astimezone(UTC)
    if moment.year not in YEARS:
        raise ValueError("the year is not one from 1900 to 2999")
    return moment


def iso(moment: datetime) -> str:
    """Return a moment as text, such as `2026-11-24T08:30:00Z`. Raises ValueError as `in_utc` does."""
    return f"{in_utc(moment):%Y-%m-%dT%H:%M:%SZ}"


def in_own_zone(moment: datetime) -> str:
    """Return a moment as people at the desk read it, in the zone of who looks: `2026-11-24 09:30 CET`."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
