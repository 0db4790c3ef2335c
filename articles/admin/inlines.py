"""Rows edited within another row's form."""

from django.contrib import admin
from django.db import models
from django.utils.html import format_html

from ..models import ArticleImage, ArticleTag, ArticleTopic
from .conflict_aware_forms import ListRowForm, RowForm, RowFormSet
from .fields import PictureField, StrictFields
from .forms import ImageForm, ImageFormSet, TagFormSet, TopicFormSet


class PartInline(StrictFields):
    """Rows that are parts of another one: who may change that may add, change and take off its parts."""

    def has_view_permission(self, request, obj=None):
        return self._whole().has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        whole = self._whole()
        return whole.has_change_permission(request, obj) if obj else whole.has_add_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def _whole(self):
        return self.admin_site.get_model_admin(self.parent_model)


class TopicInline(PartInline, admin.TabularInline):
    model = ArticleTopic
    form = ListRowForm
    formset = TopicFormSet
    extra = 0
    autocomplete_fields = ["tag"]
    ordering = ["position", "pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("tag")


class TagInline(PartInline, admin.TabularInline):
    model = ArticleTag
    form = ListRowForm
    formset = TagFormSet
    extra = 0
    ordering = ["position", "pk"]


class PictureInline(PartInline, admin.StackedInline):
    form = RowForm
    formset = RowFormSet
    formfield_overrides = {models.ImageField: {"form_class": PictureField}}
    extra = 0
    fields = [
        ("thumbnail", "file"),
        ("title", "attribution"),
        ("url", "position"),
        ("width", "height", "is_cached"),
    ]
    readonly_fields = ["thumbnail"]
    ordering = ["position", "pk"]

    @admin.display(description="Our copy now")
    def thumbnail(self, image):
        if not image.file:
            return image.failure or "None yet"
        return format_html('<img class="thumbnail" src="{}" alt="" loading="lazy">', image.file.url)


class ArticleImageInline(PictureInline):
    model = ArticleImage
    form = ImageForm
    formset = ImageFormSet
    fields = None

    def get_extra(self, request, obj=None, **options):
        """Return one row for a picture to an article that has none: without scripts none can be added."""
        return 0 if obj and obj.images.exists() else 1

    fieldsets = [
        (None, {"fields": [("thumbnail", "file"), ("title", "attribution"), "url"]}),
        ("Place and size", {"classes": ["collapse"], "fields": [("position", "width", "height", "is_cached")]}),
    ]
