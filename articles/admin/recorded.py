"""Forms and deletions that are recorded, and the message that says what was done and leads to its undo."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, Value, When
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from ..models import Action, ActionRow
from ..stories.actions import Kind, listed, quoted, recorded
from ..sync.versions import RESTORED
from ..text.numbers import read_id
from . import histories
from .base import QuickAdmin
from .rights import WITHDRAWAL_FIELDS, may_set, undo_needs
from .succession import consequences

MAX_SHOWN = 100  # actions in a history
MAX_TOLD = 5  # messages about actions


def tell(model_admin, request, action, more=""):
    """Say what was done, with a link to where it is undone. `more` is HTML."""
    address = reverse("admin:articles_action_change", args=[action.pk])
    way = "Undo" if may_undo(request.user, action) else "See it"
    text = format_html('<bdi>{}</bdi>. <a href="{}">{}</a> {}', str(action).rstrip("."), address, way, more)
    model_admin.message_user(request, text, messages.SUCCESS)


def tell_all(model_admin, request, actions, what):
    """Say what was done: a few actions each with its undo, of many how many there were."""
    if len(actions) > MAX_TOLD:
        address = reverse("desk_log")
        text = format_html('{}. <a href="{}">See and undo them</a>', what, address)
        model_admin.message_user(request, text, messages.SUCCESS)
    else:
        for action in actions:
            tell(model_admin, request, action, consequences(action.effects))


def tell_why_not(model_admin, request, error):
    """Say why something cannot be undone, with a link to what stands in the way."""
    text = format_html("Nothing was changed: <bdi>{}</bdi>", str(error))
    if error.in_the_way or error.row:
        name = "action" if error.in_the_way else error.row._meta.model_name
        address = reverse(f"admin:articles_{name}_change", args=[(error.in_the_way or error.row).pk])
        text = format_html('{} <a href="{}">Look at it</a>.', text, address)
    model_admin.message_user(request, text, messages.ERROR)


def done_to(model, keys):
    """Return the actions about rows of a model, newest first."""
    rows = ActionRow.objects.filter(model=model, key__in=keys).values("action")
    return Action.objects.filter(pk__in=rows).select_related("user", "undoes", "undone_by")[:MAX_SHOWN]


PARTS = dict.fromkeys(
    (
        *("articletopic", "articletag", "articleimage", "conflict", "mark"),
        *("importedfile", "change", "articleterm", "issuearticle", "deletedarticle"),
    ),
    "article",
) | {
    "postponed": "suggestion",
    "provideralias": "provider",
    "providerimage": "provider",
    "topicalias": "topic",
}  # of which the right to change what they belong to decides


def may_undo(user, action):
    """Return whether a user may change what an undo changes: make rows again, delete them, or set columns back."""
    return action.pk in undoable(user, [action])


def undoable(user, actions):
    """Return the keys of those of some actions that a user may undo, in one query."""
    columns = ("model", "before__isnull", "after__isnull", "regroups", "withdraws")
    rows = ActionRow.objects.filter(action__in=[one.pk for one in actions]).annotate(
        regroups=_whether(model="article", before__has_key="story_id"),
        withdraws=_whether(model="article", after__has_any_keys=WITHDRAWAL_FIELDS),
    )
    kinds = defaultdict(set)
    for pk, *kind in rows.exclude(before={}, after={}).values_list("action", *columns).order_by().distinct():
        kinds[pk].add(tuple(kind))
    return {one.pk for one in actions if kinds[one.pk] and user.has_perms(_undo_needs(one, kinds[one.pk]))}


def _whether(**condition):
    return Case(When(**condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _undo_needs(action, kinds):
    """Return the permissions that undoing an action takes. `kinds` says of which kinds its rows are."""
    parts = PARTS | ({"issuearticle": "issue"} if any(model == "issue" for model, *_ in kinds) else {})
    needed, withdraws = set(), False
    for model, was_made, was_deleted, regroups, sets_removed in kinds:
        verb = "change" if model in parts else "delete" if was_made else "add" if was_deleted else "change"
        needed.add(f"articles.{verb}_{parts.get(model, model)}")
        needed |= {"articles.change_story"} if regroups else set()
        withdraws = withdraws or (sets_removed and not (was_made or was_deleted))
    return [*needed, *undo_needs(action, withdraws)]


class RecordedAdmin(QuickAdmin):
    """Record what its form adds and changes, and what is deleted from its list."""

    def watched(self, keys):
        """Return the rows that may change with these: querysets."""
        return [self.model._base_manager.filter(pk__in=keys)]

    def watched_at_deletion(self, keys):
        """Return the rows that may change when these are deleted: querysets."""
        return self.watched(keys)

    def owners(self, row):
        """Return what has a history that tells of the row too: pairs of a model and a key."""
        return [(self.model, row.pk)]

    def called(self, row):
        """Return the row's name, for people."""
        return f"the {self.opts.verbose_name} {quoted(row)}"

    @contextmanager
    def recording(self, request, kind, rows):
        """Record what the block does to rows, which are given as querysets, and say so."""
        action = Action(kind=kind, user=request.user)
        with recorded(action, only_changes=True) as request.record:
            request.record.watch(*rows)
            yield
        request.says_less = False
        if action.pk:
            tell(self, request, action)

    def response_add(self, request, row, post_url_continue=None):
        request.says_less = True
        return super().response_add(request, row, post_url_continue)

    def response_change(self, request, row):
        request.says_less = True
        return super().response_change(request, row)

    def message_user(self, request, message, level=messages.INFO, *arguments, **options):
        """Say something, but not what Django says of a form that is saved: what is recorded says more."""
        if level != messages.SUCCESS or not getattr(request, "says_less", False):
            super().message_user(request, message, level, *arguments, **options)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        key = read_id(unquote(object_id or ""))
        with self.recording(request, Kind.CHANGE if object_id else Kind.ADD, self.watched([key]) if key else []):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            is_saved = getattr(request, "says_less", False)
        if is_saved and not request.record.action.pk:
            self.message_user(request, "Saved. Nothing was changed.", messages.SUCCESS)
        return response

    def log_addition(self, request, row, message):
        """Note what was added. It is recorded as an action, so that Django need not log it too."""
        record = request.record
        record.made(*self.watched([row.pk]))
        self._note(record, row, f"Added {self.called(row)}")

    def log_change(self, request, row, message):
        """Note what was changed."""
        if record := getattr(request, "record", None):
            parts = [part for change in message for part in change.values()] if isinstance(message, list) else []
            names = [name.lower() for part in parts for name in part.get("fields") or [part.get("name", "")]]
            fields = ", ".join(dict.fromkeys(filter(None, names)))
            self._note(record, row, f"Changed {self.called(row)}" + (f": {fields}" if fields else ""))

    def log_deletions(self, request, queryset):
        """Log nothing: `delete_queryset` records it."""

    def history_view(self, request, object_id, extra_context=None):
        """Show what people did to a row, and what was taken from its file. Its page is the desk's."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        name = self.opts.model_name
        entries, more = histories.page_of(name, histories.keys_of(row), request.GET.get("before", ""))
        for entry in entries:
            entry.differences = [
                one if may_set(request.user, one.field) else replace(one, can_go_back=False)
                for one in entry.differences
            ]
        context = {
            "title": histories.title_of(row),
            "row": row,
            "form": reverse(f"admin:articles_{name}_change", args=[row.pk]),
            "entries": entries,
            "next": more,
            "may_restore": self.has_change_permission(request, row) and name in RESTORED,
            "may_see": request.user.has_perm("articles.view_action"),
        }
        return render(request, "desk/history.html", context)

    def _note(self, record, row, what):
        record.action.what, record.action.about = what, self.opts.model_name
        for model, key in self.owners(row):
            record.about(model, [key])

    def delete_model(self, request, row):
        self.delete_queryset(request, self.model._default_manager.filter(pk=row.pk))

    def delete_queryset(self, request, queryset):
        rows = list(queryset)
        with self.recording(request, Kind.DELETE, self.watched_at_deletion([row.pk for row in rows])):
            names = [self.called(row) for row in rows[:1]] if len(rows) == 1 else []
            plural = f"{self.opts.verbose_name_plural}: {listed(rows)}"
            for row in rows:
                self._note(request.record, row, f"Deleted {names[0] if names else plural}")
            self.delete_rows(request, queryset)

    def delete_rows(self, request, queryset):
        super().delete_queryset(request, queryset)
