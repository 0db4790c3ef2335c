"""Where a reader of a ranked list stands: at an article, by the values that the order is made of.

What is added before that place moves nobody, unlike page numbers, and the thousandth page costs what the first does.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from django.db.models import Q

from .querysets import ORDERS

MAX_LENGTH = 1000
BIGGEST = 2**63 - 1


class CursorError(ValueError):
    """This is no place in a list of that order."""


def cursor(article, order):
    """The place of an article in a list by `order`, a key of ORDERS: letters, digits, '-' and '_'."""
    place = [getattr(article, name.lstrip("-")) for name in ORDERS[order]]
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in place])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after(articles, order, text):
    """Those of `articles` that come after a place in a list by `order`. Raises CursorError."""
    place = _place(order, text)
    ahead, equal = Q(), Q()
    for name, value in place.items():
        field = name.lstrip("-")
        passed = "lt" if name.startswith("-") else "gt"
        ahead |= equal & Q(**{f"{field}__{passed}": value})
        equal &= Q(**{field: value})
    first, value = next(iter(place.items()))
    return articles.filter(ahead, **{f"{first.lstrip('-')}__lte": value})  # the database can begin there


def _place(order, text):
    try:
        values = json.loads(urlsafe_b64decode(text[:MAX_LENGTH] + "=" * (-len(text) % 4)))
        return {name: _value(name, value) for name, value in zip(ORDERS[order], values, strict=True)}
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise CursorError from error


def _value(name, value):
    """A value of the kind that the column has."""
    if name == "-published_at":
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise CursorError
        return moment.astimezone(UTC)
    if name == "file_name":
        if not isinstance(value, str) or "\x00" in value:
            raise CursorError
        value.encode()  # no half characters
        return value
    if type(value) is not int or abs(value) > BIGGEST:
        raise CursorError
    return value
