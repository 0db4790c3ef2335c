"""Articles, and what surrounds them.

An article is known by its site and its file's name there: titles, addresses and outlets change, are shared
and lie. What a file says about an article's story is stored once, as membership, not as n x (n-1) copies.
"""

import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Coalesce, Concat, Lower
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase, TagBase

from .. import addresses, ranking, scoring
from ..querysets import (
    ORDERS,
    ArticleQuerySet,
    BoostQuerySet,
    ConflictQuerySet,
    MoveQuerySet,
    PinQuerySet,
    ProviderQuerySet,
    RelatedLinkQuerySet,
    TopicQuerySet,
)
from ..texts import plain

URL_LENGTH = 2048  # the longest address seen has 330 characters
MAX_EXCERPT = 20_000  # characters that a file may have
MAX_BOOST = 1_000_000
SLUG_LENGTH = 60  # of a story's address
SCORED = {
    "quality",
    "heat",
    "own_heat",
    "boost",
    "published_at",
    "removed",
    "story",
    "source",
}  # what scores are made of
SOURCE_NAME = r"[a-z0-9][a-z0-9-]*"


def make_token():
    """What only the receiver of a mail knows."""
    return secrets.token_urlsafe(24)


class Verbatim:
    """Text as its source gives it: blanks at its ends come back from a form that nobody touched."""

    def formfield(self, **options):
        return super().formfield(**{"strip": False, **options})


class VerbatimField(Verbatim, models.CharField):
    pass


class VerbatimTextField(Verbatim, models.TextField):
    pass


class AddressField(VerbatimField):
    """A web address as its source gives it. Real ones hold blanks and line separators, so it is not
    a URLField: saving an article that nobody touched must never fail."""

    def __init__(self, *args, **options):
        options.setdefault("max_length", URL_LENGTH)
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    default_validators = [
        RegexValidator(r"(?is)^https?://[^\s/?#]", "Enter an address that starts with http:// or https://.")
    ]


class BytewiseField(models.CharField):
    """Text that sorts by its characters' numbers on every database, whatever the language it was set up for."""

    def db_parameters(self, connection):
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation


