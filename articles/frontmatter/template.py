"""The source's own layout, read fast.

The source writes its files by one fixed template: one key order, text always in double quotes, one line a
value. That layout, as a regular expression made from the schema, reads a file in a single match. What does
not match exactly is left to parser.py, which reads all of YAML and gives the same values.

Most of a large site is `related` blocks, where each article's copy stands again in every other file of its
story. Equal text has equal values, so each distinct copy is read once and then looked up.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from .schema import ESCAPE_ONLY, Field, List, Map, Scalar

QUOTED = rf'"((?:[^"\\\n{ESCAPE_ONLY}]++|\\["\\nrtu])*+)"'
# Plain text that can mean nothing else in YAML: no indicator at its start, no `: ` or ` #` inside.
PLAIN = r"""((?![-?:][ \n])[^\s\[\]{},#&*!|>'"%@`""" + ESCAPE_ONLY + rf"](?:(?!: | \#|:\n| \n)[^\n\t{ESCAPE_ONLY}])*+)"
ESCAPE = re.compile(r'\\(?:(["\\nrt])|u([0-9a-fA-F]{4})|(.))')
MAX_KNOWN = 20_000  # items remembered
MAX_SHARED = 2_000  # characters of an item worth remembering; the largest real one has 1,551
SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class NotTemplateError(ValueError):
    """The text is not in the source's own layout; it may still be good front matter."""


Reader = Callable[[Sequence[str | None]], Any]  # from a match's groups to a value; None: the key is absent


@dataclass(frozen=True)
class Layout:
    """A mapping's layout: one expression, and who reads which of its groups."""

    pattern: re.Pattern[str]
    readers: tuple[tuple[str, Reader], ...]

    def read(self, text: str) -> dict[str, Any]:
        """Values by name. Raises NotTemplateError, or ValueError for a value out of bounds."""
        match = self.pattern.fullmatch(text)
        if match is None:
            raise NotTemplateError
        return _collect(match.groups(), self.readers)


def read(text: str, schema: Map) -> dict[str, Any]:
    """The values of a mapping in the source's own layout. Raises ValueError for anything else."""
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
    """The layout of a mapping at `indent`; `dash` for a list's item, whose first key follows `- `."""
    expression, readers, _ = _map(schema.fields, indent, 0, dash)
    return Layout(re.compile(expression), tuple(readers))


def _map(
    fields: Sequence[Field], indent: int, group: int, dash: bool = False
) -> tuple[str, list[tuple[str, Reader]], int]:
    """An expression for `fields`, their readers, and the number of the next free group."""
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
            readers.append((field.name, _scalar_reader(group, field.type)))
            group += 1
        expression += part if field.required else f"(?:{part})?+"
    return expression, readers, group


def _scalar_reader(group: int, type_: Scalar) -> Reader:
    def read_scalar(groups: Sequence[str | None]) -> Any:
        text = groups[group]
        return None if text is None else type_.read(unescape(text) if type_.quoted else text)

    return read_scalar


def _map_reader(group: int, readers: tuple[tuple[str, Reader], ...]) -> Reader:
    def read_map(groups: Sequence[str | None]) -> Any:
        return None if groups[group] is None else _collect(groups, readers)

    return read_map


def _list_reader(group: int, type_: List, indent: int) -> Reader:
    dash = " " * indent + "- "
    separator = "\n" + dash

    def read_list(groups: Sequence[str | None]) -> Any:
        block = groups[group]
        if block is None:
            return None
        if not block.startswith(dash):
            raise NotTemplateError
        items = block[len(dash) : -1].split(separator)
        if len(items) > type_.maximum:
            raise NotTemplateError
        return [_item(dash + item + "\n", type_, indent) for item in items]

    return read_list


def items(texts: Sequence[str], type_: List, indent: int, known: dict[str, Any]) -> list[Any]:
    """The values of a list's items by their texts, without dash and line end. Raises ValueError.

    `known` remembers them from one list to the next.
    """
    if len(texts) > type_.maximum:
        raise NotTemplateError
    if len(known) > MAX_KNOWN:
        known.clear()
    found = []
    for text in texts:
        value = known.get(text)
        if value is None:
            value = known[text] = read_item.__wrapped__(f"{' ' * indent}- {text}\n", type_, indent)
        found.append(value)
    return found


def _item(text: str, type_: List, indent: int) -> Any:
    """The same as read_item; long texts are not remembered, as there may be too many of them."""
    return (read_item if len(text) <= MAX_SHARED else read_item.__wrapped__)(text, type_, indent)


@lru_cache(maxsize=MAX_KNOWN)
def read_item(text: str, type_: List, indent: int) -> Any:
    """A list's item by its text. The value is shared by all who have the same text: do not change it."""
    if isinstance(type_.item, Map):
        return layout(type_.item, indent + 2, dash=True).read(text)
    match = _item_pattern(type_.item.quoted).fullmatch(text, indent + 2)
    if match is None:
        raise NotTemplateError
    return type_.item.read(unescape(match[1]) if type_.item.quoted else match[1])


@cache
def _item_pattern(quoted: bool) -> re.Pattern[str]:
    return re.compile((QUOTED if quoted else PLAIN) + "\n")


def unescape(text: str) -> str:
    """The characters that a double-quoted scalar stands for."""
    return ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    simple, code, other = escape.groups()
    if other or (code and 0xD800 <= int(code, 16) <= 0xDFFF):
        raise NotTemplateError
    return SIMPLE[simple] if simple else chr(int(code, 16))
