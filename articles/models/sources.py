"""The sites that files are imported from."""

from django.db import models, transaction

from .. import ranking
from ..db.fields import default_of
from ..frontmatter import schema
from ..ranking import scoring
from ..ranking.fitting import Fit
from .fields import AddressField, validate_source, within

FIGURES = ("heat_weight", "heat_threshold", "publish_threshold")  # that files tell


class Source(models.Model):
    """A site that files are imported from. Its name is half of the identity of its articles."""

    class SourceUrl(models.TextChoices):
        ORIGINAL = "original", "where the article was found"
        ITEM = "item", "the article's address in the JSON API"

    name = models.CharField(
        max_length=50,
        unique=True,
        validators=[validate_source],
        help_text="Part of the address of each of its articles. Do not change it.",
    )
    title = models.CharField(max_length=200, blank=True, help_text="Shown to readers. If empty, the name is shown.")
    locale = models.CharField(max_length=20, default="en-us")
    fits_figures = models.BooleanField(
        "take figures from files",
        default=True,
        help_text="Take weight and thresholds from what the site's files say. Switch it off to set them here.",
    )
    fit = models.JSONField(
        default=dict,
        editable=False,
        help_text="What files say of each figure: the value, how many agree, of how many, how many with the default.",
    )
    web_url = AddressField(
        help_text="The address of the site itself, such as https://example.org/harbour. The pages of its videos "
        "are below it. If empty, their pages are here."
    )
    api_tags = models.BooleanField(
        "tags in the JSON API", default=True, help_text="List an article's tags as `tags`. Otherwise it is null."
    )
    api_source_url = models.CharField(
        "source address in the JSON API",
        max_length=10,
        choices=SourceUrl,
        blank=True,
        help_text="What an article's `sourceUrl` is. If empty, it is null.",
    )
    api_video_pages = models.BooleanField(
        "pages of videos in the JSON API",
        default=False,
        help_text="List the site's own page of an article without a URL as its `webUrl`. Otherwise it is null.",
    )
    heat_weight = models.PositiveSmallIntegerField(
        default=20,
        validators=within(schema.WEIGHT),
        help_text="Heat that a lead gets for each other article in its story.",
    )
    heat_threshold = models.PositiveIntegerField(
        default=50,
        validators=within(schema.THRESHOLD),
        help_text="A lead of lower quality gets no heat from other articles.",
    )
    publish_threshold = models.PositiveIntegerField(
        default=70,
        validators=within(schema.THRESHOLD),
        help_text="Articles of at least this heat are published.",
    )
    hot_day_points = models.PositiveSmallIntegerField(
        default=60,
        validators=within(schema.WEIGHT),
        help_text="Points in the hot order for each day that a story's latest coverage is newer.",
    )
    hot_most_coverage = models.PositiveSmallIntegerField(
        default=10,
        validators=within(schema.COVERAGE),
        help_text="At most so many other articles of a story count in the hot order.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.title or self.name

    def save(self, **options):
        """Save the site, and the scores of all its articles in the same transaction.

        A new site whose figures are not the defaults has them from a person, and keeps them.
        """
        if self._state.adding and any(getattr(self, name) != default_of(Source, name) for name in FIGURES):
            self.fits_figures = False
        with transaction.atomic():
            super().save(**options)
            scoring.rescore_site(self.pk)

    @property
    def fits(self):
        """What files say of each figure, by its name."""
        return {name: Fit(*columns) for name, columns in self.fit.items()}

    def is_uncertain(self, figure):
        """Whether the site's files contradict the default of a figure, but are too few to tell another."""
        fit = self.fits.get(figure) if self.fits_figures else None
        return bool(fit and fit.contradicts_default and not fit.is_enough)

    @property
    def rules(self):
        return ranking.Rules(
            self.heat_weight,
            self.heat_threshold,
            self.publish_threshold,
            self.hot_day_points,
            self.hot_most_coverage,
        )
