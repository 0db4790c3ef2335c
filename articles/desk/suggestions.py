"""The page of suggestions: two articles side by side, one decision after the other.

Each decision is a form, which leads back to the same place: to the next suggestion. A script asks for that alone. What
was done on the page goes along, so that it can be undone, the last first.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ..admin import succession
from ..admin.base import may_group
from ..admin.recorded import may_undo, tell_all, tell_why_not
from ..admin.rights import NO_MANY, may_decide_about
from ..models import Action, Postponed, Suggestion
from ..stories import undo
from ..stories.actions import quoted, recorded
from ..stories.restoring import UndoError
from ..suggestions import matching
from ..templatetags.articles import grouped
from ..text.numbers import read_id
from ..text.plain import counted
from . import pairs
from .pairs import Pair, Queue
from .queues import MOST, sees

MOST_DONE = 50  # steps of a page that can be undone from it
MOST_ACCEPTED = 100  # suggestions that are accepted at once


def later(suggestion: Suggestion, user: Any) -> Action:
    """Put a suggestion behind the others, for one person."""
    action = Action(kind=Action.Kind.MARK, user=user, what=f"Put off for later: {quoted(suggestion)}")
    with recorded(action, only_changes=True) as record:
        record.about(Suggestion, [suggestion.pk])
        record.watch(Postponed.objects.filter(user=user, suggestion=suggestion))
        Postponed.objects.update_or_create(user=user, suggestion=suggestion, defaults={"at": timezone.now()})
    return action


STEPS: dict[str, Callable[[Suggestion, Any], Action]] = {
    "accept": matching.accept,
    "join": matching.join,
    "keep-1": lambda one, user: matching.keep(one, user, one.article),
    "keep-2": lambda one, user: matching.keep(one, user, one.other),
    "different": matching.reject,
    "later": later,
}
GROUPING = ("accept", "join", "keep-1", "keep-2")


def view(request: HttpRequest) -> HttpResponse:
    """Show a suggestion: the first, or the one at, after or before what the address says."""
    _expect_right(request)
    queue = _queue(request)
    ways: dict[str, Callable[[Suggestion], int | None]] = {
        "at": lambda one: one.pk, "after": queue.after, "before": queue.before,
    }  # fmt: skip
    name = next((name for name in ways if request.GET.get(name)), "")
    one = Suggestion.objects.filter(pk=read_id(request.GET.get(name, "")) or 0).first() if name else None
    return _show(request, queue, ways[name](one) if one else queue.first(), _given(request), "")


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about a suggestion, or undo the last decision, and go on to the next."""
    _expect_right(request)
    one = Suggestion.objects.select_related("article", "other").filter(pk=read_id(str(pk)) or 0).first()
    step = request.POST.get("do", "")
    if request.method != "POST":
        raise Http404
    user: Any = request.user
    done, queue = _given(request), _queue(request)
    if step == "undo" and _may(user, "later"):
        return _undo(request, queue, one.pk if one else None, done)
    if one is None or step not in {*STEPS, "undo"}:
        raise Http404
    if step not in STEPS or not _may(user, step):
        raise PermissionDenied
    behind = queue.after(one) or queue.first()  # while it is not behind itself
    try:
        action = STEPS[step](one, user)
    except ValueError as error:  # StoryError too
        return _answer(
            request,
            queue,
            one.pk,
            done,
            _("Nothing was changed: %(reason)s") % {"reason": error},
            True,
        )
    following = behind if step == "later" else queue.after(one)  # what was next may be closed too
    if action.pk:
        done = [*done, action.pk][-MOST_DONE:]
    return _answer(request, queue, following, done, _said(action))


def accept(request: HttpRequest) -> HttpResponse:
    """Show what accepting some suggestions will do. A POST does it."""
    user: Any = request.user
    if not _may(user, "accept"):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    ids = [pk for pk in map(read_id, given.getlist("suggestion")) if pk][:MOST_ACCEPTED]
    if not may_decide_about(user, len(ids)):
        raise PermissionDenied(NO_MANY)
    found = Suggestion.objects.filter(pk__in=ids, state=Suggestion.State.OPEN)
    if request.method != "POST":
        return render(request, "desk/accept.html", {"title": _("Accept suggestions"), "pairs": pairs.load(found)})
    suggestion_admin, done = admin.site.get_model_admin(Suggestion), []
    for one in found.select_related("article", "other"):
        try:
            done.append(matching.accept(one, user))
        except ValueError as error:
            messages.error(request, f"{one}: nothing was changed: {error}")
    tell_all(suggestion_admin, request, done, f"{counted(len(done), 'suggestion')} accepted")
    return HttpResponseRedirect(reverse("admin:articles_suggestion_changelist"))


