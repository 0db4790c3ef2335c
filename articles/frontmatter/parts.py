"""Parts of a file that are stored apart and joined again."""

from collections.abc import Sequence
from dataclasses import dataclass

LIST = "\n\nrelated:\n"  # as the source writes it
ITEM = "  - "
SECURED = '\nsecured: "'


@dataclass(frozen=True)
class Parts:
    """A file's text with LF line ends, and what was cut out of it: related items, and the value of `secured`.

    Only a file in the source's own layout is cut. `secured` is as the file has it, with its escapes.
    """

    text: str
    related: tuple[str, ...] = ()
    secured: str = ""
    crlf: bool = False


def cut_related(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Return a text without its related items, and these without dash and line end; None if it has none.

    For text in the source's own layout, where a blank line or the closing line ends the list. In any other text,
    what is cut does not read as items.
    """
    place = text.find(LIST + ITEM)
    if place < 0:
        return None
    start = place + len(LIST)
    end = text.rfind("\n" + SECURED, start)  # by far the most, and found from the text's end
    if end < 0:
        end = text.find("\n\n", start)
    if end < 0:
        end = len(text) - 1
    if text.endswith("\n---", start, end):
        end -= 4
    return text[:start] + text[end + 1 :], tuple(text[start + len(ITEM) : end].split("\n" + ITEM))


def without_list(text: str) -> str:
    """Return a text without the list that `cut_related` emptied."""
    return text.replace(LIST, "\n", 1)


def cut_secured(text: str) -> tuple[str, str]:
    """Return a text in the source's own layout without the value of its `secured` line, and that value."""
    start = text.rfind(SECURED)
    if start < 0:
        return text, ""
    start += len(SECURED)
    end = text.index('"\n', start)
    return text[:start] + text[end:], text[start:end]


def join(parts: Parts) -> bytes:
    """Return the file, to the byte."""
    text = parts.text
    if parts.secured:
        place = text.rindex(SECURED) + len(SECURED)
        text = text[:place] + parts.secured + text[place:]
    if parts.related:
        place = text.index(LIST) + len(LIST)
        text = text[:place] + listed(parts.related) + text[place:]
    return (text.replace("\n", "\r\n") if parts.crlf else text).encode()


def listed(items: Sequence[str]) -> str:
    """Return the lines of a list of items."""
    return ITEM + f"\n{ITEM}".join(items) + "\n"
