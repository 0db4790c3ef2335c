"""Pure rules about text for readers, in pages, feeds and pictures alike."""

import re
from html import unescape

CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # or illegal in XML
# Bytes of Windows-1252 that someone took for Latin-1, such as U+0097, a dash. Browsers read `&#151;` alike.
WINDOWS = {chr(code): unescape(f"&#{code};") for code in range(0x80, 0xA0)}


def counted(number: int, what: str) -> str:
    """Return a number with its noun: "1 article", "2 articles"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Return a source's text with HTML entities decoded, whitespace collapsed and control characters dropped.

    The result is text, not HTML: escape it like any other.
    """
    return " ".join(CONTROL.sub(_windows, unescape(text)).split())


def _windows(control: re.Match[str]) -> str:
    letter = WINDOWS.get(control[0], "")
    return letter if letter.isprintable() else ""
