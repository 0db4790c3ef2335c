"""The record of what people do at the desk: in words, with the rows before and after.

Columns that are computed from others, such as scores, are not recorded: whoever restores the others computes them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from time import monotonic
from typing import Any
from unicodedata import normalize

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ..db.bulk import BATCH, batches
from ..models import (
    Action,
    ActionRow,
    Article,
    ArticleImage,
    ArticleTag,
    ArticleTerm,
    ArticleTopic,
    Boost,
    Change,
    Conflict,
    DeletedArticle,
    ImportedFile,
    Issue,
    IssueArticle,
    Mark,
    Pin,
    Postponed,
    Provider,
    ProviderAlias,
    ProviderImage,
    RelatedLink,
    Source,
    Story,
    Suggestion,
    Topic,
    TopicAlias,
)

Kind = Action.Kind
Row = dict[str, Any]
Rows = models.QuerySet[Any]
RECORDED: dict[str, type[models.Model]] = {
    str(model._meta.model_name): model
    for model in (
        *(Source, Provider, Topic, ProviderAlias, TopicAlias, ProviderImage),
        *(Story, Article, ArticleTopic, ArticleTag, ArticleImage, RelatedLink),
        *(Boost, Pin, Conflict, Suggestion, Mark, Postponed, Issue),
        *(ImportedFile, Change, ArticleTerm, IssueArticle, DeletedArticle),  # what goes with a deleted article
    )
}
COMPUTED = {
    "story": {"lead", "elect_at", "coverage", "newest_at", "boost"},
    "article": {"boost", "heat_is_computed", "quality_score", "heat_score", "hot_score", "updated_at"},
    "boost": {"ended"},
    "issue": {"subject", "html", "text"},
}
PATIENCE = 2.0  # seconds, after which a request begins no other slice
DECIDING = {"published", "removed", "quality"}  # columns: who sets one has decided about the article
NAMED, NAME_LENGTH = 2, 80  # how many articles are named, and the characters of a name


class Record:
    """What a person is doing now. What it will change must be watched before it is changed."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.rows: list[ActionRow] = []
        self._about: dict[tuple[str, int], None] = {}
        self._watched: list[Rows] = []
        self._before: dict[str, dict[int, Row]] = {}
        self._stories: set[int] = set()
        self._decided: set[int] = set()

    def watch(self, *found: Rows) -> None:
        """Remember how rows are before they change. Rows that are added to one of the querysets count as made."""
        for rows in found:
            known = self._before.setdefault(_name(rows.model), {})
            is_shared = rows.model in (Story, Article)  # what imports and other people change meanwhile
            locked = rows.select_for_update(of=("self",)).order_by("pk") if is_shared else rows
            found_now = dict(read(locked))
            known |= {pk: row for pk, row in found_now.items() if pk not in known}
            self._watched.append(rows)
            if is_shared:
                ids = found_now if rows.model is Story else {row["story_id"] for row in found_now.values()}
                self._note_shown({pk for pk in ids if pk})

    def _note_shown(self, story_ids: set[int]) -> None:
        """Remember which stories readers see before anything changes."""
        new = story_ids - self._stories
        self._stories |= new
        found = Story.objects.led().filter(pk__in=new).values_list("pk", flat=True) if new else ()
        self.action.shown = sorted({*self.action.shown, *found})

    def watch_articles(self, ids: Iterable[int]) -> None:
        """Watch articles and what belongs to them."""
        for some in batches(ids):
            self.watch(*of_articles(some))

    def watch_stories(self, ids: Iterable[int]) -> None:
        """Watch stories and their links, and let their histories have the action."""
        for some in batches(ids):
            self.watch(Story.objects.filter(pk__in=some), RelatedLink.objects.filter(story__in=some))

    def made(self, *found: Rows) -> None:
        """Let the action have made these rows."""
        for rows in found:
            self._before.setdefault(_name(rows.model), {})
            self._watched.append(rows)

    def decides(self, ids: Iterable[int]) -> None:
        """Let the action be a decision about these articles, even if it changes none of their values."""
        self._decided |= set(ids)

    def _mark_decided(self, changed: Iterable[ActionRow]) -> list[ActionRow]:
        """Mark the articles that the action decides about as decided. Return the rows of their marks."""
        ids = self._decided | {
            row.key for row in changed if row.model == "article" and row.before and DECIDING & {*(row.after or {})}
        }
        rows = []
        for some in batches(ids):
            marks = Mark.objects.filter(article__in=some).exclude(state=Mark.State.DECIDED)
            before = dict(read(marks))
            Mark.objects.filter(pk__in=before).update(
                state=Mark.State.DECIDED, user=self.action.user, at=timezone.now()
            )
            now = dict(read(Mark.objects.filter(pk__in=before)))
            rows += [_difference("mark", pk, before[pk], now[pk]) for pk in now]
        return [row for row in rows if row]

    def about(self, model: type[models.Model], keys: Iterable[int]) -> None:
        """Let the action be in the histories of these rows, even if it does not change them. The first come first."""
        self._about |= dict.fromkeys((_name(model), key) for key in keys)

    def compare(self) -> list[ActionRow]:
        """Return what changed since it was watched."""
        now: dict[str, dict[int, Row]] = {name: {} for name in self._before}
        for rows in self._watched:
            now[_name(rows.model)].update(read(rows.all()))
        for name, before in self._before.items():
            for some in batches(before.keys() - now[name].keys()):
                now[name].update(read(RECORDED[name]._base_manager.filter(pk__in=some)))
        found = []
        for name, before in self._before.items():
            for pk in sorted(before.keys() | now[name].keys()):
                if row := _difference(name, pk, before.get(pk), now[name].get(pk)):
                    found.append(row)
        return found

    def save(self, only_changes: bool) -> None:
        """Store the action and its rows; with `only_changes` nothing if no row changed."""
        rows = self.compare()
        if self.action.kind != Kind.UNDO:  # which restores marks like everything else
            rows += self._mark_decided(rows)
        changed = {(row.model, row.key): row for row in rows}
        if only_changes and not changed:
            return
        self.action.about = self.action.about or next((name for name, _ in [*self._about, *changed]), "")
        self.action.save()
        self.about(Story, _places(changed.values()))
        about = {at: ActionRow(model=at[0], key=at[1], before={}, after={}) for at in self._about}
        self.rows = list((about | changed).values())
        for row in self.rows:
            row.action = self.action
        ActionRow.objects.bulk_create(self.rows, batch_size=BATCH)


