"""Stories."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ..db.fields import VerbatimField, VerbatimTextField
from ..text import addresses
from .fields import validate_marks
from .querysets import StoryQuerySet
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
    elect_at = models.DateTimeField(
        null=True, editable=False, help_text="From when on another article may lead, by the times of its articles."
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

    objects = StoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "stories"
        ordering = ["-pk"]
        # Partial, because few stories are merged: planners ignore an index that is nearly all NULL.
        indexes = [
            models.Index(fields=["merged_into"], name="story_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["elect_at"], name="story_elect_at", condition=Q(elect_at__isnull=False)),
        ]

    def __str__(self):
        return self.headline or (self.current_lead.title if self.current_lead else self._name_without_lead())

    def get_absolute_url(self):
        slug = addresses.slug(str(self)[:MAX_TITLE])[:SLUG_LENGTH].rstrip("-")
        return reverse("story_detail", args=[self.pk, slug or "story"])

    def _name_without_lead(self):
        """Return the title of one of its articles, which are all removed, or what is left of a merged story's name."""
        found = self.articles.best_first().values_list("title", flat=True).first() if self.pk else None
        return found or f"Story {self.pk}"

    @property
    def current_lead_id(self):
        """The id of the article that leads at this moment: the stored lead, or who took over. May cost a query."""
        if self.elect_at is None or self.elect_at > timezone.now():
            return self.lead_id
        articles = self._meta.get_field("lead").related_model.objects
        found = articles.published().leading().filter(story=self.pk).values_list("pk", flat=True).first()
        return found or self.lead_id

    def show_below(self, article):
        """Let an article be the lead of this object, not of the row: whoever shows it knows that it leads now."""
        self.lead, self.elect_at = article, None

    @property
    def current_lead(self):
        """The article that leads at this moment, or None."""
        pk = self.current_lead_id
        return self.lead if pk == self.lead_id else self._meta.get_field("lead").related_model.objects.get(pk=pk)
