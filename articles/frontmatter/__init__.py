"""The source's files: text to typed values and back. Knows text, not Django.

`parse` and `serialise` are the whole interface. A document's values are a dictionary by the names that
schema.py gives; an absent key is absent there too, and keys the schema does not know are under `extra`.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from . import parser, schema, serialiser, template
from .errors import FrontMatterError, expected, printable
from .schema import Map

__all__ = ["Document", "FrontMatterError", "Kind", "expected", "parse", "printable", "serialise"]

MAX_BYTES = 4 * 2**20  # the largest real file has 143 kB


class Kind(Enum):
    """What a file is about: its keys, and whether they stand between `---` lines."""

    ARTICLE = "article"
    TOPIC = "topic"
    ORGANIZATION = "organization"

    @property
    def schema(self) -> Map:
        return _SCHEMAS[self]

    @property
    def delimited(self) -> bool:
        return self is not Kind.TOPIC


_SCHEMAS = {
    Kind.ARTICLE: schema.ARTICLE,
    Kind.TOPIC: schema.TOPIC,
    Kind.ORGANIZATION: schema.ORGANIZATION,
}


@dataclass
class Document:
    """A file's meaning. `crlf`: its lines end with CR LF."""

    kind: Kind
    values: dict[str, Any] = field(default_factory=dict)
    crlf: bool = False


def parse(data: bytes | str, kind: Kind = Kind.ARTICLE) -> Document:
    """Read a whole file. Raises FrontMatterError at the first thing wrong, and nothing else."""
    text, crlf = _decode(data)
    if not kind.delimited:
        return Document(kind, parser.read(text, kind.schema, 1), crlf)
    matter, first_line = _split(text)
    try:
        values = template.read(matter, kind.schema)
    except ValueError:
        values = parser.read(matter, kind.schema, first_line)
    return Document(kind, values, crlf)


def serialise(document: Document) -> str:
    """Write a whole file in the source's own layout. `parse` gives back the same document."""
    text = serialiser.write(document.values, document.kind.schema)
    if document.kind is Kind.ARTICLE:
        text = f"---\n{text}---\n\n"
    elif document.kind.delimited:
        text = f"---\n{text}---\n"
    return text.replace("\n", "\r\n") if document.crlf else text


def _decode(data: bytes | str) -> tuple[str, bool]:
    """The text with LF line ends, and whether they were CR LF."""
    if len(data) > MAX_BYTES:
        raise FrontMatterError(1, "", f"expected at most {MAX_BYTES} bytes, found {len(data)}")
    text = data if isinstance(data, str) else _utf8(data)
    if text.startswith("\ufeff"):
        raise FrontMatterError(1, "", "expected text, found a byte-order mark; save the file without one")
    crlf = "\r\n" in text
    return (text.replace("\r\n", "\n") if crlf else text), crlf


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise FrontMatterError(line, "", f"expected UTF-8 text, found {found}") from error


def _split(text: str) -> tuple[str, int]:
    """What stands between the two `---` lines, and the line it starts on. Nothing may follow but blanks."""
    first = text.partition("\n")[0]
    if first != "---":
        raise FrontMatterError(1, "", f"expected a line ---, found {first[:60]!r}")
    end = text.find("\n---\n", 3)
    if end < 0:
        if not text.endswith("\n---"):
            raise FrontMatterError(text.count("\n") + 1, "", "expected a closing line ---, found the file's end")
        end = len(text) - 4
    rest = text[end + 5 :]
    if rest.strip():
        line = text.count("\n", 0, end + 5) + 1 + rest[: len(rest) - len(rest.lstrip())].count("\n")
        raise FrontMatterError(line, "", f"expected nothing after the closing ---, found {rest.strip()[:60]!r}")
    return text[4 : end + 1], 2