class Source(models.Model):
    """A site whose files are imported. Its name is half of every article's identity."""

    name = models.CharField(
        max_length=50,
        unique=True,
        validators=[RegexValidator(rf"^{SOURCE_NAME}\Z", "Use a-z, 0-9 and hyphens.")],
        help_text="Part of the address of each of its articles; it should never change.",
    )
    title = models.CharField(max_length=200, blank=True, help_text="For readers. Empty: the name.")
    locale = models.CharField(max_length=20, default="en-us")
    heat_weight = models.PositiveSmallIntegerField(
        default=20, help_text="What each other article of a story adds to its lead's heat."
    )
    heat_threshold = models.PositiveIntegerField(
        default=50, help_text="The lead's quality from which they add it; below, heat is quality."
    )
    publish_threshold = models.PositiveIntegerField(default=70, help_text="The heat from which articles are published.")
    hot_day_points = models.PositiveSmallIntegerField(
        default=60,
        help_text="What a day is worth in the hot order: a story gains as much on one whose news is a day older.",
    )
    hot_most_coverage = models.PositiveSmallIntegerField(
        default=10, help_text="How many other articles of a story count in the hot order, at most."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.title or self.name

    def save(self, **options):
        """Its figures decide all its articles' scores: they follow in the same transaction."""
        with transaction.atomic():
            super().save(**options)
            scoring.rescore_site(self.pk)

    @property
    def rules(self):
        return ranking.Rules(
            self.heat_weight,
            self.heat_threshold,
            self.publish_threshold,
            self.hot_day_points,
            self.hot_most_coverage,
        )


class Provider(models.Model):
    """An outlet, known by its domain: names vary, are shared and lie."""

    domain = models.CharField(max_length=253, unique=True)
    name = models.CharField(max_length=255, db_index=True)
    other_names = models.JSONField(default=list, blank=True)
    description = VerbatimTextField(blank=True)
    is_organization = models.BooleanField(default=False, help_text="Described by an organization file or by an editor.")
    extra = models.JSONField(default=dict, blank=True, editable=False)
    file_text = models.TextField(blank=True, editable=False, help_text="Its organization file as last imported.")

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["name", "domain"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("provider_detail", args=[self.domain])

    @property
    def label(self):
        return plain(self.name) or self.domain


class Topic(TagBase):
    """What an article is about. Two levels deep in practice: a site's own topic, and its parts."""

    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    shortname = models.CharField(max_length=100, blank=True)
    menu_order = models.PositiveIntegerField(default=1000, help_text="Smaller comes first.")
    keywords = models.JSONField(default=list, blank=True)
    hashtags = models.JSONField(default=list, blank=True)
    images = models.JSONField(default=list, blank=True, help_text="Addresses of pictures.")
    services = models.JSONField(default=dict, blank=True, help_text="Addresses of its JSON lists, by kind.")
    extra = models.JSONField(default=dict, blank=True, editable=False)
    file_text = models.TextField(blank=True, editable=False, help_text="Its topic file as last imported.")

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["menu_order", "name"]

    def get_absolute_url(self):
        return reverse("topic_detail", args=[self.slug])

    def clean(self):
        if self.pk and self.pk in self.ancestors():
            raise ValidationError({"parent": "A topic cannot be below itself."})

    def ancestors(self):
        """The ids of the topics above this one. Costs a query for each level."""
        above, found = self.parent, []
        while above is not None and above.pk not in found:
            found.append(above.pk)
            above = above.parent
        return found

    @property
    def label(self):
        return self.shortname or self.name


class Story(models.Model):
    """One event: its articles, and links to what others wrote about it that is not an article of ours.

    A story that was merged into another stays as a signpost: its address leads there.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="stories")
    headline = VerbatimField(max_length=500, blank=True, help_text="Our own. Empty: the lead's.")
    summary = VerbatimTextField(blank=True, help_text="Our own. Empty: the lead's excerpt.")
    imported_links = models.JSONField(
        default=list, blank=True, editable=False, help_text="The links that its files name, as last imported."
    )
    lead = models.OneToOneField(
        "Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        help_text="On top: the chosen one, else the best published. Elected anew whenever the story changes.",
    )
    chosen_lead = models.ForeignKey(
        "Article", models.SET_NULL, null=True, blank=True, related_name="+", help_text="By an editor."
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="merged", db_index=False
    )
    # Its figures, of which its articles' scores are made; see `scoring`.
    coverage = models.PositiveIntegerField(default=0, editable=False, help_text="Articles and links in it.")
    newest_at = models.DateTimeField(null=True, editable=False, help_text="When its newest coverage was published.")
    boost = models.IntegerField(default=0, editable=False, help_text="Its articles' taken together.")

    class Meta:
        verbose_name_plural = "stories"
        ordering = ["-pk"]
        # Of the few that are: of an index with all the others a database thinks that it does not help.
        indexes = [models.Index(fields=["merged_into"], name="story_merged", condition=Q(merged_into__isnull=False))]

    def __str__(self):
        return self.headline or (self.lead.title if self.lead else f"Story {self.pk}")

    def get_absolute_url(self):
        slug = addresses.slug(str(self))[:SLUG_LENGTH].rstrip("-")
        return reverse("story_detail", args=[self.pk, slug or "story"])


class Article(models.Model):
    """A link to someone else's report, with what its site and our editors decided about it."""

    class Type(models.TextChoices):
        ARTICLE = "article"
        VIDEO = "video"

    source = models.ForeignKey(Source, models.PROTECT, related_name="articles")
    stem = models.CharField(
        max_length=255,
        blank=True,
        validators=[RegexValidator(addresses.STEM, "Use letters, digits, '-', '_' and '.'.")],
        help_text="The file's name without .md, such as 2022-11-14-a-headline. Empty: made from date and title.",
    )
    # Lists are in the order of file names: `a-b.md` comes before `a.md`, unlike their stems.
    file_name = models.GeneratedField(
        expression=Concat("stem", models.Value(".md")),
        output_field=BytewiseField(max_length=258),
        db_persist=True,
    )
    category = models.CharField(max_length=50, default="news", editable=False)
    title = VerbatimField(max_length=500)
    excerpt = VerbatimTextField(blank=True)
    published_at = models.DateTimeField("published", db_index=True, help_text="By the outlet, in UTC.")
    original_url = AddressField(help_text="Where the article was found.")
    web_url = AddressField(help_text="Where readers go. Empty: the article lives here, as videos do.")
    amp_web_url = AddressField()
    cdn_amp_web_url = AddressField()
    type = models.CharField(max_length=20, choices=Type, default=Type.ARTICLE)
    quality = models.PositiveBigIntegerField(default=0)
    heat = models.BigIntegerField(
        default=0, help_text="Quality and what its story adds. -1: a member of a story that has another lead."
    )
    published = models.BooleanField(default=False, help_text="Shown to readers.")
    removed = models.BooleanField(default=False, help_text="Never shown, whatever its scores.")
    featured_content = VerbatimTextField(blank=True, help_text="The embed code of a video.")
    boost = models.IntegerField(default=0, editable=False, help_text="Editors' points, while they last.")
    own_heat = models.BooleanField(
        default=True, editable=False, help_text="No file says its heat as its story now is: it is computed here."
    )
    quality_score = models.BigIntegerField(default=0, editable=False)
    heat_score = models.BigIntegerField(default=0, editable=False)
    hot_score = models.BigIntegerField(default=0, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="articles")
    provider_name = models.CharField(
        max_length=255, blank=True, help_text="As its file calls the outlet. Empty: the provider's own name."
    )
    topics = TaggableManager(through="ArticleTopic", blank=True)
    story = models.ForeignKey(Story, models.SET_NULL, null=True, blank=True, related_name="articles")
    extra = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Keys of its file that Newsroom does not know."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["source", "stem"], name="article_is_source_and_stem"),
            CheckConstraint(condition=~Q(stem=""), name="article_has_stem"),
            CheckConstraint(condition=~Q(title=""), name="article_has_title"),
            CheckConstraint(condition=Q(quality__gte=0), name="article_quality_not_negative"),
            CheckConstraint(condition=Q(type__in=["article", "video"]), name="article_type_known"),
        ]
        indexes = [
            *(
                models.Index(fields=fields[:-1], name=f"article_by_{order}", condition=Q(published=True, removed=False))
                for order, fields in ORDERS.items()
            ),
            models.Index(fields=["story", "-quality", "file_name"], name="article_in_story"),
            models.Index(fields=["provider", "-published_at", "file_name"], name="article_of_provider"),
        ]
        permissions = [("view_secured", "Can see the secured text of articles")]

    def __str__(self):
        return self.title

    def save(self, **options):
        """Its scores, and those of its story, follow in the same transaction."""
        if not self.stem:
            self.stem = self._free_stem()
        with transaction.atomic():
            super().save(**options)
            if options.get("update_fields") is None or SCORED & set(options["update_fields"]):
                scoring.rescore_articles([self.pk])

    def get_absolute_url(self):
        return reverse("article_detail", args=[self.source.name, self.stem])

    def delete(self, **options):
        """Delete for good: its file is never imported again."""
        deleted = Article.objects.filter(pk=self.pk).delete()
        self.pk = None
        return deleted

    def clean(self):
        """Only values that a file may have."""
        if self.published_at and not 1900 <= self.published_at.year < 3000:
            raise ValidationError({"published_at": "Enter a year from 1900 to 2999."})
        if len(self.excerpt) > MAX_EXCERPT:
            raise ValidationError({"excerpt": f"Enter {MAX_EXCERPT:,} characters at most, not {len(self.excerpt):,}."})
        if not self.stem and self.title and self.published_at and self.source_id:
            self.stem = self._free_stem()

    def _free_stem(self):
        """A file name made from date and title that no other article of its site has."""
        stem = addresses.stem(self.title, self.published_at)
        taken = set(Article.objects.filter(source=self.source, stem__startswith=stem).values_list("stem", flat=True))
        return next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)

    @property
    def facts(self):
        """What its scores are made of. Fetch with its source and story."""
        story = self.story
        leads = story is None or story.lead_id in (None, self.pk)
        return ranking.Facts(
            quality=self.quality,
            published_at=self.published_at,
            leads=leads,
            heat=None if self.own_heat else self.heat,
            coverage=max(story.coverage - 1, 0) if story and leads else 0,
            newest=story.newest_at if story else None,
            boost=story.boost if story and leads else 0 if story else self.boost,
        )

    @property
    def path(self):
        """The file's path within its site."""
        return f"_news/{self.stem}.md"

    @property
    def leads_story(self):
        """Whether it is on top of a story. Fetch with its story."""
        return self.story is not None and self.story.lead_id == self.pk

    @property
    def headline(self):
        """The title of its card: its story's own headline if it leads one that has one."""
        return (self.leads_story and self.story.headline) or self.title

    @property
    def standfirst(self):
        """The text of its card: its story's own summary if it leads one that has one."""
        return (self.leads_story and self.story.summary) or self.excerpt

    @property
    def link(self):
        """Where a reader goes to read it: a safe, encoded address, or this site's own page."""
        return addresses.browsable(self.web_url) or self.get_absolute_url()

    @property
    def video_id(self):
        """The YouTube video that its embed code plays, or None."""
        return addresses.youtube_id(self.featured_content)

    @property
    def printed_provider_name(self):
        """The provider's name as the article's file has it."""
        return self.provider_name or self.provider.name

    @property
    def topic_list(self):
        """Its topics in their order. Fetch with `with_topics()`."""
        return [link.tag for link in self.topic_links.all()]


