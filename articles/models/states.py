"""The states of articles: one vocabulary for lists, filters and messages. Docs explain it in docs/editing.md."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..ranking import MEMBER_HEAT
from . import timing


class State(models.TextChoices):
    NEW = "new", _("New")
    COVERAGE = "coverage", _("Coverage")
    PUBLISHED = "published", _("Published")
    SCHEDULED = "scheduled", _("Scheduled")
    ENDED = "ended", _("Ended")
    REMOVED = "removed", _("Removed")


def state_of(article):
    """Return the state of an article at this moment. Needs the story and its lead."""
    if article.removed:
        return State.REMOVED
    if not article.published:
        return State.COVERAGE if article.is_only_coverage else State.NEW
    if article.has_ended:
        return State.ENDED
    return State.PUBLISHED if article.is_in_time else State.SCHEDULED


def in_state(state, is_led, now=None):
    """Return the condition for the articles that `state_of` says to be in a state at a moment.

    `is_led` is the condition that readers see the article's story.
    """
    now = now or timezone.now()
    has_ended, kept = Q(ends_at__isnull=False, ends_at__lte=now), Q(removed=False)
    # Said without NOT: so the indexes of these columns find the few articles that still wait.
    waits = (Q(published_at__gt=now) | Q(live_at__gt=now)) & (Q(ends_at=None) | Q(ends_at__gt=now))
    coverage = Q(heat__isnull=False, heat=MEMBER_HEAT) & timing.in_time(now) & is_led
    return {
        State.REMOVED: Q(removed=True),
        State.NEW: kept & Q(published=False) & ~coverage,
        State.COVERAGE: kept & Q(published=False) & coverage,
        State.ENDED: kept & Q(published=True) & has_ended,
        State.PUBLISHED: kept & Q(published=True) & timing.in_time(now),
        State.SCHEDULED: kept & Q(published=True) & waits,
    }[state]
