"""Stories, and what editors did to them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..db.fields import VerbatimField, VerbatimTextField
from ..text import addresses
from .fields import validate_marks
from .sources import Source

SLUG_LENGTH = 60  # of a story's address
MAX_TITLE = 500  # characters of a title that a slug is made from


class Story(models.Model):
    """One event in the news: articles, and links to coverage that is not imported.

    A story that was merged into another stays as a row, so that its address leads to the other.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="stories")
    headline = VerbatimField(
        max_length=500, blank=True, validators=[validate_marks], help_text="If empty, the lead's title is shown."
    )
    summary = VerbatimTextField(
        blank=True, validators=[validate_marks], help_text="If empty, the lead's excerpt is shown."
    )
    imported_links = models.JSONField(
        default=list, blank=True, editable=False, help_text="The links in the files of the story, as last imported."
    )
    lead = models.OneToOneField(
        "Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        help_text="The article on top: the one an editor chose, or else the best that is published.",
    )
    chosen_lead = models.ForeignKey(
        "Article", models.SET_NULL, null=True, blank=True, related_name="+", help_text="The lead that an editor chose."
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="merged", db_index=False
    )
    # What its articles' scores are computed from; see `ranking.scoring`.
    coverage = models.PositiveIntegerField(
        default=0, editable=False, help_text="The number of articles and links in it."
    )
    newest_at = models.DateTimeField(null=True, editable=False, help_text="When its latest coverage was published.")
    boost = models.IntegerField(default=0, editable=False, help_text="The sum of the boosts of its articles.")

    class Meta:
        verbose_name_plural = "stories"
        ordering = ["-pk"]
        # Partial, because few stories are merged: planners ignore an index that is nearly all NULL.
        indexes = [models.Index(fields=["merged_into"], name="story_merged", condition=Q(merged_into__isnull=False))]

    def __str__(self):
        return self.headline or (self.lead.title if self.lead else f"Story {self.pk}")

    def get_absolute_url(self):
        slug = addresses.slug(str(self)[:MAX_TITLE])[:SLUG_LENGTH].rstrip("-")
        return reverse("story_detail", args=[self.pk, slug or "story"])


class StoryAction(models.Model):
    """A change that an editor made to stories: by whom, when and why, with the state before and after, to undo it."""

    class Kind(models.TextChoices):
        MERGE = "merge", "merged"
        SPLIT = "split", "split"
        MOVE = "move", "moved articles"
        WITHDRAW = "withdraw", "withdrew articles"
        LEAD = "lead", "set the lead"
        RELEASE = "release", "released the lead"
        TEXT = "text", "wrote headline and summary"
        UNDO = "undo", "undid"

    story = models.ForeignKey(Story, models.SET_NULL, null=True, related_name="actions")
    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="undone_by")
    effects: Any = None  # what it changed for readers, while it is done: see `stories.effects`

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        what = f"undid: {self.undoes}" if self.undoes else self.get_kind_display()
        return f"{what} ({self.reason})" if self.reason else what
