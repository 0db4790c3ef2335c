"""Edits of single keys that leave all other lines alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import parser, serialiser
from .delimiters import bounds
from .parts import ITEM, Parts, listed
from .schema import ARTICLE, Field, Map

OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")  # that YAML takes for a line's end


@dataclass
class Block:
    """The lines of a top-level key, and the blank and comment lines between it and the next key."""

    key: str
    lines: list[str]
    after: list[str] = field(default_factory=list)


def edit(
    parts: Parts, changes: Mapping[str, Any], related: Sequence[str | dict[str, Any]] | None = None
) -> Parts | None:
    """Replace the lines of some keys of an article's file; all other lines stay as they are.

    `changes` are values by the schema's names: None, [] and {} delete a key. `related` is a new list of related
    items, each its text or its values. Returns None for a file whose keys do not start lines of their own,
    which can only be written anew.
    """
    start, blocks, end = _blocks(parts.text)
    if blocks is None:
        return None
    for entry in ARTICLE.fields:
        if entry.name in changes:
            _set(blocks, entry, _lines(entry, changes[entry.name]))
    items = parts.related
    if related is not None:
        texts = [item if isinstance(item, str) else _item(item) for item in related]
        entry = ARTICLE.by_key["related"]
        if items and texts:
            items = tuple(texts)
        else:
            items = ()
            _set(blocks, entry, [f"{entry.key}:\n", listed(texts)] if texts else [])
    text = start + "".join(line for block in blocks for line in (*block.lines, *block.after)) + end
    return replace(parts, text=text, related=items)


def _blocks(text: str) -> tuple[str, list[Block] | None, str]:
    """Return the text before the first key, the blocks of the keys, and the text after the last one.

    The blocks are None if the keys do not start lines of their own.
    """
    if OTHER_BREAKS.search(text):
        return "", None, ""
    opening, closing = bounds(text)
    lines = [line + "\n" for line in text[opening:closing].split("\n")[:-1]]
    places = parser.key_lines(text[opening:closing])
    if not places or len({line for _, line in places}) < len(places):
        return "", None, ""
    blocks = []
    ends = [line for _, line in places[1:]] + [len(lines)]
    for (key, line), following in zip(places, ends, strict=True):
        last = following
        while last > line + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
            last -= 1
        blocks.append(Block(key, lines[line:last], lines[last:following]))
    return text[:opening] + "".join(lines[: places[0][1]]), blocks, text[closing:]


def _set(blocks: list[Block], entry: Field, lines: list[str]) -> None:
    """Replace a key's lines; without lines, remove the key. A new key goes where the source would write it."""
    place = next((place for place, block in enumerate(blocks) if block.key == entry.key), None)
    if place is None:
        if lines:
            _insert(blocks, entry, lines)
    elif lines:
        blocks[place].lines = lines
    else:
        _remove(blocks, entry, place)


def _remove(blocks: list[Block], entry: Field, place: int) -> None:
    """Remove a key. The comments after it stay, the blank line before it goes."""
    gone = blocks.pop(place)
    if place:
        above = blocks[place - 1].after
        if entry.spaced and above and not above[-1].strip():
            above.pop()
        above += gone.after


def _insert(blocks: list[Block], entry: Field, lines: list[str]) -> None:
    order = [known.key for known in ARTICLE.fields]
    earlier = order[: order.index(entry.key)]
    place = max((n for n, block in enumerate(blocks) if block.key in earlier), default=-1) + 1
    new = Block(entry.key, lines)
    if place:
        above = blocks[place - 1]
        above.after, new.after = ["\n"] if entry.spaced else [], above.after
    blocks.insert(place, new)


def _lines(entry: Field, value: Any) -> list[str]:
    text = serialiser.write({entry.name: value}, Map((entry,)))
    return [line + "\n" for line in text.lstrip("\n").split("\n")[:-1]]


def _item(values: dict[str, Any]) -> str:
    entry = ARTICLE.by_key["related"]
    lines = serialiser.write({entry.name: [values]}, Map((entry,))).lstrip("\n")
    return lines.partition("\n")[2].removeprefix(ITEM).removesuffix("\n")
