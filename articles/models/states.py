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


class Shown:
    """What readers see of an article at this moment."""

    @property
    def state(self):
        """Its `State` at this moment. Needs the story and its lead."""
        return state_of(self)

    @property
    def is_card(self):
        """Whether it stands in lists for its story: it leads the story, or is in none. Needs the story."""
        return self.story is None or self.story.lead_id is None or self.leads_story

    @property
    def leads_story(self):
        """Whether it leads a story at this moment. Needs the story."""
        if self.leads_now is None:
            return self.story is not None and self.story.current_lead_id == self.pk
        return self.leads_now

    @property
    def is_public(self):
        """Whether readers see it by itself: published, not removed, and in its time."""
        return self.published and not self.removed and self.is_in_time

    @property
    def starts_at(self):
        """The first moment at which readers may see it."""
        return max(filter(None, (self.published_at, self.live_at)))

    @property
    def took_over_at(self):
        """When it became its story's lead, if that is not stored yet. Needs the story."""
        is_new = self.leads_story and self.story.lead_id != self.pk
        return self.story.elect_at if is_new else None

    @property
    def has_ended(self):
        """Whether readers may see it no more."""
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_in_time(self):
        """Whether readers may see it at this moment, if nothing else hides it."""
        return self.starts_at <= timezone.now() and not self.has_ended

    @property
    def is_only_coverage(self):
        """Whether readers see it though it is not published: below its story's lead. Needs the story and its lead."""
        hidden = self.published or self.removed or self.heat != MEMBER_HEAT
        lead = None if hidden else self.story and self.story.current_lead
        return bool(lead and lead.is_public and self.is_in_time)


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
