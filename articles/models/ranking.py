"""Boosts and pins: what editors add to the ranking."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext

from ..frontmatter import schema
from ..ranking import scoring
from .articles import Article
from .fields import within
from .querysets import BoostQuerySet, PinQuerySet
from .taxonomy import Provider, Topic

MAX_BOOST = schema.BOOST.maximum
MOST_POINTS = 1000 * MAX_BOOST  # of all boosts of an article together


class OfCard(models.Model):
    """What an editor adds to the card of an article: its story's, or its own."""

    class Meta:
        abstract = True

    def clean(self):
        """Refuse a removed article: readers never see it."""
        if self._state.adding and self.article_id and self.article.removed:
            raise ValidationError({"article": "This article is removed: readers never see it. Choose another one."})

    @property
    def card(self):
        """The article whose card it is for: the lead of its story, or itself."""
        story = self.article.story
        return (story and story.current_lead) or self.article

    @property
    def effect(self):
        """What it does now, in words. Costs no query if the story's lead is loaded."""
        if self.until and self.until <= timezone.now():
            return "Ended"
        if self.card.is_public:
            return "Counts"
        return "None: removed" if self.card.removed else "None until it is published"


class Boost(OfCard):
    """Points that an editor adds to an article's scores, or takes off, for a time or for good."""

    article = models.ForeignKey(
        Article,
        models.CASCADE,
        related_name="boosts",
        help_text="If the article is in a story, the points count for the lead.",
    )
    points = models.IntegerField(
        validators=within(schema.BOOST),
        help_text="Added to the scores. Negative points move it down.",
    )
    reason = models.CharField(max_length=500)
    until = models.DateTimeField(null=True, blank=True, help_text="If empty, it never ends.")
    ended = models.BooleanField(default=False, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = BoostQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["until"], name="boost_until", condition=Q(ended=False))]

    def __str__(self):
        return f"{self.points:+} for {self.article}"

    def save(self, **options):
        """Save the boost, and its article's scores in the same transaction."""
        self.ended = self.until is not None and self.until <= timezone.now()
        with transaction.atomic():
            super().save(**options)
            self.recount([self.article_id])

    def delete(self, **options):
        """Delete the boost, and take its points off the scores in the same transaction."""
        with transaction.atomic():
            deleted = super().delete(**options)
            self.recount([self.article_id])
        return deleted

    @classmethod
    def end_due(cls):
        """End the boosts that are due: take their points off the stored scores. Returns the number of boosts.

        Boosts that were ended while the clock was wrong count again.
        """
        due = dict(cls.objects.due().values_list("pk", "article"))
        early = dict(cls.objects.filter(ended=True, until__gt=timezone.now()).values_list("pk", "article"))
        if due or early:
            with transaction.atomic():
                cls.objects.filter(pk__in=due).update(ended=True)
                cls.objects.filter(pk__in=early).update(ended=False)
                cls.recount([*due.values(), *early.values()])
        return len(due)

    @classmethod
    def move(cls, old, new):
        """Give an article the boosts of another."""
        if cls.objects.filter(article=old).update(article=new):
            cls.recount([old.pk, new.pk])

    @classmethod
    def recount(cls, article_ids):
        """Store the points of articles anew, and their scores."""
        counting = cls.objects.filter(article=models.OuterRef("pk"), ended=False).order_by().values("article")
        points = Coalesce(models.Subquery(counting.annotate(sum=models.Sum("points")).values("sum")), 0)
        bounded = Least(Greatest(points, -MOST_POINTS), MOST_POINTS)
        Article.objects.filter(pk__in=article_ids).update(boost=bounded)
        scoring.rescore_articles(article_ids)


class Pin(OfCard):
    """A card that an editor keeps at the top of a page: the front page, a topic's or a provider's."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="pins", help_text="Any article of the story.")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="pins")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="pins")
    position = models.PositiveSmallIntegerField(
        default=1,
        validators=within(schema.POSITION),
        help_text="1 is the top. Of pins with the same position, the newest comes first.",
    )
    until = models.DateTimeField(null=True, blank=True, help_text="If empty, it never ends.")
    reason = models.CharField(max_length=500)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = PinQuerySet.as_manager()

    class Meta:
        ordering = ["position", "-pk"]
        constraints = [
            CheckConstraint(
                condition=Q(topic=None) | Q(provider=None),
                name="pin_on_one_page",
                violation_error_message="Choose a topic or a provider, not both; neither for the front page.",
            ),
        ]

    def __str__(self):
        return f"{self.article}, on {self.page}"

    def clean(self):
        super().clean()
        if self.topic and self.provider:
            raise ValidationError("Choose a topic or a provider, not both; neither for the front page.")

    @property
    def page(self):
        """The name of the page, for people."""
        owner = self.topic or self.provider
        return gettext("%(name)s's page") % {"name": owner} if owner else gettext("the front page")
