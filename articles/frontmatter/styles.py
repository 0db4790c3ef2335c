"""New values in the style of what surrounds them."""

import re
from typing import Any

from . import serialiser
from .nodes import Node, is_text
from .scalars import Flag, Number, Scalar
from .schema import Field, List, Map, Type

NOT_IN_BRACKETS = re.compile(r"[,\[\]{}?]|:\Z")  # in plain text


def scalar(text: str, node: Node, type_: Scalar, value: Any, indent: int) -> str:
    """Return a value to stand where a node is in the text. `indent` is for the lines of a block."""
    return _in_style(_style(text, node, type_), type_, value, node.flow, indent)


def entry(text: str, node: Node, field: Field | None, value: Any, key: str, spaced: bool) -> str:
    """Return a key and its value as an entry of a mapping; `field` is None for a key that the schema does not know.

    `spaced` is whether the source's blank line may precede it.
    """
    if not node.flow:
        values, schema = ({field.name: value}, Map((field,))) if field else ({"extra": {key: value}}, Map())
        written = serialiser.write(values, schema)
        return written if spaced else written.lstrip("\n")
    as_json, colon = False, ": "
    if node.children:
        first = node.children[0]
        as_json = first.raw_key.startswith('"')
        between = text[first.start + len(first.raw_key) : first.value.start]
        colon = between if between == ":" and as_json else colon
    quoted = serialiser.quote(key) if as_json else serialiser.as_key(key)
    return quoted + colon + _flow(field.type if field else None, value, as_json)


def item(text: str, node: Node, type_: List, value: Any) -> str:
    """Return an item of a list, in the style of the first one."""
    like = node.children[0].value if node.children else node
    if value is None:
        return "null" if node.flow else serialiser.item(value, type_, 0)
    if node.flow:
        return _flow(type_.item, value, as_json=text[like.start : like.start + 1] == '"')
    if like.flow:
        return f"- {_flow(type_.item, value, as_json=False)}\n"
    if isinstance(type_.item, Scalar) and (style := _style(text, like, type_.item)) in ("'", '"'):
        return f"- {_in_style(style, type_.item, value, flow=False)}\n"
    return serialiser.item(value, type_, 0)


def comma(text: str, node: Node) -> str:
    """Return what separates the children of a collection in brackets."""
    children = node.children or []
    found = ", "
    if len(children) > 1:
        found = text[children[0].end : children[1].start]
    elif children:
        found = "," + (text[node.start + 1 : children[0].start] or " ")
    return found if re.fullmatch(r",\s*", found) else ", "


def indented(text: str, column: int, line_end: str) -> str:
    """Return lines at a column."""
    pad = " " * column
    return "".join((pad + line if line else "") + line_end for line in text.split("\n")[:-1])


def _style(text: str, node: Node, type_: Scalar) -> str:
    """Return the style of a scalar; that of its type if it had no choice: a null is plain, some text is quoted."""
    written = text[node.start : node.end]
    if node.style == "" and written in ("", *serialiser.NULLS):
        return '"' if type_.quoted else ""
    if node.style in ("'", '"') and not (node.flow or type_.quoted or serialiser.is_plain(written[1:-1])):
        return ""
    return node.style


def _in_style(style: str, type_: Scalar, value: Any, flow: bool, indent: int = 0) -> str:
    text = type_.write(value)
    is_safe = serialiser.is_plain(text) and not (flow and NOT_IN_BRACKETS.search(text))
    if style == "" and is_safe and (not type_.quoted or is_text(text)):
        return text
    if style == "'" and "\n" not in text and not serialiser.NEVER_RAW.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _block(style, text, indent) or serialiser.quote(text)


def _block(style: str, text: str, indent: int) -> str:
    """Return text as a block after `|` or `>`; "" if it needs quotes."""
    lines = text.removesuffix("\n").split("\n")
    if style not in ("|", ">") or serialiser.NEVER_RAW.search(text) or (style == ">" and len(lines) > 1):
        return ""
    if not lines[-1].strip() or lines[0][:1] in ("", " ", "\t"):
        return ""
    chomping = "" if text.endswith("\n") else "-"
    return "\n".join([style + chomping, *(" " * indent + line if line else "" for line in lines)])


def _flow(type_: Type | None, value: Any, as_json: bool) -> str:
    """Return a value as it is written in brackets; its type is None if the schema does not know it."""
    if type_ is None:
        return serialiser.as_json(value)
    if isinstance(type_, List):
        return "[" + ", ".join(_flow(type_.item, item, as_json) for item in value) + "]"
    if isinstance(type_, Map):
        entries: list[tuple[str, Type | None, Any]]
        entries = [(field.key, field.type, value[field.name]) for field in type_.fields if field.name in value]
        entries += [(key, None, unknown) for key, unknown in value.get("extra", {}).items()]
        quote = serialiser.quote if as_json else serialiser.as_key
        return "{" + ", ".join(f"{quote(key)}: {_flow(inner, each, as_json)}" for key, inner, each in entries) + "}"
    style = '"' if type_.quoted or (as_json and not isinstance(type_, (Number, Flag))) else ""
    return _in_style(style, type_, value, flow=True)