def _expect_right(request: HttpRequest) -> None:
    if not sees(request.user, "suggestion"):
        raise PermissionDenied


def _may(user: Any, step: str) -> bool:
    return bool(user.has_perm("articles.change_suggestion") and (step not in GROUPING or may_group(user)))


def _queue(request: HttpRequest) -> Queue:
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    return Queue(request.user, kind if kind in pairs.KINDS else "")


def _given(request: HttpRequest) -> list[int]:
    """Return what was done on this page, the last last."""
    given = request.POST if request.method == "POST" else request.GET
    return [pk for pk in map(read_id, given.get("done", "").split(",")[-MOST_DONE:]) if pk]


def _by_script(request: Any) -> bool:
    return bool(request.htmx)


def _undo(request: HttpRequest, queue: Queue, here: int | None, done: list[int]) -> HttpResponse:
    """Undo the last of what was done here, and show its suggestion again."""
    user: Any = request.user
    action = Action.objects.filter(pk=done[-1] if done else 0, user=user).first()
    if action is None or not may_undo(user, action):
        return _answer(request, queue, here, done, _("There is nothing of yours to undo on this page."), True)
    key = action.rows.filter(model="suggestion").values_list("key", flat=True).first()  # what it is about is first
    try:
        undone = undo.undo(action, user)
    except UndoError as error:
        if not _by_script(request):
            tell_why_not(admin.site.get_model_admin(Suggestion), request, error)
            return HttpResponseRedirect(_place(queue, here, done))
        text = format_html("<bdi>{}</bdi>", _("Nothing was changed: %(reason)s") % {"reason": error})
        if error.in_the_way:
            address = reverse("admin:articles_action_change", args=[error.in_the_way.pk])
            text = format_html('{} <a href="{}">{}</a>', text, address, _("See it"))
        return _answer(request, queue, here, done, text, True)
    return _answer(request, queue, key or here, done[:-1], _said(undone))


def _said(action: Action) -> str:
    if not action.pk:
        return _("Nothing had to be changed.")
    log = reverse("admin:articles_action_change", args=[action.pk])
    more = succession.consequences(action.effects)
    return format_html('<bdi>{}</bdi>. <a href="{}">{}</a> {}', str(action).rstrip("."), log, _("See it"), more)


def _place(queue: Queue, pk: int | None, done: list[int]) -> str:
    at = f"at={pk}" if pk else "end=1"
    return f"{reverse('desk_suggestions')}?{at}&kind={queue.kind}&done={','.join(map(str, done))}"


def _answer(
    request: HttpRequest, queue: Queue, pk: int | None, done: list[int], said: str, is_error: bool = False
) -> HttpResponse:
    """Show the next suggestion to a script; lead a form to it."""
    if _by_script(request):
        return _show(request, queue, pk, done, said, is_error)
    messages.add_message(request, messages.ERROR if is_error else messages.SUCCESS, said)
    return HttpResponseRedirect(_place(queue, pk, done))


def _show(
    request: HttpRequest, queue: Queue, pk: int | None, done: list[int], said: str, is_error: bool = False
) -> HttpResponse:
    found = [] if "end" in request.GET else pairs.load(Suggestion.objects.filter(pk=pk or 0))
    pair: Pair | None = found[0] if found else None
    number = queue.number()
    context = {
        "title": _("Suggestions"),
        "page": "suggestions",
        "pair": pair,
        "queue": queue,
        "number": _("%(number)s or more") % {"number": grouped(MOST)} if number >= MOST else grouped(number),
        "kinds": pairs.KINDS.items(),
        "done": ",".join(map(str, done)),
        "said": said,
        "is_error": is_error,
        "may": {"decide": _may(request.user, "different"), "group": _may(request.user, "accept")},
    }
    return render(request, "desk/_pair.html" if _by_script(request) else "desk/suggestions.html", context)
