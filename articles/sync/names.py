"""Names of files and folders, as other systems write them, to names of articles and sites."""

import re
import unicodedata
import zipfile
import zlib
from functools import lru_cache

from ..text import rules
from ..text.digests import hex_digest
from ..text.printable import expected

MAX_NAME, MAX_PLACE = 255, 4096  # characters of a file's name without suffix, and of its path
UTF8_NAME = 0x800  # a flag of a member of a zip
UNICODE_PATH = 0x7075  # the extra field in which Info-ZIP keeps a name in UTF-8
SNAPSHOT = re.compile(r"(.+)-(?:[0-9a-f]{40}|(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7})", re.S)


def stem(parts: tuple[str, ...], is_article: bool) -> str:
    """Return the name of a file by the parts of its path; for an article's `index.md` that of its folder."""
    name = parts[-1].rpartition(".")[0] or parts[-1]
    if is_article and name.lower() == "index" and len(parts) > 1:
        name = parts[-2]
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def stem_problem(name: str) -> str | None:
    """Return why an article cannot have this name, or None if it can."""
    try:
        rules.stem(name)
    except ValueError as error:
        return str(error)
    return None


def place_problem(name: str, place: str) -> str | None:
    """Return why a topic's or outlet's file cannot have this name, or any file this path, or None if it can."""
    if len(name) > MAX_NAME:
        return f"expected a name of at most {MAX_NAME} characters, found {len(name)}"
    if len(place) > MAX_PLACE:
        return f"expected a path of at most {MAX_PLACE} characters, found {len(place)}"
    return None if is_text(name + place) else expected("a path in UTF-8", place or name)


def is_text(name: str) -> bool:
    """Return whether a name is text, and not the bytes of an unknown code page."""
    return name.isascii() or not any("\ud800" <= c <= "\udfff" for c in name)


@lru_cache(1000)
def site_folder(name: str) -> str:
    """Return what identifies a site in the name of its folder or archive: all but the commit of a snapshot."""
    snapshot = SNAPSHOT.fullmatch(name)
    return unicodedata.normalize("NFC", snapshot[1] if snapshot else name)


@lru_cache(1000)
def source_name(folder: str) -> str | None:
    """Return a site's name for its folder's or archive's, or None for no name.

    If that has letters which a site's name cannot have, a digest of it keeps the site apart from others.
    """
    folder = site_folder(folder)
    if not folder:
        return None
    plain = _slug(folder)
    if plain and not any(c.isalnum() or not c.isprintable() for c in folder if not c.isascii()):
        return plain[: rules.MAX_SOURCE]
    digest = hex_digest(folder.encode(errors="surrogateescape"), 3)
    folded = _slug(unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode())
    return f"{folded[: rules.MAX_SOURCE - 7].strip('-') or 'site'}-{digest}"


def _slug(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


def in_zip(member: zipfile.ZipInfo) -> str:
    """Return the name of a member of a zip. Bytes of an unknown code page become surrogates, which are no text.

    Without the flag for UTF-8 a name should be in code page 437, but most systems write their own. Some separate
    folders by a backslash.
    """
    name = member.orig_filename
    if not member.flag_bits & UTF8_NAME:
        raw = name.encode("cp437")
        name = _unicode_path(member.extra, raw) or raw.decode(errors="surrogateescape")
    return name.partition("\0")[0].replace("\\", "/")


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """Return the name in an extra field of Info-ZIP, if that belongs to the name `raw`."""
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        value, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and value[:1] == b"\1" and int.from_bytes(value[1:5], "little") == zlib.crc32(raw):
            return value[5:].decode(errors="surrogateescape")
    return None