class ArticleTopic(ItemBase):
    """A topic of an article, at its place in the list."""

    content_object = models.ForeignKey(Article, models.CASCADE, related_name="topic_links")
    tag = models.ForeignKey(Topic, models.CASCADE, related_name="article_links", verbose_name="topic")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "topic"
        ordering = ["position", "pk"]
        constraints = [UniqueConstraint(fields=["content_object", "tag"], name="articletopic_once")]

    def __str__(self):
        return str(self.tag)


class Picture(models.Model):
    """An image that lives elsewhere; `file` is our own copy, and the only one that pages show."""

    position = models.PositiveSmallIntegerField(default=0)
    url = VerbatimField("address", max_length=URL_LENGTH)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    is_cached = models.BooleanField("source keeps a copy", null=True, blank=True)
    title = VerbatimField(max_length=500, blank=True)
    attribution = VerbatimField(max_length=500, blank=True)
    file = models.ImageField("our copy", upload_to="pictures/", blank=True, max_length=255)
    # What we know of our copy, or why there is none; see `pictures`.
    true_width = models.PositiveIntegerField(null=True, editable=False)
    true_height = models.PositiveIntegerField(null=True, editable=False)
    colour = models.CharField(max_length=7, blank=True, editable=False, help_text="The one that fills most of it.")
    failure = models.CharField(max_length=300, blank=True, editable=False, help_text="Why it could not be fetched.")
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)
    extra = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title or self.url

    def save(self, **options):
        """Of a copy that is uploaded nothing is known yet."""
        if self.file and not self.file._committed:
            self.true_width, self.true_height, self.colour = None, None, ""
        super().save(**options)

    @classmethod
    def without_copy(cls):
        """The columns of an image that nothing was ever fetched for."""
        names = ("file", "true_width", "true_height", "colour", "failure", "failures", "retry_at")
        return {name: cls._meta.get_field(name).get_default() for name in names}

    def forget_copy(self):
        """As if nothing had ever been fetched for it. The caller saves."""
        for name, value in self.without_copy().items():
            setattr(self, name, value)


