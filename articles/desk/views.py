"""The desk's pages: its home, the triage list, and the steps of its cards.

A step is a POST. A script asks for the card as it is then; a plain form is led back to its place in the list.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from .. import ranking
from ..admin import succession
from ..admin.presentation import link_of
from ..models import Action, Article, SavedFilter, Suggestion, Topic
from ..ranking import Term
from ..search import finding
from ..search.query import MAX_LENGTH, parse
from ..text.numbers import read_id
from . import collisions, queues, steps
from .filters import LOOKED, Filter, choices, with_all

MAX_FOUND = 10  # articles that another one may join
MAX_SAVED = 30  # filters of a person
MAX_PLACE = 2000  # characters of a list's query
SCRIPT = "X-Desk"  # the header of a script's requests


@dataclass
class Card:
    """An article in the triage list, and what was just done to it."""

    article: Any
    user: Any
    place: str  # the query of the list, to which plain forms lead back
    said: str = ""
    error: str = ""
    action: Action | None = None
    step: str = ""
    kept: list[tuple[str, str]] = field(default_factory=list)  # what was sent with the step
    answers: list[tuple[str, str]] = field(default_factory=list)
    losses: list[Any] = field(default_factory=list)

    @property
    def may(self) -> dict[str, bool]:
        return {name: steps.may(self.user, name) for name in steps.STEPS}

    @property
    def shown(self) -> str:
        """What it shows, which its steps send: see `collisions`."""
        return collisions.shown(self.article)

    @property
    def mark(self) -> Any:
        return getattr(self.article, "mark", None)

    @property
    def is_done(self) -> bool:
        """Whether nobody has to decide about it any more."""
        return self.mark is None or self.mark.state in ("seen", "decided")

    @property
    def link(self) -> str:
        return link_of(self.article)

    @property
    def terms(self) -> list[Term]:
        return ranking.terms("heat", self.article.facts, self.article.source.rules)


def expect_right(request: HttpRequest, model: str = "article") -> None:
    if not queues.sees(request.user, model):
        raise PermissionDenied(_("This takes the permission to view articles."))


def _expect_step(request: HttpRequest, name: str) -> None:
    if not steps.may(request.user, name):
        raise PermissionDenied(_("It takes another permission to do this: %(what)s.") % {"what": name})


def home(request: HttpRequest) -> HttpResponse:
    """Show what waits, which stories grow, and what others did since the last visit."""
    user: Any = request.user
    since = queues.visit(user)
    context = {"title": _("Desk"), "page": "home", "queues": queues.queues(user), "since": since}
    if queues.sees(user, "story"):
        context["stories"] = queues.growing()
    if queues.sees(user, "action"):
        context["actions"] = queues.of_others(user, since)
    return render(request, "desk/home.html", context)


def triage(request: HttpRequest) -> HttpResponse:
    """Show a page of articles to decide about."""
    expect_right(request)
    chosen = Filter.read(request.GET)
    page = chosen.page()
    place = chosen.query(after=chosen.after)
    offered = choices(chosen.asked)
    user: Any = request.user
    saved = SavedFilter.objects.filter(user=user)
    context = {
        "title": _("Triage"),
        "page": "triage",
        "cards": [Card(article, request.user, place) for article in page.articles],
        "place": place,
        "query": chosen.query(),
        "next": page.after and chosen.query(after=page.after),
        "looked": LOOKED if page.is_cut else 0,
        "given": chosen.asked,
        "choices": [(name, label, values, chosen.asked.get(name, "")) for name, label, values in offered],
        "topics": [name for _, name in offered[3][2][1:]],
        "saved": list(saved[:MAX_SAVED]),
        "may": {name: steps.may(request.user, name) for name in steps.STEPS},
    }
    return render(request, "desk/triage.html", context)


def card(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the card of an article. A POST takes the step that it names."""
    expect_right(request)
    article = _article(pk)
    shown = Card(article, request.user, _place(request))
    if request.method != "POST":
        return _answer(request, shown)
    shown.step = request.POST.get("do", "")
    if shown.step not in steps.STEPS:
        raise Http404
    _expect_step(request, shown.step)
    _take(request, shown)
    if shown.losses or request.headers.get(SCRIPT):
        return _answer(request, shown)
    if shown.error:
        messages.error(request, shown.error)
    elif shown.said:
        messages.success(request, shown.said)
    return HttpResponseRedirect(f"{reverse('desk_triage')}?{shown.place}#a{pk}")


