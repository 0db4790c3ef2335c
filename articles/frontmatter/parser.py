"""Any front matter in YAML: text to nodes with line numbers, and nodes to values by the schema.

This reads all that the format allows, slowly, and is the reference. template.py reads the source's own layout fast
and must give the same. PyYAML gives a stream of events only, no values. Reading stops at the first thing that front
matter does not need: deep nesting, aliases, tags, merge keys.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from . import hints
from .controls import hide
from .errors import FrontMatterError, expected, printable
from .scalars import NULLS, Text
from .schema import Field, List, Map, Type

MAX_DEPTH = 20
MAX_EVENTS = 100_000  # a story of 2,000 articles has about 70,000
MAX_WARNINGS = 100  # of a file
YAML_TAG = "tag:yaml.org,2002:"  # that files write as `!!`

ANY_TEXT = Text()
KEY = Text(maximum=128)  # YAML reads no key of more than 1,024 characters, and each may be an escape of six

NOT_PRINTABLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A piece of a document: a scalar's text, a list, or a mapping of keys to nodes; `line` counts from 1."""

    line: int
    content: "str | list[Node] | dict[str, Node]"
    plain: bool = False  # a scalar without quotes

    @property
    def is_null(self) -> bool:
        """Whether nothing follows the key, or YAML's null."""
        return self.plain and self.content in NULLS


def read(text: str, schema: Map, first_line: int, warnings: list[FrontMatterError] | None = None) -> dict[str, Any]:
    """Return the values of a mapping in YAML.

    `first_line` is the line of the file that `text` starts on. Raises FrontMatterError at the first error. What is
    wrong with a lenient key is added to `warnings` instead.
    """
    root = compose(text, first_line)
    if root is None:
        raise FrontMatterError(first_line, "", "expected keys and values, found nothing")
    return Reader([] if warnings is None else warnings).read_map(root, schema, "")


def compose(text: str, first_line: int) -> Node | None:
    """Return the node of the only document in `text`; None if it is empty."""
    if wrong := NOT_PRINTABLE.search(text):
        line = first_line + text.count("\n", 0, wrong.start())
        raise FrontMatterError(line, "", expected("printable text", wrong[0]))
    try:
        events = _guarded(events_of(text), first_line)
        next(events)  # the stream's start
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        root = _node(next(events), events, first_line, "")
        next(events)  # the document's end
        if not isinstance(event := next(events), yaml.StreamEndEvent):
            line = event.start_mark.line + first_line
            raise FrontMatterError(line, "", "expected one document, found another after it")
        return root
    except yaml.MarkedYAMLError as error:
        line, found = hints.for_yaml(text, error)
        raise FrontMatterError(line + first_line, "", f"expected YAML, found {found}") from error
    except (RecursionError, ValueError, UnicodeError) as error:
        if isinstance(error, FrontMatterError):
            raise
        raise FrontMatterError(first_line, "", f"expected YAML, found an error: {error}") from error


def events_of(text: str) -> Iterator[Any]:
    """Yield YAML's events."""
    text, shown = hide(text)
    events: Iterator[Any] = yaml.parse(text, Loader)
    for event in events:
        if shown and isinstance(event, yaml.ScalarEvent):
            event.value = event.value.translate(shown)
        yield event


def _guarded(events: Iterator[Any], first_line: int) -> Iterator[Any]:
    """Yield the same events. Raises FrontMatterError before one that could exhaust time or memory."""
    depth = 0
    for count, event in enumerate(events):
        problem = ""
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            problem = f"expected at most {MAX_DEPTH} levels of nesting, found more"
        elif count > MAX_EVENTS:
            problem = f"expected at most {MAX_EVENTS} values, found more"
        elif getattr(event, "anchor", None):
            problem = f"expected values written out, found an anchor or alias ({event.anchor[:40]!r})"
        elif getattr(event, "tag", None):
            problem = f"expected values without tags, found {event.tag.replace(YAML_TAG, '!!')[:60]!r}"
        if problem:
            raise FrontMatterError(event.start_mark.line + first_line, "", problem)
        yield event


def _node(event: Any, events: Iterator[Any], first_line: int, path: str) -> Node:
    line = event.start_mark.line + first_line
    if isinstance(event, yaml.ScalarEvent):
        return Node(line, event.value, plain=not event.style)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_node(event, events, first_line, f"{path}[{len(items)}]"))
        return Node(line, items)
    mapping: dict[str, Node] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key_line = event.start_mark.line + first_line
        if not isinstance(event, yaml.ScalarEvent):
            message = "expected a key of plain text, found a list or mapping; put a text with braces in quotes"
            raise FrontMatterError(key_line, path, message)
        key = event.value
        key_path = _below(path, key)
        if key == "<<":
            raise FrontMatterError(key_line, key_path, "expected keys written out, found a merge key")
        if key in mapping:
            raise FrontMatterError(key_line, key_path, "expected each key once, found it again")
        try:
            KEY.read(key)
        except ValueError as error:
            raise FrontMatterError(key_line, key_path, str(error)) from error
        node = _node(next(events), events, first_line, key_path)
        node.line = key_line
        mapping[key] = node
    return Node(line, mapping)


def is_absent(node: Node, type_: Type) -> bool:
    """Return whether a value says nothing."""
    if not isinstance(node.content, str):
        return not node.content
    if node.is_null:
        return True
    return not (node.content.strip() or isinstance(type_, List | Map) or type_.may_be_empty)


