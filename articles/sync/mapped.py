"""Files of other programs that were found, and what is kept so that an export can write them again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from .. import mappings
from ..frontmatter import Document, FrontMatterError, Kind, Parts
from ..mappings import Mapping, Post, tables
from ..models import Article, ImportedFile, ImportedTable, Source
from ..models import Mapping as StoredMapping
from ..text.digests import hex_digest
from .found import FoundFile


@dataclass
class MappedFile(FoundFile):
    """A file of another program, or a row of a table with its header. `place` is its path in their folder.

    A row starts at `line` of its table, whose text is `table`; `offset` is what its lines lack to those of the table.
    """

    mapping: Mapping = field(kw_only=True)
    line: int = 1
    offset: int = 0
    table: str = ""

    @property
    def mapping_digest(self) -> str:  # type: ignore[override]
        return self.mapping.digest

    @property
    def digest(self) -> str:
        return hex_digest(b"\0".join((self.mapping.digest.encode(), self.data)))

    @property
    def is_named_by_link(self) -> bool:
        return bool(self.table) and self.mapping.stem in ("name", "path")

    @cached_property
    def link(self) -> str:
        value = self.post().values.get("webUrl")
        return str(value.value) if value else ""

    def post(self) -> Post:
        """Read it by its mapping. Raises FrontMatterError with its line in the whole file."""
        try:
            return mappings.read(self.mapping, self.place, mappings.decode(self.data))
        except FrontMatterError as error:
            raise FrontMatterError(error.line + self.offset, error.key, error.message) from error

    def read(self) -> tuple[Document, Parts]:
        post = self.post()
        warnings = [FrontMatterError(w.line + self.offset, w.key, w.message) for w in post.warnings]
        return Document(Kind.ARTICLE, post.article, warnings=warnings), Parts(self.data.decode())


def keep(source: Source, found: Iterable[FoundFile]) -> None:
    """Store the mappings and the tables of files."""
    mapped = [file for file in found if isinstance(file, MappedFile)]
    for mapping in {file.mapping.digest: file.mapping for file in mapped}.values():
        StoredMapping.objects.get_or_create(digest=mapping.digest, defaults={"text": mapping.text})
    for place, file in {file.place: file for file in mapped if file.table}.items():
        values = {"text": file.table, "mapping_id": file.mapping.digest}
        if not ImportedTable.objects.filter(source=source, place=place, **values).exists():
            ImportedTable.objects.update_or_create(source=source, place=place, defaults=values)


def with_known_names(source: Source, batch: dict[str, FoundFile]) -> dict[str, FoundFile]:
    """Return a batch by the stems that its articles have: a row whose link an editor changed keeps its article.

    Costs a query for each table, if some of its rows have new links.
    """
    renamed: dict[str, str] = {}
    for place, rows in _new_rows(source, batch).items():
        by_link = {row.link: row for row in rows}
        there = ImportedFile.objects.filter(article__source=source, place=place, article__web_url__in=by_link)
        for link, stem, text in there.values_list("article__web_url", "article__stem", "text"):
            row = by_link[link]
            if stem not in batch and (text == row.data.decode() or _row_of(text) not in row.table):
                renamed[row.name] = stem
    for name, stem in renamed.items():
        batch[name].name = stem
    return {renamed.get(stem, stem): file for stem, file in batch.items()}


def _new_rows(source: Source, batch: dict[str, FoundFile]) -> dict[str, list[MappedFile]]:
    """Return by table the rows that are named by their links and have no article of that name."""
    rows = [file for file in batch.values() if isinstance(file, MappedFile) and file.is_named_by_link]
    names = [row.name for row in rows]
    known = set(Article.objects.filter(source=source, stem__in=names).values_list("stem", flat=True)) if rows else ()
    found: dict[str, list[MappedFile]] = {}
    for row in rows:
        if row.name not in known:
            found.setdefault(row.place, []).append(row)
    return found


def _row_of(text: str) -> str:
    """Return the text of a row without its header."""
    return text[len(tables.parse(text).head) :]
