"""Import records, conflicts and deleted articles in the admin."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from ..models import Conflict, DeletedArticle, ImportRun
from ..sync import decisions
from ..text.moments import in_own_zone
from ..text.plain import counted
from .base import QuickAdmin
from .collisions import last_editor
from .filters import SiteFilter, StateFilter
from .presentation import in_short, shown, titles_for
from .rights import may_set

MAX_REMARKS_SHOWN = 500  # of each kind


@admin.register(ImportRun)
class ImportRunAdmin(QuickAdmin):
    list_display = [
        "started_at",
        "sites",
        "state",
        "files",
        "created",
        "updated",
        "unchanged",
        "raised",
        "not_taken",
        "odd",
    ]
    list_filter = ["state"]
    ordering = ["-pk"]
    fieldsets = [
        (None, {"fields": ["started_at", "finished_at", "state", "problem", "who", "what", "sites", "seconds"]}),
        ("Articles", {"fields": ["files", "created_link", "updated_link", "unchanged", "raised_link"]}),
        ("Rejected files", {"fields": ["rejections"]}),
        ("Warnings", {"fields": ["oddities"]}),
        ("Retired articles", {"fields": ["retired_ones"]}),
    ]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser  # deleting one loses where values came from

    @admin.display(description="Sites")
    def sites(self, run):
        return ", ".join(run.sources) or "None"

    @admin.display(description="Paths")
    def what(self, run):
        return ", ".join(run.paths) or "Not recorded"

    @admin.display(description="Conflicts", ordering="conflicts")
    def raised(self, run):
        return run.conflicts

    @admin.display(description="Rejected")
    def not_taken(self, run):
        return len(run.rejected)

    @admin.display(description="Created")
    def created_link(self, run):
        address = reverse("desk_triage")
        return format_html('{} (<a href="{}?mark=all&amp;run={}">list</a>)', run.created, address, run.pk)

    @admin.display(description="Updated")
    def updated_link(self, run):
        address = reverse("desk_imported", args=[run.pk])
        return format_html('{} (<a href="{}">what changed</a>)', run.updated, address)

    @admin.display(description="Conflicts raised")
    def raised_link(self, run):
        address = reverse("admin:articles_conflict_changelist")
        return format_html('{} (<a href="{}?state=all&amp;run__id__exact={}">list</a>)', run.conflicts, address, run.pk)

    @admin.display(description="Warnings")
    def odd(self, run):
        return len(run.warnings)

    @admin.display(description="Rejected files")
    def rejections(self, run):
        return _table(run.rejected)

    @admin.display(description="Warnings")
    def oddities(self, run):
        return _table(run.warnings)

    @admin.display(description="Retired articles")
    def retired_ones(self, run):
        more = len(run.retired) - MAX_REMARKS_SHOWN
        paths = [*run.retired[:MAX_REMARKS_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        return format_html_join("", "{}<br>", ((path,) for path in paths)) or "None"


def _table(remarks):
    """Return a table of rejections or warnings."""
    if not remarks:
        return "None"
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        ((r["path"], r["line"], r["key"] or "None", r["message"]) for r in remarks[:MAX_REMARKS_SHOWN]),
    )
    more = len(remarks) - MAX_REMARKS_SHOWN
    return format_html(
        '<table class="plain"><thead><tr><th>File</th><th>Line</th><th>Key</th><th>Problem</th></tr></thead>'
        "<tbody>{}</tbody></table>{}",
        rows,
        f"and {more} more" if more > 0 else "",
    )


CHOICES = [
    (Conflict.Choice.OURS, "Keep the editor's value"),
    (Conflict.Choice.THEIRS, "Use the file's value"),
    (Conflict.Choice.BASE, "Restore the original value"),
]
OUTCOMES = {
    Conflict.Choice.OURS: "kept the editor's value",
    Conflict.Choice.THEIRS: "used the file's value",
    Conflict.Choice.BASE: "restored the original value",
    Conflict.Choice.AGREED: "both sides now agree",
}


def may_take(user, conflict):
    """Return whether a user may give the subject of a conflict another value than the editor's, which it has."""
    changed = "relatedlink" if conflict.field == "links" else conflict.subject._meta.model_name
    return user.has_perm(f"articles.change_{changed}") and may_set(user, conflict.field)


def _whose(conflict):
    """Return whose value the site shows, by name if that is recorded."""
    found = last_editor(conflict.subject, conflict.field)
    return f"Value of {found[0]}" if found else "Editor's value"


