"""Read the files of a site from an archive, which may be hostile.

What an archive is, its first bytes say; its name only counts if they do not. Nothing is unpacked to disk, and memory
is bounded whatever the archive claims.
"""

import gzip
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ..frontmatter import MAX_BYTES, printable
from . import names, packing
from .allowance import Allowance
from .found import (
    NOT_REGULAR,
    ArchiveError,
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

NAMES = re.compile(r"(?:\.tar(?:\.\w{1,4})?|\.t(?:gz|bz2?|xz)|\.zip)\Z", re.I)  # of archives
MAX_BUFFERED_BYTES = 8 * 2**20  # of files that wait until it is known whether there is a `_news`

DAMAGED = (ArchiveError, tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError)
UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, ArithmeticError, LookupError, struct.error)

Members = Iterator[tuple[str, bytes | str]]  # a name, and its content or the message of its rejection


def is_archive(path: Path) -> bool:
    """Return whether a file is an archive, by its content or else its name."""
    return bool(NAMES.search(path.name)) or packing.form(path) in ("tar", "zip") or packing.holds_tar(path)


def archive_files(path: Path, allowance: Allowance) -> Found:
    """Yield the files of an archive in its own order, and a rejection for each that cannot be read.

    Articles outside `_news` count only if the archive has no `_news`. A compressed file that is no archive is read as
    the file it holds. Raises NothingFoundError if there are no files.
    """
    shown = printable(str(path))
    if path.exists() and not path.is_file():
        yield Rejection(shown, NOT_REGULAR, hides=True)
        return
    contents = Contents(shown, NAMES.sub("", path.name))
    try:
        for name, content in members(path, allowance):
            for item in contents.take(name, content):
                if isinstance(item, FoundFile):
                    item.allowance = allowance
                yield item
    except (*DAMAGED, *UNREADABLE) as error:
        contents.is_known = True
        yield Rejection(shown, message_of(error), hides=True)
    yield from contents.rest()


class Contents:
    """Tells the files of an archive that count from the others, as they come."""

    def __init__(self, shown: str, folder: str) -> None:
        self.shown, self.folder = shown, folder
        self.buffer: list[FoundFile | Rejection] | None = []  # articles outside `_news`; None: they do not count
        self.buffered_bytes = 0
        self.is_known = False  # whether there is anything to import
        self.left_out = LeftOut()

    def take(self, name: str, content: bytes | str) -> Iterator[FoundFile | Rejection]:
        """Yield what comes of a member, given its name, and its content or the message of its rejection."""
        place = PurePosixPath(name).parts
        known = classify(place)
        if known:
            self.buffer, self.is_known = None, True
            yield self._item(name, place, known, content)
        elif isinstance(content, str) and classify((*place, "a.md")):  # a link in place of `_news`
            self.is_known = True
            yield Rejection(f"{self.shown}/{printable(name)}", content, hides=True)
        elif not (known := bare(place)):
            if not any(map(is_left_out, place)):
                self.left_out.add(name)
        elif self.buffer is not None:
            self.buffer.append(self._item(name, place, known, content))
            self.buffered_bytes += len(content)
            if self.buffered_bytes > MAX_BUFFERED_BYTES:  # a `_news` is unlikely by now
                self.is_known, self.buffered_bytes = True, 0
                yield from self.buffer
                self.buffer.clear()

    def _item(self, name: str, place: PathParts, known: Place, content: bytes | str) -> FoundFile | Rejection:
        """Return a member as a file of the site that its place names, or else of the archive's, or its rejection."""
        path = f"{self.shown}/{printable(name)}"
        if ".." in place or place[:1] == ("/",):
            return Rejection(path, "expected a path inside the archive, found one that leaves it")
        if not names.is_text(name):
            what = "expected a name in UTF-8, found one in another code page: pack the archive anew with names in UTF-8"
            return Rejection(path, what, key="file name", hides=True)
        if known.kind is None:
            return Rejection(path, content) if isinstance(content, str) else known.told(path)
        if isinstance(content, bytes) and (inside := packed(content)):
            content = f"expected front matter, found {inside}"
        known = known if known.folder or known.is_bare else known._replace(folder=self.folder)
        return known.rejection(path, content) if isinstance(content, str) else known.file(path, content)

    def rest(self) -> Iterator[FoundFile | Rejection | FileWarning]:
        """Yield the articles outside `_news` if there was none. Raises NothingFoundError if there was no file."""
        yield from self.buffer or []
        if self.buffer is None:
            return
        if not (self.is_known or self.buffer):
            inner = next((f" Unpack {name} first." for name in self.left_out.named if NAMES.search(name)), "")
            raise NothingFoundError(f"{self.shown}: expected _news/*.md or *.md in it, found none.{inner}")
        yield from self.left_out.told(self.shown)


def message_of(error: Exception) -> str:
    if isinstance(error, DAMAGED):
        return f"expected a complete archive, found: {_problem(error)}; the files before that were read"
    return f"expected a readable archive, found: {_problem(error)}"


def _problem(error: Exception) -> str:
    """Return a library's message, shortened: it may quote the archive at length."""
    return printable(str(error))[: packing.MAX_PROBLEM_LENGTH] or type(error).__name__


def members(path: Path, allowance: Allowance) -> Members:
    """Yield the members of an archive. Raises ArchiveError beyond what `allowance` has left."""
    for member in _members(path, allowance):
        allowance.take_member()
        yield member


def _members(path: Path, allowance: Allowance) -> Members:
    form = packing.form(path)
    allowance.open(path)
    if form == "zip" or (not form and path.suffix.lower() == ".zip"):
        yield from _zip(path, allowance)
        return
    with open(path, "rb") as file:
        if not form and (what := packed(file.read(8))):
            raise ArchiveError(f"{what}, which is no tar, tar.gz, tar.bz2, tar.xz or zip")
        file.seek(0)
        yield from _tar(packing.unpacked(form, file), allowance)


def _tar(unpacked: IO[bytes], allowance: Allowance) -> Members:
    stream = packing.BoundedStream(unpacked, allowance)
    with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        while (member := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all
            stream.allowed = MAX_BYTES
            if member.isdir():
                pass
            elif not member.isreg() or member.issparse():
                yield member.name, "expected a regular file, found a link or device"
            elif not 0 <= member.size <= MAX_BYTES:
                yield member.name, too_large(member.size)
            else:
                content = tar.extractfile(member)
                yield member.name, content.read() if content else b""
            stream.allowed = packing.MAX_HEADER_BYTES
    if stream.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a damaged header for the end
        raise ArchiveError("a damaged header" if stream.last else "no end")
    stream.check_end()


def _zip(path: Path, allowance: Allowance) -> Members:
    content = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = names.in_zip(member)
            if not name or name.endswith("/"):
                continue
            mode = member.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                yield name, "expected a regular file, found a link or device"
            elif member.file_size > MAX_BYTES:
                yield name, too_large(member.file_size)
            elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                yield name, "expected a stored or deflated file, found another compression method"
            else:
                data = _unzip(archive, member)
                content += len(data)
                allowance.check_content(content)
                yield name, data


def _unzip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | str:
    """Return a member's content, or why it is rejected: the members after a broken one can still be read."""
    try:
        with archive.open(member) as content:  # its header may lie about its size
            return content.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        return f"expected a readable file, found: {_problem(error)}"
