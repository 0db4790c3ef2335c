"""Restore a field or a whole version of a row: what it was before something changed it.

A restored value is stored as a form would store it: checked, recorded, and undone like any other.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from ..models import Action, ActionRow, Article, Change, Provider, Story, Topic
from ..stories import leads, restoring
from ..stories.actions import RECORDED, Record, Row, of_providers, of_renamed, of_topics, quoted, read, recorded
from . import decisions

MAX_PART_ROWS = 2_000
WHOLE = 60  # characters up to which an import's change has a whole text
PARTS = {  # what is restored with a row, and the column that names the row
    "article": {"articletopic": "content_object_id", "articletag": "article_id", "articleimage": "article_id"},
    "provider": {"providerimage": "provider_id"},
}
COLUMNS = {"story": "story_id"}  # of an import's change
FIXED = {"source_id", "stem"}  # what identifies a row
ONLY = {"story": {"headline", "summary"}}  # of a story: the rest is undone, step by step
RESTORED = {"article", "story", "topic", "provider", "source", "boost", "pin", "relatedlink"}


class VersionError(ValueError):
    """It cannot be restored. The message says why."""


@dataclass
class Version:
    """What a row was before something changed it, as far as it is something else now."""

    row: Any
    model: str  # by its name
    at: datetime  # when that was done
    rows: list[ActionRow] = field(default_factory=list)  # what restores it: its values now are `after`
    unknown: list[str] = field(default_factory=list)  # what an import changed since, of which only a part is kept

    @property
    def cells(self) -> Row:
        """The values of its own columns."""
        return next((dict(row.before or {}) for row in self.rows if row.model == self.model), {})

    @property
    def fields(self) -> list[str]:
        """The names of what is restored, for people."""
        own = [str(_field(self.row, name).verbose_name) for name in self.cells]
        kinds = dict.fromkeys(row.model for row in self.rows if row.model != self.model)
        return own + [str(RECORDED[name]._meta.verbose_name_plural) for name in kinds]

    @property
    def values(self) -> Row:
        """The values of its own columns, as the model has them."""
        return {name: _field(self.row, name).to_python(value) for name, value in self.cells.items()}

    @property
    def losses(self) -> list[leads.Loss]:
        """The stories that readers would not see any more."""
        if not isinstance(self.row, Article):
            return []
        changes = {name.removesuffix("_id"): value for name, value in self.values.items()}
        return leads.losses([self.row.pk]) if leads.takes_away(self.row, changes) else []

    @property
    def rights(self) -> set[str]:
        """The permissions that restoring it takes."""
        also = {"articles.change_story"} if "story_id" in self.cells else set()
        return {f"articles.change_{self.model}", *also}


def _field(row: models.Model, column: str) -> Any:
    return next(one for one in row._meta.concrete_fields if one.attname == column)


def before(of: ActionRow, only: str = "") -> Version:
    """Return what a row was before an action; with `only`, just one column of it, or one kind of its parts.

    Raises VersionError if it was not there, or is not there any more.
    """
    model = RECORDED[of.model]
    row = model._base_manager.filter(pk=of.key).first() if of.model in RESTORED else None
    if row is None or of.before is None:
        raise VersionError("It was not there then, or is not there any more. Look at the action, which can be undone.")
    found = Version(row, of.model, of.action.at)
    since = ActionRow.objects.filter(model=of.model, key=of.key, pk__gte=of.pk)
    since = since.filter(pk=of.pk) if only else since
    parts = PARTS.get(of.model, {})
    if not only or only not in parts:
        found.rows += _own(found, list(since.select_related("action").order_by("-pk")), only)
    kinds = parts if not only else [only] if only in parts else []
    changed = ActionRow.objects.filter(model__in=kinds, action__in=since.values("action")).order_by("-pk")
    rows = list(changed[:MAX_PART_ROWS])
    for name in kinds:
        found.rows += _parts(name, parts[name], of, [row for row in rows if row.model == name])
    return found


def before_import(change: Change, only: str) -> Version:
    """Return what a field of an article was before a file set it.

    Raises VersionError if only a part of that is kept.
    """
    found = Version(change.article, "article", change.at)
    old, column = change.deltas.get(only, [None])[0], COLUMNS.get(only, only)
    if only not in change.deltas or not is_whole(column, old):
        raise VersionError("Of that value only a part is kept.")
    found.rows += _set_back(found, {column: old}, _now(change.article))
    return found


def _now(row: models.Model) -> Row:
    return next(cells for _, cells in read(type(row)._base_manager.filter(pk=row.pk)))


def _own(found: Version, rows: list[ActionRow], only: str) -> list[ActionRow]:
    """Return what sets a row's own columns back. `rows` are those of its actions since, newest first."""
    now = _now(found.row)
    then = _then(rows, now) or {}
    if not only and isinstance(found.row, Article):
        then |= _before_imports(found, rows)
    return _set_back(found, {name: value for name, value in then.items() if name == only} if only else then, now)


def _set_back(found: Version, then: Row, now: Row) -> list[ActionRow]:
    names = ONLY.get(found.model, _editable(found.row) - FIXED)
    changed = [name for name in now if name in names and then.get(name, now[name]) != now[name]]
    pair = [{name: side[name] for name in changed} for side in (then, now)]
    return [ActionRow(model=found.model, key=found.row.pk, before=pair[0], after=pair[1])] if changed else []


def _editable(row: models.Model) -> set[str]:
    return {one.attname for one in row._meta.concrete_fields if one.editable and not one.primary_key}


