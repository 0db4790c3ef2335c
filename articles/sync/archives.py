"""Read the files of a site from an archive, which may be hostile.

Nothing is unpacked to disk, and memory is bounded whatever the archive claims.
"""

import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..frontmatter import MAX_BYTES, Kind, printable
from .found import (
    NOT_REGULAR,
    ArchiveError,
    Found,
    FoundFile,
    NothingFoundError,
    Rejection,
    classify,
    source_name,
    too_large,
)

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".zip")
MAX_INFLATED_BYTES = 256 * 2**20  # read out of an archive, in addition to...
MAX_INFLATED_RATIO = 100  # ...this many times its own size; real archives reach 35
MAX_BUFFERED_BYTES = 8 * 2**20  # of files that wait until it is known whether there is a `_news`
MAX_LZMA_BYTES = 128 * 2**20  # of memory
MAX_HEADER_BYTES = 2**20  # before the content of a member of a tar; real ones reach 2,048
MAX_PROBLEM_LENGTH = 150  # characters of a library's message

DAMAGED = (ArchiveError, tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error)
UNREADABLE = (OSError, EOFError, RuntimeError, NotImplementedError, ValueError, OverflowError)

Members = Iterator[tuple[str, bytes | str]]  # a name, and its content or the message of its rejection


def archive_files(path: Path) -> Found:
    """Yield the files of an archive in its own order, and a rejection for each that cannot be read.

    Articles outside `_news` count only if the archive has no `_news`. Raises NothingFoundError if it has no files.
    """
    shown = printable(str(path))
    if path.exists() and not path.is_file():
        yield Rejection(shown, NOT_REGULAR)
        return
    site = source_name(re.split(r"\.(?:tar|tgz|zip)", path.name, flags=re.I)[0])
    buffer: list[FoundFile | Rejection] | None = []  # articles outside `_news`; None: they do not count
    found, buffered_bytes = False, 0
    try:
        for name, place, content in _front_matter(path):
            item = _item(f"{shown}/{printable(name)}", place, content, site)
            if classify(place):
                buffer, found = None, True
                yield item
            elif buffer is not None and place.suffix == ".md" and len(place.parts) <= 2:
                buffer.append(item)
                buffered_bytes += len(content)
                if buffered_bytes > MAX_BUFFERED_BYTES:  # a `_news` is unlikely by now
                    found, buffered_bytes = True, 0
                    yield from buffer
                    buffer.clear()
    except (*DAMAGED, *UNREADABLE) as error:
        yield Rejection(shown, _message(error))
        found = True
    yield from buffer or []
    if not (found or buffer):
        raise NothingFoundError(f"{shown}: expected _news/*.md or *.md in it, found none.")


def _front_matter(path: Path) -> Iterator[tuple[str, PurePosixPath, bytes | str]]:
    """Yield name, place and content of the members whose suffix is one of front matter."""
    for name, content in _zip(path) if path.suffix.lower() == ".zip" else _tar(path):
        place = PurePosixPath(*(part for part in PurePosixPath(name).parts if part != "."))
        if place.name.endswith((".md", ".yaml", ".yml")) and not place.name.startswith("."):
            yield name, place, content


def _item(path: str, place: PurePosixPath, content: bytes | str, site: str | None) -> FoundFile | Rejection:
    """Return a member as a file of the site that its place names, or else of `site`, or why it is rejected."""
    if ".." in place.parts or place.is_absolute():
        return Rejection(path, "expected a path inside the archive, found one that leaves it")
    if isinstance(content, str):
        return Rejection(path, content)
    if known := classify(place):
        kind, source = known
        return FoundFile(path, kind, source or site, place.stem, content)
    return FoundFile(path, Kind.ARTICLE, None, place.stem, content)


def _message(error: Exception) -> str:
    if isinstance(error, DAMAGED):
        return f"expected a complete archive, found: {_problem(error)}; the files before that were read"
    return f"expected a readable archive, found: {_problem(error)}"


def _problem(error: Exception) -> str:
    """Return a library's message, shortened: it may quote the archive at length."""
    return printable(str(error))[:MAX_PROBLEM_LENGTH] or type(error).__name__


def _max_inflated(path: Path) -> int:
    return MAX_INFLATED_BYTES + MAX_INFLATED_RATIO * path.stat().st_size


def _tar(path: Path) -> Members:
    with open(path, "rb") as file:
        stream = BoundedStream(_decompressed(path.name.lower(), file), _max_inflated(path))
        with tarfile.open(fileobj=stream, mode="r:") as tar:
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
                stream.allowed = MAX_HEADER_BYTES
        if stream.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a damaged header for the end
            raise ArchiveError("a damaged header" if stream.last else "no end")


def _decompressed(name: str, file: IO[bytes]) -> IO[bytes]:
    if name.endswith(".xz"):
        return io.BufferedReader(XzReader(file), 2**18)
    return io.BufferedReader(gzip.GzipFile(fileobj=file)) if name.endswith("gz") else file


class XzReader(io.RawIOBase):
    """Decompress xz within MAX_LZMA_BYTES of memory: LZMAFile has no limit."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.decompressor = self._next()

    def _next(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_LZMA_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b""
        while not data:
            more = self.file.read(2**16) if self.decompressor.needs_input else b""
            if self.decompressor.eof:  # a file may hold several streams, one after the other
                more = (self.decompressor.unused_data or self.file.read(2**16)).lstrip(b"\0")
                if not more:
                    return 0
                self.decompressor = self._next()
            elif self.decompressor.needs_input and not more:
                raise EOFError("no end")
            data = self.decompressor.decompress(more, len(buffer))
        buffer[: len(data)] = data
        return len(data)


class BoundedStream(io.RawIOBase):
    """A forward-only stream that raises ArchiveError when asked for more bytes than an honest archive has.

    `limit` bounds all reads together, `allowed` those until it is set again. `last` is what was read last.
    """

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self.stream, self.limit, self.position = stream, limit, 0
        self.allowed, self.last = MAX_HEADER_BYTES, b""

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self.allowed:
            raise ArchiveError(f"a header of {size} bytes or more")
        self.allowed -= size
        self.last = self.stream.read(size)
        self._advance(len(self.last))
        return self.last

    def _advance(self, size: int) -> None:
        self.position += size
        if self.position > self.limit:
            raise ArchiveError(f"more than {self.limit} bytes of content")

    def tell(self) -> int:
        return self.position

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or position < self.position:
            raise ArchiveError("a reference to an earlier part")
        if position > self.limit:
            raise ArchiveError(f"more than {self.limit} bytes of content")
        while self.position < position:
            data = self.stream.read(min(position - self.position, 2**18))
            if not data:
                break
            self._advance(len(data))
        return self.position


def _zip(path: Path) -> Members:
    limit = left = _max_inflated(path)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith("/"):
                continue
            mode = member.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                yield member.filename, "expected a regular file, found a link or device"
            elif member.file_size > MAX_BYTES:
                yield member.filename, too_large(member.file_size)
            elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                yield member.filename, "expected a stored or deflated file, found another compression method"
            else:
                data = _unzip(archive, member)
                left -= len(data)
                if left < 0:
                    raise ArchiveError(f"more than {limit} bytes of content")
                yield member.filename, data


def _unzip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | str:
    """Return a member's content, or why it is rejected: the members after a broken one can still be read."""
    try:
        with archive.open(member) as content:  # its header may lie about its size
            return content.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        return f"expected a readable file, found: {_problem(error)}"
