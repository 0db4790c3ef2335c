"""Files that are found to import, and what is said about those that are not imported."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from .. import frontmatter
from ..frontmatter import MAX_BYTES, Document, Kind, Parts, expected, printable
from ..text.digests import hex_digest
from . import names

MARKDOWN = (".md", ".markdown")
YAML = (".yaml", ".yml")
PLACES = {  # in a site's folder; topics and organizations come before the articles that name them
    Kind.TOPIC: (("_data", "topics"), YAML),
    Kind.ORGANIZATION: (("_data", "organizations"), MARKDOWN),
    Kind.ARTICLE: (("_news",), MARKDOWN),
}
# Names in lowercase that are left out without a word, beside hidden ones: what systems and editors leave behind.
LEFT_OUT = ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r")
NOT_REGULAR = "expected a regular file, found a folder, pipe or device"
MAX_NAMED = 5  # files of those left out
LINK = "expected a regular file, found a symbolic link"
PACKED = {
    b"PK\3\4": "a zip archive",
    b"PK\5\6": "a zip archive",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\0": "an xz file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"LZIP": "an lzip file",
    b"\x1f\x9d": "a compress file",
}


@dataclass
class FoundFile:
    """A file to import. `source` is the site that its place gives, or None; `name` has no suffix."""

    path: str
    kind: Kind
    source: str | None
    name: str
    data: bytes
    folder: str = ""  # what the site's name was made from
    place: str = ""  # its path below `_news`, if that is not its name and `.md`
    allowance: Any = field(default=None, compare=False)  # of its archive: see allowance.py
    mapping_digest = None  # of a file of another program: mapped.py

    @property
    def digest(self) -> str:
        return hex_digest(self.data)

    def read(self) -> tuple[Document, Parts]:
        """Return an article's document and its parts. Raises FrontMatterError at the first error."""
        return frontmatter.read(self.data)


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

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name in ("path", "message", "line", "key")}


@dataclass
class Rejection(Remark):
    """Says why a file was not imported."""

    stands_for: FoundFile | None = None  # the article's file that was there, but could not be read
    hides: bool = False  # whether there may be files that were not found


class FileWarning(Remark):
    """Says what is odd in a file that was imported, or that files were left out."""


Found = Iterator[FoundFile | Rejection | FileWarning]


class LeftOut:
    """Counts files that are left out, and names the first of them."""

    def __init__(self, wanted: str = f"{' or '.join(MARKDOWN)} files") -> None:
        self.wanted = wanted
        self.named: list[str] = []
        self.number = 0

    def add(self, name: str) -> None:
        self.number += 1
        if self.number <= MAX_NAMED:
            self.named.append(printable(name))

    def told(self, path: str) -> Iterator[FileWarning]:
        """Yield a warning if there are any. `path` is where they were found."""
        if self.number:
            more = ", …" if self.number > MAX_NAMED else ""
            named = ", ".join(self.named)
            yield FileWarning(path, f"expected {self.wanted}, left out {self.number}: {named}{more}")


class NothingFoundError(Exception):
    """A path has nothing to import. The message is for a person."""


class ArchiveError(Exception):
    """The rest of an archive cannot be read."""


PathParts = tuple[str, ...]  # of a path


class Place(NamedTuple):
    """What a file is by its path. `kind` is None for one that is among those to import and has another suffix."""

    kind: Kind | None
    folder: str  # the name of the site's folder; "" for a path that starts at `_news` or `_data`
    below: PathParts  # of its path below `_news`, `_data/topics` or `_data/organizations`
    wanted: str = ""  # what was expected instead
    is_bare: bool = False  # whether it is an article in no `_news`

    def file(self, path: str, data: bytes = b"", source: str | None = None) -> FoundFile:
        """Return the file. `source` is its site if its own path gives none."""
        name, place = names.stem(self.below, self.kind is Kind.ARTICLE), ""
        if self.kind is Kind.ARTICLE and not self.is_bare and self.below != (f"{name}.md",):
            place = "/".join(self.below)
        found = names.source_name(self.folder) or source
        return FoundFile(path, self.kind or Kind.ARTICLE, found, name, data, names.site_folder(self.folder), place)

    def rejection(self, path: str, message: str) -> Rejection:
        """Return a rejection of the file, whose article counts as there."""
        return Rejection(path, message, stands_for=self.file(path))

    def told(self, path: str) -> Rejection:
        """Return the rejection of a file of another suffix."""
        return Rejection(path, expected(self.wanted, self.below[-1]), key="file name")


def classify(parts: PathParts) -> Place | None:
    """Return what a file is by the parts of its path, in a folder or an archive; None for one that is left out."""
    folders, name = parts[:-1], parts[-1] if parts else ""
    if is_left_out(name):
        return None
    stem, _, suffix = name.rpartition(".")
    if known := _place(folders):
        kind, site, below, suffixes = known
        is_read = f".{suffix.lower()}" in suffixes
        return Place(kind if is_read else None, site, (*below, name), f"a name that ends in {' or '.join(suffixes)}")
    if folders[-1:] == ("_data",) and stem in ("topics", "organizations"):
        return Place(None, "", (name,), f"a folder {stem} with a file for each")
    return None


@lru_cache(1000)
def _place(folders: PathParts) -> tuple[Kind, str, PathParts, tuple[str, ...]] | None:
    """Return the innermost place that a folder is in: its kind, its site, the folders below it, and its suffixes."""
    for end in range(len(folders), 0, -1):
        for kind, (place, suffixes) in PLACES.items():
            start = end - len(place)
            if start >= 0 and folders[start:end] == place:
                below, site = folders[end:], folders[start - 1].strip("/") if start else ""
                return None if any(map(is_left_out, below)) else (kind, site, below, suffixes)
    return None


def bare(parts: PathParts) -> Place | None:
    """Return what a file is in a folder or an archive without `_news`: an article of no site, or None."""
    is_article = parts[-1:] and parts[-1].lower().endswith(MARKDOWN) and not any(map(is_left_out, parts))
    return Place(Kind.ARTICLE, "", parts, is_bare=True) if is_article else None


def is_left_out(name: str) -> bool:
    """Return whether a file or a folder is left out for its name."""
    return name.startswith(".") or name.endswith("~") or name.lower() in LEFT_OUT


def packed(data: bytes) -> str | None:
    """Return which kind of archive or compressed file this is by its first bytes, or None."""
    if not data.startswith(tuple(PACKED)):
        return None
    return next(what for start, what in PACKED.items() if data.startswith(start))


def too_large(size: int) -> str:
    return f"expected at most {MAX_BYTES} bytes, found {size}"
