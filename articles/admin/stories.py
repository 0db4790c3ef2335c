"""Stories and their links in the admin."""

from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html

from ..models import Article, RelatedLink, Story
from ..stories import leads
from .base import WIDGETS, may_group
from .conflict_aware_forms import LinkFormSet, RowForm
from .fields import StrictFields
from .recorded import RecordedAdmin


@admin.register(RelatedLink)
class RelatedLinkAdmin(RecordedAdmin):
    list_display = ["title", "provider", "published_at", "story", "is_ours"]
    list_select_related = ["provider", "story__lead", "target"]
    search_fields = ["title", "web_url", "provider__name"]
    autocomplete_fields = ["story", "provider", "target"]
    fields = [
        "story",
        "position",
        "title",
        "excerpt",
        "web_url",
        "published_at",
        "provider",
        "type",
        "quality",
        "target",
    ]

    def owners(self, link):
        return [(Story, link.story_id)]

    def delete_rows(self, request, queryset):
        for link in queryset:  # a bulk delete would not take the points back
            link.delete()

    @admin.display(description="Our article", boolean=True)
    def is_ours(self, link):
        return link.target_id is not None


MAX_MERGED = 100  # stories at once


class LinkInline(StrictFields, admin.StackedInline):
    model = RelatedLink
    form = RowForm
    formset = LinkFormSet
    formfield_overrides = WIDGETS
    extra = 0
    fields = [("title", "provider"), ("web_url", "published_at"), "excerpt", "target"]
    autocomplete_fields = ["provider", "target"]


@admin.register(Story)
class StoryAdmin(RecordedAdmin):
    list_display = ["__str__", "source", "articles_in_it"]
    list_filter = ["source"]
    list_select_related = ["lead", "source"]
    search_fields = ["lead__title", "headline"]
    search_help_text = "Search by headline or by the lead's title."
    fields = ["source", "headline", "summary", "lead", "members"]
    readonly_fields = fields  # the page at the desk records each change
    inlines = [LinkInline]
    actions = ["merge"]

    def watched(self, keys):
        return [
            Story.objects.filter(pk__in=keys),
            Story.objects.filter(merged_into__in=keys),
            RelatedLink.objects.filter(story__in=keys),
            Article.objects.filter(story__in=keys),
        ]

    def delete_rows(self, request, queryset):
        members = list(Article.objects.filter(story__in=[story.pk for story in queryset]).values_list("pk", flat=True))
        super().delete_rows(request, queryset)
        leads.recompute([], members)

    def get_queryset(self, request):
        members = Article.objects.filter(story=OuterRef("pk")).order_by().values("story")
        size = Coalesce(Subquery(members.annotate(size=Count("pk")).values("size")), 0)
        standing = super().get_queryset(request).filter(merged_into=None)
        return standing.select_related("lead", "source").annotate(size=size)

    def has_group_permission(self, request):
        return may_group(request.user)

    def has_delete_permission(self, request, obj=None):
        """Return whether a user may delete stories, which takes their articles out of them."""
        return super().has_delete_permission(request, obj) and may_group(request.user)

    @admin.display(description="Articles", ordering="size")
    def articles_in_it(self, story):
        return story.size

    @admin.display(description="Articles")
    def members(self, story):
        address = reverse("desk_story", args=[story.pk])
        return format_html('{} (<a href="{}">view and edit</a>)', story.size, address)

    @admin.action(description="Merge selected stories", permissions=["group"])
    def merge(self, request, queryset):
        """Lead to the page that shows what it does before."""
        chosen = {"story": list(queryset.values_list("pk", flat=True)[:MAX_MERGED])}
        return HttpResponseRedirect(f"{reverse('desk_combine')}?{urlencode(chosen, doseq=True)}")

    def get_urls(self):
        address = path("<int:pk>/edit/", self.admin_site.admin_view(self.edit_view), name="articles_story_edit")
        return [address, *super().get_urls()]

    def edit_view(self, request, pk):
        """Lead to the story's page at the desk. A form that is sent here goes there too."""
        status = 307 if request.method == "POST" else 302
        query = request.GET.urlencode()
        address = reverse("desk_story", args=[pk]) + (f"?{query}" if query else "")
        return HttpResponseRedirect(address, status=status)

    def add_view(self, request, form_url="", extra_context=None):
        """Lead to where a story is made from articles: there are none without."""
        if not may_group(request.user):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("desk_combine"))
