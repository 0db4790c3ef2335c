"""Topic and organization files to rows, merged field by field like articles."""

import re
from typing import Any

from .. import frontmatter
from ..frontmatter import FrontMatterError, Kind
from ..models import ImportRun, Provider, ProviderImage, Topic
from ..provenance import conflicts
from ..provenance.merge import merge
from ..provenance.values import IMAGE_COLUMNS, Values, without_blanks, write_images
from .found import FoundFile

TOPIC_COLUMNS: dict[str, Any] = {
    "slug": "", "name": "", "shortname": "", "menu_order": 1000, "keywords": [], "hashtags": [], "images": [],
    "services": {}, "extra": {},
}  # fmt: skip
PROVIDER_COLUMNS: dict[str, Any] = {
    "is_organization": False, "name": "", "other_names": [], "description": "", "extra": {},
}  # fmt: skip


def write(file: FoundFile, run: ImportRun) -> int:
    """Merge a topic's or an organization's file into its row. Return the number of new conflicts.

    Raises FrontMatterError for a file that cannot be read, or whose values contradict other topics.
    """
    said = frontmatter.parse(file.data, file.kind).values
    text = file.data.decode()
    if file.kind is Kind.TOPIC:
        return _write_topic(file, text, said, run)
    return _write_organization(text, said, run)


def known_texts() -> set[str]:
    """Return the texts of all files as last imported: the same text again changes nothing."""
    rows = (row.objects.exclude(file_text="").values_list("file_text", flat=True) for row in (Topic, Provider))
    return {text for texts in rows for text in texts}


def _write_topic(file: FoundFile, text: str, said: Values, run: ImportRun) -> int:
    topic = Topic.objects.filter(slug=said["slug"]).first() or Topic.objects.filter(name=said["name"]).first()
    topic = topic or Topic(slug=said["slug"], name=said["name"])
    if topic.file_text == text:
        return 0  # what editors changed since then stays
    if Topic.objects.filter(name=said["name"]).exclude(pk=topic.pk).exists():
        found = f"{said['name']!r}, the name of another topic"
        raise FrontMatterError(1, "name", f"expected a name of its own, found {found}")
    live = of_topic(topic)
    if topic.file_text:
        base = _topic_in_file(file, frontmatter.parse(topic.file_text, Kind.TOPIC).values)
    else:
        base = TOPIC_COLUMNS | {"parent": "", "slug": topic.slug, "name": topic.name}
    return _merge("topic", topic, text, base, live, _topic_in_file(file, said), run)


def _topic_in_file(file: FoundFile, said: Values) -> Values:
    prefix = re.match(r"\d{1,6}(?=-)", file.name)
    found = {name: said.get(name, default) for name, default in TOPIC_COLUMNS.items()}
    return found | {"parent": said.get("parent", ""), "menu_order": int(prefix[0]) if prefix else 1000}


def of_topic(topic: Topic) -> Values:
    """Return a topic's values in the shape of its file's."""
    return {name: getattr(topic, name) for name in TOPIC_COLUMNS} | {
        "parent": topic.parent.name if topic.parent else ""
    }


def store_topic(topic: Topic, found: Values) -> None:
    """Store values of a topic. Raises FrontMatterError if its parent would be below it."""
    for name in TOPIC_COLUMNS.keys() & found.keys():
        setattr(topic, name, found[name])
    if "parent" in found:
        parent = found["parent"]
        topic.parent = Topic.objects.ensure([parent])[parent] if parent else None
        if topic.pk and topic.pk in topic.ancestors():
            raise FrontMatterError(1, "parent", f"expected a topic above this one, found {parent!r}, which is below it")
    topic.save()


def _write_organization(text: str, said: Values, run: ImportRun) -> int:
    provider, _ = Provider.objects.get_or_create(domain=said["domain"])
    if provider.file_text == text:
        return 0  # what editors changed since then stays
    if provider.file_text:
        base = _organization_in_file(frontmatter.parse(provider.file_text, Kind.ORGANIZATION).values)
    else:  # articles named it, no editor did
        base = PROVIDER_COLUMNS | {"name": provider.name, "images": []}
    return _merge("provider", provider, text, base, of_provider(provider), _organization_in_file(said), run)


def _organization_in_file(said: Values) -> Values:
    found = {name: said.get(name, default) for name, default in PROVIDER_COLUMNS.items()}
    images = [without_blanks(image) for image in said.get("images", [])]
    return found | {"is_organization": True, "images": images}


def of_provider(provider: Provider) -> Values:
    """Return a provider's values in the shape of its organization file's."""
    logos = ProviderImage.objects.filter(provider=provider, source=None).order_by("position", "pk")
    images = [without_blanks(image) for image in logos.values(*IMAGE_COLUMNS)]
    return {name: getattr(provider, name) for name in PROVIDER_COLUMNS} | {"images": images}


def store_provider(provider: Provider, found: Values) -> None:
    """Store values of a provider."""
    for name in PROVIDER_COLUMNS.keys() & found.keys():
        setattr(provider, name, found[name])
    provider.save()
    if "images" in found:
        write_images(ProviderImage, "provider_id", {provider.pk: found["images"]}, source=None)


STORE = {"topic": store_topic, "provider": store_provider}


def _merge(subject: str, row: Any, text: str, base: Values, live: Values, theirs: Values, run: ImportRun) -> int:
    known = conflicts.open_on(subject, [row.pk] if row.file_text else [])
    merged, clashes = merge(conflicts.undecided_base(base, known.get(row.pk, {})), live, theirs)
    row.file_text = text
    STORE[subject](row, merged)
    return conflicts.keep(subject, {row.pk: clashes}, known or {row.pk: {}}, merged.keys(), run)
