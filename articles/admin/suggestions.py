"""Suggestions in the admin."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from ..models import Suggestion
from ..suggestions import matching
from ..text.plain import counted
from .base import QuickAdmin, may_group
from .filters import StateFilter
from .recorded import tell_all

MAX_ACCEPTED = 100  # at once


class SuggestionStateFilter(StateFilter):
    def lookups(self, request, model_admin):
        return [*Suggestion.State.choices[1:], ("all", "All")]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() if self.value() in Suggestion.State.values else "open")


@admin.register(Suggestion)
class SuggestionAdmin(QuickAdmin):
    has_drafts = False
    list_display = ["article", "kind_label", "match", "confidence_percent", "evidence", "state"]
    list_filter = [SuggestionStateFilter, "kind"]
    linked = ["article__id__exact"]
    list_select_related = ["article", "other__story__lead"]
    search_fields = ["article__title", "other__title"]
    actions = ["accept", "reject", "ignore"]
    readonly_fields = [
        "article",
        "kind_label",
        "match",
        "confidence_percent",
        "evidence",
        "state",
        "decided_by",
        "decided_at",
    ]
    fields = readonly_fields

    def has_add_permission(self, request):
        return False

    def has_accept_permission(self, request):
        """Return whether a user may do what accepting does: group articles, or remove one."""
        return self.has_change_permission(request) and may_group(request.user)

    @admin.display(description="Type", ordering="kind")
    def kind_label(self, suggestion):
        return suggestion.get_kind_display()

    @admin.display(description="Match")
    def match(self, suggestion):
        other = suggestion.other
        article = format_html('<a href="{}">{}</a>', reverse("admin:articles_article_change", args=[other.pk]), other)
        if not other.story:
            return article
        story = reverse("desk_story", args=[other.story_id])
        return format_html('{}, in the story <a href="{}">{}</a>', article, story, other.story)

    @admin.display(description="Confidence", ordering="-confidence")
    def confidence_percent(self, suggestion):
        return f"{suggestion.confidence:.0%}"

    @admin.action(
        description="Accept (combine into one story, or keep the better of two duplicates)", permissions=["accept"]
    )
    def accept(self, request, queryset):
        """Lead to the page that shows what it does before."""
        chosen = {"suggestion": list(queryset.values_list("pk", flat=True)[:MAX_ACCEPTED])}
        return HttpResponseRedirect(f"{reverse('desk_accept')}?{urlencode(chosen, doseq=True)}")

    @admin.action(description="Reject (never suggest this pair again)", permissions=["change"])
    def reject(self, request, queryset):
        self._decide(request, queryset, matching.reject, "rejected")

    @admin.action(description="Ignore", permissions=["change"])
    def ignore(self, request, queryset):
        self._decide(request, queryset, matching.ignore, "ignored")

    def _decide(self, request, queryset, decide, what):
        done = []
        for suggestion in queryset:
            try:
                action = decide(suggestion, request.user)
            except ValueError as error:
                self.message_user(request, f"{suggestion}: nothing was changed: {error}", messages.ERROR)
            else:
                done.append(action)
        tell_all(self, request, done, f"{counted(len(done), 'suggestion')} {what}")