class ArticleImage(Picture):
    article = models.ForeignKey(Article, models.CASCADE, related_name="images")

    class Meta(Picture.Meta):
        verbose_name = "image"
        indexes = [models.Index(fields=["article", "position"], name="articleimage_place")]


class ProviderImage(Picture):
    """A logo. With a source: the one that this site's articles print; without: the organization's own."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="images")
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="logos")

    class Meta(Picture.Meta):
        verbose_name = "logo"
        indexes = [models.Index(fields=["provider", "source", "position"], name="providerimage_place")]


class RelatedLink(models.Model):
    """Coverage that a story's files name and that is not a member: another outlet's page.

    When an article with this address arrives, `target` is that article; when the article names the story
    back it becomes a member and the link goes.
    """

    story = models.ForeignKey(Story, models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField(default=0)
    title = VerbatimField(max_length=500)
    excerpt = VerbatimTextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    web_url = AddressField(blank=False)
    amp_web_url = AddressField()
    cdn_amp_web_url = AddressField()
    type = models.CharField(max_length=20, choices=Article.Type, blank=True)
    quality = models.PositiveBigIntegerField(null=True, blank=True)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="related_links")
    provider_name = models.CharField(max_length=255, blank=True)
    images = models.JSONField(default=list, blank=True)
    extra = models.JSONField(default=dict, blank=True, editable=False)
    target = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="linked_from", help_text="Our article."
    )

    objects = RelatedLinkQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(fields=["story", "web_url"], name="relatedlink_once_a_story"),
            CheckConstraint(condition=~Q(web_url=""), name="relatedlink_has_address"),
        ]

    def __str__(self):
        return self.title

    def save(self, **options):
        """Links count as coverage: the scores of their story follow in the same transaction."""
        with transaction.atomic():
            super().save(**options)
            scoring.rescore_stories([self.story_id])

    def delete(self, **options):
        with transaction.atomic():
            deleted = super().delete(**options)
            scoring.rescore_stories([self.story_id])
        return deleted

    @property
    def link(self):
        return addresses.browsable(self.web_url)


class ImportRun(models.Model):
    """One import: when, by whom, what came of it. A dry run keeps none."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    started_at = models.DateTimeField("started", auto_now_add=True)
    finished_at = models.DateTimeField("finished", null=True, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    who = models.CharField(max_length=200, blank=True, help_text="The account, machine and process.")
    paths = models.JSONField("what", default=list, blank=True, help_text="As given to the command.")
    sources = models.JSONField("sites", default=list, blank=True)
    files = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0, help_text="Raised by this import.")
    rejected = models.JSONField(default=list, blank=True, help_text="Files not taken, and why.")
    seconds = models.FloatField(default=0)
    problem = models.TextField(blank=True, help_text="Why it failed.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="importrun_running", condition=Q(state="running"))]

    def __str__(self):
        return f"Import {self.pk} of {self.started_at:%Y-%m-%d %H:%M} UTC"


class RelatedItem(models.Model):
    """What a file says of another article of its story, in the file's own text. Most files of a story say the
    same of an article, so each text is kept once."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=16)
    text = models.TextField()

    class Meta:
        constraints = [UniqueConstraint(fields=["source", "digest"], name="relateditem_once_a_source")]

    def __str__(self):
        return self.text.partition("\n")[0]


class ImportedFile(models.Model):
    """An article's file as it was last imported, to the byte. Articles written in the admin have none."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="file")
    digest = models.CharField(max_length=32, editable=False, help_text="Of the file's bytes.")
    text = models.TextField(
        blank=True,
        editable=False,
        help_text="With LF line ends; without what is secured and the related items. Empty: imported by version 0.1.",
    )
    secured = models.TextField(blank=True, help_text="The source's own, opaque; kept as it is, never shown.")
    related = models.JSONField(default=list, blank=True, editable=False, help_text="Its related items, by id.")
    crlf = models.BooleanField("CR LF line ends", default=False)
    kept = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What the source said last of keys that this version lacks."
    )
    story_key = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        db_index=True,
        help_text="Of its own and its related addresses: files with equal keys are one story.",
    )
    grouped_key = models.CharField(
        max_length=32, blank=True, editable=False, help_text="The story key that its article's story is made by."
    )
    grouped_story = models.BigIntegerField(
        null=True, editable=False, db_index=True, help_text="The story the files put the article in."
    )
    address = models.CharField(max_length=URL_LENGTH, blank=True, editable=False, help_text="Its webUrl.")
    first_run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="+")
    run = models.ForeignKey(
        ImportRun, models.SET_NULL, null=True, related_name="+", help_text="That found its last version."
    )
    field_runs = models.JSONField(
        default=dict, blank=True, editable=False, help_text="The import that last set a field, if not the first."
    )
    imported_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return self.article.path


