"""What a person typed or chose in a form of the admin and did not save yet. Nobody else sees it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

DRAFTS_KEPT, FILES_KEPT = timedelta(days=30), timedelta(days=1)


class Draft(models.Model):
    """What a person typed in a form, as a browser sends it. It holds no password, and nothing of an account."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    form = models.CharField(max_length=100, help_text="The model that the form is about, such as articles.article.")
    row = models.CharField(max_length=20, help_text='Its id, or "new".')
    values = models.TextField(help_text="The fields, as in the query of an address.")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "form", "row"],
                name="draft_once_a_form",
                violation_error_message="This person has a draft of this form already.",
            )
        ]

    def __str__(self):
        return f"draft of {self.form} {self.row}"

    @classmethod
    def delete_old(cls):
        """Delete drafts and files that nobody came back for."""
        now = timezone.now()
        cls.objects.filter(at__lt=now - DRAFTS_KEPT).delete()
        KeptFile.objects.filter(at__lt=now - FILES_KEPT).delete()


class KeptFile(models.Model):
    """A file that a person chose in a form which could not be saved. It is offered when the form is shown again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.name
