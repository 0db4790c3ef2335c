"""The editors' desk: stories, what was done to them, boosts and pins."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html

from . import story_editing, suggestions
from .article_files import counted
from .desk import StateFilter
from .forms import RowForm, RowFormSet, StoryChoiceForm
from .models import Article, Boost, Pin, RelatedLink, Story, StoryAction, Suggestion
from .paging import WIDGETS, QuickAdmin
from .story_editing import StoryError

SHOWN_MEMBERS = 300
SHOWN_ACTIONS = 50


class LinkInline(admin.StackedInline):
    model = RelatedLink
    form = RowForm
    formset = RowFormSet
    formfield_overrides = WIDGETS
    extra = 0
    fields = [("title", "provider"), ("web_url", "published_at"), "excerpt", "target"]
    autocomplete_fields = ["provider", "target"]


@admin.register(Story)
class StoryAdmin(QuickAdmin):
    list_display = ["__str__", "source", "articles_in_it"]
    list_filter = ["source"]
    list_select_related = ["lead", "source"]
    search_fields = ["lead__title", "headline"]
    search_help_text = "Words of the headline, or of the lead's title."
    fields = ["source", "headline", "summary", "lead", "members"]
    readonly_fields = ["headline", "summary", "lead", "members"]  # see edit_view: these are recorded, and can be undone
    inlines = [LinkInline]
    actions = ["merge"]

    def get_queryset(self, request):
        members = Article.objects.filter(story=OuterRef("pk")).order_by().values("story")
        size = Coalesce(Subquery(members.annotate(size=Count("pk")).values("size")), 0)
        standing = super().get_queryset(request).filter(merged_into=None)
        return standing.select_related("lead", "source").annotate(size=size)

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "source"] if obj else self.readonly_fields

    def get_fields(self, request, obj=None):
        return self.fields if obj else ["source"]

    @admin.display(description="Articles", ordering="size")
    def articles_in_it(self, story):
        return story.size

    @admin.display(description="Articles")
    def members(self, story):
        address = reverse("admin:articles_story_edit", args=[story.pk])
        return format_html('{}: <a href="{}">see and change them</a>', story.size, address)

    @admin.action(description="Merge selected stories", permissions=["change"])
    def merge(self, request, queryset):
        found = sorted(queryset, key=lambda story: (-story.size, story.pk))
        try:
            story_editing.merge(found[0], found[1:], request.user)
        except StoryError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            address = reverse("admin:articles_story_edit", args=[found[0].pk])
            text = format_html('They are one story now. <a href="{}">Edit it, or undo that</a>.', address)
            self.message_user(request, text, messages.SUCCESS)

    def get_urls(self):
        address = path("<int:pk>/edit/", self.admin_site.admin_view(self.edit_view), name="articles_story_edit")
        return [address, *super().get_urls()]

    def edit_view(self, request, pk):
        """A story's articles, its own words, what was done to it; and what to do about them."""
        story = get_object_or_404(Story.objects.select_related("lead", "merged_into__lead", "source"), pk=pk)
        may_change = self.has_change_permission(request, story)
        if not self.has_view_permission(request, story) or (request.method == "POST" and not may_change):
            raise PermissionDenied
        if request.method == "POST":
            return self._act(request, story)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Edit a story",
            "story": story,
            "articles": story.articles.select_related("provider").best_first()[:SHOWN_MEMBERS],
            "choice": StoryChoiceForm(site=self.admin_site),
            "done": self._done(story),
            "may_change": may_change,
        }
        return render(request, "admin/articles/story/edit.html", context)

    def _done(self, story):
        """What was done, each with whether it can still be undone."""
        actions = StoryAction.objects.filter(story=story) | StoryAction.objects.filter(story__merged_into=story)
        return actions.select_related("user", "undoes", "undone_by").order_by("-pk")[:SHOWN_ACTIONS]

    def _act(self, request, story):
        try:
            action = self._asked_for(request, story)
        except StoryError as error:
            self.message_user(request, f"Nothing was changed: {error}", messages.ERROR)
        else:
            self.log_change(request, story, f"{action}.")
            self.message_user(request, f"Done: {action}.", messages.SUCCESS)
            story = (action.story and action.story.merged_into) or action.story or story
        return HttpResponseRedirect(reverse("admin:articles_story_edit", args=[story.pk]))

    def _asked_for(self, request, story):
        """Do what a button asks for. Raises StoryError."""
        do, user, reason = request.POST.get("do", ""), request.user, request.POST.get("reason", "")[:500].strip()
        ticked = request.POST.getlist("article")
        articles = list(story.articles.filter(pk__in=[pk for pk in ticked if pk.isdecimal()]))
        if do == "text":
            texts = [request.POST.get(name, "").replace("\r\n", "\n").strip() for name in ("headline", "summary")]
            return story_editing.write(story, texts[0][:500], texts[1], user, reason)
        if do == "split":
            return story_editing.split(articles, user, reason, request.POST.get("new_headline", "")[:500].strip())
        if do == "withdraw":
            return story_editing.withdraw(articles, user, reason)
        if do == "lead":
            if len(articles) != 1:
                raise StoryError("Tick the one article that is to lead.")
            return story_editing.set_lead(articles[0], user, reason)
        if do == "release":
            return story_editing.release_lead(story, user, reason)
        if do in ("move", "merge"):
            return self._with_another(request, story, do, articles, reason)
        if do.startswith("undo-") and do[5:].isdecimal():
            return story_editing.undo(get_object_or_404(StoryAction, pk=do[5:]), user, reason)
        raise StoryError("Choose what to do.")

    def _with_another(self, request, story, do, articles, reason):
        form = StoryChoiceForm(request.POST, site=self.admin_site)
        other = form.cleaned_data["story"] if form.is_valid() else None
        if other is None:
            raise StoryError("Choose another story, which is still there.")
        if do == "merge":
            return story_editing.merge(other, [story], request.user, reason)
        return story_editing.move(articles, other, request.user, reason)


