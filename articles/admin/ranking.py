"""Boosts and pins in the admin."""

from django.contrib import admin

from ..models import Article, Boost, Pin
from ..stories.actions import quoted
from .recorded import RecordedAdmin


class ByUserAdmin(RecordedAdmin):
    """Record who created a row. The history of its article has it too."""

    def owners(self, row):
        return [(Article, row.article_id)]

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

    def called(self, boost):
        until = f" until {boost.until:%Y-%m-%d %H:%M} UTC" if boost.until else ""
        return f"the boost of {boost.points:+} for {quoted(boost.article)}{until}"

    def delete_rows(self, request, queryset):
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

    def called(self, pin):
        until = f" until {pin.until:%Y-%m-%d %H:%M} UTC" if pin.until else ""
        return f"the pin of {quoted(pin.article)} on {pin.page}{until}"
