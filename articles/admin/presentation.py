"""How values are told to editors."""

from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from ..models import Story


def story_titles(values):
    """Titles of stories by id, for `shown`. Costs one query, or none if there is no id among the values."""
    ids = {value for value in values if value}
    return {story.pk: str(story) for story in Story.objects.select_related("lead").filter(pk__in=ids)} if ids else {}


def shown(field, value, titles=None):
    """A field's value for a person; stories, which values name by id, need their `titles`."""
    if value is None or value in ("", [], {}):
        return "Nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if field == "story":
        return (titles or {}).get(value, "A story that is no more")
    if isinstance(value, list):
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((item_text(item),) for item in value)))
    if isinstance(value, dict):
        return item_text(value)
    return str(value)


def item_text(item):
    """An item of a list, or a provider, on one line."""
    if not isinstance(item, dict):
        return str(item)
    if "domain" in item:
        return f"{item['name'] or 'Its own name'} ({item['domain']})"
    words = [str(item.get(name)) for name in ("title", "url", "web_url") if item.get(name)]
    size = [f"{item['width']} by {item['height']}"] if item.get("width") and item.get("height") else []
    return ", ".join([*words, *size]) or ", ".join(f"{name}: {value}" for name, value in item.items())


def in_short(field, value, titles):
    if isinstance(value, list):
        return Truncator(", ".join(item_text(item) for item in value) or "Nothing").chars(80)
    return Truncator(shown(field, value, titles)).chars(80)


def titles_for(conflicts):
    about = [conflict for conflict in conflicts if conflict.field == "story"]
    return story_titles(value for conflict in about for value in (conflict.base, conflict.ours, conflict.theirs))
