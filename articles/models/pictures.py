"""Pictures of articles and outlets, and our copies of them."""

from django.db import models

from ..db.fields import URL_LENGTH, VerbatimField
from .articles import Article
from .sources import Source
from .taxonomy import Provider


class Picture(models.Model):
    """An image that lives elsewhere; `file` is our own copy, and the only one that pages show."""

    position = models.PositiveSmallIntegerField(default=0)
    url = VerbatimField("address", max_length=URL_LENGTH)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    is_cached = models.BooleanField("source keeps a copy", null=True, blank=True)
    title = VerbatimField(max_length=500, blank=True)
    attribution = VerbatimField(max_length=500, blank=True)
    file = models.ImageField("our copy", upload_to="pictures/", blank=True, max_length=255)
    # What we know of our copy, or why there is none; see `pictures`.
    true_width = models.PositiveIntegerField(null=True, editable=False)
    true_height = models.PositiveIntegerField(null=True, editable=False)
    colour = models.CharField(max_length=7, blank=True, editable=False, help_text="The one that fills most of it.")
    failure = models.CharField(max_length=300, blank=True, editable=False, help_text="Why it could not be fetched.")
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)
    extra = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title or self.url

    def save(self, **options):
        """Of a copy that is uploaded nothing is known yet."""
        if self.file and not self.file._committed:
            self.true_width, self.true_height, self.colour = None, None, ""
        super().save(**options)

    @classmethod
    def without_copy(cls):
        """The columns of an image that nothing was ever fetched for."""
        names = ("file", "true_width", "true_height", "colour", "failure", "failures", "retry_at")
        return {name: cls._meta.get_field(name).get_default() for name in names}

    def forget_copy(self):
        """As if nothing had ever been fetched for it. The caller saves."""
        for name, value in self.without_copy().items():
            setattr(self, name, value)


class ArticleImage(Picture):
    article = models.ForeignKey(Article, models.CASCADE, related_name="images")

    class Meta(Picture.Meta):
        verbose_name = "image"
        indexes = [models.Index(fields=["article", "position"], name="articleimage_place")]


class ProviderImage(Picture):
    """A logo. With a source: the one that this site's articles print; without: the organization's own."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="images")
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="logos")

    class Meta(Picture.Meta):
        verbose_name = "logo"
        indexes = [models.Index(fields=["provider", "source", "position"], name="providerimage_place")]
