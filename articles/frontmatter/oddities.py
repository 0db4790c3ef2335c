"""What is odd in the values of a file that can be read: readers see less of it, and the file is exported as it came."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..text import signs
from . import secrets
from .errors import FrontMatterError

MOST_EMBED = 20_000  # characters of an embed code that are kept apart and shown
NAMES = ("title", "name", "shortname")  # in which signs that hide would mislead
TEXTS = (*NAMES, "excerpt", "description")


def find(values: Mapping[str, Any], text: str) -> Iterator[FrontMatterError]:
    """Yield a warning for each key of a file that is odd. `text` is the file's, in which the line is looked up."""
    found = [*_texts(values, ""), *_texts(values.get("provider", {}), "provider.")]
    for place, item in enumerate(values.get("related", ())):
        if not item["title"].isascii() or not item.get("excerpt", "").isascii():
            found += _texts(item, f"related[{place}].")
    for key in ("topics", "tags"):
        for place, name in enumerate(values.get(key, ())):
            found += _said({"name": name or ""}, f"{key}[{place}]")
    if len(embed := values.get("featured_content", "")) > MOST_EMBED:
        message = f"expected at most {MOST_EMBED} characters, found {len(embed)}; it is not shown"
        found.append(("featuredContent", message))
    if any(map(secrets.is_secret, values.get("extra", {}))):
        found.append(("", f"expected {secrets.SECRET}, found another spelling of it; it stays in the file, unread"))
    for key, message in found:
        yield FrontMatterError(_line_of(key, text), key, message)


def _texts(values: Mapping[str, Any], within: str) -> Iterator[tuple[str, str]]:
    for key in TEXTS:
        value = values.get(key, "")
        if isinstance(value, str) and not value.isascii():
            yield from _said({key: value}, f"{within}{key}")


def _said(value: Mapping[str, str], path: str) -> Iterator[tuple[str, str]]:
    """Yield the path of a text and what is odd in it."""
    for key, text in value.items():
        if signs.stream_safe(text) != text:
            yield path, f"expected at most {signs.MOST_MARKS} marks on a letter, found more; they are cut"
        if key in NAMES and (hidden := signs.hiding(text)):
            codes = ", ".join(f"U+{ord(sign):04X}" for sign in hidden[:5])
            yield path, f"expected no signs that hide or turn text, found {codes}; readers do not see them"


def _line_of(key: str, text: str) -> int:
    """Return the line of the first key of that name in a file; 1 if it is written in another way."""
    name = re.escape(key.partition("[")[0].rpartition(".")[2])
    match = name and re.search(rf"(?m)^[ \t-]*{name}[ \t]*:", text)
    return text.count("\n", 0, match.start()) + 1 if match else 1
