"""Articles in the admin: list, form, history and where each value comes from."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from taggit.models import Tag

from ..models import Article, ArticleImage, Suggestion
from ..pictures import copies, renditions
from ..provenance import history, originals, values
from ..public import why
from ..ranking import MEMBER_HEAT
from ..stories import deciding, leads
from ..stories.actions import Kind, of_articles, of_deleted
from ..suggestions import matching
from ..sync import decisions, selection
from ..text.moments import in_own_zone
from ..text.numbers import read_id
from ..text.permalinks import absolute
from . import export, presentation, succession
from .base import may_group, tell_of_file
from .filters import ArticleStateFilter, InStoryFilter, PeriodFilter, TopicFilter
from .forms import ASIDE, ArticleForm, suggested_topics
from .inlines import ArticleImageInline, TagInline, TopicInline
from .known import KnowingAdmin
from .preview import LOOKS, PreviewedAdmin
from .queue import QueuedAdmin
from .recorded import RecordedAdmin
from .rights import WITHDRAWAL_FIELDS, may_set, may_withdraw
from .sides import SidedAdmin

MAX_COMBINED = 100  # articles at once

admin.site.unregister(Tag)  # taggit registers its own; topics are Topic


@admin.register(Article)
class ArticleAdmin(KnowingAdmin, PreviewedAdmin, QueuedAdmin, SidedAdmin, RecordedAdmin):
    """List by indexed columns only, and save no field that the editor left alone."""

    form = ArticleForm
    list_display = ["title", "provider", "state", "quality", "shown_heat", "published_at", "story"]
    list_filter = [ArticleStateFilter, "type", "source", PeriodFilter, InStoryFilter, TopicFilter]
    linked = ["published__exact", "removed__exact"]
    list_select_related = []  # see `get_changelist_instance`
    search_fields = ["title", "stem", "provider__name", "provider__domain", "web_url"]
    search_help_text = "Search by title, file name, provider name or domain, or URL."
    ordering = ["-published_at", "file_name"]
    autocomplete_fields = ["provider", "story"]
    inlines = [TopicInline, TagInline, ArticleImageInline]
    actions = ["delete_selected", "publish", "unpublish", "remove", "restore", "make_one_story", "export"]
    save_on_top = True  # the row of buttons stays in sight
    fieldsets = [
        (
            "Decision",
            {
                "fields": [
                    ("published", "removed", "quality", "shown_heat"),
                    "stories",
                    ("live_at", "ends_at"),
                    "story",
                    "suggested_topics",
                    "reason",
                ]
            },
        ),
        ("Text", {"fields": ["web_url", "title", "excerpt", ("provider", "type"), "published_at"]}),
        ("Told to readers", {"classes": ["collapse"], "fields": ["note", "withdrawal_note", "correction"]}),
        (
            "Other addresses, video",
            {
                "classes": ["collapse"],
                "fields": ["original_url", "amp_web_url", "cdn_amp_web_url", "featured_content"],
            },
        ),
        (
            "Source and file",
            {
                "classes": ["collapse"],
                "fields": ["source", "stem", "provider_name", "imported_at", "other_keys", "secured"],
            },
        ),
    ]
    readonly_fields = ["shown_heat", "imported_at", "other_keys", "secured"]

    def watched(self, keys):
        return of_articles(keys)

    def watched_at_deletion(self, keys):
        return of_deleted(keys)

    def get_queryset(self, request):
        found = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name == "articles_article_change":
            return found.select_related("source", "provider", "story__lead", "file")
        return found.defer("extra", "featured_content")

    def get_changelist_instance(self, request):
        """Load what rows refer to apart: joined to few outlets, SQLite would sort all articles for one page."""
        shown = super().get_changelist_instance(request)
        shown.result_list = shown.result_list.prefetch_related("provider", "source", "story__lead")
        return shown

    def get_fieldsets(self, request, obj=None):
        hidden = {"secured"} if obj is None or not request.user.has_perm("articles.view_secured") else set()
        hidden |= {"shown_heat", "imported_at", "other_keys", "suggested_topics"} if obj is None else set()
        shown = [
            (name, {**options, "fields": _without(options["fields"], hidden)})
            for name, options in super().get_fieldsets(request, obj)
        ]
        if obj is None:  # first what a new article is, then what is decided about it
            decision, text, *rest, (name, options) = shown
            shown = [text, (name, {**options, "classes": []}), decision, *rest]
        return [(name, options) for name, options in shown if options["fields"]]

    def get_readonly_fields(self, request, obj=None):
        """Return read-only fields: source and stem identify an article and never change."""
        fixed = ["source", "stem"] if obj else []
        return [*self.readonly_fields, *fixed, *([] if may_withdraw(request.user) else WITHDRAWAL_FIELDS)]

    @admin.display(description="Status", ordering="published")
    def state(self, article):
        return format_html('<span class="state state-{}">{}</span>', article.state, article.state.label)

    @admin.display(description="Heat", ordering="heat_score")
    def shown_heat(self, article):
        return "Counted in its lead" if article.heat_score == MEMBER_HEAT else article.heat_score

    @admin.display(description="Last imported")
    def imported_at(self, article):
        file = getattr(article, "file", None)
        return in_own_zone(file.imported_at) if file else "Never (created here)"

    @admin.display(description="Other keys in its file")
    def other_keys(self, article):
        return ", ".join(article.extra) or "None"

    def secured(self, article):
        file = getattr(article, "file", None)
        return originals.secured(file) if file else ""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        edited = Article.objects.filter(pk=read_id(unquote(object_id or ""))) if request.method == "POST" else []
        with succession.told(self, request, edited):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, article, form, change):
        """Save only the fields the editor changed."""
        form.before = decisions.values_of(article.pk) if change else None
        request.record.action.reason = form.cleaned_data["reason"]
        if "removed" in form.changed_data:
            request.record.action.kind = Kind.REMOVE if article.removed else Kind.RESTORE
        if "correction" in form.changed_data:
            article.corrected_at = timezone.now() if article.correction else None
        if not change:
            super().save_model(request, article, form, change)
            return
        changed = set(form.changed_data) - set(ASIDE)
        changed |= {"corrected_at"} if "correction" in changed else set()
        if "provider" in changed and "provider_name" not in changed:
            article.provider_name = ""  # it named the old provider
            changed.add("provider_name")
        if "provider" in changed:
            article.provider_domain = ""  # the same
            changed.add("provider_domain")
        article.save(update_fields=[*changed, "updated_at"])

    def save_formset(self, request, form, formset, change):
        """Store the article's topics, tags or images as a whole, merged with what is stored now."""
        formset.save(commit=False)  # fills what the admin's log reads
        article, field = form.instance, formset.field
        current = form.before[field] if change else []
        wanted, overwrites = formset.merged(current)
        if overwrites:
            form.overwritten[field] = formset.shown()
        if wanted != current and field == "topics":
            values.write_topics({article.pk: wanted})
        elif wanted != current and field == "tags":
            values.write_tags({article.pk: wanted})
        elif wanted != current:
            values.write_images(ArticleImage, "article_id", {article.pk: wanted})
        for url, file in formset.uploads() if field == "images" else []:
            for image in article.images.filter(url=url)[:1]:
                columns = file.keep() if file else image.without_copy()
                if copies.is_waiting(url):
                    image.file = columns["file"]
                    columns["url"] = absolute(renditions.address(image))
                article.images.filter(pk=image.pk).update(**columns)

    def save_related(self, request, form, formsets, change):
        form.overwritten = form.shown_values() if change else {}
        super().save_related(request, form, formsets, change)
        article_id = form.instance.pk
        if added := form.topics_to_add():
            there = values.from_row(form.instance)["topics"]
            values.write_topics({article_id: list(dict.fromkeys([*there, *added]))})
        if form.cleaned_data.get(succession.ANSWER) == succession.NEXT:
            succession.hand_over(self, request, form.losses)
        decisions.edited(article_id, form.before, request.user)
        if change:
            now = decisions.values_of(article_id)
            tell_of_file(
                self, request, decisions.keep_overwritten("article", article_id, form.overwritten, form.before, now)
            )
            succession.tell_of_times(self, request, Article.objects.get(pk=article_id), form.changed_data)
            if "published" in form.changed_data:
                succession.tell_of_coverage(self, request, Article.objects.filter(pk=article_id))
        else:
            matching.group_sure_ones(matching.look_at([article_id]))
            if found := suggested_topics(form.instance):
                text = "Its title names {}. Nothing was added: choose among the suggested topics in its form."
                self.message_user(request, format_html(text, " and ".join(map(str, found))), messages.INFO)

    def has_group_permission(self, request):
        return may_group(request.user)

    def has_withdraw_permission(self, request):
        return may_withdraw(request.user)

    def delete_view(self, request, object_id, extra_context=None):
        """Ask before deleting an article, and again if that would hide a story."""
        article = self.get_object(request, unquote(object_id))
        if request.method != "POST" or not article or not self.has_delete_permission(request, article):
            return super().delete_view(request, object_id, extra_context)
        with self.recording(request, Kind.DELETE, of_deleted([article.pk])):
            page = succession.question(self, request, [article])
            return page or super().delete_view(request, object_id, extra_context)

    @admin.action(permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s"))
    def delete_selected(self, request, queryset):
        """Do what Django's action does, but ask once more if that would hide stories."""
        if not request.POST.get("post"):
            return delete_selected(self, request, queryset)
        with self.recording(request, Kind.DELETE, of_deleted(list(queryset.values_list("pk", flat=True)))):
            return succession.question(self, request, queryset) or delete_selected(self, request, queryset)

    def delete_queryset(self, request, queryset):
        touched = _stories_of(queryset)
        with succession.told(self, request, list(queryset)):
            super().delete_queryset(request, queryset.select_related(None))  # the list's, which take columns not read
            leads.recompute(touched)

    def get_urls(self):
        address = path("<int:pk>/values/", self.admin_site.admin_view(self.values_view), name="articles_article_values")
        return [address, *super().get_urls()]

    def values_view(self, request, pk):
        """Show where each value comes from. A POST makes a field follow its file again."""
        article = get_object_or_404(Article.objects.select_related("story__lead", "source"), pk=pk)
        may_change = self.has_change_permission(request, article)
        may_follow = may_change and may_set(request.user, request.POST.get("field", ""))
        if not self.has_view_permission(request, article) or (request.method == "POST" and not may_follow):
            raise PermissionDenied
        if request.method == "POST":
            return self._follow(request, article)
        origins = history.origins(article)
        titles = presentation.story_titles(
            value for o in origins if o.field == "story" for value in (o.value, o.of_file)
        )
        found = [
            (
                origin,
                presentation.shown(origin.field, origin.value, titles),
                presentation.shown(origin.field, origin.of_file, titles),
                may_change and origin.can_follow and may_set(request.user, origin.field),
            )
            for origin in origins
        ]
        title = "Where its values come from"
        context = {**self.admin_site.each_context(request), "opts": self.opts, "article": article, "origins": found}
        context["orders"], context["pins"] = why.explained(article), why.pins_of(article)
        return render(request, "admin/articles/article/values.html", context | {"title": title})

    def _follow(self, request, article):
        try:
            decisions.follow(article, request.POST.get("field", ""), request.user)
        except ValueError as error:
            self.message_user(request, f"Nothing was changed: {error}.", messages.ERROR)
        else:
            field = request.POST["field"].replace("_", " ")
            self.message_user(request, f"{field.capitalize()} follows the file again.", messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def render_change_form(self, request, context, *arguments, obj=None, **options):
        context |= {"looks": LOOKS, "is_nav_sidebar_enabled": False}
        if obj:
            self.add_sides(request, context, obj)
            context["open_suggestions"] = obj.suggestions.filter(state=Suggestion.State.OPEN).count()
            context["queue"] = self.queue_of(request, obj.pk)
        return super().render_change_form(request, context, *arguments, obj=obj, **options)

    @admin.action(description="Publish selected articles", permissions=["change"])
    def publish(self, request, queryset):
        return self._plan(request, queryset, Kind.PUBLISH)

    @admin.action(description="Unpublish selected articles", permissions=["change"])
    def unpublish(self, request, queryset):
        return self._plan(request, queryset, Kind.UNPUBLISH)

    @admin.action(description="Remove selected articles from the public site for good", permissions=["withdraw"])
    def remove(self, request, queryset):
        return self._plan(request, queryset, Kind.REMOVE)

    @admin.action(description="Restore selected articles that were removed", permissions=["withdraw"])
    def restore(self, request, queryset):
        return self._plan(request, queryset, Kind.RESTORE)

    @admin.action(description="Export selected articles as files", permissions=["view"])
    def export(self, request, queryset):
        ids = list(queryset.order_by().values_list("pk", flat=True)[: selection.MOST + 1])
        if len(ids) <= selection.MOST:
            return export.answer(request, ids)
        self.message_user(request, export.too_many(), messages.ERROR)
        return None

    def _plan(self, request, queryset, kind):
        """Lead to the page that shows what would change."""
        action = deciding.plan(kind, queryset, request.user)
        return HttpResponseRedirect(reverse("admin:articles_action_go", args=[action.pk]))

    @admin.action(description="Combine selected articles into one story", permissions=["group"])
    def make_one_story(self, request, queryset):
        """Lead to the page that shows what it does before."""
        chosen = {"article": list(queryset.values_list("pk", flat=True)[:MAX_COMBINED])}
        return HttpResponseRedirect(f"{reverse('desk_combine')}?{urlencode(chosen, doseq=True)}")


def _without(fields, hidden):
    """Return the fields of a form, some of which are side by side, without those that are hidden."""
    found = [
        tuple(one for one in field if one not in hidden) if isinstance(field, tuple) else field for field in fields
    ]
    return [field for field in found if field and field not in hidden]


def _stories_of(articles):
    return set(articles.exclude(story=None).values_list("story_id", flat=True))
