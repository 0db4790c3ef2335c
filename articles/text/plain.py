"""Pure rules about text for readers, whatever it stands in: a page, a feed, a picture."""

import re
from html import unescape


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """A source's text as readers should see it: its left-over HTML entities decoded, its blanks single, and without
    the characters that no XML may hold.

    The result is text, and is escaped like any other.
    """
    return " ".join(NOT_IN_XML.sub("", unescape(text)).split())
