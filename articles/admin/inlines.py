"""Rows edited within another row's form."""

from django.contrib import admin

from ..models import ArticleImage, ArticleTag, ArticleTopic
from .conflict_aware_forms import ListRowForm, RowForm, RowFormSet
from .forms import ImageForm, ImageFormSet, TagFormSet, TopicFormSet


class TopicInline(admin.TabularInline):
    model = ArticleTopic
    form = ListRowForm
    formset = TopicFormSet
    extra = 0
    autocomplete_fields = ["tag"]
    ordering = ["position", "pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("tag")


class TagInline(admin.TabularInline):
    model = ArticleTag
    form = ListRowForm
    formset = TagFormSet
    extra = 0
    ordering = ["position", "pk"]


class PictureInline(admin.StackedInline):
    form = RowForm
    formset = RowFormSet
    extra = 0
    fields = [("url", "position"), ("width", "height", "is_cached"), ("title", "attribution"), "file"]
    ordering = ["position", "pk"]


class ArticleImageInline(PictureInline):
    model = ArticleImage
    form = ImageForm
    formset = ImageFormSet
