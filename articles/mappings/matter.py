"""What a file of another program says: its keys, and its body. The dialects' modules make and edit it."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from ..frontmatter import FrontMatterError, expected


@dataclass(frozen=True)
class Entry:
    """A key as its file writes it, a dotted path if it is nested, with its `line` (from 1).

    Its value is text, a list of texts, or None for anything else, which `found` names.
    """

    key: str
    line: int
    value: str | list[str] | None
    found: str = ""


@dataclass(frozen=True)
class Matter:
    """A file's entries by their keys in lower case, and its body, which starts at `body_line`."""

    entries: dict[str, Entry] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends, which are LF or CR LF."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def split(
    text: str, opening: re.Pattern[str], closing: re.Pattern[str], sign: str, wanted: str = ""
) -> tuple[int, int, int]:
    """Return where the keys between two lines of a `sign` start and end, and where the body starts.

    `wanted` is what the first line may be as well. Raises FrontMatterError if a line is missing.
    """
    start = opening.match(text)
    if start is None:
        raise FrontMatterError(1, "", expected(f"a line {sign}{wanted}", text.partition("\n")[0]))
    end = closing.search(text, start.end())
    if end is None:
        message = f"expected a closing line {sign}, found the file's end"
        raise FrontMatterError(text.count("\n") + 1, "", message)
    return start.end(), end.start(), end.end()


class Dialect(Protocol):
    """A way to write keys and values."""

    def read(self, text: str) -> Matter:
        """Return what a file says. Raises FrontMatterError at the first error."""

    def write(self, text: str, key: str, value: str | list[str], bare: bool) -> str:
        """Return the text with another value for a key, which is added if it is not there.

        `bare` is whether the value is no text: a date, a number, or true or false. Raises ValueError if it cannot
        be written.
        """
