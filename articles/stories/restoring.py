"""Restore the rows that an action changed, and compute what follows from them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..db.bulk import BATCH, batches
from ..models import Action, ActionRow, Article, Boost, Conflict, Issue, Provider, Source, Topic
from ..newsletter import issues
from ..provenance import conflicts, history, values
from ..provenance.values import Values
from ..ranking import scoring
from . import effects, leads, names
from .actions import RECORDED, Row, quoted, read

OWNERS = {
    **dict.fromkeys(("source", "provider", "topic", "provideralias", "topicalias", "providerimage"), ""),
    "story": "pk",
    "article": "pk",
    "importedfile": "pk",
    "deletedarticle": "",
    "postponed": "",
    "issue": "",
    "relatedlink": "story_id",
    "articletopic": "content_object_id",
}
NAMED = {"provider", "topic"}  # deleted last, when what names them is back at its own
TEXTS = {"headline", "summary"}  # of a story: nothing is computed from them
ITS_OWN: dict[type[models.Model], list[tuple[str, ...]]] = {  # the columns whose values no other row has
    Article: [("source_id", "stem")],
    Topic: [("name",), ("slug",)],
    Provider: [("domain",)],
    Source: [("name",)],
}
PARTS = {"article", "articletopic", "articletag", "articleimage"}  # of an article's values


class UndoError(ValueError):
    """The action cannot be undone. The message says why.

    `in_the_way` is the later action that stands in the way, `row` the row that does.
    """

    def __init__(self, message: str, in_the_way: Action | None = None, row: Any = None) -> None:
        super().__init__(message)
        self.in_the_way = in_the_way
        self.row = row


def taken(rows: Iterable[ActionRow]) -> UndoError:
    """Return what to raise if another row has a name by now, or whatever is its own, that restoring rows needs."""
    for row in rows:
        model, cells = RECORDED[row.model], dict(row.before or {})
        for columns in ITS_OWN.get(model, []):
            wanted = {name: cells[name] for name in columns if name in cells}
            is_known = len(wanted) == len(columns)
            others = model._base_manager.filter(**wanted).exclude(pk=row.key) if is_known else ()
            for other in others[:1]:
                last = ActionRow.objects.filter(model=row.model, key=other.pk).exclude(before={}, after={}).last()
                what = " and ".join(name.removesuffix("_id") for name in wanted)
                kind = model._meta.verbose_name
                return UndoError(
                    f"The {kind} {quoted(other)} has the same {what} by now: rename or delete it first.",
                    last.action if last else None,
                    other,
                )
    return UndoError("Something that it deleted or renamed is there again: change that first.")


def by_model(rows: Iterable[ActionRow]) -> dict[str, list[ActionRow]]:
    """Return rows by the names of their models, in the order in which they can be restored."""
    found: dict[str, list[ActionRow]] = {name: [] for name in RECORDED}
    for row in rows:
        found.setdefault(row.model, []).append(row)
    found = {name: found[name] for name in RECORDED}
    return {name: theirs for name, theirs in found.items() if theirs}


@contextmanager
def followed_up(rows: list[ActionRow], joined: Collection[int], undone: Action) -> Iterator[None]:
    """Record in articles' histories what the block restores, and compute conflicts, leads and scores anew."""
    owners = _owners(rows)
    edited = {*joined, *(pk for name in PARTS for pk in owners[name])}
    owned = {pk for name, found in owners.items() if name not in ("story", "relatedlink") for pk in found} | edited
    before = _values(edited)
    stories = {*_regrouped(rows), *owners["relatedlink"], *_stories_of(owned)}
    led = effects.leads_of(stories)
    yield
    _follow_merges(owned)
    now = _values(edited)
    history.record_edits({pk: (before[pk], now[pk]) for pk in now if pk in before}, undone.user)
    conflicts.update_after_edits(now, undone.user)
    for some in batches(edited):
        Article.objects.filter(pk__in=some).update(updated_at=timezone.now())
    Boost.recount(owners["boost"])
    stories |= _stories_of(owned)
    leads.recompute(stories, owned)
    _follow_sites_and_issues(by_model(rows))
    if len(edited) < BATCH:  # of more, nobody could be told
        both = [
            {pk: (found[pk]["story"], found[pk]["published"]) for pk in before.keys() & now} for found in (before, now)
        ]
        undone.effects = effects.between(both[0], both[1], led, effects.leads_of(stories))


def _follow_sites_and_issues(rows: dict[str, list[ActionRow]]) -> None:
    """Compute anew what depends on a site's figures, and the texts of issues."""
    for row in rows.get("source", ()):
        scoring.rescore_site(row.key)
    for issue in Issue.objects.filter(pk__in=[row.key for row in rows.get("issue", ())]):
        issues.rebuild(issue)


def _regrouped(rows: Iterable[ActionRow]) -> set[int]:
    """Return the stories of which more than texts changed."""
    told = [(row.key, {*(row.before or {}), *(row.after or {})}) for row in rows if row.model == "story"]
    return {key for key, names in told if names - TEXTS}


def _follow_merges(article_ids: Iterable[int]) -> None:
    """Let articles whose story an import merged since be in the story that it was merged into."""
    for some in batches(article_ids):
        strayed = Article.objects.filter(pk__in=some, story__merged_into__isnull=False)
        for pk, into in strayed.values_list("pk", "story__merged_into"):
            Article.objects.filter(pk=pk).update(story=into)