@dataclass(frozen=True)
class Reader:
    """Reads nodes by a schema, and collects warnings.

    `lenient` is whether it is within a lenient key. There, a wrong value leaves out its key if that is optional, else
    the whole item.
    """

    warnings: list[FrontMatterError]
    lenient: bool = False

    def read_map(self, node: Node, schema: Map, path: str) -> dict[str, Any]:
        """Return values by the schema's names. Keys that the schema does not have are under `extra`."""
        if not isinstance(node.content, dict):
            raise FrontMatterError(node.line, path, expected("keys and values", _kind(node)))
        if type_ := schema.open:
            there = {key: child for key, child in node.content.items() if not is_absent(child, type_)}
            return {key: self.read(child, type_, f"{path}.{key}") for key, child in there.items()}
        values: dict[str, Any] = {}
        for field in schema.fields:
            child = node.content.get(field.key)
            if child is not None and not is_absent(child, field.type):
                self._read_field(child, field, _below(path, field.key), values)
        _check_keys(node, node.content, schema, path, values)
        unknown = {key: child for key, child in node.content.items() if key not in schema.by_key}
        if unknown:
            values["extra"] = _unknown(Node(node.line, unknown), path)
        return values

    def _read_field(self, node: Node, field: Field, path: str, values: dict[str, Any]) -> None:
        reader = Reader(self.warnings, lenient=True) if field.lenient else self
        try:
            value = reader.read(node, field.type, path)
        except FrontMatterError as error:
            if field.required or not reader.lenient:
                raise
            self._warn(error, path)
        else:
            if value not in ([], {}):  # nothing is left of it
                values[field.name] = value

    def read(self, node: Node, type_: Type, path: str) -> Any:
        if isinstance(type_, Map):
            return self.read_map(node, type_, path)
        if isinstance(type_, List):
            return self._read_list(node, type_, path)
        if not isinstance(node.content, str):
            raise FrontMatterError(node.line, path, expected("a single value", _kind(node)))
        try:
            return type_.read(node.content)
        except ValueError as error:
            raise FrontMatterError(node.line, path, str(error)) from error

    def _read_list(self, node: Node, type_: List, path: str) -> list[Any]:
        if not isinstance(node.content, list):
            raise FrontMatterError(node.line, path, expected("a list", _kind(node)))
        if len(node.content) > type_.maximum:
            message = f"expected at most {type_.maximum} items, found {len(node.content)}"
            raise FrontMatterError(node.line, path, message)
        values: list[Any] = []
        for place, item in enumerate(node.content):
            item_path = f"{path}[{place}]"
            if is_absent(item, type_.item):
                what = getattr(type_.item, "what", "an item")
                self._warn(FrontMatterError(item.line, item_path, f"expected {what}, found nothing"), item_path)
                values += [None] if type_.gaps else []
                continue
            try:
                values.append(self.read(item, type_.item, item_path))
            except FrontMatterError as error:
                if not self.lenient:
                    raise
                self._warn(error, item_path)
        return values

    def _warn(self, error: FrontMatterError, path: str) -> None:
        """Add a warning: `error` is the reason why what is at `path` is left out."""
        what = "it" if error.key == path else printable(path)
        message = f"{error.message}; {what} is left out"
        if len(self.warnings) == MAX_WARNINGS:
            message = f"expected at most {MAX_WARNINGS} mistakes, found more; they are left out"
        if len(self.warnings) <= MAX_WARNINGS:
            self.warnings.append(FrontMatterError(error.line, error.key, message))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _check_keys(node: Node, there: dict[str, Node], schema: Map, path: str, values: dict[str, Any]) -> None:
    """Raise FrontMatterError if a required key is absent. `there` are the keys of the file."""
    for field in schema.fields:
        if not field.required or field.name in values:
            continue
        if child := there.get(field.key):
            message = f"expected {getattr(field.type, 'what', 'a value')}, found nothing"
            raise FrontMatterError(child.line, _below(path, field.key), message)
        hint = "" if path else hints.for_missing(field.key, there.keys() - schema.by_key.keys())
        raise FrontMatterError(node.line, _below(path, field.key), f"expected this key, found none{hint}")
    if schema.one_of and schema.one_of.isdisjoint(values):
        wanted = [field.key for field in schema.fields if field.name in schema.one_of]
        raise FrontMatterError(node.line, path, f"expected {' or '.join(wanted)}, found neither")


def _kind(node: Node) -> str:
    if isinstance(node.content, str):
        return node.content
    return "a list" if isinstance(node.content, list) else "keys and values"


def _unknown(node: Node, path: str) -> Any:
    """A value of a key the schema does not know, as JSON can hold it: text, unless it is written exactly as
    JSON writes a number, true, false or null."""
    content = node.content
    if isinstance(content, dict):
        return {key: _unknown(child, _below(path, key)) for key, child in content.items()}
    if isinstance(content, list):
        return [_unknown(child, path) for child in content]
    if node.is_null:
        return None
    if node.plain and content in ("true", "false"):
        return content == "true"
    if node.plain and (number := _number(content)) is not None:
        return number
    return Reader([]).read(node, ANY_TEXT, path)


def _number(text: str) -> int | float | None:
    for type_ in (int, float):
        try:
            if str(type_(text)) == text and abs(type_(text)) < 2**53:
                return type_(text)
        except ValueError:
            pass
    return None