@admin.register(Conflict)
class ConflictAdmin(QuickAdmin):
    has_drafts = False
    change_form_template = "admin/articles/conflict/change_form.html"
    list_display = ["about", "what", "ours_short", "theirs_short", "raised_at", "state"]
    list_filter = [StateFilter, SiteFilter, "field"]
    linked = ["run__id__exact", "article__id__exact"]
    list_select_related = ["article", "topic", "provider"]
    search_fields = ["article__title", "article__stem"]
    search_help_text = "Search by article title or file name."
    actions = ["keep_ours", "take_theirs"]
    fields = ["subject_link", "what", "raised_at", "run", "state"]
    readonly_fields = fields

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("article", "topic", "provider", "run", "resolved_by")

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        titles = titles_for(changelist.result_list)
        for conflict in changelist.result_list:
            conflict.titles = titles
        return changelist

    @admin.display(description="About")
    def about(self, conflict):
        return Truncator(str(conflict.subject)).chars(90)

    @admin.display(description="Field", ordering="field")
    def what(self, conflict):
        return conflict.field_name

    @admin.display(description="Editor's value")
    def ours_short(self, conflict):
        return in_short(conflict.field, conflict.ours, conflict.titles)

    @admin.display(description="File's value")
    def theirs_short(self, conflict):
        return in_short(conflict.field, conflict.theirs, conflict.titles)

    @admin.display(description="State")
    def state(self, conflict):
        if not conflict.resolved_at:
            return "Open"
        who = f" by {conflict.resolved_by}" if conflict.resolved_by else ""
        return f"Resolved {in_own_zone(conflict.resolved_at)}{who}: {OUTCOMES[conflict.taken]}"

    @admin.display(description="About")
    def subject_link(self, conflict):
        subject = conflict.subject
        address = reverse(f"admin:articles_{subject._meta.model_name}_change", args=[subject.pk])
        return format_html('<a href="{}">{}</a>', address, subject)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        conflict = self.get_object(request, unquote(object_id))
        if conflict and request.method == "POST":
            if not self.has_change_permission(request, conflict):
                raise PermissionDenied
            if request.POST.get("take") in dict(CHOICES):
                self._resolve(request, [conflict], request.POST["take"])
            return HttpResponseRedirect(reverse("admin:articles_conflict_changelist"))
        titles = titles_for([conflict] if conflict else [])
        values = conflict and [
            ("Original value", shown(conflict.field, conflict.base, titles)),
            (f"{_whose(conflict)} (current)", shown(conflict.field, conflict.ours, titles)),
            ("File's value", shown(conflict.field, conflict.theirs, titles)),
        ]
        open_ = bool(conflict and not conflict.resolved_at and self.has_change_permission(request, conflict))
        choices = CHOICES if conflict is None or conflict.base_is_known else CHOICES[:-1]
        choices = choices if conflict is None or may_take(request.user, conflict) else choices[:1]
        context = {"three_values": values, "choices": choices if open_ else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _resolve(self, request, conflicts, choice):
        resolved = 0
        for conflict in conflicts:
            try:
                if choice != Conflict.Choice.OURS and not may_take(request.user, conflict):
                    raise ValueError("you may not change what it is about")
                decisions.resolve(conflict, choice, request.user)
            except ValueError as error:
                self.message_user(request, f"{conflict}: nothing was changed: {error}.", messages.ERROR)
            else:
                resolved += 1
        if resolved:
            text = f"{counted(resolved, 'conflict')} resolved: {OUTCOMES[choice]}."
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description="Keep the editor's value", permissions=["change"])
    def keep_ours(self, request, queryset):
        self._resolve(request, list(queryset.open()), Conflict.Choice.OURS)

    @admin.action(description="Use the file's value", permissions=["change"])
    def take_theirs(self, request, queryset):
        self._resolve(request, list(queryset.open()), Conflict.Choice.THEIRS)


@admin.register(DeletedArticle)
class DeletedArticleAdmin(QuickAdmin):
    """Articles that imports skip. Deleting a row here lets its file be imported again."""

    list_display = ["title", "stem", "source", "deleted_at"]
    list_filter = ["source"]
    list_select_related = ["source"]
    search_fields = ["title", "stem"]
    search_help_text = "Search by title or file name. Delete a row to let its file be imported again."

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
