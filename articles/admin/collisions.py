"""What a second saver is told: who changed the same field while the form was open, both texts, and a choice."""

import difflib
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ..models import Action, ActionRow, Article, Change
from ..stories.actions import RECORDED
from ..text.moments import in_own_zone

OURS, THEIRS = "ours", "theirs"  # what a second saver may choose
CHANGED = '<span class="unseen visually-hidden"> [{0}] </span><{1}>{2}</{1}>'  # for screen readers too
MAX_WORDS = 2_000  # of a text whose words are compared; comparing longer ones may take seconds
RECENT = 20  # entries of Django's log that are looked at


def marked(before: str, after: str) -> SafeString:
    """Return a text as HTML that marks the words that it took from, and added to, an earlier one.

    Screen readers, which say nothing of <ins> and <del>, read words before them.
    """
    words, others = (re.findall(r"\s*\S+|\s+$", text) for text in (before, after))
    if max(len(words), len(others)) > MAX_WORDS:
        return format_html("{}", after)
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(format_html("{}", "".join(words[a:b])))
            continue
        for name, said, text in (("del", _("removed:"), words[a:b]), ("ins", _("added:"), others[c:d])):
            parts += [format_html(CHANGED, said, mark_safe(name), "".join(text))] if text else []  # noqa: S308 (ours)
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped)


def as_text(value: object) -> str:
    """Return a value of a form as text: rows by their names, and a list with an item in each line."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return in_own_zone(value)
    if isinstance(value, Model | str | int):
        return str(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {said}" for name, said in value.items() if said or said == 0)
    return "\n".join(map(as_text, value)) if hasattr(value, "__iter__") else str(value)


def digest(value: object) -> str:
    """Return what stands for a value that a form told of: a choice holds only for that value."""
    return hashlib.sha256(as_text(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def last_editor(row: Model, name: str) -> tuple[User, datetime] | None:
    """Return who changed a field of a row last, and when; None if that is not recorded."""
    if isinstance(row, Article):
        changes = Change.objects.filter(article=row, deltas__has_key=name).exclude(user=None)
        found = changes.select_related("user").first()
        if found:
            return found.user, found.at
    if row._meta.model_name not in RECORDED:
        return _last_in_djangos_log(row, name)
    about = ActionRow.objects.filter(model=row._meta.model_name, key=row.pk).values("action")
    column = next((field.attname for field in row._meta.concrete_fields if field.name == name), name)
    rows = ActionRow.objects.filter(action__in=about, after__has_key=column)  # of the row, or of its parts
    action = Action.objects.filter(pk__in=rows.values("action")).exclude(user=None).select_related("user").first()
    return (action.user, action.at) if action else None


def _last_in_djangos_log(row: Model, name: str) -> tuple[User, datetime] | None:
    """Return who changed a field of a row that only Django records, such as an account or a group."""
    label = str(row._meta.get_field(name).verbose_name)
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=row.pk)
    recent = entries.select_related("user").order_by("-pk")[:RECENT]
    entry = next((entry for entry in recent if f'"{label}"'.lower() in entry.change_message.lower()), None)
    return (entry.user, entry.action_time) if entry else None


def who_changed(row: Model, name: str) -> str:
    """Return who changed a field last and when, for people; "Somebody else" if that is not recorded."""
    found = last_editor(row, name)
    return said_at(*found) if found else _("Somebody else")


def said_at(who: object, at: datetime) -> str:
    """Return who did something and when, for people."""
    return _("%(who)s (at %(time)s)") % {"who": who, "time": f"{timezone.localtime(at):%H:%M %Z}"}


def others_since(action: Action, moment: datetime) -> tuple[int, list[str]]:
    """Return how many articles that a bulk action is about others decided about since a moment, and who they are."""
    rows = ActionRow.objects.filter(model="article", action__at__gt=moment).exclude(action__user=action.user)
    decided = rows.filter(after__has_any_keys=["published", "removed"]).values_list("key", "action__user__username")
    found = dict(decided.order_by("pk"))
    among = found.keys() & set(action.left)
    return len(among), sorted({found[key] or _("Somebody") for key in among})


def told(name: str, who: str, shown: object, stored: object, wanted: object) -> SafeString:
    """Return what the second saver of a field reads, with a choice that is sent as `name`."""
    texts = [as_text(value) for value in (shown, stored, wanted)]
    choices = format_html_join(
        "",
        '<label><input type="radio" name="{}" value="{}-{}"> {}</label>',
        ((name, choice, digest(stored), words) for choice, words in ((THEIRS, "Take theirs"), (OURS, "Save yours"))),
    )
    return format_html(
        "<p>{} changed this while your form was open. Nothing is saved yet: choose one, and save again.</p>"
        '<div class="both-texts"><section><h3>Theirs</h3><div class="value">{}</div></section>'
        '<section><h3>Yours</h3><div class="value">{}</div></section></div><fieldset class="choice">'
        "<legend>Which text?</legend>{}</fieldset>",
        who, marked(texts[0], texts[1]) or "Empty", marked(texts[0], texts[2]) or "Empty", choices,
    )  # fmt: skip


def choice_name(html_name: str) -> str:
    """Return the name by which the choice about a field is sent."""
    return f"choose-{html_name}"


def chosen(data: Mapping[str, str], html_name: str) -> tuple[str, str]:
    """Return what a second saver chose about a field, and the digest of the value they were told of."""
    choice, _, seen = data.get(choice_name(html_name), "").partition("-")
    return choice, seen
