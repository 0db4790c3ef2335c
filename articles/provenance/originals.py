"""Files as they were imported, to the byte.

Most of a large site is related items, and the files of a story repeat them. So each distinct text of an item is a
row of its own, and a file has a list of their ids.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Max

from .. import frontmatter, mappings
from ..db import bulk
from ..db.bulk import batches
from ..frontmatter import Document, Kind, Parts, secrets
from ..models import ImportedFile, Mapping, RelatedItem, Source
from ..text import digests

MAX_KNOWN_ITEMS = 20_000  # whose ids are kept in memory


class Items:
    """The ids of a site's related items by their texts."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known: dict[str, int] = {}
        self.new_bytes = 0  # of all texts that were inserted

    def forget(self) -> None:
        """Forget the ids: what inserted them may have been undone."""
        self.known.clear()

    def ids(self, texts: Iterable[tuple[str, ...]]) -> list[list[int]]:
        """Return the ids of each list of texts. New texts are inserted."""
        lists = list(texts)
        if len(self.known) > MAX_KNOWN_ITEMS:
            self.known.clear()
        unknown = set().union(*lists).difference(self.known)
        if unknown:
            self._learn({digests.digest(text): text for text in unknown})
        return [list(map(self.known.__getitem__, items)) for items in lists]

    def _learn(self, texts: dict[bytes, str]) -> None:
        """Look up the ids of texts by their digests, and insert those that are missing."""
        rows = RelatedItem.objects.filter(source=self.source)
        for some in batches(texts):
            for digest, pk in rows.filter(digest__in=some).values_list("digest", "pk"):
                self.known[texts.pop(bytes(digest))] = pk
        if texts:
            last = RelatedItem.objects.aggregate(last=Max("pk"))["last"] or 0
            new = [(self.source.pk, digest, text) for digest, text in sorted(texts.items())]
            bulk.insert(RelatedItem, ("source", "digest", "text"), new)
            self.new_bytes += sum(map(len, texts.values()))
            for digest, pk in rows.filter(pk__gt=last).values_list("digest", "pk"):
                self.known[texts[bytes(digest)]] = pk


def texts(files: Iterable[ImportedFile]) -> dict[int, str]:
    """Return the texts of files' related items, by id."""
    ids = {pk for file in files for pk in file.related}
    return {
        pk: text
        for some in batches(ids)
        for pk, text in RelatedItem.objects.filter(pk__in=some).values_list("pk", "text")
    }


def parts(file: ImportedFile, items: dict[int, str]) -> Parts:
    """Return a file's parts; `items` has the texts of its related items."""
    return Parts(file.text, tuple(items[pk] for pk in file.related), file.secured, file.crlf)


@lru_cache(maxsize=64)
def mapping(digest: str) -> mappings.Mapping:
    """Return a mapping by which files were imported. Costs one query, the first time."""
    return mappings.read_mapping(Mapping.objects.get(pk=digest).text)


def document(file: ImportedFile) -> Document:
    """Return a file's values, without related items that are rows of their own and without `secured`."""
    text = file.text
    if file.mapping_id:
        return Document(Kind.ARTICLE, mappings.read(mapping(file.mapping_id), file.place, text).article)
    if file.related:  # an empty list is not in the source's own layout, and takes long to read
        before = "\n\nrelated:\n" if "\n\nrelated:\n" in text else "\nrelated:\n"
        text = text.replace(before, "\n", 1)
    return frontmatter.parse(text)


def secured(file: ImportedFile) -> str:
    """Return what is secured in a file, for who has the right: the value, and those of other spellings of its key."""
    said = document(file).values
    spellings = ((key, value) for key, value in said.get("extra", {}).items() if secrets.is_secret(key))
    return "\n".join(
        [file.secured or said.get("secured", ""), *(f"{key}: {value}" for key, value in spellings)]
    ).strip()


def sweep(source: Source) -> None:
    """Delete the items that no file has any more, if the site has many more items than files."""
    rows = RelatedItem.objects.filter(source=source)
    used: set[int] = set()
    if rows.count() > 1000 + 2 * ImportedFile.objects.filter(article__source=source).exclude(related=[]).count():
        for related in ImportedFile.objects.filter(article__source=source).values_list("related", flat=True).iterator():
            used.update(related)
        unused = [pk for pk in rows.values_list("pk", flat=True).iterator() if pk not in used]
        for some in batches(unused):
            RelatedItem.objects.filter(pk__in=some).delete()