def _then(rows: Iterable[ActionRow], now: Row | None) -> Row | None:
    """Return a row as it was before actions, which come newest first; None if it was not there."""
    then = now
    for row in rows:
        made_or_deleted = row.before is None or row.after is None
        then = row.before if made_or_deleted else (then or {}) | dict(row.before or {})
    return then


def _before_imports(found: Version, rows: list[ActionRow]) -> Row:
    """Return the values that imports changed since, before any person did. Notes those that are not known whole."""
    edited = {name: row.action.at for row in rows for name in dict(row.after or {})}  # the first: they come last
    changes = Change.objects.filter(article=found.row.pk, by_import=True, at__gte=found.at).order_by("pk")
    cells: Row = {}
    for change in changes:
        for name, (old, _new) in change.deltas.items():
            column = COLUMNS.get(name, name)
            if column in cells or name in found.unknown or edited.get(column, change.at) < change.at:
                continue
            if is_whole(column, old):
                cells[column] = old
            else:
                found.unknown.append(name)
    return cells


def is_whole(column: str, value: Any) -> bool:
    """Return whether an import's change has a whole value, not only a part of a long one or a list as text."""
    is_column = any(one.attname == column and one.editable for one in Article._meta.concrete_fields)
    is_cut = isinstance(value, str) and (len(value) >= WHOLE or "…" in (value[:1], value[-1:]))
    return is_column and not is_cut


def _parts(name: str, owner: str, of: ActionRow, rows: list[ActionRow]) -> list[ActionRow]:
    """Return what sets the parts of one kind back. `rows` are those of their actions, newest first."""
    live = dict(read(RECORDED[name]._base_manager.filter(**{owner: of.key}))) if rows else {}
    found = []
    for key in dict.fromkeys(row.key for row in rows):
        theirs = [row for row in rows if row.key == key]
        if key in live or of.key in _owners(theirs, owner):  # else of another row, which the action was about too
            now, then = live.get(key), _then(theirs, live.get(key))
            if now or (then and not _is_there(then, live.values())):
                found.append(_turn(ActionRow(model=name, key=key, before=then, after=now)))
    return [row for row in found if row.before != row.after]


def _owners(rows: list[ActionRow], column: str) -> set[Any]:
    return {dict(side or {}).get(column) for row in rows for side in (row.before, row.after)}


def _turn(row: ActionRow) -> ActionRow:
    """Return a row of which both sides are whole with the columns that differ, unless it was made or deleted."""
    then, now = row.before, row.after
    if then and now:
        changed = [column for column in now if then[column] != now[column]]
        row.before, row.after = ({column: side[column] for column in changed} for side in (then, now))
    return row


def _is_there(part: Row, others: Collection[Row]) -> bool:
    """Return whether a part is there again, as another row."""
    name = "url" if "url" in part else "name"
    return any(other[name] == part[name] for other in others)


@transaction.atomic
def restore(version: Version, user: Any, hands_over: bool = False) -> Action:
    """Store a version, and record that. With `hands_over`, publish the next leads of stories that it would hide.

    Raises VersionError for values that a form would refuse.
    """
    row = version.row
    what = f"Restored {', '.join(version.fields)} of {quoted(row)}, as before {version.at:%Y-%m-%d %H:%M} UTC"
    action = Action(kind=Action.Kind.RESTORE, user=user, what=what, about=version.model)
    with recorded(action, only_changes=True) as record:
        _watch(record, row)
        if hands_over:
            leads.hand_over(version.losses, user)
        earlier = decisions.values_of(row.pk) if isinstance(row, Article) else None
        try:
            with transaction.atomic():
                _store(version, record)
        except (ValidationError, IntegrityError) as error:
            messages = error.messages if isinstance(error, ValidationError) else ["another row has the same value"]
            raise VersionError(" ".join(messages)) from error
        if isinstance(row, Article):
            decisions.edited(row.pk, earlier, user)
    return action


def _watch(record: Record, row: Any) -> None:
    record.about(type(row), [row.pk])
    if isinstance(row, Article):
        record.watch_articles([row.pk])
    elif isinstance(row, Topic):
        record.watch(*of_topics([row.pk]))
    elif isinstance(row, Provider):
        record.watch(*of_providers([row.pk]))
    else:
        record.watch(type(row)._base_manager.filter(pk=row.pk))
        owners = {"article_id": Article, "story_id": Story}
        for column, owner in owners.items():
            if key := getattr(row, column, None):
                record.about(owner, [key])


def _store(version: Version, record: Record) -> None:
    row, values = version.row, version.values
    if isinstance(row, Article):
        values |= _with_it(values)
    if values:
        _store_columns(row, values, record)
    parts = [one for one in version.rows if one.model != version.model]
    restoring.restore([one for one in parts if one.before is None])  # first: they may have taken a place
    restoring.restore([one for one in parts if one.before is not None])


def _store_columns(row: Any, values: Row, record: Record) -> None:
    for column, value in values.items():
        setattr(row, column, value)
    names = [_field(row, column).name for column in values]
    row.full_clean(exclude=[one.name for one in row._meta.fields if one.name not in names])
    if isinstance(row, Topic):
        record.watch(*of_renamed(row))
    row.save(update_fields=[*names, *(["updated_at"] if isinstance(row, Article) else [])])


def _with_it(values: Row) -> Row:
    """Return what an article's form stores along with some values."""
    found: Row = {}
    if "correction" in values:
        found["corrected_at"] = timezone.now() if values["correction"] else None
    if "provider_id" in values:
        found["provider_name"] = values.get("provider_name", "")  # the other named the other outlet
    if values.get("story_id"):
        story = leads.live_story(values["story_id"])
        found["story_id"] = story and story.pk
    return found
