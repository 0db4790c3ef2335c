"""Pages on which editors merge outlets, or topics, that are the same: what will change is shown before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..admin.rights import may_merge
from ..models import Action, Provider, Topic
from ..stories import uniting
from ..text.numbers import read_id
from . import likely
from .queues import sees

MAX_FOUND = 10  # by a search
MAX_TEXT = 200


@dataclass(frozen=True)
class Kind:
    """What is merged: its model, its name for people, and how one finds it."""

    model: Any
    name: str
    title: Any
    page: str  # the name of the address
    search: Callable[[str], Q]
    likely: Callable[[], list[list[Any]]]

    @property
    def word(self) -> str:
        return str(self.model._meta.model_name)

    def may(self, user: Any) -> bool:
        return may_merge(user, self.word)


OUTLETS = Kind(
    Provider,
    "outlet",
    gettext_lazy("Merge outlets"),
    "desk_outlets_merge",
    lambda text: Q(name__icontains=text) | Q(domain__icontains=text),
    likely.outlets,
)
TOPICS = Kind(
    Topic,
    "topic",
    gettext_lazy("Merge topics"),
    "desk_topics_merge",
    lambda text: Q(name__icontains=text) | Q(slug__icontains=text),
    likely.topics,
)


def outlets(request: HttpRequest) -> HttpResponse:
    """Show outlets that may be the same, and merge those that are chosen."""
    return _merge(request, OUTLETS)


def topics(request: HttpRequest) -> HttpResponse:
    """Show topics that may be the same, and merge those that are chosen."""
    return _merge(request, TOPICS)


def _merge(request: HttpRequest, kind: Kind) -> HttpResponse:
    if not sees(request.user, kind.word) or (request.method == "POST" and not kind.may(request.user)):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    ids = _ids(given)
    if request.method == "POST":
        _do(request, kind, ids)
        return HttpResponseRedirect(reverse(kind.page))
    chosen = uniting.previews(kind.model, ids)
    ids = [one.row.pk for one in chosen]
    text = given.get("q", "").replace("\0", "").strip()[:MAX_TEXT]
    context = {
        "title": kind.title,
        "page": "topics" if kind is TOPICS else "",
        "is_outlets": kind is OUTLETS,
        "kind": kind,
        "chosen": [(one, _query([pk for pk in ids if pk != one.row.pk])) for one in chosen],
        "rest": chosen[1:],
        "may": kind.may(request.user),
        "most": uniting.MOST,
        "text": text,
        "found": [(row, _query([*ids, row.pk])) for row in _found(kind, text, ids)] if text else None,
        "likely": [] if chosen else _likely(kind),
    }
    return render(request, "desk/merge.html", context)


def _likely(kind: Kind) -> list[tuple[Any, str]]:
    """Return groups of rows that may be the same, each with the query of the page that merges them."""
    return [(group, _query([row.pk for row in group])) for group in kind.likely()]


def _ids(given: QueryDict) -> list[int]:
    found = (read_id(text) for text in [*given.getlist("pk"), given.get("into", "")])
    return list(dict.fromkeys(pk for pk in found if pk))[: uniting.MOST]


def _query(ids: list[int]) -> str:
    return urlencode([("pk", pk) for pk in ids])


def _found(kind: Kind, text: str, ids: list[int]) -> list[Any]:
    rows: Any = kind.model._default_manager.filter(kind.search(text)).exclude(pk__in=ids)
    return list(rows.order_by("name")[:MAX_FOUND])


def _do(request: HttpRequest, kind: Kind, ids: list[int]) -> None:
    """Merge what is chosen, and say what was done, or why not."""
    rows: Any = kind.model._default_manager.in_bulk(ids)
    kept = rows.pop(read_id(request.POST.get("into")) or 0, None)
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:500]
    try:
        if kept is None:
            raise uniting.UnitingError(f"Choose the {kind.name} that is kept.")
        if len(rows) + 1 < len(ids):
            raise uniting.UnitingError("One of them is gone: somebody merged or deleted it meanwhile.")
        action = uniting.merge(kept, list(rows.values()), request.user, reason)
    except uniting.UnitingError as error:
        messages.error(request, f"Nothing was changed: {error}")
    else:
        messages.success(request, done(action))


def done(action: Action) -> str:
    """Return as HTML what was done, with a link to where it is undone."""
    log = reverse("admin:articles_action_change", args=[action.pk])
    return format_html('<bdi>{}</bdi>. <a href="{}">{}</a>', str(action).rstrip("."), log, _("See and undo it"))
