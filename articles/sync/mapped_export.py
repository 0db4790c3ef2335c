"""Files of other programs, written again by the mapping they came with: only the lines of edited keys differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import mappings
from ..db.bulk import batches
from ..frontmatter import FrontMatterError
from ..frontmatter.schema import ARTICLE
from ..mappings import tables
from ..models import Article, ImportedFile, ImportedTable, Source
from ..provenance import originals, values
from ..provenance.values import FIELDS, Values

NOT_WRITTEN = ("category", "heat", "extra")  # no editor's
KEYS = {entry.name: entry.key for entry in ARTICLE.fields}  # as mappings name our fields


@dataclass
class MappedOut:
    """A file to write at `place`, and what could not be written into it."""

    place: str
    data: bytes
    problems: list[str] = field(default_factory=list)


def files(source: Source) -> Iterator[MappedOut]:
    """Yield the files of a site that were imported by a mapping. A table is one file with all of its rows."""
    stored = {table.place: table for table in ImportedTable.objects.filter(source=source)}
    rows = ImportedFile.objects.filter(article__source=source, mapping__isnull=False)
    ids = rows.order_by("place", "pk").values_list("pk", flat=True)
    for some in batches(ids.exclude(place__in=stored)):
        for file, live in _with_values(some):
            text, problems = _edited(file, live)
            yield MappedOut(file.place, text.encode(), problems)
    for place, table in stored.items():
        yield _table(table, ids.filter(place=place))


def is_all(source: Source) -> bool:
    """Return whether a site has articles, all of them from files of other programs."""
    articles = Article.objects.filter(source=source)
    return articles.exists() and not articles.filter(file__mapping=None).exists()


def _with_values(ids: list[int]) -> Iterator[tuple[ImportedFile, Values]]:
    rows = Article.objects.filter(pk__in=ids).select_related("provider").order_by("file__place", "pk")
    articles = list(rows)
    live = values.from_rows(articles)
    known = ImportedFile.objects.in_bulk(ids)
    for article in articles:
        file = known[article.pk]
        file.article = article
        yield file, live[article.pk]


def _edited(file: ImportedFile, live: Values) -> tuple[str, list[str]]:
    """Return a file's text with what editors changed, and what could not be written."""
    try:
        text, problems = _written(file, live)
    except FrontMatterError as error:  # an older version read it
        return file.text, [f"the file that was imported cannot be read any more: {error}"]
    if file.article.story_id != file.grouped_story:
        problems.append("story: its other articles could not be written: such files have no list of them")
    return text, problems


def _written(file: ImportedFile, live: Values) -> tuple[str, list[str]]:
    mapping, text = originals.mapping(file.mapping_id), file.text
    problems: list[str] = []
    for _ in range(2):  # a new link changes the outlet that is derived from it, which then needs a key of its own
        said = values.from_file(mappings.read(mapping, file.place, text).article, file.kept)
        if not (changes := _changes(said, live)):
            break
        text, problems = mappings.write(mapping, file.place, text, changes)
    return text, problems


def _changes(said: Values, live: Values) -> dict[str, Any]:
    """Return the values that differ from the file's, by the names that mappings use."""
    changes: dict[str, Any] = {}
    for name in FIELDS:
        if name == "provider":
            changed = {part for part in ("domain", "name") if live[name][part] != said[name][part]}
            changes |= {f"provider.{part}": live[name][part] for part in sorted(changed)}
        elif name not in NOT_WRITTEN and live[name] != said[name]:
            changes[KEYS[name]] = live[name]
    return changes


def _table(table: ImportedTable, ids: Iterable[int]) -> MappedOut:
    """Return a table with the edited rows. Rows that are no article are left as they are."""
    out = MappedOut(table.place, b"")
    known: dict[str, tuple[ImportedFile, Values]] = {}
    for some in batches(ids):
        known |= {file.text: (file, live) for file, live in _with_values(some)}
    found = tables.parse(table.text)
    written = [found.head]
    for row in found.rows:
        pair = known.pop(found.head + row.text, None)
        text, problems = _edited(*pair) if pair else (found.head + row.text, [])
        written.append(text[len(found.head) :])
        out.problems += [f"line {row.line}: {problem}" for problem in problems]
    out.problems += [f"{file.article.stem}: its row is not in the table any more" for file, _ in known.values()]
    out.data = "".join(written).encode()
    return out
