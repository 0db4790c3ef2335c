"""Find and read the files of a site, in a folder or an archive, or a single file.

They may be hostile. No link leads out of the folder, nothing is opened that could block, and nothing large is kept
in memory. A file that cannot be read becomes a rejection, and reading goes on.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ..frontmatter import MAX_BYTES, Kind, printable
from .archives import SUFFIXES, archive_files
from .found import NOT_REGULAR, PLACES, Found, FoundFile, NothingFoundError, Rejection, classify, source_name, too_large


def find(path: str) -> Found:
    """Return everything to import at `path`: a file, a folder or an archive.

    Raises NothingFoundError, now or while it is read.
    """
    where = Path(path)
    try:
        where.lstat()
    except OSError as error:
        raise NothingFoundError(f"{printable(path)}: {error.strerror}.") from error
    if where.is_dir():
        return _folder(where)
    if where.name.lower().endswith(SUFFIXES):
        return archive_files(where)
    return _single(where)


def _single(path: Path) -> Found:
    kind, source = classify(PurePosixPath(os.path.realpath(path))) or (Kind.ARTICLE, None)
    if path.suffix in (".yaml", ".yml"):
        kind = Kind.TOPIC
    yield _read(str(path), path.stem, kind, source)


def count(paths: Iterable[str]) -> int | None:
    """Return the number of files to read, for a progress bar; None if some paths are no folders."""
    if not all(Path(path).is_dir() for path in paths):
        return None
    return sum(1 for path in paths for _ in _site_files(Path(path)))


def _folder(folder: Path) -> Found:
    """Yield topics and organizations first, then articles, each in the order of their names."""
    found = False
    for place, name, kind, source in _site_files(folder):
        found = True
        file = _read(f"{place}/{name}", name.rpartition(".")[0], kind, source)
        if isinstance(file, Rejection) and not place.is_dir():
            raise NothingFoundError(f"{printable(str(place))} is not there any more. What was imported from it stays.")
        yield file
    if not found:
        raise NothingFoundError(f"{printable(str(folder))}: expected _news/*.md or *.md in it, found none.")


def _site_files(folder: Path) -> Iterator[tuple[Path, str, Kind, str | None]]:
    """Yield folder, name, kind and site of the files in a site's folder, a folder of sites, or a folder of articles."""
    if (resolved := folder.resolve()).name == "_news":
        folder = resolved.parent
    sites = [folder]
    if not _is_site(folder):
        children = [folder / name for name in _entries(folder)]
        sites = [child for child in children if not child.is_symlink() and _is_site(child)]
    for site in sites:
        source = source_name(site.resolve().name)
        for kind, (place, suffixes) in PLACES.items():
            for name in _entries(site, *place):
                if name.endswith(suffixes):
                    yield site.joinpath(*place), name, kind, source
    if not sites:
        for name in _entries(folder):
            if name.endswith(".md"):
                yield folder, name, Kind.ARTICLE, None


def _is_site(folder: Path) -> bool:
    return any((folder / place).is_dir() and not (folder / place).is_symlink() for place in ("_news", "_data"))


def _entries(folder: Path, *place: str) -> list[str]:
    """Return the sorted names in a folder, or at a place in it, without hidden files.

    The folder itself may be a link, as the user chose it. Nothing below it may be one.
    """
    for name in place:
        folder = folder / name
        if folder.is_symlink():
            return []
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _read(path: str, name: str, kind: Kind, source: str | None) -> FoundFile | Rejection:
    """Read a regular file of at most MAX_BYTES. Opening it neither waits nor follows a link."""
    shown = printable(path)
    try:
        with open(path, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Rejection(shown, NOT_REGULAR)
            if status.st_size > MAX_BYTES:
                return Rejection(shown, too_large(status.st_size))
            return FoundFile(shown, kind, source, name, file.read(status.st_size + 1))
    except OSError as error:
        if os.path.islink(path):
            return Rejection(shown, "expected a regular file, found a symbolic link")
        return Rejection(shown, f"expected a readable file, found: {error.strerror}")


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
