"""Outlets and topics."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from taggit.models import TagBase

from ..db.fields import VerbatimTextField
from ..text.plain import plain
from .querysets import ProviderQuerySet, TopicQuerySet


class Provider(models.Model):
    """An outlet, identified by its domain: names vary, and different outlets share one."""

    domain = models.CharField(max_length=253, unique=True)
    name = models.CharField(max_length=255, db_index=True)
    other_names = models.JSONField(default=list, blank=True)
    description = VerbatimTextField(blank=True)
    is_organization = models.BooleanField(default=False, help_text="An organization file or an editor describes it.")
    extra = models.JSONField(default=dict, blank=True, editable=False)
    file_text = models.TextField(blank=True, editable=False, help_text="The organization file as last imported.")

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["name", "domain"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("provider_detail", args=[self.domain])

    @property
    def label(self):
        return plain(self.name) or self.domain


class Topic(TagBase):
    """A subject of articles. In practice there are two levels: a site's own topic, and its subtopics."""

    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    shortname = models.CharField(max_length=100, blank=True)
    menu_order = models.PositiveIntegerField(default=1000, help_text="Topics with smaller numbers come first.")
    keywords = models.JSONField(default=list, blank=True)
    hashtags = models.JSONField(default=list, blank=True)
    images = models.JSONField(default=list, blank=True, help_text="The addresses of pictures.")
    services = models.JSONField(default=dict, blank=True, help_text="The addresses of JSON lists, by kind.")
    extra = models.JSONField(default=dict, blank=True, editable=False)
    file_text = models.TextField(blank=True, editable=False, help_text="The topic file as last imported.")

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["menu_order", "name"]

    def get_absolute_url(self):
        return reverse("topic_detail", args=[self.slug])

    def clean(self):
        if self.pk and self.pk in self.ancestors():
            raise ValidationError({"parent": "A topic cannot be below itself."})

    def ancestors(self):
        """Return the ids of the topics above this one, nearest first. Costs one query for each level."""
        above, found = self.parent, []
        while above is not None and above.pk not in found:
            found.append(above.pk)
            above = above.parent
        return found

    @property
    def label(self):
        return self.shortname or self.name
