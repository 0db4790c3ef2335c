"""Boosts and pins in the admin."""

from django.contrib import admin, messages
from django.utils.html import format_html

from ..models import Article, Boost, Pin
from ..stories.actions import quoted
from .presentation import names
from .recorded import RecordedAdmin


class ByUserAdmin(RecordedAdmin):
    """Record who created a row, and say if it has no effect. The history of its article has it too."""

    def owners(self, row):
        return [(Article, row.article_id)]

    def save_model(self, request, row, form, change):
        if not change:
            row.user = request.user
        super().save_model(request, row, form, change)
        if row.effect.startswith("None"):
            said = format_html("It has no effect until {} is published.", names([row.card.title]))
            self.message_user(request, said, messages.WARNING)

    @admin.display(description="Effect")
    def effect(self, row):
        return row.effect


@admin.register(Boost)
class BoostAdmin(ByUserAdmin):
    list_display = ["article", "points", "reason", "until", "effect", "user"]
    list_filter = ["ended"]
    list_select_related = ["article__story__lead", "user"]
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
    list_display = ["article", "page", "position", "until", "effect", "reason", "user"]
    list_select_related = ["article__story__lead", "topic", "provider", "user"]
    search_fields = ["article__title", "reason"]
    autocomplete_fields = ["article", "topic", "provider"]
    fields = ["article", "topic", "provider", "position", "until", "reason"]

    def save_model(self, request, pin, form, change):
        super().save_model(request, pin, form, change)
        if pin.effect == "Counts" and not self._is_on_page(pin):
            said = format_html("It has no effect, because the card is not on <bdi>{}</bdi>.", pin.page)
            self.message_user(request, said, messages.WARNING)

    def _is_on_page(self, pin):
        cards = Article.objects.published()
        if pin.topic:
            cards = cards.about(pin.topic)
        elif pin.provider:
            cards = cards.filter(provider=pin.provider)
        return cards.filter(pk__in=[pin.card.pk, pin.article_id]).exists()

    @admin.display(description="Page")
    def page(self, pin):
        return pin.page

    def called(self, pin):
        until = f" until {pin.until:%Y-%m-%d %H:%M} UTC" if pin.until else ""
        return f"the pin of {quoted(pin.article)} on {pin.page}{until}"