class SuggestionStateFilter(StateFilter):
    def lookups(self, request, model_admin):
        return [*Suggestion.State.choices[1:], ("all", "all")]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() if self.value() in Suggestion.State.values else "open")


@admin.register(Suggestion)
class SuggestionAdmin(QuickAdmin):
    """What articles may have to do with each other; the actions decide."""

    list_display = ["article", "what", "other_and_its_story", "sure", "evidence", "state"]
    list_filter = [SuggestionStateFilter, "kind"]
    list_select_related = ["article", "other__story__lead"]
    search_fields = ["article__title", "other__title"]
    actions = ["accept", "reject", "ignore"]
    readonly_fields = [
        "article",
        "kind",
        "other_and_its_story",
        "sure",
        "evidence",
        "state",
        "decided_by",
        "decided_at",
    ]
    fields = readonly_fields

    def has_add_permission(self, request):
        return False

    def lookup_allowed(self, lookup, value, request=None):
        return lookup == "article__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="Is", ordering="kind")
    def what(self, suggestion):
        return suggestion.get_kind_display()

    @admin.display(description="As")
    def other_and_its_story(self, suggestion):
        other = suggestion.other
        article = format_html('<a href="{}">{}</a>', reverse("admin:articles_article_change", args=[other.pk]), other)
        if not other.story:
            return article
        story = reverse("admin:articles_story_edit", args=[other.story_id])
        return format_html('{}, in the story <a href="{}">{}</a>', article, story, other.story)

    @admin.display(description="Sure", ordering="-confidence")
    def sure(self, suggestion):
        return f"{suggestion.confidence:.0%}"

    @admin.action(description="Accept: one story, or remove the duplicate", permissions=["change"])
    def accept(self, request, queryset):
        self._decide(request, queryset, suggestions.accept, "accepted")

    @admin.action(description="Reject: never suggest these two again", permissions=["change"])
    def reject(self, request, queryset):
        self._decide(request, queryset, suggestions.reject, "rejected")

    @admin.action(description="Ignore", permissions=["change"])
    def ignore(self, request, queryset):
        self._decide(request, queryset, suggestions.ignore, "ignored")

    def _decide(self, request, queryset, decide, what):
        done = 0
        for suggestion in queryset:
            try:
                decide(suggestion, request.user)
            except ValueError as error:
                self.message_user(request, f"{suggestion}: nothing was changed, {error}", messages.ERROR)
            else:
                self.log_change(request, suggestion, f"{what.capitalize()}.")
                done += 1
        if done:
            self.message_user(request, f"{counted(done, 'suggestion')} {what}.", messages.SUCCESS)


class ByUserAdmin(QuickAdmin):
    """Notes who made a row."""

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
        for boost in queryset:  # each takes its points back
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
