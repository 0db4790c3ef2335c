"""CSV with a header row, cut into rows that keep their text. A row is read and edited together with its header."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ..frontmatter import FrontMatterError
from .matter import Entry, Matter

MOST_REPEATED = 16 * 2**20  # characters of headers, kept with all rows of a table
SEPARATORS = ",;\t|"
HINT = re.compile(r"\ufeff?sep=(.)\r?\n")  # Excel's own first line


@dataclass(frozen=True)
class Row:
    """A row: its first `line` (from 1), its cells as they are written, and its line end."""

    line: int
    cells: tuple[str, ...]
    ending: str
    separator: str

    @property
    def text(self) -> str:
        return self.separator.join(self.cells) + self.ending

    @property
    def values(self) -> list[str]:
        return [unquoted(cell) for cell in self.cells]

    @property
    def is_empty(self) -> bool:
        return not any(value.strip() for value in self.values)


@dataclass(frozen=True)
class Table:
    """A table: the text up to the end of its header row, the names of its columns, and its rows, empty ones too."""

    head: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]


def parse(text: str) -> Table:
    """Cut a table into its rows. Raises FrontMatterError for a cell whose quote does not end, and bad headers."""
    hint = HINT.match(text)
    start = hint.end() if hint else int(text.startswith("\ufeff"))
    separator = hint[1] if hint else _separator(text[start:].partition("\n")[0])
    rows = list(_rows(text, start, separator))
    while rows and rows[0].is_empty:
        start += len(rows.pop(0).text)
    if not rows:
        raise FrontMatterError(1, "", "expected a header row with the names of the columns, found none")
    header = rows.pop(0)
    names = tuple(name.strip() for name in header.values)
    named = [name.lower() for name in names if name]
    if again := next((name for name in named if named.count(name) > 1), None):
        raise FrontMatterError(header.line, again, "expected each column once, found it again")
    head = text[: start + len(header.text)]
    if len(head) * len(rows) > MOST_REPEATED + 10 * len(text):
        message = f"expected a shorter header row for {len(rows)} rows, found {len(head)} characters"
        raise FrontMatterError(header.line, "", f"{message}; each row is kept with its header")
    return Table(head, names, tuple(rows))


def _separator(line: str) -> str:
    """Return the sign that a header row has most often, quoted cells left out."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=bare.count)


@cache
def _cell(separator: str) -> re.Pattern[str]:
    sign = re.escape(separator)
    return re.compile(rf'([ ]*"(?:[^"]|"")*+"[^{sign}\r\n]*|(?![ ]*")[^{sign}\r\n]*)({sign}|\r?\n|\r|\Z)')


def _rows(text: str, start: int, separator: str) -> Iterator[Row]:
    pattern = _cell(separator)
    line = text.count("\n", 0, start) + 1
    cells: list[str] = []
    first, place = line, start
    while place < len(text):
        match = pattern.match(text, place)
        if match is None:
            raise FrontMatterError(line, "", 'expected a closing " for the cell that starts here, found none')
        cells.append(match[1])
        line += match[0].count("\n")
        place = match.end()
        if match[2] != separator:
            yield Row(first, tuple(cells), match[2], separator)
            cells, first = [], line
        elif place == len(text):
            cells.append("")
    if cells:
        yield Row(first, tuple(cells), "", separator)


def unquoted(cell: str) -> str:
    bare = cell.strip()
    return bare[1 : bare.rindex('"')].replace('""', '"') if bare.startswith('"') else bare


def read(text: str) -> Matter:
    """Return what a row says: `text` is its header and the row alone."""
    table = parse(text)
    row = next((row for row in table.rows if not row.is_empty), None)
    if row is None:
        raise FrontMatterError(1, "", "expected a row, found none")
    values = row.values
    if len(values) > len(table.names) and any(values[len(table.names) :]):
        message = f"expected {len(table.names)} cells, found {len(values)}; put a cell with separators between quotes"
        raise FrontMatterError(row.line, "", message)
    named = zip(table.names, values, strict=False)
    return Matter({name.lower(): Entry(name, row.line, value) for name, value in named if name})


def write(text: str, key: str, value: str | list[str], bare: bool) -> str:
    if isinstance(value, list):
        value = ", ".join(value)
    table = parse(text)
    names = [name.lower() for name in table.names]
    if key.lower() not in names:
        raise ValueError(f"the table has no column {key!r}")
    row, place = table.rows[0], names.index(key.lower())
    cells = list(row.cells) + [""] * (place + 1 - len(row.cells))
    cells[place] = _like(cells[place], value, row.separator)
    return table.head + row.separator.join(cells) + row.ending


def _like(old: str, value: str, separator: str) -> str:
    needs = separator in value or re.search(r'["\r\n]|^\s|\s$', value)
    if old.strip().startswith('"') or needs:
        return '"' + value.replace('"', '""') + '"'
    return value
