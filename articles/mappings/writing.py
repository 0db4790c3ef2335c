"""Values of ours into a file of another program: single keys in its own style, all other text as it was."""

from datetime import datetime
from typing import Any

from ..frontmatter import FrontMatterError
from . import dates, reading
from .mapping import NOT, TOPICS, Mapping
from .matter import Entry
from .reading import NO, YES, Post


def write(mapping: Mapping, place: str, text: str, changes: dict[str, Any]) -> tuple[str, list[str]]:
    """Return a file with other values for some of our keys, and a sentence for each that could not be written.

    A change is made only if the file then reads as wanted and its other keys and its body as before.
    """
    problems = []
    for name, value in changes.items():
        try:
            text = _written(mapping, place, text, name, value)
        except ValueError as error:
            problems.append(f"{name}: {reading.shown(value)[:60]!r} could not be written: {error}")
    return text, problems


def _written(mapping: Mapping, place: str, text: str, name: str, value: Any) -> str:
    """Return the text with one change. Raises ValueError with a sentence."""
    post = reading.read(mapping, place, text)
    key, entry, opposite = _key(mapping, post, name)
    theirs, bare = _theirs(mapping, name, value, key, entry, opposite)
    style = reading.dialect(text, place)
    changed = style.write(text, key, theirs, bare)
    try:
        now = reading.read(mapping, place, changed)
    except FrontMatterError as error:
        raise ValueError(f"the file could not be read then ({error.message})") from error
    found = now.values.get(name)
    is_written = found.value == value if found else value in ("", [], None)
    others = {k: e.value for k, e in now.matter.entries.items() if k != key.lower()}
    before = {k: e.value for k, e in post.matter.entries.items() if k != key.lower()}
    if not is_written or others != before or now.matter.body != post.matter.body:
        raise ValueError("its line cannot be edited without changing others")
    return changed


def _key(mapping: Mapping, post: Post, name: str) -> tuple[str, Entry | None, bool]:
    """Return which of their keys to write, its entry if the file has it, and whether it says the opposite."""
    pairs = [(theirs, ours) for theirs, ours in mapping.keys if ours.removeprefix(NOT) == name]
    known = post.values.get(name)
    there = [pair for pair in pairs if pair[0].lower() in post.matter.entries]
    own = [pair for pair in there if known and pair[0].lower() == known.key.lower()]
    if not pairs:
        raise ValueError("the mapping names no key for it")
    theirs, ours = (own or there or pairs)[0]
    entry = post.matter.entries.get(theirs.lower())
    return (entry.key if entry else theirs), entry, ours.startswith(NOT)


def _theirs(
    mapping: Mapping, name: str, value: Any, key: str, entry: Entry | None, opposite: bool
) -> tuple[str | list[str], bool]:
    """Return a value as their key has it, and whether it stands without quotes."""
    old = entry.value if entry and isinstance(entry.value, str) else ""
    if name == TOPICS:
        return _topics(value, entry, mapping.separator), False
    if isinstance(value, datetime):
        return dates.write(value, old, mapping.formats, mapping.zone), True
    if isinstance(value, bool):
        return _flag(value != opposite, old, key), True
    return ("" if value is None else str(value)), isinstance(value, int)


def _flag(value: bool, old: str, key: str) -> str:
    """Return the word for a flag that fits to the one it replaces, or to the name of a new key."""
    word = old.strip().lower() or ("draft" if key.lower() == "status" else "false")
    own, other = (YES, NO) if value else (NO, YES)
    if word in own:
        return old or word
    found = own[min(other.index(word), len(YES) - 1)]
    return found.capitalize() if old[:1].isupper() else found


def _topics(value: list[str], entry: Entry | None, separator: str) -> str | list[str]:
    """Return topics as a list, or as a text if the file has one."""
    if entry is None or not isinstance(entry.value, str):
        return value
    sign = next((sign for sign in ",;" if sign in entry.value), "")
    between = sign + (" " if f"{sign} " in entry.value else "") if sign else separator
    text = between.join(value)
    return text if entry.value and between and reading.split(text, separator) == value else value