def _owners(rows: Iterable[ActionRow]) -> dict[str, set[int]]:
    """Return the articles and stories that rows belong to, by the rows' models."""
    found: dict[str, set[int]] = defaultdict(set)
    for name, theirs in by_model(rows).items():
        owner = OWNERS.get(name, "article_id")
        found[name] |= {row.key for row in theirs if owner == "pk"}
        for some in batches(theirs if owner else []):
            keys = [row.key for row in some]
            found[name] |= set(RECORDED[name]._base_manager.filter(pk__in=keys).values_list(owner, flat=True))
        cells = [dict(side or {}) for row in theirs for side in (row.before, row.after)]
        found[name] |= {row[owner] for row in cells if row.get(owner)}
        found[name] -= {None}  # of a conflict about a topic or an outlet
    return found


def _values(ids: Iterable[int]) -> dict[int, Values]:
    rows = [row for some in batches(ids) for row in Article.objects.select_related("provider").filter(pk__in=some)]
    stories = {row.pk: row.story_id for row in rows}
    return {pk: found | {"story": stories[pk]} for pk, found in values.from_rows(rows).items()}


def _stories_of(article_ids: Iterable[int]) -> set[int]:
    return {
        story_id
        for some in batches(article_ids)
        for story_id in Article.objects.filter(pk__in=some).values_list("story", flat=True)
        if story_id
    }


def restore(rows: list[ActionRow]) -> None:
    found = by_model(rows)
    for name, theirs in found.items():
        for some in batches(theirs):
            _make_again(RECORDED[name], {r.key: r.before for r in some if r.after is None and r.before})
    for name, theirs in found.items():
        for some in batches(theirs):
            _set_back(RECORDED[name], [row for row in some if row.before and row.after])
    for name, theirs in reversed(found.items()):
        if name not in NAMED:
            _take_away(name, theirs)
    names.follow(rows)
    for name in found.keys() & NAMED:
        _take_away(name, found[name])


def _take_away(name: str, rows: list[ActionRow]) -> None:
    """Delete the rows that an action made."""
    for keys in batches(row.key for row in rows if row.before is None):
        RECORDED[name]._base_manager.filter(pk__in=keys).delete()


def _make_again(model: type[models.Model], wanted: dict[int, Row]) -> None:
    """Store deleted rows again, by key, but those whose owners are gone."""
    cells = {pk: row for pk, row in _with_live_keys(model, wanted) if row is not None}
    model._base_manager.bulk_create(
        [model(pk=pk, **_as_values(model, row)) for pk, row in cells.items()],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    if model in ITS_OWN and model._base_manager.filter(pk__in=cells).count() < len(cells):
        name = str(model._meta.model_name)
        raise taken([ActionRow(model=name, key=pk, before=row) for pk, row in cells.items()])
    for pk, row in cells.items():  # `auto_now_add` wrote over a moment
        model._base_manager.filter(pk=pk).update(**_as_values(model, row))


def _set_back(model: type[models.Model], rows: list[ActionRow]) -> None:
    """Set the cells back that still are as the action left them, with one statement for all rows that get the same."""
    now = dict(read(model._base_manager.filter(pk__in=[row.key for row in rows])))
    wanted = {
        row.key: {name: was for name, was, then in changed_cells(row) if now[row.key][name] == then}
        for row in rows
        if row.key in now
    }
    if model is Conflict:
        wanted = _that_can_be_open(wanted)
    alike: dict[str, tuple[Row, list[int]]] = {}
    for pk, cells in _with_live_keys(model, wanted):
        if cells:
            alike.setdefault(repr(sorted(cells.items())), (cells, []))[1].append(pk)
    for cells, keys in alike.values():
        model._base_manager.filter(pk__in=keys).update(**_as_values(model, cells))


def changed_cells(row: ActionRow) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each column that an action changed, with its value before and after."""
    before, after = dict(row.before or {}), dict(row.after or {})
    for name in before.keys() & after.keys():
        yield name, before[name], after[name]


def _that_can_be_open(wanted: dict[int, Row]) -> dict[int, Row]:
    """Leave out conflicts that cannot be opened again, because another about the same field is open."""
    about = ("article_id", "topic_id", "provider_id", "field")
    rows = {pk: found for pk, *found in Conflict.objects.filter(pk__in=wanted).values_list("pk", *about)}
    articles, topics, providers = ({found[place] for found in rows.values()} for place in range(3))
    alike = Q(article__in=articles) | Q(topic__in=topics) | Q(provider__in=providers)
    open_now = [list(found) for found in Conflict.objects.open().filter(alike).values_list(*about)]
    return {
        pk: cells
        for pk, cells in wanted.items()
        if cells.get("resolved_at", "") is not None or rows[pk] not in open_now
    }


def _with_live_keys(model: type[models.Model], wanted: dict[int, Row]) -> Iterator[tuple[int, Row | None]]:
    """Yield rows without references to what is gone. None: a row that cannot be without one."""
    gone = {field: _gone(field, wanted.values()) for field in model._meta.concrete_fields if field.is_relation}
    gone = {f: keys - wanted.keys() if f.related_model is model else keys for f, keys in gone.items()}  # both come back
    for pk, row in wanted.items():
        lost = {f.attname: f for f, keys in gone.items() if row.get(f.attname) in keys}
        if any(not field.null for field in lost.values()):
            yield pk, None
        else:
            yield pk, row | dict.fromkeys(lost, None)


def _gone(field: Any, rows: Iterable[Row]) -> set[Any]:
    keys = {row.get(field.attname) for row in rows} - {None}
    return keys - set(field.related_model._base_manager.filter(pk__in=keys).values_list("pk", flat=True))


def _as_values(model: type[models.Model], row: Row) -> Row:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: fields[name].to_python(value) if not fields[name].is_relation else value for name, value in row.items()
    }
