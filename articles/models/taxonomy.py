"""Outlets and topics."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.urls import reverse
from taggit.models import TagBase

from ..db.fields import VerbatimTextField
from ..frontmatter import schema
from ..text.domains import normal_domain
from ..text.hosts import shown_host, shown_name
from ..text.plain import plain
from .fields import validate_domain, validate_marks, validate_slug, validate_texts, validate_visible, within
from .querysets import ProviderQuerySet
from .topic_names import TopicQuerySet


class Provider(models.Model):
    """An outlet, identified by its domain in its normal form: names vary, and different outlets share one."""

    domain = models.CharField(max_length=253, unique=True, validators=[validate_domain])
    name = models.CharField(max_length=255, db_index=True, validators=[validate_visible, validate_marks])
    other_names = models.JSONField(default=list, blank=True, validators=[validate_texts])
    description = VerbatimTextField(blank=True, validators=[validate_marks])
    is_organization = models.BooleanField(default=False, help_text="An organization file or an editor describes it.")
    extra = models.JSONField(default=dict, blank=True, editable=False)
    file_text = models.TextField(blank=True, editable=False, help_text="The organization file as last imported.")
    file_site = models.CharField(
        max_length=50, blank=True, default="", editable=False, help_text="The site of that file."
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["name", "domain"]

    def __str__(self):
        return self.name

    def save(self, **options):
        self.domain = normal_domain(self.domain)
        super().save(**options)

    def get_absolute_url(self):
        return reverse("provider_detail", args=[self.domain])

    def clean(self):
        """Take an address that an editor wrote for the domain that it is about."""
        with suppress(ValueError):  # of which the field tells
            self.domain = normal_domain(schema.DOMAIN.read(self.domain))
        if alias := ProviderAlias.objects.filter(domain=self.domain).select_related("provider").first():
            into = alias.provider.label
            raise ValidationError({"domain": f"The outlet of this domain was merged into “{into}”, to which it leads."})

    @property
    def label(self):
        return shown_name(self.name) or shown_host(plain(self.domain))

    @property
    def host(self):
        """The domain as readers see it."""
        return shown_host(plain(self.domain))


class ProviderAlias(models.Model):
    """The domain of an outlet that was merged into another one, to which it leads from then on."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="aliases")
    domain = models.CharField(max_length=253, unique=True)

    class Meta:
        verbose_name_plural = "provider aliases"

    def __str__(self):
        return self.domain


class Topic(TagBase):
    """A subject of articles. In practice there are two levels: a site's own topic, and its subtopics."""

    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    shortname = models.CharField(max_length=100, blank=True, validators=[validate_marks])
    menu_order = models.PositiveIntegerField(
        default=1000, validators=within(schema.MENU_ORDER), help_text="Topics with smaller numbers come first."
    )
    keywords = models.JSONField(default=list, blank=True, validators=[validate_texts])
    hashtags = models.JSONField(default=list, blank=True, validators=[validate_texts])
    images = models.JSONField(
        default=list, blank=True, validators=[validate_texts], help_text="The addresses of pictures."
    )
    services = models.JSONField(
        default=dict, blank=True, validators=[validate_texts], help_text="The addresses of JSON lists, by kind."
    )
    extra = models.JSONField(default=dict, blank=True, editable=False)
    file_text = models.TextField(blank=True, editable=False, help_text="The topic file as last imported.")
    file_name = models.CharField(max_length=255, blank=True, default="", editable=False, help_text="Its name.")
    file_site = models.CharField(max_length=50, blank=True, default="", editable=False, help_text="Its site.")

    file_parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", help_text="The parent that it names."
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["menu_order", "name"]

    def save(self, **options):
        """Save the topic. A name or slug that it had before leads to it from then on."""
        with transaction.atomic():
            former = Topic.objects.filter(pk=self.pk).values_list("pk", "name", "slug").first() if self.pk else None
            super().save(**options)
            if former is None or former[1:] != (self.name, self.slug):
                Topic.objects.lead_on([former or (self.pk, None, None)])

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


# Taggit's own validator takes no marks in slugs, which many scripts have.
SLUG, NAME = Topic._meta.get_field("slug"), Topic._meta.get_field("name")
SLUG.validators[:] = [*(each for each in SLUG.validators if not isinstance(each, RegexValidator)), validate_slug]
NAME.validators += [validate_visible, validate_marks]


class TopicAlias(models.Model):
    """A name or slug that a topic had before. It leads to the topic until another topic takes it."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 (null repeats, "" cannot)
    slug = models.SlugField(max_length=100, unique=True, null=True, allow_unicode=True)  # noqa: DJ001 (see above)
    is_merged = models.BooleanField(
        default=False, help_text="Its topic was merged into this one: files that describe it do not make it again."
    )

    class Meta:
        verbose_name_plural = "topic aliases"

    def __str__(self):
        return self.name or self.slug


class PrintedNameField(models.CharField):
    """The name that a file prints for a topic: by default, the topic's own."""

    def pre_save(self, model_instance, add):
        if not getattr(model_instance, self.attname):
            setattr(model_instance, self.attname, model_instance.tag.name)
        return super().pre_save(model_instance, add)
