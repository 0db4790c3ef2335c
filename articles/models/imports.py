"""What imports leave: their records, each article's file, and what was deleted here."""

from django.db import models
from django.db.models import Q, UniqueConstraint

from ..db.fields import URL_LENGTH, VerbatimField
from .articles import Article
from .sources import Source


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
