"""Values to text, exactly as the source writes them."""

import json
import re
from typing import Any

from .scalars import Scalar
from .schema import ESCAPE_ONLY, Field, List, Map

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
ESCAPED = re.compile(rf'[\\"\n\t{ESCAPE_ONLY}]')
NEVER_RAW = re.compile(f"[{ESCAPE_ONLY}]")
NULLS = ("~", "null", "Null", "NULL")  # what YAML reads as no value
SAFE_PLAIN = re.compile(
    r"""(?!(?:~|null|Null|NULL)\Z|[-?:](?: |\Z))[^\s\[\]{},#&*!|>'"%@`](?:(?!: | #|:\Z)[^\n\r\t])*(?<!\s)"""
)


def write(values: dict[str, Any], schema: Map) -> str:
    """Return the lines of a mapping, each ending with a newline. Reading them gives the same values."""
    return _map(values, schema, 0)


def quote(text: str) -> str:
    return '"' + ESCAPED.sub(lambda match: ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'


def is_plain(text: str) -> bool:
    """Return whether text means itself without quotes."""
    return bool(SAFE_PLAIN.fullmatch(text)) and not NEVER_RAW.search(text)


def _scalar(type_: Scalar, value: Any) -> str:
    text = type_.write(value)
    return text if not type_.quoted and is_plain(text) else quote(text)


def _field(field: Field, values: dict[str, Any], indent: int) -> list[str]:
    value = values.get(field.name)
    if value is None or value in ([], {}):
        return []
    pad = " " * indent
    blank = "\n" if field.spaced else ""
    if isinstance(field.type, Scalar):
        return [f"{blank}{pad}{field.key}: {_scalar(field.type, value)}\n"]
    if isinstance(field.type, Map):
        return [f"{blank}{pad}{field.key}:\n", _map(value, field.type, indent + 2)]
    return [f"{blank}{pad}{field.key}:\n", *(item(each, field.type, indent + 2) for each in value)]


def _map(values: dict[str, Any], schema: Map, indent: int) -> str:
    if schema.open:
        pad = " " * indent
        return "".join(f"{pad}{as_key(key)}: {_scalar(schema.open, value)}\n" for key, value in values.items())
    lines = [line for field in schema.fields for line in _field(field, values, indent)]
    return "".join(lines) + _extra(values, indent)


def item(value: Any, type_: List, indent: int) -> str:
    """Return the lines of an item of a list, whose dash is at `indent`."""
    pad = " " * indent
    if isinstance(type_.item, Scalar):
        return f"{pad}- {'' if value is None else _scalar(type_.item, value)}\n"
    block = _map(value, type_.item, indent + 2)
    return f"{pad}- {block[indent + 2 :]}"


def _extra(values: dict[str, Any], indent: int) -> str:
    """Return the lines of unknown keys, which follow the others. Their values are JSON, which is YAML too."""
    pad = " " * indent
    return "".join(f"{pad}{as_key(key)}: {as_json(value)}\n" for key, value in values.get("extra", {}).items())


def as_json(value: Any) -> str:
    """Return any value on one line."""
    return NEVER_RAW.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def as_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][\w-]*", key) else quote(key)
