"""Rows edited within another row's form."""

from django.contrib import admin
from django.db import models

from ..models import ArticleImage, ArticleTag, ArticleTopic
from .conflict_aware_forms import ListRowForm, RowForm, RowFormSet
from .fields import PictureField, StrictFields
from .forms import ImageFormSet, TagFormSet, TopicFormSet


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
    fields = [("url", "position"), ("width", "height", "is_cached"), ("title", "attribution"), "file"]
    ordering = ["position", "pk"]


class ArticleImageInline(PictureInline):
    model = ArticleImage
    form = ListRowForm
    formset = ImageFormSet
