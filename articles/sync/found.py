"""Files that are found to import, and rejections of those that cannot be read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..frontmatter import MAX_BYTES, Kind

PLACES = {  # in a site's folder; topics and organizations come before the articles that name them
    Kind.TOPIC: (("_data", "topics"), (".yaml", ".yml")),
    Kind.ORGANIZATION: (("_data", "organizations"), (".md",)),
    Kind.ARTICLE: (("_news",), (".md",)),
}
NOT_REGULAR = "expected a regular file, found a folder, pipe or device"


@dataclass
class FoundFile:
    """A file to import. `source` is the site that its place gives, or None; `name` has no suffix."""

    path: str
    kind: Kind
    source: str | None
    name: str
    data: bytes


@dataclass
class Remark:
    """Something about a file: in one line for a person, in an object for a program."""

    path: str
    message: str
    line: int = 1
    key: str = ""

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{self.path}:{self.line}: {key}{self.message}"


class Rejection(Remark):
    """Says why a file was not imported."""


class FileWarning(Remark):
    """Says what is odd in a file that was imported, or that a file was left out."""


Found = Iterator[FoundFile | Rejection | FileWarning]


class NothingFoundError(Exception):
    """A path has nothing to import. The message is for a person."""


class ArchiveError(Exception):
    """The rest of an archive cannot be read."""


def classify(path: PurePosixPath) -> tuple[Kind, str | None] | None:
    """Return a file's kind and its site by its path; None for a file that is not imported.

    The site is None for a path that starts at `_news` or `_data`.
    """
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
    """Return a site's name for the name of its folder or archive; None if that has no letters a-z or digits."""
    return re.sub("[^a-z0-9]+", "-", folder.lower()).strip("-")[:50] or None


def too_large(size: int) -> str:
    return f"expected at most {MAX_BYTES} bytes, found {size}"