def _place(request: HttpRequest) -> str:
    """Return the query of the list that a card stands in, as far as it is one."""
    asked = QueryDict((request.POST if request.method == "POST" else request.GET).get("place", "")[:MAX_PLACE])
    chosen = Filter.read(asked)
    return chosen.query(after=chosen.after)


def _article(pk: int) -> Any:
    article = with_all(Article.objects.filter(pk=pk)).first() if read_id(str(pk)) else None
    if article is None:
        raise Http404
    return article


def _take(request: HttpRequest, shown: Card) -> None:
    """Take a step, and let the card say what was done, or why not."""
    user: Any = request.user
    if told := collisions.collision(shown.step, shown.article, request.POST, user):
        shown.error = told
        return
    try:
        outcome = steps.take(shown.step, shown.article, request.POST.dict(), user)
    except steps.StepError as error:
        shown.error = _("Nothing was changed: %(reason)s") % {"reason": error}
        return
    shown.article = _article(shown.article.pk)
    if outcome.losses:
        shown.losses, shown.answers = outcome.losses, succession.answers(outcome.losses)
        shown.kept = [(name, request.POST[name]) for name in ("reason", "note") if request.POST.get(name)]
    elif (action := outcome.action) and action.pk:
        shown.action = action
        more = succession.consequences(action.effects)
        log = reverse("admin:articles_action_change", args=[action.pk])
        shown.said = format_html(
            '<bdi>{}</bdi>. <a href="{}">{}</a> {}', str(action).rstrip("."), log, _("See it"), more
        )
    else:
        shown.said = _("Nothing had to be changed.")


def _answer(request: HttpRequest, shown: Card) -> HttpResponse:
    """Show a card: alone for a script, else on a page."""
    context = {"card": shown, "title": shown.article.title, "answer": succession.ANSWER, "place": shown.place}
    if request.headers.get(SCRIPT):
        return render(request, "desk/_card.html", context)
    context["topics"] = Topic.objects.order_by("name").values_list("name", flat=True)
    return render(request, "desk/card.html", context)


def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the articles whose story an article may join: those that are suggested, or that a search finds."""
    expect_right(request)
    _expect_step(request, "join")
    text = request.GET.get("q", "")[:MAX_LENGTH]
    article = _article(pk)
    if text.strip():
        ids = [found for found in finding.find(parse(text)) if found != pk][:MAX_FOUND]
    else:
        pairs = Suggestion.objects.filter(article=pk, state=Suggestion.State.OPEN).order_by("-confidence")
        ids = list(pairs.values_list("other", flat=True)[:MAX_FOUND])
    rows = Article.objects.select_related("provider", "story__lead").in_bulk(ids)
    found = [rows[key] for key in ids if key in rows]
    context = {
        "title": _("Into a story"),
        "card": Card(article, request.user, _place(request)),
        "found": found,
        "text": text,
        "place": _place(request),
    }
    return render(request, "desk/_found.html" if request.headers.get(SCRIPT) else "desk/found.html", context)


@require_POST
def saved_filters(request: HttpRequest) -> HttpResponse:
    """Save a filter of a person, or delete one."""
    expect_right(request)
    user: Any = request.user
    own = SavedFilter.objects.filter(user=user)
    if key := read_id(request.POST.get("delete")):
        own.filter(pk=key).delete()
        return HttpResponseRedirect(reverse("desk_triage"))
    query = Filter.read(QueryDict(request.POST.get("query", "")[:1000])).query()
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())[:60]
    if name and (own.count() < MAX_SAVED or own.filter(name=name).exists()):
        SavedFilter.objects.update_or_create(user=user, name=name, defaults={"query": query[:1000]})
    else:
        messages.error(request, _("Give the filter a name; %(number)d can be saved.") % {"number": MAX_SAVED})
    return HttpResponseRedirect(f"{reverse('desk_triage')}?{query}")
