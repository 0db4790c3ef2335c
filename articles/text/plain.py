"""Pure rules about text for readers, in pages, feeds and pictures alike."""

import re
from html import unescape

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def counted(number: int, what: str) -> str:
    """Return a number with its noun: "1 article", "2 articles"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Return a source's text with HTML entities decoded, whitespace collapsed and characters illegal in XML dropped.

    The result is text, not HTML: escape it like any other.
    """
    return " ".join(NOT_IN_XML.sub("", unescape(text)).split())
