"""What is said about a file never tells what it has in `secured`, however that key is spelled.

An error may quote a piece of the file. It may only quote what stands there outside of the lines that mention the key
and those that go on with its value.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from .errors import FrontMatterError
from .schema import ARTICLE, ORGANIZATION, TOPIC, List, Map, Type

SECRET = "secured"  # noqa: S105 (a key)
KINDS = ("'a list'", "'keys and values'")  # what the parser calls what is no text
LONGEST = 300_000  # characters; the longest real file has 143 kB
NOT_TOLD = "something that may be secured, and is not shown"
LIKE = str.maketrans("ѕꜱеᴇсᴄυսᴜгʀԁᴅ", "sseeccuuurrdd")  # letters that look like those of the key
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
QUOTED = re.compile(r"""(?<![\w'"])(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")…?""", re.S)
WORD = re.compile(r"\w+")
NEW_KEY = re.compile(r"""( *)(?:- )*(?:[A-Za-z_][\w.-]*|"[^"\\]*"|'[^'\\]*')[ \t]*:(?:\s|\Z)|---\s*\Z|\.\.\.\s*\Z""")


def _keys(type_: Type) -> Iterator[str]:
    """Yield all our own keys, at any depth."""
    for field in type_.fields if isinstance(type_, Map) else ():
        yield field.key
        yield from _keys(field.type)
    if isinstance(type_, List):
        yield from _keys(type_.item)


KEYS = {SECRET, "body", *_keys(ARTICLE), *_keys(TOPIC), *_keys(ORGANIZATION)}


def is_secret(key: str) -> bool:
    """Return whether a key is a spelling of `secured`: of any case, with blanks, signs or accents."""
    return SECRET in _folded(key)


def _folded(text: str) -> str:
    """Return the letters of a text, in lower case, without accents and signs between them."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text[:10_000]).translate(LIKE)
    return re.sub("[^a-z]", "", text.lower())


def without_secrets(value: Any) -> Any:
    """Return a value without the keys that are spellings of `secured`, at any depth."""
    if isinstance(value, dict):
        return {key: without_secrets(inner) for key, inner in value.items() if not is_secret(str(key))}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def guarded(error: FrontMatterError, open_text: str) -> FrontMatterError:
    """Return an error that quotes nothing but what stands in the open part of its file."""
    message = QUOTED.sub(lambda quote: quote[0] if _is_open(quote[0], open_text) else NOT_TOLD, error.message)
    parts = error.key.split(".")
    told = takewhile(lambda part: part.partition("[")[0] in KEYS or _is_open(part, open_text), parts)
    return FrontMatterError(error.line, ".".join(told), message)


def _is_open(quote: str, open_text: str) -> bool:
    """Return whether each word of a quote stands in the open text. Escapes for signs count as none."""
    if quote in KINDS:
        return True
    plain = re.sub(r"\\(?:x..|u....|U.{8}|.)", " ", quote)
    return all(word in open_text for word in WORD.findall(plain))


def open_part(text: str) -> str:
    """Return a file's text without the lines that mention `secured`, and without those that go on with its value.

    Nothing of a file that is longer than all real ones is open if it may mention it.
    """
    if not _may_mention(text):
        return text
    if len(text) > LONGEST:
        return ""
    kept: list[str] = []
    indent, closing = -1, ""  # of the line that mentions it; the quote that its value is in
    for line in text.splitlines(keepends=True):
        if indent >= 0 and _goes_on(line, indent, closing):
            closing = "" if closing and closing in line else closing
            continue
        indent = -1
        if _mentions(line):
            indent = len(line) - len(line.lstrip(" "))
            closing = _open_quote(line)
        else:
            kept.append(line)
    return "".join(kept)


def _may_mention(text: str) -> bool:
    return not text.isascii() or "\\" in text or SECRET in _folded(text)


def _mentions(line: str) -> bool:
    return SECRET in _folded(ESCAPE.sub(lambda code: chr(min(int(code[1] or code[2] or code[3], 16), 0x10FFFF)), line))


def _goes_on(line: str, indent: int, closing: str) -> bool:
    """Return whether a line belongs to the value that began on a line of this indent."""
    if closing or not line.strip():
        return True
    found = NEW_KEY.match(line)
    return found is None or len(found[1] or "") > indent


def _open_quote(line: str) -> str:
    """Return the quote that a line opens and does not close; "" for none."""
    rest = re.sub(r"\\.", "", line)
    for quote in ('"', "'"):
        if rest.count(quote) % 2:
            return quote
    return ""


def all_guarded(errors: Iterable[FrontMatterError], text: str) -> list[FrontMatterError]:
    """Return errors that quote nothing secured. `text` is their file's. Costs nothing if there are no errors."""
    found = list(errors)
    open_text = open_part(text) if found else ""
    return [guarded(error, open_text) for error in found]
