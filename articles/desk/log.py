"""The log of the whole desk: what people did and which imports ran, newest first, and its filters.

It is paged by moments, each page from an index, so that it costs the same however long it is.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from ..models import Action, ImportRun
from ..stories.actions import RECORDED
from ..text.numbers import read_id
from . import queues

PAGE = 50  # lines
LOOKED = 10_000  # actions in which words are looked for at once
MAX_TEXT = 200
IMPORT, FILES = "import", "files"  # of the filters of kinds and people
MODELS = ("article", "story", "relatedlink", "boost", "pin", "topic", "provider", "source")
NAMES = ("who", "kind", "model", "since", "until", "q")
Row = Action | ImportRun


@dataclass(frozen=True)
class Asked:
    """What an address asks for, by name, and the moment before which the page begins."""

    given: dict[str, str]
    before: datetime | None

    @classmethod
    def read(cls, data: QueryDict) -> "Asked":
        given = {name: data.get(name, "").replace("\0", "").strip()[:MAX_TEXT] for name in NAMES}
        return cls({name: value for name, value in given.items() if value}, _moment(data.get("before", "")))

    def query(self, **changes: str) -> str:
        return urlencode(self.given | changes)

    @property
    def has_imports(self) -> bool:
        """Whether imports are among what is asked for: no person ran them at the desk, and they have no words."""
        ours = self.given.get("who", FILES) == FILES and self.given.get("kind", IMPORT) == IMPORT
        return ours and not {"model", "q"} & self.given.keys()

    @property
    def has_actions(self) -> bool:
        return self.given.get("who") != FILES and self.given.get("kind") != IMPORT

    def within(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """Return the rows of the days that are asked for, before the page's beginning."""
        conditions = Q()
        for name, end in (("since", 0), ("until", 1)):
            if day := _day(self.given.get(name, "")):
                moment = timezone.make_aware(datetime.combine(day + timedelta(days=end), time()))
                conditions &= Q(**{f"{column}__{'lt' if end else 'gte'}": moment})
        return rows.filter(conditions, **({f"{column}__lt": self.before} if self.before else {}))

    def actions(self) -> QuerySet[Action]:
        rows = self.within(Action.objects.filter(is_begun=True), "at")
        if who := self.given.get("who"):
            rows = rows.filter(user=read_id(who) or 0)
        if kind := self.given.get("kind"):
            rows = rows.filter(kind=kind)
        if model := self.given.get("model"):
            rows = rows.filter(about=model)
        return rows

    def page(self) -> tuple[list[Row], str, bool]:
        """Return the lines of a page, where the next one begins or "", and whether older ones were not searched."""
        actions, searched = (self.actions() if self.has_actions else Action.objects.none()), None
        if text := self.given.get("q"):
            last = list(actions.values_list("at", flat=True)[LOOKED - 1 : LOOKED + 1])
            searched = last[0] if len(last) > 1 else None
            recent = actions.filter(at__gte=searched) if searched else actions
            actions = recent.filter(Q(what__icontains=text) | Q(reason__icontains=text))
        found: list[Row] = list(actions.select_related("user", "undone_by")[: PAGE + 1])
        if self.has_imports:
            runs = self.within(ImportRun.objects.defer("rejected", "warnings", "retired"), "started_at")
            found += list(runs.order_by("-started_at")[: PAGE + 1])
            found.sort(key=at, reverse=True)
        if len(found) > PAGE:
            return found[:PAGE], at(found[PAGE - 1]).isoformat(), False
        return found, searched.isoformat() if searched else "", bool(searched)


def at(row: Row) -> datetime:
    return row.at if isinstance(row, Action) else row.started_at


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 1900 < found.year < 3000 else None


def _choices() -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """Return what can be chosen: the name of each filter, its label, and its values with their words."""
    people = get_user_model().objects.filter(is_staff=True).order_by("username")[:200]
    kinds = [(value, label.capitalize()) for value, label in Action.Kind.choices]
    models = [(name, str(RECORDED[name]._meta.verbose_name_plural).capitalize()) for name in MODELS]
    return [
        ("who", _("Who"), [("", _("Everybody")), *((str(one.pk), str(one)) for one in people), (FILES, _("Files"))]),
        ("kind", _("What was done"), [("", _("Anything")), *kinds, (IMPORT, _("Imported"))]),
        ("model", _("To what"), [("", _("To anything")), *models]),
    ]


def log(request: HttpRequest) -> HttpResponse:
    """Show what was done at the desk."""
    if not queues.sees(request.user, "action"):
        raise PermissionDenied
    asked = Asked.read(request.GET)
    found, more, is_cut = asked.page()
    context = {
        "title": _("Log"),
        "page": "log",
        "lines": [(row, at(row), isinstance(row, ImportRun)) for row in found],
        "next": more and asked.query(before=more),
        "is_cut": is_cut,
        "looked": LOOKED,
        "given": asked.given,
        "choices": [(*choice, asked.given.get(choice[0], "")) for choice in _choices()],
        "sees_imports": queues.sees(request.user, "importrun"),
    }
    return render(request, "desk/log.html", context)