def _places(rows: Iterable[ActionRow]) -> list[int]:
    """Return the stories that articles were in before and after, as far as that changed."""
    articles = [row for row in rows if row.model == "article"]
    found = [(cells or {}).get("story_id") for row in articles for cells in (row.before, row.after)]
    return [key for key in found if key]


_current: ContextVar[Record | None] = ContextVar("_current", default=None)


@contextmanager
def recorded(action: Action, only_changes: bool = False) -> Iterator[Record]:
    """Store an action with what the block changes, in one transaction.

    Within the block of another action, it is a part of that: what it changes is recorded there.
    """
    if outer := _current.get():
        yield outer
        return
    with transaction.atomic():
        record = Record(action)
        token = _current.set(record)
        try:
            yield record
        finally:
            _current.reset(token)
        record.save(only_changes)


def in_slices(next_slice: Callable[[], Action]) -> Action:
    """Do slices of an action until nothing is left of it, for some seconds at most. Return it as it is then."""
    until = monotonic() + PATIENCE
    while True:
        action = next_slice()
        if not action.left or monotonic() > until:
            return action


def watch(*found: Rows) -> None:
    """Let the action that is being done, if any, record these rows too."""
    if record := _current.get():
        record.watch(*found)


def of_articles(ids: Collection[int]) -> list[Rows]:
    """Return the rows of articles, and those that belong to them and people change."""
    return [
        Article.objects.filter(pk__in=ids),
        Mark.objects.filter(article__in=ids),
        ArticleTopic.objects.filter(content_object__in=ids),
        *(model._base_manager.filter(article__in=ids) for model in (ArticleTag, ArticleImage, Boost, Pin, Conflict)),
        Suggestion.objects.filter(Q(article__in=ids) | Q(other__in=ids)),
    ]