class Conflict(models.Model):
    """A field that an editor and the source both changed, to different values. The editor's stays until
    a person decides."""

    class Choice(models.TextChoices):
        OURS = "ours", "the editor's"
        THEIRS = "theirs", "the file's"
        BASE = "base", "the one before both"
        AGREED = "agreed", "none: the two came to agree"

    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="conflicts")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="conflicts")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="conflicts")
    field = models.CharField(max_length=50)
    base = models.JSONField("before both", null=True)
    ours = models.JSONField("the editor's", null=True)
    theirs = models.JSONField("the file's", null=True)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="raised", verbose_name="import")
    raised_at = models.DateTimeField("raised", auto_now_add=True)
    resolved_at = models.DateTimeField("resolved", null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    taken = models.CharField(max_length=10, choices=Choice, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            UniqueConstraint(
                fields=[subject, "field"], condition=Q(resolved_at=None), name=f"conflict_once_open_on_{subject}"
            )
            for subject in ("article", "topic", "provider")
        ]

    def __str__(self):
        return f"{self.field_name} of {self.subject}"

    @property
    def field_name(self):
        """The field, for a person."""
        return self.field.replace("_", " ")

    @property
    def base_is_known(self):
        """Whether there was a value before both sides' changes."""
        return self.base is not None or self.field == "story"

    @property
    def subject(self):
        """The article, topic or provider that it is about."""
        return self.article or self.topic or self.provider


class Change(models.Model):
    """What one import or one editor changed in an article: each field's old and new value.

    An import's long values are shortened, and an article keeps its last 40 imports' changes: a person reads
    them. An editor's are whole and stay.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="changes")
    at = models.DateTimeField(auto_now_add=True)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, blank=True, related_name="changes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_import = models.BooleanField(default=False)
    deltas = models.JSONField(help_text="Fields: the old and the new value.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["article", "-id"], name="change_of_article")]

    def __str__(self):
        return ", ".join(self.deltas)


class StoryAction(models.Model):
    """What an editor did to stories: who, when and why, and what was before and after, so that it can be undone."""

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

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        what = f"undid: {self.undoes}" if self.undoes else self.get_kind_display()
        return f"{what} ({self.reason})" if self.reason else what


class Boost(models.Model):
    """Points that an editor gives to an article, or takes from it, for a while."""

    article = models.ForeignKey(
        Article, models.CASCADE, related_name="boosts", help_text="It counts for its story's card."
    )
    points = models.IntegerField(
        validators=[MinValueValidator(-MAX_BOOST), MaxValueValidator(MAX_BOOST)],
        help_text="Added to its scores; below 0 to bury it.",
    )
    reason = models.CharField(max_length=500)
    until = models.DateTimeField(null=True, blank=True, help_text="In UTC. Empty: until it is deleted.")
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
        """The scores follow in the same transaction."""
        with transaction.atomic():
            super().save(**options)
            self._recount([self.article_id])

    def delete(self, **options):
        with transaction.atomic():
            deleted = super().delete(**options)
            self._recount([self.article_id])
        return deleted

    @classmethod
    def end_over(cls):
        """Let those end whose time has come. Pages call this before they rank, so that no job has to."""
        over = dict(cls.objects.over().values_list("pk", "article"))
        if over:
            with transaction.atomic():
                cls.objects.filter(pk__in=over).update(ended=True)
                cls._recount(over.values())

    @classmethod
    def _recount(cls, article_ids):
        counting = cls.objects.filter(article=models.OuterRef("pk"), ended=False).order_by().values("article")
        points = models.Subquery(counting.annotate(sum=models.Sum("points")).values("sum"))
        Article.objects.filter(pk__in=article_ids).update(boost=Coalesce(points, 0))
        scoring.rescore_articles(article_ids)


class Pin(models.Model):
    """A story's card at the top of a page: the front page, a topic's or a provider's."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="pins", help_text="Any of the story's.")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="pins")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="pins")
    position = models.PositiveSmallIntegerField(
        default=1, help_text="1 is the top; of equals the newer pin comes first."
    )
    until = models.DateTimeField(null=True, blank=True, help_text="In UTC. Empty: until it is deleted.")
    reason = models.CharField(max_length=500)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = PinQuerySet.as_manager()

    class Meta:
        ordering = ["position", "-pk"]
        constraints = [
            CheckConstraint(condition=Q(topic=None) | Q(provider=None), name="pin_on_one_page"),
        ]

    def __str__(self):
        return f"{self.article}, on {self.page}"

    def clean(self):
        if self.topic and self.provider:
            raise ValidationError("Choose a topic or a provider, not both; neither for the front page.")

    @property
    def page(self):
        owner = self.topic or self.provider
        return gettext("%(name)s's page") % {"name": owner} if owner else gettext("the front page")


class Move(models.Model):
    """Where an article stood in the lists before it was ranked anew: written by the database itself, by a trigger.

    Without an article: all articles moved. The last `MoveQuerySet.KEPT` are kept, for readers who page on.
    """

    article = models.ForeignKey(Article, models.DO_NOTHING, null=True, db_constraint=False, db_index=False)
    quality_score = models.BigIntegerField(default=0)
    heat_score = models.BigIntegerField(default=0)
    hot_score = models.BigIntegerField(default=0)
    published_at = models.DateTimeField(null=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["article", "id"], name="move_of_article")]

    def __str__(self):
        return f"{self.article_id} from {self.quality_score}"


