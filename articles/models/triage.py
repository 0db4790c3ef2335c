"""What editors have looked at: a mark on each imported article, apart from publication; and what a person keeps."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .articles import Article


class Mark(models.Model):
    """How far editors are with an article. One without a mark is decided: it was here before marks, or is our own.

    It is no part of the article's file: imports and exports do not read it.
    """

    class State(models.TextChoices):
        NEW = "new", _("new")
        SEEN = "seen", _("seen")
        LATER = "later", _("for later")
        DECIDED = "decided", _("decided")

    article = models.OneToOneField(Article, models.CASCADE, related_name="mark")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who marked it last."
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["state", "-article"], name="mark_by_state")]

    def __str__(self):
        return f"{self.get_state_display()}: {self.article}"


class SavedFilter(models.Model):
    """A filter of the triage list that a person saved. Nobody else sees it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text="As in the query of an address.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="savedfilter_once_a_name",
                violation_error_message="This person has a filter of this name already.",
            )
        ]

    def __str__(self):
        return self.name


class Visit(models.Model):
    """When a person was at the desk: `at` last, and before that, until a pause, up to `before`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.DateTimeField()

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} UTC"
