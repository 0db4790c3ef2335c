"""Values as editors see them."""

from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from ..models import Story
from ..text import addresses
from ..text.moments import in_own_zone

EMPTY = "Empty"
NO_NAME = "Provider's own name"  # where a file gives none
MAX_SHORT = 80  # characters of a value in a list
MAX_NAMED = 5  # titles in a message


def names(titles):
    """Return titles as HTML for a message: the first few, and how many more there are."""
    shown = format_html_join(", ", "“<bdi>{}</bdi>”", ((title,) for title in titles[:MAX_NAMED]))
    more = len(titles) - MAX_NAMED
    return format_html("{} and {} more", shown, more) if more > 0 else shown


def story_titles(values):
    """Return the titles of stories by id. Costs one query, or none if `values` holds no id."""
    ids = {value for value in values if value}
    return {story.pk: str(story) for story in Story.objects.select_related("lead").filter(pk__in=ids)} if ids else {}


def shown(field, value, titles=None):
    """Return a field's value as text or HTML. Stories are stored as ids and need `titles` (see `story_titles`)."""
    if value is None or value in ("", [], {}):
        return EMPTY
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return in_own_zone(value)
    if field == "story":
        return (titles or {}).get(value, "A deleted story")
    if isinstance(value, list):
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((item_text(item),) for item in value)))
    if isinstance(value, dict):
        return item_text(value)
    return str(value)


def item_text(item):
    """Return an item of a list, or a provider, on one line."""
    if not isinstance(item, dict):
        return str(item)
    if "domain" in item:
        return f"{item['name'] or NO_NAME} ({item['domain']})"
    words = [str(item.get(name)) for name in ("title", "url", "web_url") if item.get(name)]
    size = [f"{item['width']} by {item['height']}"] if item.get("width") and item.get("height") else []
    return ", ".join([*words, *size]) or ", ".join(f"{name}: {value}" for name, value in item.items())


def in_short(field, value, titles):
    """Return a field's value as text short enough for a list."""
    if isinstance(value, list):
        return Truncator(", ".join(item_text(item) for item in value) or EMPTY).chars(MAX_SHORT)
    return Truncator(shown(field, value, titles)).chars(MAX_SHORT)


def titles_for(conflicts):
    """Return the titles of all stories that conflicts are about, by id."""
    about = [conflict for conflict in conflicts if conflict.field == "story"]
    return story_titles(value for conflict in about for value in (conflict.base, conflict.ours, conflict.theirs))


def link_of(article):
    """Return where an editor can read an article: at its outlet, or else in its form."""
    return addresses.browsable(article.web_url) or reverse("admin:articles_article_change", args=[article.pk])
