"""Which articles the triage list shows: what its address asks for. A value that does not exist finds nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Article, ArticleImage, ImportedFile, ImportRun, Mark, Provider, Source, State, Topic
from ..search import finding
from ..search.query import parse
from ..text.numbers import read_id

PAGE = 20  # articles
FEW = 500  # articles of an outlet or a topic, or an import, up to which they are found first
LOOKED = 5_000  # articles of the list that a page looks at for what no index finds
MAX_PARTS = 40  # of LOOKED articles, through which an export looks
MAX_WORDS, MAX_TEXT = 10, 200  # of what is looked for in titles
MARKS = {
    "new": gettext_lazy("New"),
    "later": gettext_lazy("For later"),
    "seen": gettext_lazy("Seen"),
    "decided": gettext_lazy("Decided"),
    "all": gettext_lazy("All"),
}
STATES = {"": gettext_lazy("Any state"), **dict(State.choices)}
SINCE = {  # hours
    "": gettext_lazy("At any time"),
    "1": gettext_lazy("In the last hour"),
    "24": gettext_lazy("In the last day"),
    "168": gettext_lazy("In the last week"),
}
STORIES = {
    "": gettext_lazy("In a story or not"),
    "led": gettext_lazy("In a story with a published lead"),
    "none": gettext_lazy("In no story"),
}
NAMES = ("mark", "state", "site", "outlet", "topic", "since", "story", "run", "picture", "q")


@dataclass(frozen=True)
class Filter:
    """What is asked for, by name, and after which article the page begins."""

    asked: dict[str, str]
    after: int | None = None

    @classmethod
    def read(cls, given: QueryDict) -> "Filter":
        """Return what an address asks for."""
        asked = {name: given.get(name, "").replace("\0", "").strip()[:MAX_TEXT] for name in NAMES}
        asked["mark"] = asked["mark"] if asked["mark"] in MARKS else "new"
        return cls({name: value for name, value in asked.items() if value}, read_id(given.get("after")))

    def query(self, **changes: Any) -> str:
        """Return the address's query for it, with changes; `after` is left out unless it is among them."""
        return urlencode({name: value for name, value in (self.asked | changes).items() if value})

    def page(self) -> "Page":
        """Return the articles of a page, those that came last first, with what cards show."""
        ids, floor = self._ids(PAGE + 1)
        articles = list(with_all(Article.objects.filter(pk__in=ids[:PAGE]).order_by("-pk")))
        if len(ids) > PAGE:
            return Page(articles, ids[PAGE - 1])
        return Page(articles, floor, True) if floor else Page(articles)

    def around(self, pk: int) -> tuple[int | None, int | None]:
        """Return the ids of the articles before and after one, also if the list does not have that one any more."""
        before = [one for one in self._ids(FEW)[0] if one > pk]
        after, _floor = Filter(self.asked, pk)._ids(1)
        return before[-1] if 0 < len(before) < FEW else None, next(iter(after), None)

    def _ids(self, most: int) -> tuple[list[int], int | None]:
        """Return the ids of the first articles, and the last one that was looked at if that is not the list's last."""
        holding, floor = self._holding()
        return list(holding.values_list("pk", flat=True)[:most]), floor

    def ids(self, most: int) -> list[int] | None:
        """Return the ids of the articles of all pages, `most` of them at most; None if that takes too long."""
        found: list[int] = []
        part = Filter(self.asked)
        for _part in range(MAX_PARTS):
            holding, floor = part._holding()
            found += holding.values_list("pk", flat=True)[: most - len(found)]
            if not floor or len(found) >= most:
                return found
            part = Filter(self.asked, floor)
        return None

    def _holding(self) -> tuple[Any, int | None]:
        """Return the articles that are found, and after which one to look further if that is only how far it looked."""
        rows, floor = self._listed(), self._floor()
        looked = rows.filter(**{f"{self._key}__gte": floor}) if floor else rows
        found = [CONDITIONS[name](value) for name, value in self.asked.items() if name not in ("mark", "q")]
        if words := self.asked.get("q"):
            found.append(_by_words(looked, words))
        is_bound = bool(floor) and (bool(found) or self._key == "pk") and not any(one.finds_few for one in found)
        holding = (looked if is_bound else rows).filter(*(one.holds for one in found))
        return holding, floor if is_bound else None

    def _listed(self) -> Any:
        """Return the articles with the mark, from where the page begins."""
        rows: Any = Article.objects.order_by(f"-{self._key}")
        mark = self.asked["mark"]
        if mark == "decided":
            rows = rows.filter(Q(mark=None) | Q(mark__state=mark))
        elif mark != "all":
            rows = rows.filter(mark__state=mark)
        return rows.filter(**{f"{self._key}__lt": self.after}) if self.after else rows

    @property
    def _key(self) -> str:
        """The column that the list is sorted by. Of a list by marks, an index of these has it."""
        return "pk" if self.asked["mark"] in ("all", "decided") else "mark__article_id"

    def _floor(self) -> int | None:
        """Return the last article to look at for the page, by its id; None if the list has not that many."""
        if self._key == "pk":
            top = self.after or Article.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            return top - LOOKED if top > LOOKED else None
        marks = Mark.objects.filter(state=self.asked["mark"]).order_by("-article_id")
        marks = marks.filter(article_id__lt=self.after) if self.after else marks
        return marks.values_list("article_id", flat=True)[LOOKED - 1 : LOOKED].first()


