"""TOML front matter between lines of `+++`, as Hugo reads it. The standard library reads it; this edits its lines."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..frontmatter import FrontMatterError
from ..frontmatter.parser import MAX_DEPTH
from .matter import Entry, Matter, lines_of, split

OPENING = re.compile(r"\ufeff?\+\+\+[ \t]*\r?\n")
CLOSING = re.compile(r"^\+\+\+[ \t]*\r?$\n?", re.MULTILINE)
LONGEST = 200  # lines of one value
MOST = 2**16  # characters
ENDS = re.compile(r"""["'\]}]""")  # without one of these on a line, a value of several lines does not end there
WHERE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")
DEEP = re.compile(r"[\[{]\s*" * (MAX_DEPTH + 1))
KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
KEYS = re.compile(rf"[ \t]*{KEY}(?:[ \t]*\.[ \t]*{KEY})*[ \t]*=[ \t]*")
TAIL = re.compile(r"[ \t]*(?:#[^\n]*)?\r?\n?")  # after a value
AFTER = re.compile(r"[ \t]*(?=#|\r?\n?\Z)")  # where it may start
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Statement:
    """A key and its value: the lines from `first` up to `last` (from 0), and the path of its key, its table first."""

    path: tuple[str, ...]
    value: Any
    first: int
    last: int


def read(text: str) -> Matter:
    start, end, body = split(text, OPENING, CLOSING, "+++")
    matter = text[start:end]
    _check(matter)
    entries: dict[str, Entry] = {}
    for found in _statements(lines_of(matter)):
        _collect(".".join(found.path), found.value, found.first + 2, entries)
    return Matter(entries, text[body:], text.count("\n", 0, body) + 1)


def _check(matter: str) -> None:
    if len(matter) > MOST:
        raise FrontMatterError(2, "", f"expected at most {MOST} characters between the lines +++, found {len(matter)}")
    if DEEP.search(matter):
        raise FrontMatterError(2, "", f"expected at most {MAX_DEPTH} levels of nesting, found more")
    try:
        tomllib.loads(matter)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        place = WHERE.search(str(error))
        line = int(place[1]) + 1 if place and place[1] else matter.count("\n") + 2 if place else 2
        problem = WHERE.sub("", str(error))
        raise FrontMatterError(line, "", f"expected TOML, found an error: {problem}") from error


def _statements(lines: list[str]) -> Iterator[Statement]:
    """Yield the keys of a whole that TOML allows. Keys in lists of tables are left out."""
    table: tuple[str, ...] | None = ()
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if line.startswith("["):
            table = None if line.startswith("[[") else _path(tomllib.loads(line))[0]
        elif line and not line.startswith("#"):
            last, found = _statement(lines, place)
            if table is not None:
                path, value = _path(found)
                if isinstance(value, datetime | date):
                    value = _parts("".join(lines[place:last]))[1]  # its style is wanted
                yield Statement((*table, *path), value, place, last)
            place = last
            continue
        place += 1


def _statement(lines: list[str], place: int) -> tuple[int, dict[str, Any]]:
    """Return where the value that starts at `place` ends, and its key with it."""
    for last in range(place + 1, min(len(lines), place + LONGEST) + 1):
        if last > place + 1 and not ENDS.search(lines[last - 1]):
            continue
        try:
            return last, tomllib.loads("".join(lines[place:last]))
        except tomllib.TOMLDecodeError:
            continue
    raise FrontMatterError(place + 2, "", f"expected a value of at most {LONGEST} lines, found more")


def _path(found: dict[str, Any]) -> tuple[tuple[str, ...], Any]:
    """Return the only key of a statement or a table's heading as a path, and what it has."""
    path: list[str] = []
    value: Any = found
    while isinstance(value, dict) and len(value) == 1:
        key, value = next(iter(value.items()))
        path.append(key)
    return tuple(path), value


