"""Articles.

An article is identified by its site and the stem of its file there. Titles, addresses and outlets are no identity:
they change, and articles share them.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Concat
from django.urls import reverse
from taggit.managers import TaggableManager

from .. import ranking
from ..db.fields import BytewiseField, VerbatimField, VerbatimTextField
from ..frontmatter import schema
from ..ranking import scoring
from ..text import addresses
from .fields import AddressField, validate_marks, validate_stem, validate_visible, within
from .querysets import ORDERS, ArticleQuerySet
from .sources import Source
from .states import Shown
from .stories import Story
from .taxonomy import Provider

NO_STEM = "Enter a file name, or a title and a date that one can be made of."
MAX_EXCERPT = 20_000  # characters that a file may have
MAX_NOTE = 1_000  # characters of what editors tell readers about an article
SCORED = {
    "quality",
    "filed_quality",
    "heat",
    "heat_is_computed",
    "boost",
    "published_at",
    "removed",
    "story",
    "source",
}  # what scores are computed from


class Article(Shown, models.Model):
    """A report by an outlet, with what its site and our editors decided about it."""

    class Type(models.TextChoices):
        ARTICLE = "article"
        VIDEO = "video"

    source = models.ForeignKey(Source, models.PROTECT, related_name="articles")
    stem = models.CharField(
        max_length=255,
        blank=True,
        validators=[validate_stem],
        help_text="The file name without .md, such as 2022-11-14-a-headline. If empty, it is made from date and title.",
    )
    # Lists are sorted by file name: `a-b.md` comes before `a.md`, although the stem `a` comes before `a-b`.
    file_name = models.GeneratedField(
        expression=Concat("stem", models.Value(".md")),
        output_field=BytewiseField(max_length=258),
        db_persist=True,
    )
    category = models.CharField(max_length=50, default="news", editable=False)
    title = VerbatimField(max_length=500, validators=[validate_visible, validate_marks])
    excerpt = VerbatimTextField(blank=True, validators=[validate_marks])
    published_at = models.DateTimeField("published", db_index=True, help_text="When the outlet published it.")
    original_url = AddressField(help_text="The address where the article was found.")
    web_url = AddressField(
        help_text="The address that readers are sent to. If empty, the article is shown here, as videos are."
    )
    amp_web_url = AddressField()
    cdn_amp_web_url = AddressField()
    type = models.CharField(max_length=20, choices=Type, default=Type.ARTICLE)
    quality = models.PositiveBigIntegerField(default=0, validators=within(schema.QUALITY))
    filed_quality = models.PositiveBigIntegerField(
        null=True,
        editable=False,
        help_text="What its file says, where an editor says something else: heat in the file is by this quality.",
    )
    heat = models.BigIntegerField(
        default=0,
        null=True,
        blank=True,
        validators=within(schema.HEAT),
        help_text="Quality, plus what the story adds. -1 if another article leads the story. Empty if no file says it.",
    )
    published = models.BooleanField(default=False, help_text="Readers see it.")
    removed = models.BooleanField(default=False, help_text="Readers never see it, whatever its scores are.")
    live_at = models.DateTimeField(
        "goes live at", null=True, blank=True, help_text="Readers do not see it before. If empty, at its date."
    )
    ends_at = models.DateTimeField(
        "ends at", null=True, blank=True, help_text="Readers do not see it from then on. If empty, it never ends."
    )
    withdrawal_note = VerbatimTextField(
        "public note",
        blank=True,
        max_length=MAX_NOTE,
        validators=[validate_marks],
        help_text="If it is removed, its address shows only this. If empty, its address is not found.",
    )
    correction = VerbatimTextField(
        blank=True,
        max_length=MAX_NOTE,
        validators=[validate_marks],
        help_text="What was wrong and is right now. Readers see it on its page and in feeds.",
    )
    note = VerbatimTextField(
        "editor's note",
        blank=True,
        max_length=MAX_NOTE,
        validators=[validate_marks],
        help_text="What you tell readers about it. They see it on its card, on its page and in the newsletter.",
    )
    corrected_at = models.DateTimeField(null=True, editable=False)
    featured_content = VerbatimTextField(blank=True, help_text="The embed code of a video.")
    boost = models.IntegerField(default=0, editable=False, help_text="Points from editors.")
    heat_is_computed = models.BooleanField(
        db_column="own_heat",
        default=True,
        editable=False,
        help_text="Heat is computed here, because no file gives it for the story as it is now.",
    )
    quality_score = models.BigIntegerField(default=0, editable=False)
    heat_score = models.BigIntegerField(default=0, editable=False)
    hot_score = models.BigIntegerField(default=0, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="articles")
    provider_name = models.CharField(
        max_length=255,
        blank=True,
        validators=[validate_marks],
        help_text="The outlet's name in the file. If empty, the provider's name is shown.",
    )
    provider_domain = models.CharField(
        max_length=253,
        blank=True,
        editable=False,
        help_text="The outlet's domain in the file, if that one was merged into the provider.",
    )
    topics = TaggableManager(through="ArticleTopic", blank=True)
    story = models.ForeignKey(Story, models.SET_NULL, null=True, blank=True, related_name="articles")
    extra = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Keys in the file that Newsroom does not know."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ArticleQuerySet.as_manager()
    # Set by `for_cards()`: whether a boost or a lead is due at all (see `ranked`), the points of its card's due boosts,
    # and whether it leads its story at this moment.
    is_any_due, due_points, leads_now = False, 0, None

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["source", "stem"],
                name="article_is_source_and_stem",
                violation_error_message="Another article of this source has this file name. Choose another one.",
            ),
            CheckConstraint(
                condition=~Q(stem=""),
                name="article_has_stem",
                violation_error_message=NO_STEM,
            ),
            CheckConstraint(condition=~Q(title=""), name="article_has_title", violation_error_message="Enter a title."),
            CheckConstraint(
                condition=Q(quality__gte=0),
                name="article_quality_not_negative",
                violation_error_message="Enter a quality of 0 or more.",
            ),
            CheckConstraint(
                condition=Q(type__in=["article", "video"]),
                name="article_type_known",
                violation_error_message="Choose article or video.",
            ),
        ]
        indexes = [
            *(
                models.Index(fields=fields[:-1], name=f"article_by_{order}", condition=Q(published=True, removed=False))
                for order, fields in ORDERS.items()
            ),
            models.Index(fields=["story", "-quality", "file_name"], name="article_in_story"),
            models.Index(fields=["provider", "-published_at", "file_name"], name="article_of_provider"),
            # Of few articles: what is scheduled, ended and removed.
            models.Index(fields=["live_at"], name="article_live_at", condition=Q(live_at__isnull=False)),
            models.Index(fields=["ends_at"], name="article_ends_at", condition=Q(ends_at__isnull=False)),
            models.Index(fields=["id"], name="article_removed", condition=Q(removed=True)),
        ]
        permissions = [
            ("view_secured", "Can see the secured text of articles"),
            ("withdraw_article", "Can withdraw articles for good, and take that back"),
            ("decide_many", "Can decide about more than 50 rows of a list at once"),
        ]

    def __str__(self):
        return self.title

    def save(self, **options):
        """Save the article, and its scores and its story's in the same transaction."""
        if not self.stem:
            self.stem = self._free_stem()
        with transaction.atomic():
            super().save(**options)
            if options.get("update_fields") is None or SCORED & set(options["update_fields"]):
                scoring.rescore_articles([self.pk])

    def get_absolute_url(self):
        return reverse("article_detail", args=[self.source.name, self.stem])

    def delete(self, **options):
        """Delete the article for good: its file is never imported again."""
        deleted = Article.objects.filter(pk=self.pk).delete()
        self.pk = None
        return deleted

    def clean(self):
        """Allow only values that a file may have."""
        if self.published_at and not 1900 <= self.published_at.year < 3000:
            raise ValidationError({"published_at": "Enter a year from 1900 to 2999."})
        if self.ends_at and self.published_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "Enter a moment after its date and after it goes live."})
        if len(self.excerpt) > MAX_EXCERPT:
            raise ValidationError({"excerpt": f"Enter {MAX_EXCERPT:,} characters at most, not {len(self.excerpt):,}."})
        if not self.stem and self.title and self.published_at and self.source_id:
            self.stem = self._free_stem()
        if not self.stem:
            raise ValidationError({"stem": NO_STEM})
        if self._state.adding:
            self.stem = unicodedata.normalize("NFC", self.stem)  # as files' names are compared

    def _free_stem(self):
        """Return a stem made from date and title that no other article of the site has."""
        stem = addresses.stem(self.title, self.published_at)
        taken = set(Article.objects.filter(source=self.source, stem__startswith=stem).values_list("stem", flat=True))
        return next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)

    @property
    def facts(self):
        """What the article's scores are computed from. Needs its source and story."""
        story, leads = self.story, self.is_card
        return ranking.Facts(
            quality=self.quality,
            published_at=self.published_at,
            leads=leads,
            heat=None if self.heat_is_computed else self.heat,
            filed_quality=self.filed_quality,
            coverage=max(story.coverage - 1, 0) if story and leads else 0,
            newest=story.newest_at if story else None,
            boost=(story.boost if story else self.boost) - self.due_points if leads else 0,
        )

    @property
    def heat_now(self):
        """The score in the order *heat* at this moment; -1 if another article leads the story."""
        return self.heat_score - (self.due_points if self.is_card else 0)

    @property
    def path(self):
        """The path of the file within its site."""
        return f"_news/{self.stem}.md"

    @property
    def headline(self):
        """The title on its card: the headline of the story that it leads, or else its title."""
        return (self.leads_story and self.story.headline) or self.title

    @property
    def standfirst(self):
        """The text on its card: the summary of the story that it leads, or else its excerpt."""
        return (self.leads_story and self.story.summary) or self.excerpt

    @property
    def link(self):
        """Where readers are sent: the outlet's address, safe and encoded, or the article's page here."""
        return addresses.browsable(self.web_url) or self.get_absolute_url()

    @property
    def video_id(self):
        """The id of the YouTube video in the embed code, or None."""
        return addresses.youtube_id(self.featured_content)

    @property
    def printed_domain(self):
        """The outlet's domain as files print it."""
        return self.provider_domain or self.provider.domain

    @property
    def printed_provider_name(self):
        """The provider's name as the file has it."""
        return self.provider_name or self.provider.name

    @property
    def topic_list(self):
        """The topics in their order, each once. Needs `with_topics()`."""
        return list(dict.fromkeys(link.tag for link in self.topic_links.all()))

    @property
    def subtopics(self):
        """The topics without its site's own, wherever that stands. Needs `with_topics()`.

        A site's own topic has none above it and others below it. An article without it has only subtopics that are
        below another.
        """
        links = self.topic_links.all()
        own = {link.tag for link in links if link.is_above_others and not link.tag.parent_id}
        return [topic for topic in self.topic_list if (topic not in own if own else topic.parent_id)]

    @property
    def topic_names(self):
        """The topics as the file names them, by current or former names. Needs `with_topics()`."""
        return [link.name for link in self.topic_links.all()]
