"""YAML text to nodes that know where they are in it, so that a value can be replaced and all else stay as it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from . import parser
from .errors import FrontMatterError
from .schema import List

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML takes for a line's end
COMMENT = re.compile("(?<!\\S)#[^\n\r\x85\u2028\u2029]*")
RESOLVER: Any = yaml.resolver.Resolver()
BLANKS = " \t\n\r\x85\u2028\u2029"


@dataclass(slots=True)
class Node:
    """A value and its place: `start` and `end` count characters of the whole text.

    A scalar has its `content`, the `style` in which it is written ("" for plain), and no children.
    """

    start: int
    end: int
    style: str = ""
    children: "list[Child] | None" = None
    is_map: bool = False
    flow: bool = False  # in brackets, or a collection with brackets
    content: str = ""


@dataclass(slots=True)
class Child:
    """An item of a list with its dash, or a key of a mapping with its value."""

    start: int
    end: int
    value: Node
    key: str = ""
    raw_key: str = ""  # as the text has it, with its quotes
    has_colon: bool = True


class Composer:
    """Makes the nodes of a part of a text, which is one that `parser.read` accepts."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.offset = start
        self.events: Iterator[Any] = parser.events_of(text[start:end])

    def root(self) -> Node:
        next(self.events)  # the stream's start
        next(self.events)  # the document's start
        return self._node(next(self.events), flow=False)

    def _node(self, event: Any, flow: bool) -> Node:
        start, end = event.start_mark.index + self.offset, event.end_mark.index + self.offset
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            end = self._block_end(start, end) if style in ("|", ">") else end
            return Node(start, end, style, flow=flow, content=event.value)
        children: list[Child] = []
        node = Node(start, end, "", children, isinstance(event, yaml.MappingStartEvent), bool(event.flow_style))
        make = self._entry if node.is_map else self._item
        for following in self.events:
            if isinstance(following, yaml.CollectionEndEvent):
                break
            children.append(make(following, children[-1].end if children else start, node.flow))
        if children:
            node.end = children[-1].end
        if node.flow:
            node.end = following.end_mark.index + self.offset
        return node

    def _block_end(self, start: int, end: int) -> int:
        """Return where a block scalar ends: its last line's end. The blank lines below are part of one with `+`."""
        scalar = self.text[start:end]
        if "+" in BREAK.split(scalar, maxsplit=1)[0].partition("#")[0]:
            return start + len(re.sub(f"(?:{BREAK.pattern})\\Z", "", scalar))
        return start + len(scalar.rstrip(BLANKS))

    def _entry(self, event: Any, after: int, flow: bool) -> Child:
        key = self._node(event, flow)
        value = self._node(next(self.events), flow)
        raw = self.text[key.start : key.end]
        has_colon = ":" in self.text[key.end : value.start]
        end = value.end if has_colon else key.end
        return Child(self._after_mark("?", after, key.start), end, value, event.value, raw, has_colon)

    def _item(self, event: Any, after: int, flow: bool) -> Child:
        value = self._node(event, flow)
        return Child(value.start if flow else self._after_mark("-", after, value.start), value.end, value)

    def _after_mark(self, mark: str, after: int, start: int) -> int:
        """Return where the mark before a key or item is; `start` without one."""
        before = COMMENT.sub(lambda comment: " " * len(comment[0]), self.text[after:start]).rstrip(BLANKS)
        return after + len(before) - 1 if before.endswith(mark) else start


def compose(text: str, start: int, end: int) -> Node:
    """Return the node of the only document in a part of a text."""
    return Composer(text, start, end).root()


def is_read(item: Node, type_: List) -> bool:
    """Return whether an item is among a list's values: not one that is absent, or left out with a warning."""
    parsed = _as_parsed(item)
    if parser.is_absent(parsed, type_.item):
        return type_.gaps
    try:
        parser.Reader([], lenient=True).read(parsed, type_.item, "")
    except FrontMatterError:
        return False
    return True


def _as_parsed(node: Node) -> parser.Node:
    if node.children is None:
        return parser.Node(1, node.content, plain=not node.style)
    if node.is_map:
        return parser.Node(1, {child.key: _as_parsed(child.value) for child in node.children})
    return parser.Node(1, [_as_parsed(child.value) for child in node.children])


def is_text(plain: str) -> bool:
    """Return whether other readers of YAML take text without quotes for text: `2021` is a number for them."""
    found: str = RESOLVER.resolve(yaml.ScalarNode, plain, (True, False))
    return found == "tag:yaml.org,2002:str"
