"""Pure rules about file names and URLs: stems, links that browsers can follow, YouTube embeds."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from .digests import hex_digest

# A stem has no separator, control character, invisible sign or half of a character. Joiners are parts of words.
STEM = (
    r"^(?![.\s])[^/\\\x00-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
    r"{1,252}(?<!\s)\Z"
)
MAX_STEM_BYTES = 252  # most file systems take names of 255 bytes, `.md` included
STEM_LENGTH = 150  # characters of a title's slug in a stem
MAX_URL = 2_048  # characters of a URL that readers get: as many as are stored
MAX_EMBED = 20_000  # characters of an embed code that is looked at
BLANK = "".join(map(chr, range(0x21)))  # browsers strip these around a URL


def slug(title: str) -> str:
    """Return a title as lowercase ASCII words joined by single hyphens, without trademark signs.

    This is the rule by which the sources name their own files. The result may be empty.
    """
    title = re.sub("[™®©]", "", title)
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[\s-]+", "-", re.sub(r"[^a-z0-9_\s-]", "", ascii_title)).strip("-")


def stem(title: str, published_at: datetime) -> str:
    """Return the stem for a new article's file: its UTC date and its title's slug, cut at a word.

    A title with letters or digits that its slug cannot have gets a digest, so that other titles get other stems.
    """
    words = slug(title)
    if len(words) > STEM_LENGTH:
        words = words[: STEM_LENGTH + 1].rpartition("-")[0] or words[:STEM_LENGTH]
    if not words or loses_letters(title):
        words = f"{words}-{hex_digest(unicodedata.normalize('NFC', title), 4)}".lstrip("-")
    return f"{published_at.astimezone(UTC):%Y-%m-%d}-{words}"


def loses_letters(text: str) -> bool:
    """Return whether a text has letters or digits beside the Latin ones, with or without accents, and 0 to 9."""
    return any(ord(c) > 127 and unicodedata.category(c)[0] in "LN" for c in unicodedata.normalize("NFKD", text))


def identity(item: Mapping[str, Any]) -> str:
    """Return what tells a page in a list of related ones from the others: its address.

    A page without one, such as a video, has its time and title instead. `item` has web_url, title and published_at (a
    moment or its text), as far as they are known.
    """
    if address := item.get("web_url"):
        return str(address)
    moment = item.get("published_at")
    time = f"{moment:%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else moment or ""
    return f"{time} {item.get('title', '')}"


def host_part(url: str) -> str:
    """Return what an http(s) address has between `//` and its path, as browsers and other readers see it together.

    Browsers skip line ends and tabs, and take any number of slashes and backslashes for two slashes. Others take a
    backslash for a part of the host: then it is in the result.
    """
    rest = re.sub(r"[\t\r\n]", "", url).partition(":")[2].lstrip("/\\")
    return re.split("[/?#]", rest, maxsplit=1)[0]


def browsable(url: str) -> str:
    """Return a URL with unsafe characters encoded.

    It is "" if it is not http(s) with a host, has a name or password before the host, or is longer than MAX_URL.
    """
    if len(url) > MAX_URL:
        return ""
    url = url.strip(BLANK)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"[@\s\\<>\"]", host_part(url)):
        return ""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def youtube_id(embed: str) -> str | None:
    """Return the id of the video that an embed code plays, or None if it is not exactly YouTube's player.

    Linear in the length of the code, whatever it holds. None if it is longer than MAX_EMBED.
    """
    if len(embed) > MAX_EMBED:
        return None
    iframe = re.fullmatch(r"\s*<iframe\b([^<>]*)>\s*</iframe>\s*", embed)
    video = iframe and re.search(
        r'\ssrc="https://www\.youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})(?:\?[^"]*)?"', iframe[1]
    )
    return video[1] if video else None
