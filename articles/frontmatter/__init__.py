"""The source's files: text to typed values and back, without Django.

`parse` and `serialise` read and write whole files; `read`, `edit` and `join` keep a file's text to the byte. A
document's values are a dictionary by the names in schema.py. An absent key is absent there too, and keys that the
schema does not know are under `extra`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import Any

from . import delimiters, editing, parser, schema, secrets, serialiser, template
from .errors import FrontMatterError, expected, printable
from .parts import Parts, cut_related, cut_secured, join, without_list
from .schema import Map

__all__ = [
    "Document",
    "FrontMatterError",
    "Kind",
    "Parts",
    "edit",
    "expected",
    "join",
    "parse",
    "printable",
    "read",
    "serialise",
]

IN_DESCRIPTION = "write it as the key description, above that line"
MAX_BYTES = 4 * 2**20  # the largest real file has 143 kB


class Kind(Enum):
    """What a file is about. It decides its keys, and whether they are between `---` lines."""

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
    """A file's values. `crlf` is whether its lines end with CR LF.

    `warnings` say what is left out of the values because it is wrong. It stays in the file's text.
    """

    kind: Kind
    values: dict[str, Any] = field(default_factory=dict)
    crlf: bool = False
    warnings: list[FrontMatterError] = field(default_factory=list, compare=False)


def parse(data: bytes | str, kind: Kind = Kind.ARTICLE) -> Document:
    """Read a whole file. Raises FrontMatterError at the first error, and nothing else."""
    if kind is Kind.ARTICLE:
        return read(data)[0]
    text, crlf = _decode(data)
    if kind.delimited or delimiters.is_closed(text):
        return _document(text, kind, crlf)
    return _read_slowly(text, text.removeprefix(delimiters.BOM), kind, 1, crlf)


def read(data: bytes | str) -> tuple[Document, Parts]:
    """Read an article's file. Return its document and its parts. Raises FrontMatterError at the first error."""
    text, crlf = _decode(data)
    if crlf and not _is_crlf(data):  # line ends of both kinds are kept as they are
        whole = Parts(data if isinstance(data, str) else data.decode())
    else:
        with suppress(ValueError):
            return _read_cut(text, crlf)
        whole = Parts(text, crlf=crlf)
    return _document(text, Kind.ARTICLE, crlf), whole


def _is_crlf(data: bytes | str) -> bool:
    """Return whether all line ends are CR LF."""
    if isinstance(data, str):
        return data.count("\n") == data.count("\r\n")
    return data.count(b"\n") == data.count(b"\r\n")


def _read_cut(text: str, crlf: bool) -> tuple[Document, Parts]:
    """Read a file in the source's own layout. Raises ValueError for any other."""
    cut = cut_related(text)
    rest, related = cut or (text, ())
    matter = without_list(rest) if cut else rest
    start, end = delimiters.bounds(matter)
    values = template.read(matter[start:end], schema.ARTICLE)
    if related:
        if "related" in values:  # a second list
            raise template.NotTemplateError
        values["related"] = template.items(schema.RELATED_LIST, 2).read(related)
    rest, secured = cut_secured(rest)
    return Document(Kind.ARTICLE, values, crlf), Parts(rest, related, secured, crlf)


def _document(text: str, kind: Kind, crlf: bool) -> Document:
    with _guarded(text):
        start, end = delimiters.bounds(text) if kind is Kind.ARTICLE else delimiters.bounds(text, IN_DESCRIPTION)
    matter = text[start:end]
    with suppress(ValueError):
        return Document(kind, template.read(matter, kind.schema), crlf)
    return _read_slowly(text, matter, kind, 2, crlf)


def _read_slowly(text: str, matter: str, kind: Kind, first_line: int, crlf: bool) -> Document:
    warnings: list[FrontMatterError] = []
    with _guarded(text):
        values = parser.read(matter, kind.schema, first_line, warnings)
    return Document(kind, values, crlf, secrets.all_guarded(warnings, text))


@contextmanager
def _guarded(text: str) -> Iterator[None]:
    """Let an error quote nothing that is secured in a file. What caused it is dropped: that has the file's words."""
    try:
        yield
    except FrontMatterError as error:
        raise secrets.all_guarded([error], text)[0] from None


def serialise(document: Document) -> str:
    """Write a whole file in the source's own layout. `parse` gives back the same document."""
    text = serialiser.write(document.values, document.kind.schema)
    if document.kind is Kind.ARTICLE:
        text = f"---\n{text}---\n\n"
    elif document.kind.delimited:
        text = f"---\n{text}---\n"
    return text.replace("\n", "\r\n") if document.crlf else text


def edit(parts: Parts, changes: Mapping[str, Any], related: Sequence[str | dict[str, Any]] | None = None) -> Parts:
    """Replace some keys of an article's file. All else stays as it is, and the file reads as wanted.

    `changes` are values by the schema's names: None, [] and {} delete a key. `related` is a new list of related
    items, each its text or its values. A file that cannot be edited key by key is written anew.
    """
    document = parse(join(parts))
    old, warnings = document.values, len(document.warnings)
    new = {**old, **changes} | ({} if related is None else {"related": [*map(editing.item_values, related)]})
    wanted = {name: value for name, value in new.items() if value not in (None, [], {})}
    ways = []
    for edited in chain(editing.edits(parts, old, changes, related), _anew(parts, wanted)):
        if _reads_as(edited, wanted, warnings):
            return edited
        ways.append(edited)
    return ways[0]  # a new value is out of bounds


def _anew(parts: Parts, values: dict[str, Any]) -> Iterator[Parts]:
    """Yield a file in the source's own layout, with the lines of unknown keys as they were, and without."""
    known = {name: value for name, value in values.items() if name != "extra"}
    for some, lines in ((known, editing.unknown_lines(parts.text, values.get("extra", {}))), (values, "")):
        text = serialise(Document(Kind.ARTICLE, some))
        yield Parts(f"{text[:-5]}{lines}{text[-5:]}", crlf=parts.crlf)


def _reads_as(parts: Parts, wanted: dict[str, Any], warnings: int) -> bool:
    """Return whether a file has these values, and at most so many warnings."""
    try:
        document = parse(join(parts))
    except FrontMatterError:
        return False
    return document.values == wanted and len(document.warnings) <= warnings


def _decode(data: bytes | str) -> tuple[str, bool]:
    """Return the text with LF line ends, and whether they were CR LF."""
    if len(data) > MAX_BYTES:
        raise FrontMatterError(1, "", f"expected at most {MAX_BYTES} bytes, found {len(data)}")
    text = data if isinstance(data, str) else _utf8(data)
    crlf = "\r" in text and "\r\n" in text  # the first alone takes a tenth of the time
    return (text.replace("\r\n", "\n") if crlf else text), crlf


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        found, line = delimiters.signature(data), 1
        if not found:
            found, line = f"byte 0x{data[error.start]:02x}", data.count(b"\n", 0, error.start) + 1
            found += "; save the file as UTF-8"
        raise FrontMatterError(line, "", f"expected UTF-8 text, found {found}") from error
