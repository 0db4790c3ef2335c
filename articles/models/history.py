"""Conflicts between files and editors, and the changes of each article."""

from django.conf import settings
from django.db import models
from django.db.models import Q, UniqueConstraint

from .articles import Article
from .imports import ImportRun
from .querysets import ConflictQuerySet
from .taxonomy import Provider, Topic


class Conflict(models.Model):
    """A field that an editor and the file both changed, to different values.

    The editor's value stays live until a person decides.
    """

    class Choice(models.TextChoices):
        OURS = "ours", "the editor's"
        THEIRS = "theirs", "the file's"
        BASE = "base", "the original value"
        AGREED = "agreed", "none: both agree now"

    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="conflicts")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, blank=True, related_name="conflicts")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="conflicts")
    field = models.CharField(max_length=50)
    base = models.JSONField("the original value", null=True)
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
                fields=[subject, "field"],
                condition=Q(resolved_at=None),
                name=f"conflict_once_open_on_{subject}",
                violation_error_message="There is an open conflict about this field already.",
            )
            for subject in ("article", "topic", "provider")
        ]

    def __str__(self):
        return f"{self.field_name} of {self.subject}"

    @property
    def field_name(self):
        """The name of the field, for people."""
        return self.field.replace("_", " ")

    @property
    def base_is_known(self):
        """Whether the value before both changes is known."""
        return self.base is not None or self.field == "story"

    @property
    def subject(self):
        """The article, topic or provider whose field it is."""
        return self.article or self.topic or self.provider


class Change(models.Model):
    """What one import or one editor changed in an article: the old and the new value of each field.

    Long values are shortened in an import's changes, and an article keeps those of its last 40 imports. An editor's
    changes are kept whole and for good.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="changes")
    at = models.DateTimeField(auto_now_add=True)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, blank=True, related_name="changes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_import = models.BooleanField(default=False)
    in_action = models.BooleanField(default=False, help_text="Whether an action tells of it too.")
    deltas = models.JSONField(help_text="The old and the new value of each field.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["article", "-id"], name="change_of_article")]

    def __str__(self):
        return ", ".join(self.deltas)
