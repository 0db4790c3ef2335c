"""What is found to import: files, and what cannot be taken."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..frontmatter import MAX_BYTES, Kind

PLACES = {  # in a site's folder: topics and organizations before the articles that name them
    Kind.TOPIC: (("_data", "topics"), (".yaml", ".yml")),
    Kind.ORGANIZATION: (("_data", "organizations"), (".md",)),
    Kind.ARTICLE: (("_news",), (".md",)),
}
NOT_REGULAR = "expected a regular file, found a folder, pipe or device"


@dataclass
class FoundFile:
    """A file's bytes. `source` is the folder that holds `_news`, or None; `name` is without its suffix."""

    path: str
    kind: Kind
    source: str | None
    name: str
    data: bytes


@dataclass
class Rejection:
    """One file that was not taken, and why: one line for a person, one object for a program."""

    path: str
    message: str
    line: int = 1
    key: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.key}: {self.message}"


Found = Iterator[FoundFile | Rejection]


class NothingFoundError(Exception):
    """A path that holds nothing to import; the message is for a person."""


class ArchiveError(Exception):
    """An archive that cannot be read any further."""


def classify(path: PurePosixPath) -> tuple[Kind, str | None] | None:
    """What a file is by its place in its site, and the site's folder if the path has it."""
    parts = path.parts
    if path.name.startswith("."):
        return None
    for kind, (folder, suffixes) in PLACES.items():
        depth = len(folder)
        if parts[-depth - 1 : -1] == folder and path.suffix in suffixes:
            site = parts[-depth - 2] if len(parts) > depth + 1 else ""
            return kind, source_name(site)
    return None


def source_name(folder: str) -> str | None:
    """The name of a site from its folder's or archive's; None if nothing is left of it."""
    return re.sub("[^a-z0-9]+", "-", folder.lower()).strip("-")[:50] or None


def too_large(size: int) -> str:
    return f"expected at most {MAX_BYTES} bytes, found {size}"
