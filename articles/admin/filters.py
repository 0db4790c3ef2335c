"""Filters of the admin's lists. A value that does not exist filters nothing."""

from datetime import timedelta

from django.contrib import admin
from django.utils import timezone

from ..models import PERIODS, Source, State, Topic
from ..text.numbers import read_id


class PeriodFilter(admin.SimpleListFilter):
    title = "publication date"
    parameter_name = "period"

    def lookups(self, request, model_admin):
        return [(name, f"Past {name}") for name in PERIODS]

    def queryset(self, request, queryset):
        days = PERIODS.get(self.value())
        return queryset.filter(published_at__gte=timezone.now() - timedelta(days=days)) if days else queryset


class ArticleStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return State.choices

    def queryset(self, request, queryset):
        return queryset.in_state(State(self.value())) if self.value() in State.values else queryset


class TopicFilter(admin.SimpleListFilter):
    title = "topic"
    parameter_name = "topic"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Topic.objects.values_list("pk", "name")]

    def queryset(self, request, queryset):
        topic = read_id(self.value())
        return queryset.about(topic) if topic else queryset


class InStoryFilter(admin.SimpleListFilter):
    title = "story"
    parameter_name = "in_story"

    def lookups(self, request, model_admin):
        return [("lead", "Leads a story"), ("member", "In a story, not its lead"), ("none", "Not in a story")]

    def queryset(self, request, queryset):
        if self.value() == "lead":
            return queryset.filter(leads__isnull=False)
        if self.value() == "member":
            return queryset.filter(story__isnull=False, leads__isnull=True)
        return queryset.filter(story=None) if self.value() == "none" else queryset


class StateFilter(admin.SimpleListFilter):
    """Show open rows unless another state is chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("resolved", "Resolved"), ("all", "All")]

    def choices(self, changelist):
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "Open",
        }
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.exclude(resolved_at=None) if self.value() == "resolved" else queryset.open()


class SiteFilter(admin.SimpleListFilter):
    title = "site"
    parameter_name = "site"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Source.objects.values_list("pk", "name")]

    def queryset(self, request, queryset):
        site = read_id(self.value())
        return queryset.filter(article__source=site) if site else queryset
