"""Stories and their links in the admin."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html, strip_tags

from ..models import Action, Article, RelatedLink, Story
from ..stories import editing, leads, undo
from ..stories.editing import StoryError
from ..stories.restoring import UndoError
from ..text.numbers import read_id
from ..text.plain import plain
from . import succession
from .base import WIDGETS, may_group
from .conflict_aware_forms import ConflictAwareForm, RowForm, RowFormSet
from .fields import StrictFields
from .forms import StoryChoiceForm
from .recorded import RecordedAdmin, done_to, may_undo, tell, tell_why_not


@admin.register(RelatedLink)
class RelatedLinkAdmin(RecordedAdmin):
    form = ConflictAwareForm
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


MAX_ARTICLES_SHOWN = 300  # on a story's page
MAX_LINE, MAX_SUMMARY = 500, 20_000  # characters of a headline or a reason, and of a summary


def _text(request, name, most):
    """Return a text that was sent, without NUL, which PostgreSQL cannot store."""
    return request.POST.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:most]


class LinkInline(StrictFields, admin.StackedInline):
    model = RelatedLink
    form = RowForm
    formset = RowFormSet
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
    readonly_fields = [
        "headline",
        "summary",
        "lead",
        "members",
    ]  # edit_view records each change
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

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "source"] if obj else self.readonly_fields

    def get_fields(self, request, obj=None):
        return self.fields if obj else ["source"]

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
        address = reverse("admin:articles_story_edit", args=[story.pk])
        return format_html('{} (<a href="{}">view and edit</a>)', story.size, address)

    @admin.action(description="Merge selected stories", permissions=["group"])
    def merge(self, request, queryset):
        found = sorted(queryset, key=lambda story: (-story.size, story.pk))
        try:
            if not found:
                raise StoryError("These stories are gone.")
            action = editing.merge(found[0], found[1:], request.user)
        except StoryError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            tell(self, request, action, succession.consequences(action.effects))

    def get_urls(self):
        address = path("<int:pk>/edit/", self.admin_site.admin_view(self.edit_view), name="articles_story_edit")
        return [address, *super().get_urls()]

    def edit_view(self, request, pk):
        """Show a story's articles, texts and history. A POST does what its button says."""
        story = get_object_or_404(Story.objects.select_related("lead", "merged_into__lead", "source"), pk=pk)
        may_change = self.has_change_permission(request, story)
        if not self.has_view_permission(request, story) or (request.method == "POST" and not may_change):
            raise PermissionDenied
        may_group_articles = self.has_group_permission(request)
        if request.method == "POST":
            if request.POST.get("do") != "text" and not may_group_articles:
                raise PermissionDenied
            return self._act(request, story)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Edit story",
            "story": story,
            "articles": story.articles.select_related("provider").best_first()[:MAX_ARTICLES_SHOWN],
            "choice": StoryChoiceForm(site=self.admin_site),
            "done": self._done(story),
            "may_change": may_change,
            "may_group": may_group_articles,
        }
        return render(request, "admin/articles/story/edit.html", context)

    def _done(self, story):
        """Return the story's actions, and those of stories merged into it, newest first."""
        return done_to("story", [story.pk, *story.merged.values_list("pk", flat=True)])

    def _act(self, request, story):
        try:
            action = self._asked_for(request, story)
        except StoryError as error:
            self.message_user(request, f"Nothing was changed: {error}", messages.ERROR)
        except UndoError as error:
            tell_why_not(self, request, error)
        else:
            told = succession.consequences(action.effects)
            self.log_change(request, story, f"{action}. {plain(strip_tags(told))}".strip())
            if action.left:  # an undo of much
                return HttpResponseRedirect(reverse("admin:articles_action_go", args=[action.pk]))
            tell(self, request, action, told)
            now = action.story
            story = (now and now.merged_into) or now or story
        return HttpResponseRedirect(reverse("admin:articles_story_edit", args=[story.pk]))

    def _asked_for(self, request, story):
        """Do what the pressed button says and return the action. Raises StoryError if that is not possible."""
        do, user, reason = request.POST.get("do", ""), request.user, _text(request, "reason", MAX_LINE)
        ticked = map(read_id, request.POST.getlist("article"))
        articles = list(story.articles.filter(pk__in=[pk for pk in ticked if pk]))
        if do == "text":
            headline, summary = _text(request, "headline", MAX_LINE), _text(request, "summary", MAX_SUMMARY)
            return editing.write(story, headline, summary, user, reason)
        if do == "split":
            return editing.split(articles, user, reason, _text(request, "new_headline", MAX_LINE))
        if do == "withdraw":
            return editing.withdraw(articles, user, reason)
        if do == "lead":
            if len(articles) != 1:
                raise StoryError("Select exactly one article to lead the story.")
            return editing.set_lead(articles[0], user, reason)
        if do == "release":
            return editing.release_lead(story, user, reason)
        if do in ("move", "merge"):
            return self._with_another(request, story, do, articles, reason)
        if do.startswith("undo-") and read_id(do[5:]):
            ids = [action.pk for action in self._done(story)]
            action = get_object_or_404(Action.objects.filter(pk__in=ids), pk=read_id(do[5:]))
            if not may_undo(user, action):
                raise PermissionDenied
            return undo.undo(action, user, reason)
        raise StoryError("Choose an action.")

    def _with_another(self, request, story, do, articles, reason):
        form = StoryChoiceForm(request.POST, site=self.admin_site)
        other = form.cleaned_data["story"] if form.is_valid() else None
        if other is None:
            raise StoryError("Choose another story that still exists.")
        if do == "merge":
            return editing.merge(other, [story], request.user, reason)
        return editing.move(articles, other, request.user, reason)
