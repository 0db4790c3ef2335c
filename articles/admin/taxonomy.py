"""Topics, providers and sources in the admin."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from ..models import ArticleTopic, DeletedArticle, Provider, ProviderImage, Source, Story, Topic
from ..models.sources import FIGURES
from ..public import scorecards
from ..stories import uniting
from ..stories.actions import of_deleted_topics, of_providers, of_renamed, of_topics
from ..sync import decisions, figures
from .base import tell_of_file, without
from .forms import LogoForm, ProviderForm, TopicForm
from .inlines import PictureInline
from .recorded import RecordedAdmin
from .rights import may_merge

MAX_NAMED = 20  # articles on the page that asks before topics are deleted


class ProviderImageInline(PictureInline):
    model = ProviderImage
    form = LogoForm
    fields = ["source", *PictureInline.fields]


class FileRowAdmin(RecordedAdmin):
    """Save only the fields an editor changed. For rows with a file of their own: topics and providers."""

    def has_merge_permission(self, request):
        return may_merge(request.user, self.opts.model_name)

    def save_model(self, request, row, form, change):
        if not change:
            super().save_model(request, row, form, change)
            return
        before = form.of_row(self.model.objects.get(pk=row.pk))
        row.save(update_fields=form.changed_data)
        shown = {name: form.shown_value(name) for name in form.changed_data if name in before}
        if isinstance(shown.get("parent"), Topic):
            shown["parent"] = shown["parent"].name
        found = decisions.keep_overwritten(self.opts.model_name, row.pk, shown, before, form.of_row(row))
        tell_of_file(self, request, found)


def merging(page):
    """Return an action of a list that leads to the page on which its rows are merged. It changes nothing itself."""

    def merge(model_admin, request, queryset):
        ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: uniting.MOST + 1])
        if len(ids) not in range(2, uniting.MOST + 1):
            text = f"Select from two to {uniting.MOST} to merge."
            return model_admin.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(f"{reverse(page)}?{urlencode([('pk', pk) for pk in ids])}")

    return admin.action(merge, permissions=["merge"], description="Merge selected %(verbose_name_plural)s")


@admin.register(Topic)
class TopicAdmin(FileRowAdmin):
    form = TopicForm
    actions = [merging("desk_topics_merge")]
    list_display = ["indented_name", "slug", "parent", "menu_order"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "shortname", "parent", "menu_order", "keywords", "hashtags", "images", "services"]

    def get_deleted_objects(self, objs, request):
        """Name the articles that the topics are taken off, instead of repeating the topics."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        links = ArticleTopic.objects.filter(tag__in=[topic.pk for topic in objs])
        titles = list(links.order_by("-pk").values_list("content_object__title", flat=True)[:MAX_NAMED])
        if total := links.count():
            more = total - len(titles)
            told = [format_html("Taken off the article <bdi>{}</bdi>", title) for title in titles]
            listed = [*without(listed, ("Topic: ",)), *told, *([f"And off {more} more"] if more else [])]
        return listed, counts, needed, protected

    def watched(self, keys):
        return of_topics(keys)

    def watched_at_deletion(self, keys):
        return of_deleted_topics(keys)

    def save_model(self, request, row, form, change):
        """Save a topic. It takes its new name and slug from topics that had them, with the articles that print it."""
        if not change or {"name", "slug"} & set(form.changed_data):
            request.record.watch(*of_renamed(row))
        super().save_model(request, row, form, change)

    def has_delete_permission(self, request, obj=None):
        """Return whether a user may delete topics, which takes them off their articles."""
        return super().has_delete_permission(request, obj) and request.user.has_perm("articles.change_article")

    @admin.display(description="Name", ordering="name")
    def indented_name(self, topic):
        return f"— {topic.name}" if topic.parent_id else topic.name


@admin.register(Provider)
class ProviderAdmin(FileRowAdmin):
    form = ProviderForm
    actions = [merging("desk_outlets_merge")]
    list_display = ["name", "domain", "is_organization"]
    list_filter = ["is_organization"]
    search_fields = ["name", "domain"]
    fields = ["name", "domain", "is_organization", "other_names", "description"]
    inlines = [ProviderImageInline]

    def watched(self, keys):
        return of_providers(keys)

    def get_urls(self):
        view = self.admin_site.admin_view(self.scorecard_view)
        return [path("<int:pk>/scorecard/", view, name="articles_provider_scorecard"), *super().get_urls()]

    def scorecard_view(self, request, pk):
        """Show a provider's scorecards for all periods side by side."""
        provider = get_object_or_404(Provider, pk=pk)
        if not self.has_view_permission(request, provider):
            raise PermissionDenied
        now = timezone.now()
        cards = [scorecards.scorecard(provider, period, now) for period in scorecards.WINDOWS]
        context = {**self.admin_site.each_context(request), "opts": self.opts, "provider": provider, "cards": cards}
        return render(request, "admin/articles/provider/scorecard.html", context | {"title": "Scorecard"})


@admin.register(Source)
class SourceAdmin(RecordedAdmin):
    list_display = ["name", "title", "locale"]
    search_fields = ["name", "title"]
    fieldsets = [
        (None, {"fields": ["name", "title", "locale", "web_url"]}),
        ("Heat and publication", {"fields": ["fits_figures", "what_files_say", *FIGURES]}),
        ("The hot order", {"fields": ["hot_day_points", "hot_most_coverage"]}),
        ("The JSON API", {"fields": ["api_tags", "api_source_url", "api_video_pages"]}),
    ]

    def watched_at_deletion(self, keys):
        theirs = (model.objects.filter(source__in=keys) for model in (Story, ProviderImage, DeletedArticle))
        return [*self.watched(keys), *theirs]

    def get_readonly_fields(self, request, obj=None):
        return ["name", "what_files_say"] if obj else ["what_files_say"]

    @admin.display(description="What its files say")
    def what_files_say(self, source):
        sentences = figures.evidence(source) if source and source.pk else ()
        nothing = "Nothing yet: no file that was imported tells the figures."
        return format_html_join("", "<div>{}</div>", ([sentence] for sentence in sentences)) or nothing

    def save_model(self, request, obj, form, change):
        """Save a site. Figures that a person changed are theirs; else they are taken from its files again."""
        changed = set(form.changed_data)
        if changed & set(FIGURES) and "fits_figures" not in changed and obj.fits_figures:
            obj.fits_figures = False
            self.message_user(request, "The figures are not taken from files any more, since you changed them.")
        super().save_model(request, obj, form, change)
        if change and "fits_figures" in changed and obj.fits_figures:
            obj.fit = {}
            figures.refit(obj, figures.observe(obj))
