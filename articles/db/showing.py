"""Rows that cannot be shown: what readers get leaves them out, shows the rest, and logs which they are.

A value that no form and no import would store can still be in a database: an earlier release or a person put it there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.db import DataError, OperationalError
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch

logger = logging.getLogger("newsroom.pages")

# What an odd value can raise: when its row is read, and when it is shown. Other errors are not about one row.
UNREADABLE = (ArithmeticError, AttributeError, DataError, TypeError, ValueError)
UNSHOWABLE = (
    ArithmeticError,
    AttributeError,
    DataError,
    LookupError,
    NoReverseMatch,
    ObjectDoesNotExist,
    OSError,
    RecursionError,
    SuspiciousOperation,
    TypeError,
    ValueError,
)
SPARE = 1_000  # rows after a page that may take the places of those left out

Row = TypeVar("Row")
Shown = TypeVar("Shown")
Query = TypeVar("Query", bound=QuerySet[Any])


def showing(rows: Iterable[Row], show: Callable[[Row], Shown]) -> Iterator[Shown]:
    """Yield `show(row)` of each row. A row of which it raises one of UNSHOWABLE is left out and logged."""
    for row in rows:
        try:
            shown = show(row)
        except UNSHOWABLE as error:
            left_out(row, error)
        else:
            yield shown


def left_out(row: Any, error: BaseException, pk: Any = None) -> None:
    """Log that a row was left out, once for each time that it was read: its type and id, and nothing that it says."""
    if getattr(row, "is_left_out", False):
        return
    if isinstance(row, Model):
        row.is_left_out = True  # type: ignore[attr-defined]
        pk = row.pk
    name = getattr(row, "__name__", type(row).__name__)
    place = extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    where = f"{Path(place.filename).name}:{place.lineno}" if place else "?"
    logger.warning("Left out %s %s: it cannot be shown (%s in %s).", name, pk, type(error).__name__, where)


def page_of_a_row(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the page of one row be not found, and log it, if the row cannot be shown at all."""

    @wraps(view)
    def answering(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        try:
            return view(request, *arguments, **options)
        except UNSHOWABLE as error:
            left_out(view, error, ", ".join(str(value) for value in options.values() if isinstance(value, int)))
            raise Http404 from error

    return answering


def showable(queryset: Query) -> Query:
    """Return a query that leaves out the rows that cannot even be read, instead of failing.

    It costs nothing as long as all rows can be read.
    """
    found = queryset.all()
    found._iterable_class = ShowableIterable
    return found


class ShowableIterable(ModelIterable):  # type: ignore[type-arg]
    """The rows of a query, read one by one if they cannot be read together."""

    def __iter__(self) -> Iterator[Any]:
        try:
            rows = list(super().__iter__())
        except (*UNREADABLE, OperationalError) as error:
            if not _is_about_a_row(error):
                raise
            rows = list(self._one_by_one())
        yield from rows

    def _one_by_one(self) -> Iterator[Any]:
        """Yield as many rows as were asked for, if there are so many that can be read."""
        query = self.queryset.query
        most = None if query.high_mark is None else query.high_mark - query.low_mark
        every = self.queryset.prefetch_related(None)
        every.query = query.chain()
        if query.high_mark is not None:
            every.query.high_mark = query.high_mark + SPARE
        found = 0
        for pk in every.values_list("pk", flat=True):
            for row in self._read(pk):
                found += 1
                yield row
            if found == most:
                return

    def _read(self, pk: Any) -> list[Any]:
        one = self.queryset.prefetch_related(None)
        one.query = self.queryset.query.chain()
        one.query.clear_limits()
        one.query.clear_ordering(force=True)
        one = one.filter(pk=pk)
        try:
            return list(ModelIterable(one))
        except (*UNREADABLE, OperationalError) as error:
            if not _is_about_a_row(error):
                raise
            left_out(self.queryset.model, error, pk)
            return []


def _is_about_a_row(error: Exception) -> bool:
    """Return whether an error is about one row: not that a database is locked or gone."""
    return not isinstance(error, OperationalError) or "decode" in str(error)  # text that is no UTF-8