class SearchEntry(models.Model):
    """That a published article is in the search index, which each database keeps in its own way beside this."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="+")
    place = models.BigIntegerField(unique=True, help_text="By quality and age, the best first, then by id.")
    title_key = models.BigIntegerField(db_index=True, help_text="A digest of the title's words.")

    class Meta:
        verbose_name_plural = "search entries"

    def __str__(self):
        return f"article {self.article_id}"


class Unindexed(models.Model):
    """An article whose words changed since it was indexed: written by the database itself, by triggers."""

    article_id = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "unindexed"

    def __str__(self):
        return f"article {self.article_id}"


class ArticleTerm(models.Model):
    """A word of an article's title, or an address of its page, by which others like it are found."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="terms")
    term = models.BigIntegerField(help_text="64 bits of it.")
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["term", "published_at"], name="articleterm_in_time")]

    def __str__(self):
        return f"{self.term:x}"


class Suggestion(models.Model):
    """That an article tells the same story as another, or is the same page, and why; an editor decides."""

    class Kind(models.TextChoices):
        STORY = "story", "the same story"
        DUPLICATE = "duplicate", "the same article"

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        IGNORED = "ignored"

    kind = models.CharField(max_length=10, choices=Kind)
    article = models.ForeignKey(Article, models.CASCADE, related_name="suggestions")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name="as")
    confidence = models.FloatField(help_text="From 0 to 1.")
    evidence = models.TextField(help_text="Why.")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField("made", auto_now_add=True)
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-confidence", "-pk"]
        constraints = [UniqueConstraint(fields=["article", "other", "kind"], name="suggestion_once")]
        indexes = [models.Index(fields=["-confidence", "-id"], name="suggestion_open", condition=Q(state="open"))]

    def __str__(self):
        return f"{self.article}: {self.get_kind_display()} as {self.other}"


