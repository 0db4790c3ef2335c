"""Pure rules about names and addresses: stems, links that browsers can follow, YouTube embeds."""

import re
import unicodedata
from datetime import datetime
from urllib.parse import quote, urlsplit

STEM = r"^\w[\w.-]{0,254}\Z"
STEM_LENGTH = 150
BLANK = "".join(map(chr, range(0x21)))  # what browsers drop around an address


def slug(title: str) -> str:
    """The source's own rule: trademark signs dropped, ASCII, lower case, blanks and hyphens to one hyphen."""
    title = re.sub("[™®©]", "", title)
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[\s-]+", "-", re.sub(r"[^a-z0-9_\s-]", "", ascii_title)).strip("-")


def stem(title: str, published_at: datetime) -> str:
    """The file name of a new article: its UTC date and its title's slug, cut at a word."""
    words = slug(title)
    if len(words) > STEM_LENGTH:
        words = words[: STEM_LENGTH + 1].rpartition("-")[0] or words[:STEM_LENGTH]
    return f"{published_at:%Y-%m-%d}-{words}".rstrip("-")


def browsable(url: str) -> str:
    """An address that a browser can follow, or "" if it is not http(s). Blanks and such are encoded."""
    url = url.strip(BLANK)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")


def youtube_id(embed: str) -> str | None:
    """The video that an embed code plays, if it is YouTube's own player and nothing else."""
    match = re.fullmatch(
        r'\s*<iframe\b[^<>]*?\ssrc="https://www\.youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})(?:\?[^"<>]*)?"[^<>]*>'
        r"\s*</iframe>\s*",
        embed,
    )
    return match[1] if match else None
