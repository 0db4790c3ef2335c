"""Records of imports, each article's file as last imported, and articles that were deleted here."""

from django.db import models
from django.db.models import Q, UniqueConstraint

from ..db.fields import URL_LENGTH, VerbatimField
from .articles import Article
from .sources import Source

PLACE_LENGTH = 500  # of a file of another program: an index has the place of a table


class ImportRun(models.Model):
    """A record of one import. A dry run leaves none."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    started_at = models.DateTimeField("started", auto_now_add=True)
    finished_at = models.DateTimeField("finished", null=True, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    who = models.CharField(max_length=200, blank=True, help_text="The account, the machine and the process.")
    paths = models.JSONField("paths", default=list, blank=True, help_text="As given to the command.")
    sources = models.JSONField("sites", default=list, blank=True)
    files = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0, help_text="Conflicts that this import found.")
    rejected = models.JSONField(default=list, blank=True, help_text="Files that could not be read, and why.")
    warnings = models.JSONField(default=list, blank=True, help_text="What is odd in files that were imported.")
    retired = models.JSONField(default=list, blank=True, help_text="Articles whose files are gone, by path.")
    seconds = models.FloatField(default=0)
    problem = models.TextField(blank=True, help_text="Why it failed.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="importrun_running", condition=Q(state="running"))]

    def __str__(self):
        return f"Import {self.pk} of {self.started_at:%Y-%m-%d %H:%M} UTC"


class RelatedItem(models.Model):
    """The text of one item in a file's `related` list. The files of a story repeat it, so it is stored once."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=16)
    text = models.TextField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["source", "digest"],
                name="relateditem_once_a_source",
                violation_error_message="This source has this related item already.",
            )
        ]

    def __str__(self):
        return self.text.partition("\n")[0]


class Mapping(models.Model):
    """The text of a mapping file, by which files of another program were imported. Exports write them by it."""

    digest = models.CharField(max_length=32, primary_key=True)
    text = models.TextField()

    def __str__(self):
        return self.digest


class ImportedTable(models.Model):
    """A table of which each row is an article, as last imported, to the byte."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    mapping = models.ForeignKey(Mapping, models.PROTECT, related_name="+")
    place = models.CharField(max_length=PLACE_LENGTH, help_text="Its path in the folder of its program.")
    text = models.TextField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["source", "place"],
                name="importedtable_once_a_source",
                violation_error_message="This source has a table of this name already.",
            )
        ]

    def __str__(self):
        return self.place


class ImportedFile(models.Model):
    """An article's file as last imported, to the byte. Articles written in the admin have none."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="file")
    digest = models.CharField(max_length=32, editable=False, help_text="The digest of the file's bytes.")
    text = models.TextField(
        blank=True,
        editable=False,
        help_text="With LF line ends, and without secured text and related items. Empty if version 0.1 imported it.",
    )
    secured = models.TextField(
        blank=True, help_text="Opaque text of the source. It is kept as it is and never shown to readers."
    )
    related = models.JSONField(default=list, blank=True, editable=False, help_text="The ids of the related items.")
    crlf = models.BooleanField("CR LF line ends", default=False)
    kept = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Values that an earlier release gave keys which the file lacks.",
    )
    story_key = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        db_index=True,
        help_text="The digest of its own and its related addresses. Files with equal keys form a story.",
    )
    grouped_key = models.CharField(
        max_length=32, blank=True, editable=False, help_text="The story key by which its article was put into a story."
    )
    grouped_story = models.BigIntegerField(
        null=True, editable=False, db_index=True, help_text="The story that the files put the article in."
    )
    place = models.CharField(
        max_length=4096,
        blank=True,
        editable=False,
        help_text="Its path below _news, if that is not its stem and .md; with a mapping, in its program's folder.",
    )
    gone_fields = models.JSONField(
        default=list, blank=True, editable=False, help_text="The fields that changed when it was retired."
    )
    gone_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When an import retired it, as its file was gone.",
    )
    address = models.CharField(
        max_length=URL_LENGTH,
        blank=True,
        editable=False,
        db_index=True,
        help_text="What other files know it by: its webUrl, or else its time and title.",
    )
    first_run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="+")
    run = models.ForeignKey(
        ImportRun, models.SET_NULL, null=True, related_name="+", help_text="The import that read its last version."
    )
    field_runs = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="The import that last set each field, if it was not the first.",
    )
    mapping = models.ForeignKey(
        Mapping,
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        help_text="If it is another program's.",
    )
    imported_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return self.article.path


class DeletedArticle(models.Model):
    """An article that was deleted here. Imports skip its file until this row is deleted."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="deleted_articles")
    stem = models.CharField(max_length=255)
    title = VerbatimField(max_length=500)
    web_url = models.CharField(max_length=URL_LENGTH, blank=True)
    deleted_at = models.DateTimeField("deleted", auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            UniqueConstraint(
                fields=["source", "stem"],
                name="deletedarticle_is_source_and_stem",
                violation_error_message="An article of this source and file name was deleted already.",
            )
        ]

    def __str__(self):
        return self.title