def _collect(path: str, value: Any, line: int, entries: dict[str, Entry]) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            _collect(f"{path}.{key}", child, line, entries)
    elif isinstance(value, list):
        simple = all(isinstance(item, str) for item in value)
        entries.setdefault(path.lower(), Entry(path, line, value if simple else None, "a list of other things"))
    else:
        entries.setdefault(path.lower(), Entry(path, line, _text(value)))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def write(text: str, key: str, value: str | list[str], bare: bool) -> str:
    start, end, _ = split(text, OPENING, CLOSING, "+++")
    lines = lines_of(text[start:end])
    ending = "\r\n" if text[:start].endswith("\r\n") else "\n"
    known = next((s for s in _statements(lines) if ".".join(s.path).lower() == key.lower()), None)
    if known is None:
        _insert(lines, key, _written(value, bare), ending)
    else:
        lines[known.first : known.last] = [_replaced("".join(lines[known.first : known.last]), value, bare)]
    return text[:start] + "".join(lines) + text[end:]


def _insert(lines: list[str], key: str, written: str, ending: str) -> None:
    """Add a key at the end of its table, or add the table."""
    parent, _, name = key.rpartition(".")
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    line = f"{name if BARE_KEY.fullmatch(name) else json.dumps(name)} = {written}{ending}"
    headings = _headings(lines)
    tables = {".".join(_path(tomllib.loads(lines[place]))[0]).lower(): place for place in reversed(headings)}
    if parent and parent.lower() not in tables:
        lines += [ending, f"[{parent}]{ending}", line]
        return
    start = tables[parent.lower()] + 1 if parent else 0
    place = next((place for place in headings if place >= start), len(lines))
    while place > start and not lines[place - 1].strip():
        place -= 1
    lines.insert(place, line)


def _headings(lines: list[str]) -> list[int]:
    """Return the places of the headings of tables, from 0."""
    inside = {place for found in _statements(lines) for place in range(found.first, found.last)}
    return [place for place, line in enumerate(lines) if line.lstrip().startswith("[") and place not in inside]


def _replaced(old: str, value: str | list[str], bare: bool) -> str:
    """Return a statement with another value, in its own style."""
    head, raw, tail = _parts(old)
    return head + _like(raw, value, bare) + tail


def _parts(statement: str) -> tuple[str, str, str]:
    """Return a statement's key and equals sign, the text of its value, and the comment and line end after it."""
    head = KEYS.match(statement)
    rest = statement[head.end() :] if head else ""
    for start in (match.start() for match in AFTER.finditer(rest)):
        raw, tail = rest[:start], rest[start:]
        if head and TAIL.fullmatch(tail) and _is_value(raw):
            return head[0], raw, tail
    raise ValueError("it is written in a way that cannot be edited")


def _is_value(raw: str) -> bool:
    try:
        tomllib.loads(f"x = {raw}")
    except tomllib.TOMLDecodeError:
        return False
    return True


def _like(raw: str, value: str | list[str], bare: bool) -> str:
    if raw.startswith("{"):
        raise ValueError("it is an inline table")
    if isinstance(value, list):
        return _like_list(raw, value)
    if bare and raw[:1] not in ("'", '"'):
        return value
    return _quoted(value, raw[:1])


def _like_list(raw: str, value: list[str]) -> str:
    if not raw.startswith("["):
        return _written(value, False)
    items = re.findall(r""""(?:[^"\\]|\\.)*"|'[^']*'""", raw)
    if [tomllib.loads(f"x = {item}")["x"] for item in items] != tomllib.loads(f"x = {raw}")["x"]:
        raise ValueError("its list is written in a way that cannot be edited")
    known = {tomllib.loads(f"x = {item}")["x"]: item for item in items}
    style = items[0][0] if items else '"'
    written = [known.get(item) or _quoted(item, style) for item in value]
    if "\n" not in raw or not written or not items:
        return "[" + ", ".join(written) + "]"
    first = raw.index(items[0])
    start, last = raw[:first], raw[raw.rindex(items[-1]) + len(items[-1]) :]
    separator = "," + (start[1:] if "\n" in start else " ")
    return start + separator.join(written) + last


def _quoted(text: str, style: str) -> str:
    if style == "'" and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _written(value: str | list[str], bare: bool) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(item, '"') for item in value) + "]"
    return value if bare else _quoted(value, '"')
