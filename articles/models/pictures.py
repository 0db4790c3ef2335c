"""Pictures of articles and outlets, and our copies of them."""

from django.db import models
from django.db.models import Q

from ..db.fields import URL_LENGTH, VerbatimField
from ..frontmatter import schema
from .articles import Article
from .fields import validate_picture_address, within
from .sources import Source
from .taxonomy import Provider


class Picture(models.Model):
    """An image at an address elsewhere. `file` is our copy; pages show nothing else."""

    position = models.PositiveSmallIntegerField(default=0, validators=within(schema.POSITION))
    url = VerbatimField("address", max_length=URL_LENGTH, validators=[validate_picture_address])
    width = models.PositiveIntegerField(null=True, blank=True, validators=within(schema.SIDE))
    height = models.PositiveIntegerField(null=True, blank=True, validators=within(schema.SIDE))
    is_cached = models.BooleanField("source keeps a copy", null=True, blank=True)
    title = VerbatimField(max_length=500, blank=True)
    attribution = VerbatimField(max_length=500, blank=True)
    file = models.ImageField("our copy", upload_to="pictures/", blank=True, max_length=255)
    # About our copy, or why there is none; see `pictures.copies`.
    true_width = models.PositiveIntegerField(null=True, editable=False)
    true_height = models.PositiveIntegerField(null=True, editable=False)
    colour = models.CharField(max_length=7, blank=True, editable=False, help_text="The most frequent colour.")
    failure = models.CharField(max_length=300, blank=True, editable=False, help_text="Why it could not be fetched.")
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)
    extra = models.JSONField(default=dict, blank=True, editable=False)

    is_previewed = False  # whether it is shown to staff, who get our copy though the article may not be public

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title or self.url

    def save(self, **options):
        """Save the image. The size and colour of a newly uploaded copy are not known yet."""
        if self.file and not self.file._committed:
            self.true_width, self.true_height, self.colour = None, None, ""
        super().save(**options)

    @classmethod
    def without_copy(cls):
        """Return the columns of an image for which nothing was ever fetched."""
        names = ("file", "true_width", "true_height", "colour", "failure", "failures", "retry_at")
        return {name: cls._meta.get_field(name).get_default() for name in names}

    def forget_copy(self):
        """Forget our copy, as if nothing had ever been fetched. The caller saves."""
        for name, value in self.without_copy().items():
            setattr(self, name, value)


class ArticleImage(Picture):
    article = models.ForeignKey(Article, models.CASCADE, related_name="images")

    class Meta(Picture.Meta):
        verbose_name = "image"
        indexes = [
            models.Index(fields=["article", "position"], name="articleimage_place"),
            models.Index(fields=["article"], name="articleimage_broken", condition=Q(file="") & ~Q(failure="")),
        ]

    @classmethod
    def broken(cls):
        """Return the images of which there is no copy because they could not be fetched."""
        return cls.objects.filter(Q(file="") & ~Q(failure=""))


class ProviderImage(Picture):
    """A logo: of a `source`, the one that its articles show; without a source, the one of the organization file."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="images")
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="logos")

    class Meta(Picture.Meta):
        verbose_name = "logo"
        indexes = [models.Index(fields=["provider", "source", "position"], name="providerimage_place")]
