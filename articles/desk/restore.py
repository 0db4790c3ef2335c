"""Restore what a row was before an action: shown first, then done. And what an import changed."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ..admin import succession
from ..admin.collisions import digest
from ..admin.differences import OWNERS, Names, in_order, of_parts, of_row
from ..admin.histories import told
from ..admin.rights import may_set
from ..models import ActionRow, Change, ImportRun
from ..stories.actions import RECORDED
from ..sync import versions
from ..sync.versions import Version, VersionError
from ..text.numbers import read_id
from . import queues

MAX_FIELD = 50  # characters of a field's name
COUNTED = 10_000  # changed articles of an import that are looked at
PAGE = 25  # of them, on a page


def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what restoring a field or a version would change: what it was before an action. A POST does it."""
    rows = ActionRow.objects.select_related("action__user")
    of = get_object_or_404(rows, pk=pk, model__in=versions.RESTORED)
    _expect_right(request, of.model)
    address = reverse("admin:articles_action_change", args=[of.action_id])
    try:
        version = versions.before(of, _only(request))
    except VersionError as why:
        messages.error(request, str(why))
        return HttpResponseRedirect(reverse(f"admin:articles_{of.model}_history", args=[of.key]))
    return _restore(request, version, {"what": of.action, "address": address, "who": of.action.user or "Newsroom"})


def restore_imported(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for a field that was taken from a file."""
    change = get_object_or_404(Change.objects.select_related("article__source", "run"), pk=pk, by_import=True)
    _expect_right(request, "article")
    address = reverse("admin:articles_article_history", args=[change.article_id])
    try:
        version = versions.before_import(change, _only(request))
    except VersionError as why:
        messages.error(request, str(why))
        return HttpResponseRedirect(address)
    who = _("Import %(number)s") % {"number": change.run_id} if change.run_id else _("An import")
    return _restore(request, version, {"what": _("Taken from the file"), "address": address, "who": who})


def _expect_right(request: HttpRequest, model: str) -> None:
    user: Any = request.user
    if not user.has_perm(f"articles.change_{model}"):
        raise PermissionDenied


def _only(request: HttpRequest) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("field", "")[:MAX_FIELD]


def _restore(request: HttpRequest, version: Version, told_of: dict[str, Any]) -> HttpResponse:
    user: Any = request.user
    if not user.has_perms(version.rights):
        raise PermissionDenied
    if not all(may_set(user, name) for name in version.cells):
        raise PermissionDenied(_("This takes the permission to withdraw articles."))
    back = reverse(f"admin:articles_{version.model}_history", args=[version.row.pk])
    losses, error = version.losses, ""
    if request.method == "POST" and version.rows:
        error = _error(request, version, losses) or _do(request, version)
        if not error:
            return HttpResponseRedirect(back)
    names = Names(_turned(version))
    context = {
        "title": _("Restore"),
        "row": version.row,
        "at": version.at,
        "only": _only(request),
        "back": back,
        "differences": _differences(version, names),
        "unknown": [name.replace("_", " ") for name in version.unknown],
        "seen": _seen(version),
        "losses": losses,
        "answers": succession.answers(losses) if losses else [],
        "answer": succession.ANSWER,
        "error": error,
        **told_of,
    }
    return render(request, "desk/restore.html", context)


def _turned(version: Version) -> list[ActionRow]:
    """Return what restoring does: from the values now to those then."""
    return [ActionRow(model=one.model, key=one.key, before=one.after, after=one.before) for one in version.rows]


def _differences(version: Version, names: Names) -> list[Any]:
    turned = _turned(version)
    own = [one for row in turned if row.model == version.model for one in of_row(row, names)]
    parts = of_parts([row for row in turned if row.model != version.model and row.model in OWNERS], names)
    return in_order([*own, *parts], RECORDED[version.model])


def _seen(version: Version) -> str:
    """Return what stands for the values that restoring replaces: they may change before it is confirmed."""
    return digest(repr([(one.model, one.key, sorted((one.after or {}).items())) for one in version.rows]))


def _error(request: HttpRequest, version: Version, losses: list[Any]) -> str:
    """Return why a version cannot be restored yet; "" if it can."""
    if request.POST.get("seen") != _seen(version):
        return _("Somebody changed this meanwhile. Nothing is restored yet: look again at what will change.")
    if losses and request.POST.get(succession.ANSWER) not in dict(succession.answers(losses)):
        return _("Readers would not see the story any more. Choose what becomes of it.")
    return ""


def _do(request: HttpRequest, version: Version) -> str:
    """Restore a version and say so. Return why not, if a form would refuse it."""
    try:
        action = versions.restore(version, request.user, request.POST.get(succession.ANSWER) == succession.NEXT)
    except VersionError as error:
        return _("Nothing was changed: %(why)s") % {"why": error}
    address = reverse("admin:articles_action_change", args=[action.pk])
    messages.success(request, format_html('<bdi>{}</bdi>. <a href="{}">{}</a>', str(action), address, _("Undo")))
    return ""


def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an import changed: how many articles by field, and the articles."""
    if not (queues.sees(request.user, "importrun") and queues.sees(request.user, "article")):
        raise PermissionDenied
    run = get_object_or_404(ImportRun, pk=pk)
    changes = Change.objects.filter(run=run, by_import=True)
    only = request.GET.get("field", "").replace("\0", "")[:MAX_FIELD]
    recent = list(changes.values_list("deltas", flat=True)[:COUNTED])
    counts = Counter(name for deltas in recent for name in deltas)
    rows = changes.filter(deltas__has_key=only) if only in counts else changes
    before = read_id(request.GET.get("before"))
    page = list((rows.filter(pk__lt=before) if before else rows).select_related("article")[: PAGE + 1])
    context = {
        "title": _("Import %(number)s") % {"number": run.pk},
        "run": run,
        "fields": [(name, name.replace("_", " "), number) for name, number in counts.most_common()],
        "is_capped": len(recent) == COUNTED,
        "only": only if only in counts else "",
        "changes": [(change.article, list(told(change.deltas))) for change in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
    }
    return render(request, "desk/imported.html", context)
