"""Rows edited within another row's form."""

from django.contrib import admin
from django.db import models

from ..models import ArticleImage, ArticleTag, ArticleTopic
from .conflict_aware_forms import ListRowForm, RowForm, RowFormSet
from .fields import PictureField, StrictFields
from .forms import ImageFormSet, TagFormSet, TopicFormSet


class TopicInline(StrictFields, admin.TabularInline):
    model = ArticleTopic
    form = ListRowForm
    formset = TopicFormSet
    extra = 0
    autocomplete_fields = ["tag"]
    ordering = ["position", "pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("tag")


class TagInline(StrictFields, admin.TabularInline):
    model = ArticleTag
    form = ListRowForm
    formset = TagFormSet
    extra = 0
    ordering = ["position", "pk"]


class PictureInline(StrictFields, admin.StackedInline):
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