class DeletedArticle(models.Model):
    """An article deleted here. Its file is left out of imports; delete this to let it in again."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="deleted_articles")
    stem = models.CharField(max_length=255)
    title = VerbatimField(max_length=500)
    web_url = models.CharField(max_length=URL_LENGTH, blank=True)
    deleted_at = models.DateTimeField("deleted", auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [UniqueConstraint(fields=["source", "stem"], name="deletedarticle_is_source_and_stem")]

    def __str__(self):
        return self.title


class HubNotice(models.Model):
    """A feed as the WebSub hub was told of it last."""

    feed = models.CharField(max_length=255, unique=True, help_text="Its tag: address.")
    digest = models.CharField(max_length=32, blank=True, help_text="Of what it said. Empty: the hub did not take it.")
    at = models.DateTimeField()

    def __str__(self):
        return self.feed


class Issue(models.Model):
    """The newsletter of a day or a week, as it was built: once it is being sent it stays as it is."""

    class Period(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")

    class State(models.TextChoices):
        BUILT = "built", _("built")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")

    date = models.DateField(help_text=_("Its window ends when this day begins, in UTC."))
    period = models.CharField(max_length=10, choices=Period, default=Period.DAY)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, help_text=_("Empty: all sites."))
    subject = models.CharField(max_length=200)
    html = models.TextField()
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.BUILT)
    built_at = models.DateTimeField(_("built"), auto_now_add=True)
    begun_at = models.DateTimeField(
        _("sending began"), null=True, help_text=_("Who had confirmed by then gets it, and nobody else.")
    )
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            UniqueConstraint(fields=["date", "period", "source"], name="issue_once_of_a_site"),
            UniqueConstraint(fields=["date", "period"], condition=Q(source=None), name="issue_once_of_all_sites"),
        ]
        permissions = [("send_issue", "Can send issues of the newsletter")]

    def __str__(self):
        where = self.source or gettext("all sites")
        return f"{self.date:%Y-%m-%d}, {self.get_period_display()}, {where}"


class IssueArticle(models.Model):
    """An article's place in the newsletter: it never has another."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="places")
    article = models.OneToOneField(
        Article, models.SET_NULL, null=True, related_name="newsletter_place", help_text="Empty: it was deleted."
    )
    position = models.PositiveSmallIntegerField(help_text="By heat when it was chosen: 1 is the hottest.")
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, related_name="+", help_text="Its section.")

    class Meta:
        ordering = ["position"]
        constraints = [UniqueConstraint(fields=["issue", "position"], name="issuearticle_has_its_own_position")]

    def __str__(self):
        return f"{self.position} in issue {self.issue_id}"


