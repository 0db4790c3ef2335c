"""Which articles the triage list shows: what its address asks for. A value that does not exist finds nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone

from ..models import Article, ArticleImage, ArticleQuerySet, ImportedFile, ImportRun, Mark, Source, State, Topic
from ..search import finding
from ..search.query import parse
from ..text.numbers import read_id

PAGE = 20  # articles
FEW = 500  # articles of an outlet or a topic, or an import, up to which they are found first
LOOKED = 10_000  # articles of the list in which words are looked for
MAX_WORDS, MAX_TEXT = 10, 200  # of what is looked for in titles
MARKS = {"new": "New", "later": "For later", "seen": "Seen", "decided": "Decided", "all": "All"}
STATES = {"": "Any state", **dict(State.choices)}
SINCE = {"": "At any time", "1": "In the last hour", "24": "In the last day", "168": "In the last week"}  # hours
STORIES = {"": "In a story or not", "led": "In a story with a published lead", "none": "In no story"}
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

    def articles(self) -> ArticleQuerySet:
        """Return the articles, those that came last first."""
        rows: Any = Article.objects.order_by(f"-{self._key}")
        for name, value in self.asked.items():
            rows = CONDITIONS[name](rows, value)
        return rows.filter(**{f"{self._key}__lt": self.after}) if self.after else rows

    @property
    def _key(self) -> str:
        """The column that the list is sorted by. Of a list by marks, an index of these has it."""
        return "pk" if self.asked["mark"] in ("all", "decided") else "mark__article_id"

    def page(self) -> tuple[list[Article], int | None]:
        """Return the articles of the page, with what cards show, and after which one the next page begins."""
        rows = list(with_all(self.articles())[: PAGE + 1])
        return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def with_all(articles: Any) -> Any:
    """Load what the cards of the triage list show."""
    rows = articles.for_cards().select_related("source", "provider", "story__lead", "mark__user")
    return rows.defer("extra", "featured_content", "story__lead__extra", "story__lead__featured_content")


def _by_mark(rows: Any, state: str) -> Any:
    if state == "all":
        return rows
    if state == "decided":
        return rows.filter(Q(mark=None) | Q(mark__state=state))
    return rows.filter(mark__state=state)


def _by_state(rows: Any, state: str) -> Any:
    return rows.in_state(State(state)) if state in State.values else rows


def _by_story(rows: Any, story: str) -> Any:
    if story == "none":
        return rows.filter(story=None)
    if story == "led":
        return rows.filter(Article.objects.below_a_published_lead())
    return rows.filter(story=read_id(story) or 0)


def _of(found: Iterable[int], condition: Any) -> Callable[[Any], Any]:
    """Return a filter by few ids if they are few, so that it costs by their number, not by the list's."""
    ids = list(found)
    return lambda rows: rows.filter(pk__in=ids) if len(ids) <= FEW else rows.filter(condition)


def _by_outlet(rows: Any, domain: str) -> Any:
    some = Article.objects.filter(provider__domain=domain).order_by().values_list("pk", flat=True)
    return _of(some[: FEW + 1], Q(provider__domain=domain))(rows)


def _by_topic(rows: Any, slug: str) -> Any:
    links = Article.topics.through.objects.filter(tag__slug=slug)
    here = Exists(links.filter(content_object=OuterRef("pk")))
    return _of(links.order_by().values_list("content_object", flat=True)[: FEW + 1], here)(rows)


def _by_words(rows: Any, text: str) -> Any:
    """The words are looked for among the first LOOKED articles of the list, and in the search index of published ones.

    No index has the words of the others: looking through all of them would take long on a large site.
    """
    found = Article.objects.filter(pk__in=rows.values("pk")[:LOOKED])
    for word in text.split()[:MAX_WORDS]:
        found = found.filter(Q(title__icontains=word) | Q(provider__name__icontains=word))
    ids = found.order_by().values_list("pk", flat=True)[:FEW]
    return rows.filter(pk__in=[*ids, *finding.find(parse(text))[:FEW]])


def _imported_by(rows: Any, runs: Iterable[int]) -> Any:
    brought = ImportedFile.objects.filter(first_run__in=runs).order_by().values_list("pk", flat=True)
    return _of(brought[: FEW + 1], Q(file__first_run__in=runs))(rows)


def _since(rows: Any, hours: str) -> Any:
    if hours not in SINCE:
        return rows
    started = ImportRun.objects.filter(started_at__gte=timezone.now() - timedelta(hours=int(hours)))
    return _imported_by(rows, list(started.values_list("pk", flat=True)[:FEW]))


def _by_picture(rows: Any, state: str) -> Any:
    return rows.filter(pk__in=ArticleImage.broken().values("article")) if state == "broken" else rows


CONDITIONS: dict[str, Callable[[Any, str], Any]] = {
    "mark": _by_mark,
    "state": _by_state,
    "site": lambda rows, name: rows.filter(source__name=name),
    "outlet": _by_outlet,
    "topic": _by_topic,
    "since": _since,
    "story": _by_story,
    "run": lambda rows, run: _imported_by(rows, [read_id(run) or 0]),
    "picture": _by_picture,
    "q": _by_words,
}


def choices(asked: dict[str, str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return what can be chosen: the name of each filter, its label, and its values with their words."""
    sites = [("", "Every site"), *((source.name, str(source)) for source in Source.objects.order_by("name"))]
    topics = [("", "Every topic"), *Topic.objects.order_by("name").values_list("slug", "name")]
    return [
        ("mark", "Mark", list(MARKS.items())),
        ("state", "State", list(STATES.items())),
        ("site", "Site", sites),
        ("topic", "Topic", topics),
        ("since", "Imported", list(SINCE.items())),
        ("story", "Story", list(STORIES.items())),
    ]


def mine(user: Any) -> Any:
    """Return what a person wants to look at later."""
    return Mark.objects.filter(state=Mark.State.LATER, user=user)