@dataclass(frozen=True)
class Page:
    """Articles, after which one the next page begins, and whether that is only how far was looked."""

    articles: list[Article]
    after: int | None = None
    is_cut: bool = False


@dataclass(frozen=True)
class Condition:
    """What a filter asks for, and whether an index finds it: few articles, of which all are found at once."""

    holds: Q
    finds_few: bool = False


def with_all(articles: Any) -> Any:
    """Load what the cards of the triage list show."""
    rows = articles.for_cards().select_related("source", "provider", "story__lead", "mark__user")
    return rows.defer("extra", "featured_content", "story__lead__extra", "story__lead__featured_content")


ANY = Condition(Q())
FOUND_FIRST = (State.SCHEDULED, State.ENDED, State.REMOVED)  # by indexes of their own


def _of(found: Iterable[int], condition: Any) -> Condition:
    """Return a condition by few ids if they are few, so that it costs by their number, not by the list's."""
    ids = list(found)
    return Condition(Q(pk__in=ids), True) if len(ids) <= FEW else Condition(Q(condition))


def _ids(rows: Any, name: str = "pk") -> Any:
    return rows.order_by().values_list(name, flat=True)[: FEW + 1]


def _by_state(state: str) -> Condition:
    if state not in State.values:
        return ANY
    rows, wanted = Article.objects.all(), State(state)
    holds = rows.is_in_state(wanted)
    return _of(_ids(rows.filter(holds)), holds) if wanted in FOUND_FIRST else Condition(holds)


def _by_story(story: str) -> Condition:
    if story == "none":
        return Condition(Q(story=None))
    if story == "led":
        return Condition(Q(Article.objects.below_a_published_lead()))
    return Condition(Q(story=read_id(story) or 0), True)


def _by_site(name: str) -> Condition:
    site = Source.objects.filter(name=name).values_list("pk", flat=True).first()
    return Condition(Q(source=site)) if site else Condition(Q(pk__in=[]), True)


def _by_outlet(domain: str) -> Condition:
    found = Provider.objects.filter(Q(domain=domain) | Q(aliases__domain=domain))
    of_outlet = Q(provider__in=list(found.values_list("pk", flat=True)))
    return _of(_ids(Article.objects.filter(of_outlet)), of_outlet)


def _by_topic(slug: str) -> Condition:
    topics = Topic.objects.filter(Q(slug=slug) | Q(aliases__slug=slug)).values_list("pk", flat=True)
    links = Article.topics.through.objects.filter(tag__in=list(topics))
    return _of(_ids(links, "content_object"), Exists(links.filter(content_object=OuterRef("pk"))))


def _by_words(looked: Any, text: str) -> Condition:
    """Look for words in the titles and outlets of the list, as far as one page looks, and in the search index.

    The index has published articles only; looking through all others would take long on a large site.
    """
    found = looked.select_related(None)
    for word in text.split()[:MAX_WORDS]:
        found = found.filter(Q(title__icontains=word) | Q(provider__name__icontains=word))
    return Condition(Q(pk__in=[*found.values_list("pk", flat=True)[:FEW], *finding.find(parse(text))[:FEW]]), True)


def _imported_by(runs: Iterable[int]) -> Condition:
    runs = list(runs)
    return _of(_ids(ImportedFile.objects.filter(first_run__in=runs)), Q(file__first_run__in=runs))


def _since(hours: str) -> Condition:
    if hours not in SINCE:
        return ANY
    started = ImportRun.objects.filter(started_at__gte=timezone.now() - timedelta(hours=int(hours)))
    return _imported_by(started.values_list("pk", flat=True)[:FEW])


def _by_picture(state: str) -> Condition:
    broken = ArticleImage.broken()
    return _of(_ids(broken, "article"), Q(pk__in=broken.values("article"))) if state == "broken" else ANY


CONDITIONS: dict[str, Callable[[str], Condition]] = {
    "state": _by_state,
    "site": _by_site,
    "outlet": _by_outlet,
    "topic": _by_topic,
    "since": _since,
    "story": _by_story,
    "run": lambda run: _imported_by([read_id(run) or 0]),
    "picture": _by_picture,
}


def choices(asked: dict[str, str]) -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """Return what can be chosen: the name of each filter, its label, and its values with their words."""
    sites = [("", _("Every site")), *((source.name, str(source)) for source in Source.objects.order_by("name"))]
    topics = [("", _("Every topic")), *Topic.objects.order_by("name").values_list("slug", "name")]
    return [
        ("mark", _("Mark"), list(MARKS.items())),
        ("state", _("State"), list(STATES.items())),
        ("site", _("Site"), sites),
        ("topic", _("Topic"), topics),
        ("since", _("Imported"), list(SINCE.items())),
        ("story", _("Story"), list(STORIES.items())),
    ]


def mine(user: Any) -> Any:
    """Return what a person wants to look at later."""
    return Mark.objects.filter(state=Mark.State.LATER, user=user)
