"""Find and read the files of a site, in a folder or an archive, or a single file.

They may be hostile. No link leads out of the folder, nothing is opened that could block, and nothing large is kept
in memory. A file or a folder that cannot be read becomes a rejection, and reading goes on.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ..frontmatter import MAX_BYTES, Kind, printable
from . import archives, packing
from .allowance import Allowance
from .found import (
    LINK,
    MARKDOWN,
    NOT_REGULAR,
    PLACES,
    YAML,
    FileWarning,
    Found,
    FoundFile,
    LeftOut,
    NothingFoundError,
    PathParts,
    Place,
    Rejection,
    bare,
    classify,
    is_left_out,
    packed,
    too_large,
)

SITE_FOLDERS = ("_news", "_data")
ALL_FOLDERS = (("_data",), *(folder for folder, _ in PLACES.values()))
LINKED_FOLDER = "expected a folder, found a symbolic link"

Entry = tuple[str, Place]  # a path to open, and what is there


def find(path: str, allowance: Allowance | None = None) -> Found:
    """Return everything to import at `path`: a file, a folder or an archive. `allowance` is that of all archives.

    Raises NothingFoundError, now or while it is read.
    """
    where = Path(path)
    try:
        where.lstat()
    except OSError as error:
        raise NothingFoundError(f"{printable(path)}: {error.strerror}.") from error
    if where.is_dir():
        return _folder(where)
    if archives.is_archive(where):
        return archives.archive_files(where, allowance or Allowance())
    return _single(where)


def is_whole(path: str) -> bool:
    """Return whether a path is a folder or an archive of all the articles of its sites, and no part of a site."""
    where = Path(path)
    if where.is_dir():
        parts = where.resolve().parts
        has_sites = any(isinstance(site, Path) for site in _sites(where))
        return has_sites or parts[-1] == "_news" or not (parts[-1] == "_data" or classify((*parts, "a.md")))
    return where.is_file() and archives.is_archive(where)


def _single(path: Path) -> Found:
    """Yield a file, which may be compressed. The user chose it, so it may be a link to the file."""
    real = PurePosixPath(os.path.realpath(path))
    data = packing.only_file(path)
    name = real if data is None else real.with_suffix("")
    place = classify(name.parts)
    if place is None or place.kind is None:
        is_topic = name.suffix.lower() in YAML
        kind = Kind.TOPIC if is_topic else Kind.ARTICLE
        place = Place(kind, "", name.parts[-2:], is_bare=True)
    shown = printable(str(path))
    if data is None:
        yield read_file(str(real), place, shown)
    else:
        yield place.rejection(shown, data) if isinstance(data, str) else place.file(shown, data)


def count(paths: Iterable[str]) -> int | None:
    """Return the number of files to read, for a progress bar; None if some paths are no folders."""
    if not all(Path(path).is_dir() for path in paths):
        return None
    return sum(isinstance(item, tuple) for path in paths for item in _entries(Path(path)))


def _folder(folder: Path) -> Found:
    """Yield topics and organizations first, then articles, each in the order of their names."""
    found = False
    for item in _entries(folder):
        file = read_file(*item) if isinstance(item, tuple) else item
        found = found or not isinstance(file, FileWarning)
        if isinstance(file, Rejection) and isinstance(item, tuple) and not os.path.isdir(os.path.dirname(item[0])):
            where = printable(os.path.dirname(item[0]))
            raise NothingFoundError(f"{where} is not there any more. What was imported from it stays.")
        if found:
            yield file
    if not found:
        raise NothingFoundError(f"{printable(str(folder))}: expected _news/*.md or *.md in it, found none.")


def _entries(folder: Path) -> Iterator[Entry | Rejection | FileWarning]:
    """Yield the files of a site's folder, of all sites in a folder, or of a folder of articles."""
    if (resolved := folder.resolve()).name == "_news":
        folder = resolved.parent
    try:
        os.listdir(folder)
    except OSError as error:
        raise NothingFoundError(f"{printable(str(folder))}: {error.strerror}.") from error
    sites = list(_sites(folder))
    if not any(isinstance(site, Path) for site in sites):
        yield from _articles(folder)
        return
    for site in sites:
        if isinstance(site, Path):
            yield from _site(site)
        else:
            yield site


