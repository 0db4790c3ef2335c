"""Query parameters of the JSON API."""

from datetime import UTC, date, datetime, time
from functools import wraps

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ..db.showing import showing
from ..models import ORDERS
from ..text.numbers import read_number

LARGEST = 10**18 - 1  # and -LARGEST: what every database can compare


class BadValueError(Exception):
    """A parameter with a bad value: what was expected and what was found, in one sentence."""

    def __init__(self, name, expected, found):
        super().__init__(f"{name}: expected {expected}, found {found[:100]!r}.")


def json_view(view):
    """Let a view answer reading requests only, and a BadValueError with its sentence and status 400."""

    @csrf_exempt  # so that a POST is told that only reading is allowed
    @require_safe
    @wraps(view)
    def answering(request, *arguments, **options):
        try:
            return view(request, *arguments, **options)
        except BadValueError as error:
            return JsonResponse({"error": str(error)}, status=400)

    return answering


def order(asked):
    """Return the value of `?order=`, a key of ORDERS. Raises BadValueError."""
    value = asked.get("order", "latest")
    if value not in ORDERS:
        raise BadValueError("order", ", ".join(ORDERS), value)
    return value


def since(asked):
    """Return the moment of `?since=`, in UTC, or None. A day begins at midnight UTC. Raises BadValueError."""
    if "since" not in asked:
        return None
    text = asked["since"].replace(" ", "+")  # a plus sign that was not encoded
    try:
        moment = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValueError("since", "a moment such as 2026-11-24T08:00:00Z or a day", asked["since"]) from error


def number(asked, name, lowest=None):
    """Return a whole number, or None without the parameter. Raises BadValueError."""
    if name not in asked:
        return None
    found = read_number(asked[name], -LARGEST if lowest is None else lowest, LARGEST)
    if found is None:
        expected = "a whole number" if lowest is None else f"a whole number from {lowest} up"
        raise BadValueError(name, expected, asked[name])
    return found


def json_list(rows, show, before=(), after=()):
    """Return a list as JSON: `show(row)` of each row that can be shown, between other keys."""

    def answer(value):
        return JsonResponse({**dict(before), "value": value, **dict(after)}, json_dumps_params={"allow_nan": False})

    shown = list(showing(rows, lambda row: (row, show(row))))
    try:
        return answer([value for _row, value in shown])
    except (TypeError, ValueError):  # some value is none of JSON: leave out its row
        return answer([value for _row, value in showing(shown, _checked)])


def _checked(pair):
    _row, value = pair
    JsonResponse(value, json_dumps_params={"allow_nan": False})
    return pair
