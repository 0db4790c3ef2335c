"""Labels for readers: orders, periods and the terms of scores, by their names in the code."""

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .plain import plain

LABELS = {
    "quality": _("Quality"),
    "heat": _("Heat"),
    "hot": _("Hot"),
    "latest": _("Latest"),
    "day": _("Day"),
    "week": _("Week"),
    "month": _("Month"),
    "year": _("Year"),
    "all": pgettext_lazy("period", "All"),
    "time": _("Time"),
    "member": _("Member"),
    "coverage": _("Coverage"),
    "source": _("Source"),
    "boost": _("Boost"),
    "bury": _("Bury"),
    "age": _("Age"),
    "pin": _("Pin"),
}
WINDOWS = {
    "day": _("in the last day"),
    "week": _("in the last week"),
    "month": _("in the last month"),
    "year": _("in the last year"),
    "all": _("so far"),
}


def titled(text: str) -> str:
    """Return a title as plain text, or "Untitled" if nothing is left of it."""
    return plain(text) or gettext("Untitled")
