"""What changed in rows, for people: each field by its name, with the words that went and came marked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ..models import ActionRow, Article, Provider, Source, Story, Topic
from ..stories.actions import RECORDED
from .collisions import as_text, marked
from .presentation import item_text

NAMED: dict[type[models.Model], list[str]] = {  # what rows are called by, and what to load for that
    Article: [],
    Story: ["lead"],
    Topic: [],
    Provider: [],
    Source: [],
    get_user_model(): [],
}
OWNERS = {  # the parts of rows: the column that names what they belong to, and the columns that tell of them
    "articletopic": ("content_object_id", ["name"]),
    "articletag": ("article_id", ["name"]),
    "articleimage": ("article_id", ["url", "title", "attribution", "file"]),
    "boost": ("article_id", ["points", "reason", "until"]),
    "pin": ("article_id", ["topic_id", "provider_id", "position", "reason", "until"]),
    "relatedlink": ("story_id", ["title", "web_url"]),
    "providerimage": ("provider_id", ["url", "title", "attribution", "file"]),
}
UNTOLD = {  # what follows from the rest, or only machines read
    *("mark", "importedfile", "change", "articleterm", "issuearticle", "topicalias", "conflict", "suggestion"),
}
UNTOLD_COLUMNS = {"filed_quality", "heat_is_computed", "fit", "file_text", "file_name", "extra", "is_organization"}


@dataclass(frozen=True)
class Difference:
    """One field of a row, before and after. `field` is what a request calls it."""

    field: str
    label: str
    html: Any
    can_go_back: bool = True


class Names:
    """The names of the rows that some cells refer to. Costs one query for each model."""

    def __init__(self, rows: Iterable[ActionRow]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        for row in rows:
            model = RECORDED[row.model]
            if model in NAMED:
                wanted.setdefault(model, set()).add(row.key)
            for field in model._meta.concrete_fields:
                if field.is_relation and field.related_model in NAMED:
                    cells = (dict(side or {}).get(field.attname) for side in (row.before, row.after))
                    wanted.setdefault(field.related_model, set()).update(cell for cell in cells if cell)
        self._found = {model: self._load(model, keys) for model, keys in wanted.items() if keys}

    def _load(self, model: Any, keys: set[Any]) -> dict[Any, str]:
        rows = model._base_manager.filter(pk__in=keys)
        return {row.pk: str(row) for row in (rows.select_related(*NAMED[model]) if NAMED[model] else rows)}

    def of(self, model: Any, key: Any) -> str:
        """Return a row's name. One that is gone has none any more."""
        gone = _("a deleted %(kind)s") % {"kind": model._meta.verbose_name}
        return self._found.get(model, {}).get(key) or gone


def text_of(model: type[models.Model], column: str, value: Any, names: Names) -> str:
    """Return a recorded cell as a person reads it; empty if nothing is in it."""
    field = next((one for one in model._meta.concrete_fields if one.attname == column), None)
    if value is None or field is None:
        return "" if value is None else str(value)
    if field.is_relation:
        return names.of(field.related_model, value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField) and isinstance(value, str):
        return as_text(parse_datetime(value) or value)
    if isinstance(value, list):
        return "\n".join(item_text(item) for item in value)
    return as_text(value)


def label_of(model: type[models.Model], column: str) -> str:
    field = next((one for one in model._meta.concrete_fields if one.attname == column), None)
    return str(field.verbose_name) if field else column.replace("_", " ")


def of_row(row: ActionRow, names: Names) -> Iterator[Difference]:
    """Yield what an action changed in a row itself."""
    model = RECORDED[row.model]
    before, after = dict(row.before or {}), dict(row.after or {})
    is_whole = row.before is None or row.after is None
    for column in before.keys() | after.keys() if is_whole else [name for name in after if name in before]:
        texts = [text_of(model, column, side.get(column), names) for side in (before, after)]
        if column not in UNTOLD_COLUMNS and texts[0] != texts[1]:
            yield Difference(column, label_of(model, column), marked(*texts), not is_whole)


def of_parts(rows: Iterable[ActionRow], names: Names) -> Iterator[Difference]:
    """Yield what changed in the parts of a row, such as its topics: one difference for each kind."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        columns = OWNERS[row.model][1]
        sides = [_part(row, side, columns, names) for side in (row.before, row.after)]
        if sides[0] != sides[1]:
            kinds.setdefault(row.model, []).append((sides[0], sides[1]))
    for name, pairs in kinds.items():
        label = str(RECORDED[name]._meta.verbose_name_plural)
        before, after = ("\n".join(filter(None, side)) for side in zip(*pairs, strict=True))
        yield Difference(name, label, marked(before, after))


def _part(row: ActionRow, side: Any, columns: list[str], names: Names) -> str:
    if not side:
        return ""
    model = RECORDED[row.model]
    texts = ((column, text_of(model, column, side.get(column), names)) for column in columns)
    told = [text if column in columns[:1] else f"{label_of(model, column)}: {text}" for column, text in texts if text]
    return ", ".join(told)


def in_order(found: Iterable[Difference], model: type[models.Model]) -> list[Difference]:
    """Return differences in the order of a model's fields."""
    places = {field.attname: place for place, field in enumerate(model._meta.concrete_fields)}
    return sorted(found, key=lambda one: places.get(one.field, len(places)))
