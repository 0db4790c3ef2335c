"""The record of what people did at the desk."""

from typing import Any

from django.conf import settings
from django.db import models

from .stories import Story


class Action(models.Model):
    """What a person did at the desk: who, when, in words, and the rows that it changed, so that it can be undone."""

    class Kind(models.TextChoices):
        MERGE = "merge", "merged"
        SPLIT = "split", "split"
        MOVE = "move", "moved articles"
        WITHDRAW = "withdraw", "withdrew articles"
        LEAD = "lead", "set the lead"
        RELEASE = "release", "released the lead"
        TEXT = "text", "wrote headline and summary"
        ADD = "add", "added"
        CHANGE = "change", "changed"
        DELETE = "delete", "deleted"
        PUBLISH = "publish", "published"
        UNPUBLISH = "unpublish", "unpublished"
        REMOVE = "remove", "removed for good"
        RESTORE = "restore", "restored"
        ACCEPT = "accept", "accepted a suggestion"
        REJECT = "reject", "rejected a suggestion"
        IGNORE = "ignore", "ignored a suggestion"
        MARK = "mark", "marked"
        UNDO = "undo", "undid"

    kind = models.CharField(max_length=10, choices=Kind)
    what = models.TextField(blank=True, help_text="In words, with the names that things had then.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField("when", auto_now_add=True)
    about = models.CharField(max_length=20, blank=True, help_text="The model of what it is about first.")
    reason = models.CharField(max_length=500, blank=True)
    note = models.TextField(blank=True, help_text="Of a removal: what readers are told.")
    undoes = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="undone_by")
    story_articles = models.JSONField(
        default=list, help_text="Of a merge: the articles that were in its stories. Those that join later go along."
    )
    shown = models.JSONField(default=list, help_text="The stories that readers saw before it, of those it is about.")
    total = models.PositiveIntegerField(default=0, help_text="The number of articles that were chosen for it.")
    left = models.JSONField(default=list, help_text="The articles that it still has to change, by id.")
    is_begun = models.BooleanField(default=True, help_text="If not, it only shows what it will change.")

    effects: Any = None  # what else it changed for readers, while it is done: see `stories.effects`

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="action_by_time"),
            models.Index(fields=["user", "-at", "-id"], name="action_by_user"),
            models.Index(fields=["kind", "-at", "-id"], name="action_by_kind"),
            models.Index(fields=["about", "-at", "-id"], name="action_by_model"),
        ]

    def __str__(self):
        what = self.what or self.get_kind_display()
        return f"{what} ({self.reason})" if self.reason else what

    @property
    def story(self):
        """The story that it is about first, or None."""
        row = self.rows.filter(model="story").first()
        return Story.objects.filter(pk=row.key).first() if row else None


class ActionRow(models.Model):
    """A row that an action changed: the columns that differ, before and after.

    `before` is None if the action made the row, `after` if it deleted it. Both are empty for an article or a story
    that the action was about but did not change: it is in their histories too.
    """

    action = models.ForeignKey(Action, models.CASCADE, related_name="rows")
    model = models.CharField(max_length=20)
    key = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["model", "key"], name="actionrow_of_row")]

    def __str__(self):
        return f"{self.model} {self.key}"
