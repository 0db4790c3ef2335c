"""The history of a row: what people did to it, and what was taken from its file, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ..models import Action, ActionRow, Change, ImportRun, Story
from ..stories.actions import RECORDED
from ..sync.versions import COLUMNS, is_whole
from .collisions import marked
from .differences import OWNERS, UNTOLD_COLUMNS, Difference, Names, in_order, of_parts, of_row
from .presentation import EMPTY, item_text, shown, story_titles

PAGE = 25  # entries
MAX_PART_ROWS = 2_000  # of all actions on a page


@dataclass
class Entry:
    """One line of a history: an action, or what came from a file, or an edit of before actions were recorded."""

    at: datetime
    action: Action | None = None
    change: Change | None = None
    row: ActionRow | None = None  # of the action, for what the history is about
    differences: list[Difference] = field(default_factory=list)

    @property
    def run(self) -> ImportRun | None:
        return self.change.run if self.change else None

    @property
    def who(self) -> Any:
        """Who did it. Nobody did what was taken from a file."""
        return self.action.user if self.action else self.change and self.change.user

    @property
    def restore(self) -> str:
        """The address at which its fields are restored."""
        if self.change:
            return reverse("desk_restore_imported", args=[self.change.pk])
        return reverse("desk_restore", args=[self.row.pk]) if self.row else ""

    @property
    def can_go_back(self) -> bool:
        return bool(self.row and self.row.before and any(one.can_go_back for one in self.differences))


def page_of(name: str, keys: list[int], before: str = "") -> tuple[list[Entry], str]:
    """Return a page of the history of a row, by the name of its model, and where the next page begins, or "".

    `keys` are its own and those of rows that became a part of it.
    """
    until = _moment(before)
    rows = ActionRow.objects.filter(model=name, key__in=keys)
    actions = Action.objects.filter(pk__in=rows.values("action"), is_begun=True)
    actions = actions.select_related("user", "undoes", "undone_by__user")
    changes = Change.objects.filter(article__in=keys, in_action=False) if name == "article" else Change.objects.none()
    changes = changes.select_related("run", "user")
    if until:
        actions, changes = actions.filter(at__lt=until), changes.filter(at__lt=until)
    entries = [Entry(action.at, action=action) for action in actions[: PAGE + 1]]
    entries += [Entry(change.at, change=change) for change in changes[: PAGE + 1]]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    more = entries[PAGE - 1].at.isoformat() if len(entries) > PAGE else ""
    entries = entries[:PAGE]
    _fill_actions(name, keys, [entry for entry in entries if entry.action])
    _fill_changes([entry for entry in entries if entry.change])
    return entries, more


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _fill_actions(name: str, keys: list[int], entries: list[Entry]) -> None:
    parts = [part for part, (owner, _columns) in OWNERS.items() if _owner_model(part, owner) == name]
    wanted = Q(model=name, key__in=keys) | Q(model__in=parts)
    rows = list(ActionRow.objects.filter(wanted, action__in=[entry.action for entry in entries])[:MAX_PART_ROWS])
    ours = _ours(rows, name, keys)
    names = Names(ours)
    for entry in entries:
        _fill(entry, name, [row for row in ours if entry.action and row.action_id == entry.action.pk], names)


def _fill(entry: Entry, name: str, rows: list[ActionRow], names: Names) -> None:
    own = [row for row in rows if row.model == name]
    entry.row = own[0] if own else None
    found = [one for row in own if row.before and row.after for one in of_row(row, names)]
    found += of_parts([row for row in rows if row.model != name], names)
    entry.differences = in_order(found, RECORDED[name])


def _owner_model(part: str, owner: str) -> str:
    related = RECORDED[part]._meta.get_field(owner.removesuffix("_id")).related_model
    return str(related._meta.model_name) if isinstance(related, type) else ""


def _ours(rows: list[ActionRow], name: str, keys: list[int]) -> list[ActionRow]:
    """Return the rows of what a history is about, and of its parts: actions may be about many others too."""
    owners: dict[tuple[str, int], Any] = {}
    unknown: dict[str, set[int]] = {}
    for row in rows:
        if row.model != name:
            column = OWNERS[row.model][0]
            found = next((side[column] for side in (row.before, row.after) if side and column in side), None)
            if found is None:
                unknown.setdefault(row.model, set()).add(row.key)
            else:
                owners[row.model, row.key] = found
    for part, ids in unknown.items():
        live = RECORDED[part]._base_manager.filter(pk__in=ids).values_list("pk", OWNERS[part][0])
        owners |= {(part, pk): owner for pk, owner in live}
    return [row for row in rows if row.model == name or owners.get((row.model, row.key)) in keys]


def _fill_changes(entries: Iterable[Entry]) -> None:
    """Tell what changes were of before actions were recorded, and what was taken from files."""
    changes = [entry.change for entry in entries if entry.change]
    titles = story_titles(pk for change in changes for pk in change.deltas.get("story", ()))
    for entry in entries:
        if entry.change:
            entry.differences = list(told(entry.change.deltas, titles, entry.change.by_import))


def told(deltas: dict[str, list[Any]], titles: Any = None, by_import: bool = False) -> Iterable[Difference]:
    """Yield the fields of a change of an article, both values as text with marks."""
    for name, (before, after) in deltas.items():
        if name not in UNTOLD_COLUMNS:
            texts = [_text(name, value, titles or {}) for value in (before, after)]
            yield Difference(
                name, name.replace("_", " "), marked(*texts), by_import and is_whole(COLUMNS.get(name, name), before)
            )


def _text(name: str, value: Any, titles: Any) -> str:
    if isinstance(value, list):
        return "\n".join(item_text(item) for item in value)
    text = str(shown(name, value, titles))
    return "" if text == EMPTY else text


def keys_of(row: Any) -> list[int]:
    """Return the keys of a row's history: a story's has that of the stories that were merged into it."""
    merged = row.merged.values_list("pk", flat=True) if isinstance(row, Story) else ()
    return [row.pk, *merged]


def title_of(row: Any) -> str:
    """Return the title of a row's history."""
    return _("History of “%(name)s”") % {"name": row}
