"""What all lists of the desk share: they never count all rows."""

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

MAX_COUNT = 10_000  # rows of a list that are counted and paged through; a search finds the rest


class CappedPaginator(Paginator):
    """Counts no further than MAX_COUNT rows."""

    @cached_property
    def count(self):
        return self.object_list.order_by().values("pk")[:MAX_COUNT].count()


class DateAndTime(AdminSplitDateTime):
    """Django's own, each half with a name that is read aloud."""

    def __init__(self, attrs=None):
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name


WIDGETS = {models.DateTimeField: {"widget": DateAndTime}}


class QuickAdmin(admin.ModelAdmin):
    formfield_overrides = WIDGETS
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
