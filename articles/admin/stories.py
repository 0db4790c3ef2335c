"""Stories and their links in the admin."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html

from ..models import Action, Article, RelatedLink, Story
from ..stories import editing, leads, undo
from ..stories.editing import StoryError
from ..stories.restoring import UndoError
from ..text.numbers import read_id
from . import drafts, succession
from .base import WIDGETS, may_group
from .conflict_aware_forms import LinkFormSet, RowForm
from .fields import StrictFields
from .forms import StoryChoiceForm, StoryTextForm
from .recorded import RecordedAdmin, done_to, may_undo, tell, tell_why_not


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


MAX_ARTICLES_SHOWN = 300  # on a story's page
MAX_LINE = 500  # characters of a reason or a new headline


def _text(request, name, most):
    """Return a text that was sent, without NUL, which PostgreSQL cannot store."""
    return request.POST.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:most]


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
        """Show a story's articles, texts and history. A POST does what its button says, and saves the texts too."""
        if request.method != "POST":
            return self._edit(request, pk)
        with transaction.atomic():  # of two people the second waits, so that it is told of what was saved
            list(Story.objects.select_for_update().filter(pk=pk).values_list("pk"))
            return self._edit(request, pk)

    def _edit(self, request, pk):
        story = get_object_or_404(Story.objects.select_related("lead", "merged_into__lead", "source"), pk=pk)
        may_change = self.has_change_permission(request, story)
        if not self.has_view_permission(request, story) or (request.method == "POST" and not may_change):
            raise PermissionDenied
        may_group_articles = self.has_group_permission(request)
        if request.method == "POST":
            if request.POST.get("do") != "text" and not may_group_articles:
                raise PermissionDenied
            texts = StoryTextForm(request.POST, instance=story)
            if answer := self._act(request, story, texts):
                return answer
            drafts.keep(request.user, drafts.STORY, str(story.pk), request.POST)  # nothing that was typed is lost
        typed = self._typed(request, story)
        if request.method != "POST" or "headline" not in typed:
            texts = StoryTextForm(typed if "headline" in typed else None, instance=story)
        choice = StoryChoiceForm(typed or None, site=self.admin_site)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Edit story",
            "story": story,
            "articles": story.articles.select_related("provider").best_first()[:MAX_ARTICLES_SHOWN],
            "texts": texts,
            "choice": choice,
            "typed": typed,
            "ticked": [read_id(text) for text in typed.getlist("article")],
            "done": self._done(story),
            "may_change": may_change,
            "may_group": may_group_articles,
            **(drafts.offered(request, drafts.STORY, str(story.pk)) if may_change else {}),
        }
        return render(request, "admin/articles/story/edit.html", context)

    def _typed(self, request, story):
        """Return what was typed and is not saved: what was sent, or the draft that the address asks for."""
        if "draft" in request.GET and request.method != "POST":
            request.draft = drafts.find(request.user, drafts.STORY, str(story.pk))
            return QueryDict(request.draft.values) if request.draft else request.POST
        return request.POST

    def _done(self, story):
        """Return the story's actions, and those of stories merged into it, newest first."""
        return done_to("story", [story.pk, *story.merged.values_list("pk", flat=True)])

    def _act(self, request, story, texts):
        """Do what the pressed button says. Return where to go on, or None if nothing was done."""
        try:
            with transaction.atomic():
                actions = self._asked_for(request, story, texts)
        except StoryError as error:
            self.message_user(request, f"Nothing was changed: {error}", messages.ERROR)
            return None
        except UndoError as error:
            tell_why_not(self, request, error)
            return None
        for action in actions:
            told = succession.consequences(action.effects)
            tell(self, request, action, told)
        last = actions[-1]
        rest = self._still_typed(request)
        if rest and last.kind != Action.Kind.MERGE and drafts.OFFERED not in request.POST:
            drafts.keep(request.user, drafts.STORY, str(story.pk), rest)
            return HttpResponseRedirect(reverse("admin:articles_story_edit", args=[story.pk]) + drafts.SHOWN)
        if drafts.OFFERED not in request.POST:
            drafts.forget(request.user, drafts.STORY, str(story.pk))
        if unfinished := [action for action in actions if action.left]:  # an undo of much
            return HttpResponseRedirect(reverse("admin:articles_action_go", args=[unfinished[0].pk]))
        now = last.story
        story = (now and now.merged_into) or now or story
        return HttpResponseRedirect(reverse("admin:articles_story_edit", args=[story.pk]))

    def _still_typed(self, request):
        """Return what was typed or chosen beside what the pressed button used."""
        do, rest = request.POST.get("do", ""), QueryDict(mutable=True)
        for name in ("new_headline", "article", "story") if do == "text" else ("new_headline",):
            if do != "split" and any(request.POST.getlist(name)):
                rest.setlist(name, request.POST.getlist(name))
        return rest

    def _asked_for(self, request, story, texts):
        """Save the texts if they were changed, and do what the pressed button says. Return what was done.

        Raises StoryError if that is not possible.
        """
        are_right = texts.is_valid()
        story.refresh_from_db()  # the form wrote into it
        if not are_right:
            raise StoryError("look at the headline and the summary.")
        do, reason, done = request.POST.get("do", ""), _text(request, "reason", MAX_LINE), []
        if do.startswith("undo-"):  # first: a text written before would stand in its way
            done.append(self._asked_of_articles(request, story, do, reason))
            story.refresh_from_db()
        if texts.changed_data or do == "text":
            written = {"headline": story.headline, "summary": story.summary} | {
                name: texts.cleaned_data[name] for name in texts.changed_data
            }
            done.append(editing.write(story, **written, user=request.user, reason=reason))
        if do != "text" and not do.startswith("undo-"):
            done.append(self._asked_of_articles(request, story, do, reason))
        return done

    def _asked_of_articles(self, request, story, do, reason):
        user, ticked = request.user, map(read_id, request.POST.getlist("article"))
        articles = list(story.articles.filter(pk__in=[pk for pk in ticked if pk]))
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
