"""A fast reader for the source's own layout.

The source writes its files by one template: one key order, text always in double quotes, one line a value. A
regular expression made from the schema reads such a file in a single match. Any other file is left to parser.py,
which reads all of YAML and gives the same values.

Most of a large site is `related` lists: every file of a story repeats what the others say of an article. Equal
texts have equal values, so each distinct item is parsed once.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .schema import ESCAPE_ONLY, Field, List, Map

QUOTED = rf'"((?:[^"\\\n{ESCAPE_ONLY}]++|\\["\\nrtu])*+)"'
# Plain text that can mean nothing else in YAML: no indicator at its start, no `: ` or ` #` inside.
PLAIN = (
    r"""((?!(?:~|null|Null|NULL)\n|[-?:][ \n])[^\s\[\]{},#&*!|>'"%@`"""
    + ESCAPE_ONLY
    + rf"](?:(?!: | \#|:\n| \n)[^\n\t{ESCAPE_ONLY}])*+)"
)
ESCAPE = re.compile(r'\\(?:(["\\nrt])|u([0-9a-fA-F]{4})|(.))')
MAX_SHARED = 20_000  # items of a list that are remembered
MAX_SHARED_LENGTH = 2_000  # characters of an item that is remembered; the longest real one has 1,551
SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class NotTemplateError(ValueError):
    """The text is not in the source's own layout; it may still be good front matter."""


Reader = Callable[[Sequence[str | None]], Any]  # from a match's groups to a value; None: the key is absent


@dataclass(frozen=True)
class Layout:
    """A mapping's layout: one expression, and the readers of its groups by name."""

    pattern: re.Pattern[str]
    readers: tuple[tuple[str, Reader], ...]
    one_of: frozenset[str] = frozenset()

    def read(self, text: str) -> dict[str, Any]:
        """Return values by name. Raises NotTemplateError, or ValueError for a value out of bounds."""
        match = self.pattern.fullmatch(text)
        if match is None:
            raise NotTemplateError
        values = _collect(match.groups(), self.readers)
        if self.one_of and self.one_of.isdisjoint(values):
            raise NotTemplateError
        return values


def read(text: str, schema: Map) -> dict[str, Any]:
    """Return the values of a mapping in the source's own layout. Raises ValueError for any other text."""
    return layout(schema, 0).read(text)


def _collect(groups: Sequence[str | None], readers: tuple[tuple[str, Reader], ...]) -> dict[str, Any]:
    values = {}
    for name, reader in readers:
        value = reader(groups)
        if value is not None:
            values[name] = value
    return values


@cache
def layout(schema: Map, indent: int, dash: bool = False) -> Layout:
    """Return the layout of a mapping at `indent`; `dash` for a list's item, whose first key follows `- `."""
    expression, readers, _ = _map(schema.fields, indent, 0, dash)
    return Layout(re.compile(expression), tuple(readers), schema.one_of)


def _map(
    fields: Sequence[Field], indent: int, group: int, dash: bool = False
) -> tuple[str, list[tuple[str, Reader]], int]:
    """Return an expression for `fields`, their readers, and the number of the next free group."""
    expression, readers = "", []
    for place, field in enumerate(fields):
        start = " " * (indent - 2) + "- " if dash and place == 0 else " " * indent
        start = ("\n" if field.spaced else "") + start + re.escape(field.key) + ":"
        if isinstance(field.type, Map):
            inner, inner_readers, following = _map(field.type.fields, indent + 2, group + 1)
            part = rf"({start}\n){inner}"
            readers.append((field.name, _map_reader(group, tuple(inner_readers))))
            group = following
        elif isinstance(field.type, List):
            part = rf"{start}\n((?:{' ' * (indent + 2)}[^\n]*+\n)++)"
            readers.append((field.name, _list_reader(group, field.type, indent + 2)))
            group += 1
        else:
            part = rf"{start} {QUOTED if field.type.quoted else PLAIN}\n"
            readers.append((field.name, _scalar_reader(group, field)))
            group += 1
        expression += part if field.required else f"(?:{part})?+"
    return expression, readers, group


def _scalar_reader(group: int, field: Field) -> Reader:
    type_: Any = field.type

    def read_scalar(groups: Sequence[str | None]) -> Any:
        text = groups[group]
        if not text and (text is None or not type_.may_be_empty):
            if field.required:
                raise NotTemplateError
            return None
        return type_.read(unescape(text) if type_.quoted else text)

    return read_scalar


def _map_reader(group: int, readers: tuple[tuple[str, Reader], ...]) -> Reader:
    def read_map(groups: Sequence[str | None]) -> Any:
        return None if groups[group] is None else _collect(groups, readers)

    return read_map


def _list_reader(group: int, type_: List, indent: int) -> Reader:
    dash = " " * indent + "- "
    separator = "\n" + dash
    known = items(type_, indent)

    def read_list(groups: Sequence[str | None]) -> Any:
        block = groups[group]
        if block is None:
            return None
        if not block.startswith(dash):
            raise NotTemplateError
        return known.read(block[len(dash) : -1].split(separator))

    return read_list


class Items(dict[str, Any]):
    """The values of a list's items by their texts, which are without dash and line end.

    Equal texts share one value: do not change it.
    """

    def __init__(self, type_: List, indent: int) -> None:
        super().__init__()
        self.type = type_
        self.indent = indent

    def read(self, texts: Sequence[str]) -> list[Any]:
        """Return the values of a list. Raises ValueError for an item in another layout or out of bounds."""
        if len(texts) > self.type.maximum:
            raise NotTemplateError
        return [self[text] for text in texts]

    def __missing__(self, text: str) -> Any:
        value = self._parse(text)
        if len(text) <= MAX_SHARED_LENGTH:
            if len(self) >= MAX_SHARED:
                self.clear()
            self[text] = value
        return value

    def _parse(self, text: str) -> Any:
        item = self.type.item
        if isinstance(item, Map):
            return layout(item, self.indent + 2, dash=True).read(f"{' ' * self.indent}- {text}\n")
        match = _item_pattern(item.quoted).fullmatch(text + "\n")
        if match is None:
            raise NotTemplateError
        return item.read(unescape(match[1]) if item.quoted else match[1])


@cache
def items(type_: List, indent: int) -> Items:
    """Return what is known of the items of a type of list at `indent`."""
    return Items(type_, indent)


@cache
def _item_pattern(quoted: bool) -> re.Pattern[str]:
    return re.compile((QUOTED if quoted else PLAIN) + "\n")


def unescape(text: str) -> str:
    """Return the characters that a double-quoted scalar stands for."""
    return ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    simple, code, other = escape.groups()
    if other or (code and 0xD800 <= int(code, 16) <= 0xDFFF):
        raise NotTemplateError
    return SIMPLE[simple] if simple else chr(int(code, 16))