def _sites(folder: Path) -> Iterator[Path | Rejection]:
    """Yield the folders of sites: the folder itself, or else the nearest ones below it, and those not looked into."""
    todo = [folder]
    while todo:
        here = todo.pop()
        try:
            children = sorted(os.scandir(here), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield _unreadable(here, error)
            continue
        folders = [child for child in children if child.is_dir(follow_symlinks=False)]
        links = [child for child in children if child.is_symlink()]
        if any(child.name in SITE_FOLDERS for child in folders + links):
            yield here
            continue
        todo += [Path(child.path) for child in folders if not is_left_out(child.name)]
        for link in links:
            if any(os.path.isdir(f"{link.path}/{name}") for name in SITE_FOLDERS):
                yield Rejection(printable(link.path), LINKED_FOLDER, hides=True)


def _site(site: Path) -> Iterator[Entry | Rejection]:
    """Yield the files of a site, and what among them cannot be imported."""
    name = site.resolve().name
    closed = set()  # folders that nothing is read from
    for folder in ALL_FOLDERS:
        path = site.joinpath(*folder)
        if path.parent in closed:
            continue
        if os.path.islink(path):
            closed.add(path)
            yield Rejection(printable(str(path)), LINKED_FOLDER, hides=True)
            continue
        for item in walk(path, (name, *folder), is_deep=folder != ("_data",)):
            if isinstance(item, Rejection):
                closed.add(path)
                yield item
            elif place := classify(item[1]):
                yield (item[0], place) if place.kind else _told(item[0], place)


def _articles(folder: Path) -> Iterator[Entry | Rejection | FileWarning]:
    """Yield the articles of a folder without sites. It may lie in a site itself."""
    left_out, start = LeftOut(), folder.resolve().parts
    for item in walk(folder, start):
        if isinstance(item, Rejection):
            yield item
            continue
        path, below = item
        within = below[len(start) :]
        if place := classify(below) or bare((*start[-1:], *within)):
            yield (path, place) if place.kind else _told(path, place)
        else:
            left_out.add("/".join(within))
    yield from left_out.told(printable(str(folder)))


def walk(root: Path, below: PathParts, is_deep: bool = True) -> Iterator[tuple[str, PathParts] | Rejection]:
    """Yield what is in a folder and those below it, in the order of names, and the folders that cannot be read.

    `below` are the parts of the folder's path that count. No link is followed.
    """
    todo = [(str(root), below, True)]
    while todo:
        path, below, is_folder = todo.pop()
        if not is_folder:
            yield path, below
            continue
        try:
            children = sorted(os.scandir(path), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                yield _unreadable(path, error)
            continue
        for child in children:
            is_folder = child.is_dir(follow_symlinks=False) and not child.name.lower().endswith(MARKDOWN + YAML)
            if not is_left_out(child.name) and (is_deep or not is_folder):
                todo.append((child.path, (*below, child.name), is_folder))


def _unreadable(folder: Path | str, error: OSError) -> Rejection:
    return Rejection(printable(str(folder)), f"expected a readable folder, found: {error.strerror}", hides=True)


def _told(path: str, place: Place) -> Rejection:
    shown = printable(path)
    return Rejection(shown, LINK) if os.path.islink(path) else place.told(shown)


def read_file(path: str, place: Place, shown: str = "") -> FoundFile | Rejection:
    """Read a regular file of at most MAX_BYTES. Opening it neither waits nor follows a link."""
    shown = shown or printable(path)
    try:
        with open(path, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return place.rejection(shown, NOT_REGULAR)
            if status.st_size > MAX_BYTES:
                return place.rejection(shown, too_large(status.st_size))
            data = file.read(status.st_size + 1)
    except OSError as error:
        if os.path.islink(path):
            return place.rejection(shown, LINK)
        return place.rejection(shown, f"expected a readable file, found: {error.strerror}")
    if what := packed(data):
        return place.rejection(shown, f"expected front matter, found {what}")
    return place.file(shown, data)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