class Subscriber(models.Model):
    """A mail address that asked for the newsletter. It stands in no address of a page, no log and no record."""

    class State(models.TextChoices):
        PENDING = "pending", _("has not confirmed")
        CONFIRMED = "confirmed", _("gets it")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    email = models.EmailField(_("mail address"), max_length=254, unique=True, help_text=_("In small letters."))
    state = models.CharField(max_length=15, choices=State, default=State.PENDING)
    token = models.CharField(max_length=50, unique=True, default=make_token, editable=False)
    asked_at = models.DateTimeField(
        _("asked"),
        null=True,
        editable=False,
        help_text=_("When it was last written to; until then, an hour before it was added."),
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [CheckConstraint(condition=Q(email=Lower("email")), name="subscriber_email_in_small_letters")]
        indexes = [models.Index(fields=["state", "confirmed_at"], name="subscriber_by_state")]

    def __str__(self):
        return f"subscriber {self.pk}"


class Delivery(models.Model):
    """That an issue goes, or went, to a subscriber: made before the mail is, so that no two processes send it.

    Without `sent_at` and `error` it was begun and nobody knows how it ended: it is not sent again by itself.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    begun_at = models.DateTimeField(_("begun"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(
        max_length=500, blank=True, help_text=_("What the mail server said. Sent again next time.")
    )

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [UniqueConstraint(fields=["issue", "subscriber"], name="delivery_once")]

    def __str__(self):
        return f"issue {self.issue_id} to subscriber {self.subscriber_id}"
