"""What all admin classes share: lists that never count all rows, and accessible date fields."""

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

MAX_COUNT = 10_000  # rows a list counts and pages through; search reaches the rest


class CappedPaginator(Paginator):
    """Stop counting at MAX_COUNT rows."""

    @cached_property
    def count(self):
        return self.object_list.order_by().values("pk")[:MAX_COUNT].count()


class DateAndTime(AdminSplitDateTime):
    """Django's widget with a label for screen readers on each half."""

    def __init__(self, attrs=None):
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name


WIDGETS = {models.DateTimeField: {"widget": DateAndTime}}


class QuickAdmin(admin.ModelAdmin):
    """List rows at a cost that does not grow with the table."""

    formfield_overrides = WIDGETS
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
