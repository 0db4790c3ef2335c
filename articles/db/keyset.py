"""Paging by the last card seen instead of by a number, so that what arrives meanwhile shifts nothing.

What is ranked anew meanwhile keeps its place for a reader who has begun: the places that articles had are on record.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

LONGEST = 4000  # characters of an address's part
MOST = 2**63 - 1  # what a database's whole number holds
MAX_PAGE = 1_000_000
Value = int | str | datetime


@dataclass(frozen=True)
class Place:
    """Between two cards of an ordered list: where a page begins, or where it ends if it is read `backwards`.

    `values` are those of the card before (backwards: after) it, field by field as the list is ordered; empty at the
    list's beginning. `out_of_turn` are ids of cards that stood on a page before their turn, so not again. `mark` is
    the last move (`models.Move`) before the list's first page was read: cards that moved since count where they were.
    """

    by: str  # the first field of the list's order
    page: int  # the number of the page, from 1
    values: tuple[Value, ...]
    out_of_turn: tuple[int, ...] = ()
    mark: int = 0
    backwards: bool = False

    @property
    def token(self) -> str:
        """The place as a part of an address."""
        return _packed([self.by, self.page, self.values, self.out_of_turn, self.mark])

    def page_of(self, rows: QuerySet, moves: QuerySet, order: list[str], size: int) -> tuple[list[Any], bool]:
        """The rows of the page, and whether there are more in the direction of reading.

        `moves` are the first of each article since `mark`. `order` ends in the id. Each row gets `stood_by`: the
        values that decided where it stands.
        """
        fields = [_reversed(field) for field in order] if self.backwards else order
        rows = rows.exclude(pk__in=self.out_of_turn)
        stayed = rows.exclude(Exists(moves.filter(article=OuterRef("pk"))))
        moved = moves.filter(article__in=rows.order_by().values("pk"))
        theirs = [field.replace("file_name", "article__file_name").replace("pk", "article") for field in fields]
        stood_by = self._beyond(stayed, fields, size) | self._beyond(moved, theirs, size)
        ids = _sorted(stood_by, fields)
        there = {row.pk: row for row in rows.filter(pk__in=ids[:size])}
        page = [there[pk] for pk in ids[:size] if pk in there]
        for row in page:
            row.stood_by = stood_by[row.pk]
        return (page[::-1] if self.backwards else page), len(ids) > size

    def _beyond(self, rows: QuerySet, fields: list[str], size: int) -> dict[int, tuple[Value, ...]]:
        """The first `size` rows beyond the place and one more: articles' ids, with the values they stand by."""
        names = [field.lstrip("-") for field in fields]
        found = rows.filter(beyond(fields, self.values)).order_by(*fields).values_list(*names)
        return {values[-1]: tuple(values) for values in found[: size + 1]}


def values_of(row: Any, order: list[str]) -> tuple[Value, ...]:
    """The values that a row is ranked by."""
    return tuple(getattr(row, field.lstrip("-")) for field in order)


def _sorted(stood_by: dict[int, tuple[Value, ...]], fields: list[str]) -> list[int]:
    """Ids in the order of their values."""
    ids = list(stood_by)
    for place in reversed(range(len(fields))):
        ids.sort(key=lambda pk: stood_by[pk][place], reverse=fields[place].startswith("-"))  # type: ignore[arg-type,return-value]
    return ids


def values_token(values: tuple[Value, ...], order: list[str]) -> str:
    """The values that a row is ranked by as a part of an address: letters, digits, '-' and '_'."""
    return _packed([order[0], values])


def read_values(token: str, order: list[str]) -> tuple[Value, ...] | None:
    """The values that a token tells; None for anything that is not one of this order."""
    try:
        by, values = _unpacked(token)
        return _values(values, order) if by == order[0] else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def read(token: str, order: list[str], backwards: bool = False) -> Place | None:
    """The place that a token tells; None for anything that is not one of this order."""
    try:
        by, page, values, out_of_turn, mark = _unpacked(token)
        values = _values(values, order) if values else ()
        place = Place(by, _whole(page), values, tuple(_whole(pk) for pk in out_of_turn), _whole(mark), backwards)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return place if by == order[0] and 1 <= place.page <= MAX_PAGE else None


def _packed(data: Any) -> str:
    text = json.dumps(data, separators=(",", ":"), default=datetime.isoformat)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(token: str) -> Any:
    return json.loads(urlsafe_b64decode(token[:LONGEST] + "=" * (-len(token) % 4)))


def _values(values: Any, order: list[str]) -> tuple[Value, ...]:
    """One of each field's type. Raises ValueError, TypeError or OverflowError for any others."""
    return tuple(_value(value, field) for value, field in zip(values, order, strict=True))


def _value(value: Any, field: str) -> Value:
    """A value of its field's type. Raises ValueError, TypeError or OverflowError for any other."""
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
    if type(value) is not int or not -MOST - 1 <= value <= MOST:
        raise ValueError(value)
    return value


def _reversed(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def beyond(order: list[str], values: tuple[Value, ...]) -> Q:
    """Rows after those with such values. The first field stands alone once more, so that an index finds them."""
    if not values:
        return Q()
    condition = Q()
    for field, value in reversed(list(zip(order, values, strict=True))):
        name, sign = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        condition = Q(**{f"{name}__{sign}": value}) | (Q(**{name: value}) & condition if condition else Q())
    first, sign = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{sign}": values[0]}) & condition


def resumed(ranked: list[int], shown: set[int]) -> tuple[int | None, tuple[int, ...]]:
    """Where to go on after cards that were not shown in their turn.

    `ranked` are ids in their order, `shown` those shown so far. Returns the id of the last card before the first one
    not shown (None if that is the very first), and the ids shown out of turn: those after it.
    """
    turn = next((place for place, pk in enumerate(ranked) if pk not in shown), len(ranked))
    return (ranked[turn - 1] if turn else None), tuple(pk for pk in ranked[turn:] if pk in shown)
