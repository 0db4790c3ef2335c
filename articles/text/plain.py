"""Pure rules about text for readers, in pages, feeds and pictures alike."""

import re
from functools import lru_cache
from html import unescape

from .signs import seen, stream_safe

CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # or illegal in XML
FAR = re.compile("&#[0-9]{10,};?")  # beyond Unicode, and some have more digits than Python reads
# Bytes of Windows-1252 that someone took for Latin-1, such as U+0097, a dash. Browsers read `&#151;` alike.
WINDOWS = {chr(code): unescape(f"&#{code};") for code in range(0x80, 0xA0)}


def counted(number: int, what: str) -> str:
    """Return a number with its noun: "1 article", "2 articles"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


@lru_cache(maxsize=256)  # a page asks for the same title some ten times
def plain(text: str) -> str:
    """Return a source's text with HTML entities decoded, and whitespace collapsed.

    Control characters, signs that hide or turn text, and marks that pile up are dropped (see `signs`).

    The result is text, not HTML: escape it like any other.
    """
    text = " ".join(CONTROL.sub(_windows, unescape(FAR.sub("\ufffd", text))).split())
    return text if text.isascii() else stream_safe(seen(text))


def _windows(control: re.Match[str]) -> str:
    letter = WINDOWS.get(control[0], "")
    return letter if letter.isprintable() else ""
