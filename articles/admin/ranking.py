"""Boosts and pins in the admin."""

from django.contrib import admin

from ..models import Boost, Pin
from .base import QuickAdmin


class ByUserAdmin(QuickAdmin):
    """Record who created a row."""

    def save_model(self, request, row, form, change):
        if not change:
            row.user = request.user
        super().save_model(request, row, form, change)


@admin.register(Boost)
class BoostAdmin(ByUserAdmin):
    list_display = ["article", "points", "reason", "until", "ended", "user"]
    list_filter = ["ended"]
    list_select_related = ["article", "user"]
    search_fields = ["article__title", "reason"]
    autocomplete_fields = ["article"]
    fields = ["article", "points", "reason", "until"]

    def get_readonly_fields(self, request, obj=None):
        return ["article"] if obj else []

    def delete_queryset(self, request, queryset):
        for boost in queryset:  # a bulk delete would not take the points back
            boost.delete()


@admin.register(Pin)
class PinAdmin(ByUserAdmin):
    list_display = ["article", "page", "position", "until", "reason", "user"]
    list_select_related = ["article", "topic", "provider", "user"]
    search_fields = ["article__title", "reason"]
    autocomplete_fields = ["article", "topic", "provider"]
    fields = ["article", "topic", "provider", "position", "until", "reason"]

    @admin.display(description="Page")
    def page(self, pin):
        return pin.page
