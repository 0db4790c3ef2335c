"""Coverage of a story that is not an article here."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, UniqueConstraint

from ..db.fields import VerbatimField, VerbatimTextField
from ..frontmatter import schema
from ..ranking import scoring
from ..text import addresses
from .articles import Article
from .fields import AddressField, validate_marks, validate_visible, within
from .querysets import RelatedLinkQuerySet
from .stories import Story
from .taxonomy import Provider


class RelatedLink(models.Model):
    """A page of another outlet that covers a story and is not an article in it.

    When an article with this address is imported, it becomes the `target`. When its file lists the story's other
    articles too, it joins the story, and the link goes.
    """

    story = models.ForeignKey(Story, models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField(default=0, validators=within(schema.POSITION))
    title = VerbatimField(max_length=500, validators=[validate_visible, validate_marks])
    excerpt = VerbatimTextField(blank=True, validators=[validate_marks])
    published_at = models.DateTimeField(null=True, blank=True)
    web_url = AddressField()
    amp_web_url = AddressField()
    cdn_amp_web_url = AddressField()
    type = models.CharField(max_length=20, choices=Article.Type, blank=True)
    quality = models.PositiveBigIntegerField(null=True, blank=True, validators=within(schema.QUALITY))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="related_links")
    provider_name = models.CharField(max_length=255, blank=True, validators=[validate_marks])
    provider_domain = models.CharField(
        max_length=253,
        blank=True,
        editable=False,
        help_text="As in the file, if that one was merged into the provider.",
    )
    images = models.JSONField(default=list, blank=True)
    extra = models.JSONField(default=dict, blank=True, editable=False)
    target = models.ForeignKey(
        Article,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="linked_from",
        help_text="The article here that has this address.",
    )

    objects = RelatedLinkQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["story", "web_url"],
                condition=~Q(web_url=""),
                name="relatedlink_once_a_story",
                violation_error_message="This story has a link to this address already.",
            ),
        ]
        indexes = [models.Index(fields=["web_url"], name="relatedlink_by_address")]

    def __str__(self):
        return self.title

    def save(self, **options):
        """Save the link, and its story's scores in the same transaction: links count as coverage."""
        if self.provider_domain and Provider.objects.merged([self.provider_domain]) != {
            self.provider_domain: self.provider_id
        }:
            self.provider_domain = ""  # of another provider
        with transaction.atomic():
            super().save(**options)
            scoring.rescore_stories([self.story_id])

    def delete(self, **options):
        """Delete the link, and update its story's scores in the same transaction."""
        with transaction.atomic():
            deleted = super().delete(**options)
            scoring.rescore_stories([self.story_id])
        return deleted

    @property
    def printed_domain(self):
        """The domain as files print it."""
        return self.provider_domain or self.provider.domain

    def clean(self):
        if self._state.adding and not self.web_url:
            raise ValidationError({"web_url": "Enter the address of the page."})

    @property
    def link(self):
        """Where readers are sent: the safe, encoded address, or an empty text."""
        return addresses.browsable(self.web_url)
