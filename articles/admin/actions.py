"""The log of what people did at the desk, its undo, and the page that shows what a bulk action will change."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ..db.bulk import BATCH
from ..models import Action, Article
from ..stories import deciding, undo
from ..stories.actions import RECORDED
from ..stories.restoring import UndoError
from ..text.numbers import read_id
from . import succession
from .base import ReadOnlyAdmin
from .collisions import others_since
from .differences import NAMED, UNTOLD, Names, in_order, of_row
from .presentation import names
from .recorded import may_undo, tell, tell_why_not
from .removal import RemovalForm
from .rights import expect_plan
from .succession import ANSWER, HIDE, NEXT

MAX_ROWS = 100  # of an action, on its page
CALLED = ("title", "name", "reason", "url", "headline")  # columns by which a row that was added or deleted is known


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    """The log is read only. Everybody may look at what they did themselves."""

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or (obj is not None and obj.user_id == request.user.pk)

    def get_queryset(self, request):
        return super().get_queryset(request).filter(is_begun=True)

    def changelist_view(self, request, extra_context=None):
        """Lead to the log, which has them all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("desk_log"))

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/go/", wrap(self.go_view), name="articles_action_go"),
            path("<int:pk>/undo/", wrap(self.undo_view), name="articles_action_undo"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show what was done, readably. The page is the desk's."""
        action = self.get_object(request, unquote(object_id))
        if action is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST" or not self.has_view_permission(request, action):
            raise PermissionDenied
        rows = action.rows.exclude(before={}, after={})[: MAX_ROWS + 1]
        last, stands = undo.in_effect(action)
        context = {
            "title": _("What was done"),
            "action": action,
            "rows": list(_told(rows[:MAX_ROWS], request.user)),
            "has_more": len(rows) > MAX_ROWS,
            "undone": last if not stands else None,
            "may_undo": stands and may_undo(request.user, action),
            "may_go_on": bool(action.left) and action.user_id == request.user.pk,
            "may_see": self.has_view_permission(request),
        }
        return render(request, "desk/action.html", context)

    def undo_view(self, request, pk):
        """Undo an action, if it is posted."""
        action = get_object_or_404(Action, pk=pk, is_begun=True)
        may = may_undo(request.user, action) if request.method == "POST" else True
        if not (may and self.has_view_permission(request, action)):
            raise PermissionDenied
        shown = action
        if request.method == "POST":
            try:
                shown = undo.undo(action, request.user)
            except UndoError as error:
                tell_why_not(self, request, error)
            else:
                if shown.left:
                    return HttpResponseRedirect(reverse("admin:articles_action_go", args=[shown.pk]))
                tell(self, request, shown, succession.consequences(shown.effects))
        return HttpResponseRedirect(reverse("admin:articles_action_change", args=[shown.pk]))

    def go_view(self, request, pk):
        """Show what a bulk action will change, and how far it is. A POST does the next part of it."""
        action = get_object_or_404(Action, pk=pk, user=request.user)
        expect_plan(request.user, action)
        articles = _begun_at(request)
        losses = [] if action.is_begun else deciding.losses(action)
        removal = _asked(request) if action.kind == Action.Kind.REMOVE and not action.is_begun else None
        is_told = not action.is_begun and self._tell_of_others(request, action)
        if request.method == "POST" and not is_told and _is_answered(request, losses, removal):
            if removal:
                Action.objects.filter(pk=pk).update(**removal.cleaned_data)
            action = self._go_on(request, action, losses)
            if action.left:
                return HttpResponseRedirect(request.get_full_path())
        if not action.left:
            if action.pk:
                tell(self, request, action)
            else:
                self.message_user(request, "Nothing had to be changed.", messages.INFO)
            return HttpResponseRedirect(articles)
        if action.kind == Action.Kind.UNPUBLISH:
            succession.tell_of_coverage(self, request, Article.objects.filter(pk__in=action.left[:BATCH]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Not finished yet" if action.is_begun else TITLES[action.kind],
            "action": action,
            "preview": deciding.preview(action) if action.kind in deciding.COLUMNS else None,
            "losses": losses,
            "removal": removal,
            "now": timezone.now().isoformat(),
            "already": deciding.ALREADY.get(action.kind),
            "answers": succession.answers(losses),
            "answer": ANSWER,
            "done": action.total - len(action.left),
            "articles": articles,
            "verb": TITLES.get(action.kind, "").partition(" ")[0],
        }
        return render(request, "admin/articles/action/go.html", context)

    def _tell_of_others(self, request, action):
        """Say who decided about the same articles since the page was shown, if anybody did. Return whether so."""
        moment = _moment(request.POST.get("now", ""))
        number, who = others_since(action, moment) if moment and timezone.is_aware(moment) else (0, [])
        if number:
            text = format_html(
                _(
                    "{who} decided about {number} of these while this page was open. Nothing is changed yet: look at "
                    "what will be, and go on if you still want to."
                ),
                who=names(who),
                number=number,
            )
            self.message_user(request, text, messages.WARNING)
        return bool(number)

    def _go_on(self, request, action, losses):
        """Do the next part, and say who leads the stories of these articles now."""
        if action.kind == Action.Kind.UNDO:
            return self._go_on_undoing(request, action)
        hands_over = request.POST.get(ANSWER) == NEXT
        heirs = [loss.heir.title for loss in losses if hands_over and loss.heir]
        with succession.told(self, request, list(Article.objects.filter(pk__in=action.left[:BATCH]).only("story"))):
            action = deciding.go_on(action, hands_over)
        if heirs:
            self.message_user(request, format_html("Published: {}.", names(heirs)), messages.INFO)
        return action

    def _go_on_undoing(self, request, action):
        try:
            return undo.go_on(action)
        except UndoError as error:
            tell_why_not(self, request, error)
            Action.objects.filter(pk=action.pk).update(left=[])  # it stops here
            return Action.objects.get(pk=action.pk)


TITLES = {
    Action.Kind.PUBLISH: "Publish articles",
    Action.Kind.UNPUBLISH: "Unpublish articles",
    Action.Kind.REMOVE: "Remove articles for good",
    Action.Kind.RESTORE: "Restore removed articles",
}


def _moment(text):
    """Return the moment that a page was shown, which it sends; None if that is not one."""
    try:
        return parse_datetime(text[:40])
    except ValueError:
        return None


def _asked(request):
    """Return the form that asks why articles are removed."""
    return RemovalForm(request.POST if request.method == "POST" else None)


def _is_answered(request, losses, removal):
    """Return whether a POST says all that a bulk action asks."""
    return (not losses or request.POST.get(ANSWER) in (NEXT, HIDE)) and (removal is None or removal.is_valid())


def _begun_at(request):
    """Return the address of where an action on articles began: a story's page, or the list of articles."""
    story = read_id(request.GET.get("story", ""))
    return reverse("desk_story", args=[story]) if story else reverse("admin:articles_article_changelist")


def _told(rows, user):
    """Yield what an action changed for its page: the row's kind, name and history, what became of it, differences."""
    rows = [row for row in rows if row.model not in UNTOLD]
    names = Names(rows)
    became = {(True, False): _("added"), (False, True): _("deleted")}
    for row in rows:
        model = RECORDED[row.model]
        is_there = model in NAMED and row.after is not None
        may = is_there and user.has_perm(f"articles.view_{row.model}")
        yield {
            "kind": model._meta.verbose_name,
            "name": names.of(model, row.key) if is_there else _called(row.after or row.before or {}),
            "history": reverse(f"admin:articles_{row.model}_history", args=[row.key]) if may else "",
            "became": became.get((row.before is None, row.after is None), ""),
            "differences": in_order(of_row(row, names), model),
        }


def _called(cells):
    """Return the name of a row that has none any more, or none of its own, by what is recorded of it."""
    return next((str(cells[name]) for name in CALLED if cells.get(name)), "")
