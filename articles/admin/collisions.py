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

from ..models import Action, ActionRow, Article, Change, Story
from ..text.moments import in_own_zone

OURS, THEIRS = "ours", "theirs"  # what a second saver may choose
MAX_WORDS = 2_000  # of a text whose words are compared; comparing longer ones may take seconds
RECENT = 20  # entries of the log that are looked at


def marked(before: str, after: str) -> SafeString:
    """Return a text as HTML that marks the words that it took from, and added to, an earlier one."""
    words, others = (re.findall(r"\s*\S+|\s+$", text) for text in (before, after))
    if max(len(words), len(others)) > MAX_WORDS:
        return format_html("{}", after)
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(format_html("{}", "".join(words[a:b])))
            continue
        parts += [format_html("<del>{}</del>", "".join(words[a:b]))] if a < b else []
        parts += [format_html("<ins>{}</ins>", "".join(others[c:d]))] if c < d else []
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


def last_editor(row: Model, name: str, label: str) -> tuple[User, datetime] | None:
    """Return who changed a field of a row last, and when; None if that is not recorded."""
    if isinstance(row, Article):
        changes = Change.objects.filter(article=row, deltas__has_key=name).exclude(user=None)
        found = changes.select_related("user").first()
        return (found.user, found.at) if found else _last_action(row, name)
    if isinstance(row, Story) and name in ("headline", "summary"):
        done = Action.objects.filter(kind=Action.Kind.TEXT, rows__model="story", rows__key=row.pk).exclude(user=None)
        action = done.select_related("user").first()
        return (action.user, action.at) if action else None
    kind = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=kind, object_id=row.pk).select_related("user").order_by("-pk")
    named = (entry for entry in entries[:RECENT] if f'"{label}"'.lower() in entry.change_message.lower())
    entry = next(named, None)
    return (entry.user, entry.action_time) if entry else None


def _last_action(row: Model, name: str) -> tuple[User, datetime] | None:
    rows = ActionRow.objects.filter(model=row._meta.model_name, key=row.pk, after__has_key=name)
    action = Action.objects.filter(rows__in=rows).exclude(user=None).select_related("user").first()
    return (action.user, action.at) if action else None


def who_changed(row: Model, name: str, label: str) -> str:
    """Return who changed a field last and when, for people; "Somebody else" if that is not recorded."""
    found = last_editor(row, name, label)
    return f"{found[0]} (at {timezone.localtime(found[1]):%H:%M %Z})" if found else "Somebody else"


def others_since(action: Action, moment: datetime) -> tuple[int, list[str]]:
    """Return how many articles that a bulk action is about others decided about since a moment, and who they are."""
    rows = ActionRow.objects.filter(model="article", action__at__gt=moment).exclude(action__user=action.user)
    decided = rows.filter(after__has_any_keys=["published", "removed"]).values_list("key", "action__user__username")
    found = dict(decided.order_by("pk"))
    among = found.keys() & set(action.left)
    return len(among), sorted({found[key] or "Somebody" for key in among})


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
