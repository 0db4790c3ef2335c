"""Sites whose files are imported, and each one's figures."""

from django.core.validators import RegexValidator
from django.db import models, transaction

from .. import ranking
from ..ranking import scoring

SOURCE_NAME = r"[a-z0-9][a-z0-9-]*"


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
