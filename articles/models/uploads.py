"""Files that a person sent to be imported: what they are, what importing them would do, and what it did."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from ..text import rules
from .imports import ImportRun

UPLOADS_KEPT = timedelta(days=1)  # since anything happened to one


class Upload(models.Model):
    """Files to import. Their bytes are in the media folder until they are imported or thrown away, a day at most."""

    class State(models.TextChoices):
        OPEN = "open", "waiting for files"
        CHECKING = "checking", "being checked"
        CHECKED = "checked", "checked"
        IMPORTING = "importing", "being imported"
        DONE = "done", "imported"
        FAILED = "failed", "failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now=True, db_index=True, help_text="When anything happened to it last.")
    source = models.CharField(
        max_length=rules.MAX_SOURCE, blank=True, help_text="The site. If empty, the files say which."
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    files = models.JSONField(default=list, help_text="Each file's name, its size, and whether all of it is there.")
    report = models.JSONField(default=dict, help_text="What importing them would do, or did.")
    problem = models.TextField(blank=True, help_text="Why it could not be checked or imported.")
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return ", ".join(file["name"] for file in self.files[:3]) or f"upload {self.pk}"

    @property
    def is_busy(self):
        """Whether a process is at work on it, or was when it was killed."""
        return self.state in (self.State.CHECKING, self.State.IMPORTING)
