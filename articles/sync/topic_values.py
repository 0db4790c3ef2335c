"""The values of a topic in one form, whether they come from its row or from its file."""

import re
from typing import Any

from ..frontmatter import FrontMatterError
from ..frontmatter.secrets import without_secrets
from ..models import Topic
from ..provenance.values import Values
from ..text.domains import composed
from ..text.signs import stream_safe

COLUMNS: dict[str, Any] = {
    "slug": "", "name": "", "shortname": "", "menu_order": 1000, "keywords": [], "hashtags": [], "images": [],
    "services": {}, "extra": {},
}  # fmt: skip
UNIQUE = {"slug": "_id", "name": "name"}  # columns, and their keys in files


def in_file(file_name: str, said: Values) -> Values:
    """Return a topic's values as its file has them. The number that the file's name begins with is its menu order."""
    prefix = re.match(r"\d{1,6}(?=-)", file_name)
    found = {name: said.get(name, default) for name, default in COLUMNS.items()}
    found |= {name: composed(stream_safe(said.get(name, ""))) for name in ("slug", "name", "parent")}
    found["shortname"] = stream_safe(found["shortname"])
    for name in ("keywords", "hashtags"):
        found[name] = [stream_safe(word) for word in found[name]]
    found["extra"] = without_secrets(found["extra"])
    return found | {"menu_order": int(prefix[0]) if prefix else 1000}


def of_topic(topic: Topic) -> Values:
    """Return a topic's values in the shape of its file's."""
    return {name: getattr(topic, name) for name in COLUMNS} | {"parent": topic.parent.name if topic.parent else ""}


def store_topic(topic: Topic, found: Values) -> None:
    """Store values of a topic. Raises FrontMatterError for another's name or slug, or a parent that is below it."""
    for name in COLUMNS.keys() & found.keys():
        setattr(topic, name, found[name])
    for name, key in UNIQUE.items():
        value = getattr(topic, name)
        if Topic.objects.filter(**{name: value}).exclude(pk=topic.pk).exists():
            raise FrontMatterError(1, key, not_its_own(key, value, "another topic"))
    if "parent" in found:
        parent = found["parent"]
        topic.parent = Topic.objects.ensure([parent])[parent] if parent else None
        if topic.pk and topic.pk in topic.ancestors():
            raise FrontMatterError(1, "parent", below_itself(parent))
    topic.save()


def not_its_own(key: str, found: str, owner: str) -> str:
    article = "an" if key == "_id" else "a"
    return f"expected {article} {key} of its own, found {found!r}, which {owner} has"


def below_itself(parent: str) -> str:
    return f"expected a topic above this one, found {parent!r}, which is below it"
