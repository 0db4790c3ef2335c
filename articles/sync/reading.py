"""Article files that have been read, beside what the database knows of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ..frontmatter import Document, Parts
from ..models import Article, Source
from ..provenance.values import Values
from ..stories import components
from ..text.addresses import identity
from .found import FoundFile


@dataclass(frozen=True)
class Stored:
    """What is stored of an article's file. An article from the admin has an id only."""

    article_id: int
    digest: str | None
    story_key: str | None
    grouped_key: str | None
    gone_at: datetime | None
    place: str | None

    @property
    def is_done(self) -> bool:
        """Whether the last import did all it had to, the article's story included."""
        return self.story_key == self.grouped_key

    def is_same(self, file: FoundFile, digest: str) -> bool:
        """Return whether there is nothing to do for a file of this digest."""
        return self.is_done and self.digest == digest and self.gone_at is None and self.place == file.place


@dataclass
class Reading:
    """An article's file that is not the one last imported."""

    file: FoundFile
    digest: str
    document: Document
    parts: Parts
    stored: Stored | None  # None: a new article
    article_id: int = 0
    related: list[int] = field(default_factory=list)  # ids of its related items
    field_runs: dict[str, int] = field(default_factory=dict)  # by field: the import that last changed it
    awaits_story: bool = True  # its article must be grouped again

    @property
    def values(self) -> Values:
        return self.document.values

    @property
    def address(self) -> str:
        """What other files know it by."""
        return identity(self.values)

    @cached_property
    def story_key(self) -> str:
        return components.story_key(self.address, self.values.get("related", ()))

    @property
    def comparable(self) -> Values:
        """Its values without what is secured, and without related items that are compared by their ids."""
        left_out = {"secured", "related"} if self.related else {"secured"}
        return {name: value for name, value in self.values.items() if name not in left_out}


def stored(source: Source, stems: Iterable[str]) -> dict[str, Stored]:
    """Return what is stored of a site's articles, by stem. Costs one query."""
    rows = Article.objects.filter(source=source, stem__in=list(stems))
    columns = ("digest", "story_key", "grouped_key", "gone_at", "place")
    found = rows.values_list("stem", "pk", *(f"file__{name}" for name in columns))
    return {row[0]: Stored(*row[1:]) for row in found}
