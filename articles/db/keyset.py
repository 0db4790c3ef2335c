"""Paging by the last card seen instead of by a number: what is published meanwhile shifts nothing.

An article that is ranked anew while a reader pages stands where it is now: that reader may see it twice or miss it.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

MAX_TOKEN = 4000  # characters
MAX_INTEGER = 2**63 - 1  # that a database's whole number holds
MAX_PAGE = 1_000_000
Value = int | str | datetime


@dataclass(frozen=True)
class Cursor:
    """A place between two cards of an ordered list: where a page begins, or where it ends if read `backwards`.

    `values` are those of the card before it (backwards: after it), field by field as the list is ordered; empty at
    the beginning of the list. `already_shown` are ids of cards that stood on an earlier page before their turn.
    """

    by: str  # the first field of the list's order
    page: int  # the number of the page, from 1
    values: tuple[Value, ...]
    already_shown: tuple[int, ...] = ()
    backwards: bool = False

    @property
    def token(self) -> str:
        """The cursor as a part of an address: letters, digits, `-` and `_`."""
        return _packed([self.by, self.page, self.values, self.already_shown])

    def page_of(self, rows: QuerySet[Any], size: int) -> tuple[list[Any], bool]:
        """Return at most `size` of the ordered `rows` beyond the cursor, and whether more follow in that direction."""
        fields = [_reversed(field) for field in fields_of(rows)] if self.backwards else fields_of(rows)
        rest = rows.exclude(pk__in=self.already_shown).filter(beyond(fields, self.values))
        found = list(rest.order_by(*fields)[: size + 1])
        page = found[:size]
        return (page[::-1] if self.backwards else page), len(found) > size


def fields_of(rows: QuerySet[Any]) -> list[str]:
    """Return the fields that `rows` are ordered by, such as `-quality_score`; the last makes the order total."""
    return [str(field) for field in rows.query.order_by]


def values_of(row: Any, fields: list[str]) -> tuple[Value, ...]:
    """Return the values that a row is ordered by."""
    return tuple(getattr(row, field.lstrip("-")) for field in fields)


def values_token(values: tuple[Value, ...], order: list[str]) -> str:
    """Return the values that a row is ordered by as a part of an address: letters, digits, `-` and `_`."""
    return _packed([order[0], values])


def read_values(token: str, order: list[str]) -> tuple[Value, ...] | None:
    """Return the values of a token made by `values_token`; None if it is not one of this order."""
    try:
        by, values = _unpacked(token)
        return _values(values, order) if by == order[0] else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def read(token: str, order: list[str], backwards: bool = False) -> Cursor | None:
    """Return the cursor of a token; None if it is not one of this order."""
    try:
        by, page, values, already_shown, *_older = _unpacked(token)
        values = _values(values, order) if values else ()
        cursor = Cursor(by, _whole(page), values, tuple(_whole(pk) for pk in already_shown), backwards)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return cursor if by == order[0] and 1 <= cursor.page <= MAX_PAGE else None


def _packed(data: Any) -> str:
    text = json.dumps(data, separators=(",", ":"), default=datetime.isoformat)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(token: str) -> Any:
    return json.loads(urlsafe_b64decode(token[:MAX_TOKEN] + "=" * (-len(token) % 4)))


def _values(values: Any, order: list[str]) -> tuple[Value, ...]:
    """Return the values, each of its field's type. Raises ValueError, TypeError or OverflowError for any other."""
    return tuple(_value(value, field) for value, field in zip(values, order, strict=True))


def _value(value: Any, field: str) -> Value:
    """Return a value of its field's type. Raises ValueError, TypeError or OverflowError for any other."""
    name = field.lstrip("-")
    if name == "published_at":
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    if name == "file_name":
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError(value)
        return value.encode("utf-8").decode()  # no half characters, which no database takes
    return _whole(value)


def _whole(value: Any) -> int:
    if type(value) is not int or not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        raise ValueError(value)
    return value


def _reversed(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def beyond(fields: list[str], values: tuple[Value, ...]) -> Q:
    """Return the condition for rows after one with these values, or for all rows if there are none.

    The first field is repeated on its own, so that a database uses its index.
    """
    if not values:
        return Q()
    condition = Q()
    for field, value in reversed(list(zip(fields, values, strict=True))):
        name, sign = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        condition = Q(**{f"{name}__{sign}": value}) | (Q(**{name: value}) & condition if condition else Q())
    first, sign = fields[0].lstrip("-"), "lte" if fields[0].startswith("-") else "gte"
    return Q(**{f"{first}__{sign}": values[0]}) & condition


def resume(ranked: list[int], shown: set[int]) -> tuple[int | None, tuple[int, ...]]:
    """Find where to go on after cards that were not shown in their turn.

    `ranked` are ids in their order, `shown` the ids shown so far. Returns the id of the last card before the first
    one not shown (None if that is the very first), and the ids shown before their turn: those after it.
    """
    turn = next((place for place, pk in enumerate(ranked) if pk not in shown), len(ranked))
    return (ranked[turn - 1] if turn else None), tuple(pk for pk in ranked[turn:] if pk in shown)