def of_topics(ids: Collection[int]) -> list[Rows]:
    """Return the rows of topics, and those that belong to them and people change."""
    theirs = (model._base_manager.filter(topic__in=ids) for model in (TopicAlias, Conflict))
    return [Topic.objects.filter(pk__in=ids), *theirs]


def of_renamed(topic: Topic) -> list[Rows]:
    """Return the rows that change when a topic gets its name and slug: those that these led to before."""
    spellings = [topic.name, normalize("NFD", topic.name)]
    return [
        TopicAlias.objects.filter(Q(name=topic.name) | Q(slug=topic.slug)),
        ArticleTopic.objects.filter(name__in=spellings).exclude(tag=topic.pk),
    ]


def of_deleted_topics(ids: Collection[int]) -> list[Rows]:
    """Return the rows that change when topics are deleted."""
    return [
        *of_topics(ids),
        Topic.objects.filter(Q(parent__in=ids) | Q(file_parent__in=ids)),
        ArticleTopic.objects.filter(tag__in=ids),
        *(model._base_manager.filter(topic__in=ids) for model in (Pin, IssueArticle)),
    ]


def of_providers(ids: Collection[int]) -> list[Rows]:
    """Return the rows of outlets, and those that belong to them and people change."""
    theirs = (model._base_manager.filter(provider__in=ids) for model in (ProviderImage, Conflict, Pin))
    return [Provider.objects.filter(pk__in=ids), *theirs]


def of_deleted(ids: Collection[int]) -> list[Rows]:
    """Return the rows that change when articles are deleted."""
    stems: dict[int, list[str]] = {}
    for source, stem in Article.objects.filter(pk__in=ids).values_list("source", "stem"):
        stems.setdefault(source, []).append(stem)
    return [
        *of_articles(ids),
        *(model._base_manager.filter(article__in=ids) for model in (ImportedFile, Change, ArticleTerm, IssueArticle)),
        *(DeletedArticle.objects.filter(source=source, stem__in=theirs) for source, theirs in stems.items()),
        RelatedLink.objects.filter(target__in=ids),
        Story.objects.filter(chosen_lead__in=ids),
    ]


def columns(model: type[models.Model]) -> list[str]:
    """Return the names of the recorded columns of a model."""
    computed = COMPUTED.get(_name(model), ())
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    return [field.attname for field in fields if field.name not in computed]


def read(rows: Rows) -> Iterator[tuple[int, Row]]:
    """Yield the key and the recorded columns of rows, as JSON has them."""
    names = columns(rows.model)
    for pk, *found in rows.values_list("pk", *names):
        yield pk, {name: _as_json(value) for name, value in zip(names, found, strict=True)}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _name(model: type[models.Model]) -> str:
    return str(model._meta.model_name)


def _difference(name: str, pk: int, before: Row | None, now: Row | None) -> ActionRow | None:
    if before is None or now is None:
        return ActionRow(model=name, key=pk, before=before, after=now)
    changed = [column for column in now if now[column] != before[column]]
    if not changed:
        return None
    cells = [{column: row[column] for column in changed} for row in (before, now)]
    return ActionRow(model=name, key=pk, before=cells[0], after=cells[1])


# In words


def quoted(name: object) -> str:
    """Return the name of something in quotes, not too long."""
    text = str(name)
    return f"“{text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 1].rstrip() + '…'}”"


def listed(names: Collection[object], total: int | None = None) -> str:
    """Return the first names of a list in words: “A”, “B” and 10 others. `total` is how many there are."""
    names = list(names)
    total = len(names) if total is None else total
    if total > NAMED + 1:
        return f"{', '.join(map(quoted, names[:NAMED]))} and {total - NAMED} others"
    said = list(map(quoted, names))
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said) or "nothing"
