"""Files out of archives that may be hostile: nothing large is held, nothing is unpacked to disk."""

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
MAX_INFLATED = 256 * 2**20  # bytes read out of an archive, beyond...
MAX_RATIO = 100  # ...this many times its own size; real archives reach 35
MAX_HELD = 8 * 2**20  # bytes of files kept back until it is known whether there is a `_news`
MAX_LZMA_MEMORY = 128 * 2**20
MAX_HEADERS = 2**20  # bytes before a member of a tar that tell of it; real ones reach 2,048


def archive_files(path: Path) -> Found:
    """The files of an archive as they come. Files outside `_news` count only if there is no `_news`."""
    shown = printable(str(path))
    if path.exists() and not path.is_file():
        yield Rejection(shown, NOT_REGULAR)
        return
    default = source_name(re.split(r"\.(?:tar|tgz|zip)", path.name, flags=re.I)[0])
    members = _zip(path) if path.suffix.lower() == ".zip" else _tar(path)
    bare: list[FoundFile | Rejection] | None = []
    found, held = False, 0
    try:
        for name, content in members:
            member = f"{shown}/{printable(name)}"
            place = PurePosixPath(*(part for part in PurePosixPath(name).parts if part != "."))
            if not place.name.endswith((".md", ".yaml", ".yml")) or place.name.startswith("."):
                continue
            known = classify(place)
            kind, source = known or (Kind.ARTICLE, None)
            item: FoundFile | Rejection
            if ".." in place.parts or place.is_absolute():
                item = Rejection(member, "expected a path inside the archive, found one that leaves it")
            elif isinstance(content, str):
                item = Rejection(member, content)
            else:
                item = FoundFile(member, kind, source or (default if known else None), place.stem, content)
            if known:
                bare, found = None, True
                yield item
            elif bare is not None and place.suffix == ".md" and len(place.parts) <= 2:
                bare.append(item)
                held += len(content)
                if held > MAX_HELD:  # then there will hardly be a `_news` any more
                    found, held = True, 0
                    yield from bare
                    bare.clear()
    except (ArchiveError, tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error) as error:
        yield Rejection(shown, f"expected a whole archive, found: {_problem(error)}; what came before it was read")
        found = True
    except (OSError, EOFError, RuntimeError, NotImplementedError, ValueError, OverflowError) as error:
        yield Rejection(shown, f"expected a readable archive, found: {_problem(error)}")
        found = True
    yield from bare or []
    if not (found or bare):
        raise NothingFoundError(f"{shown}: expected _news/*.md or *.md in it, found none.")


def _problem(error: Exception) -> str:
    """What a library says of a broken archive, which may quote what it found there at length."""
    return printable(str(error))[:150] or type(error).__name__


def _tar(path: Path) -> Iterator[tuple[str, bytes | str]]:
    """Names and contents, or a sentence instead of what cannot be read; nothing is ever unpacked to disk."""
    with open(path, "rb") as file:
        stream = Inflated(_decompressed(path.name.lower(), file), MAX_INFLATED + MAX_RATIO * path.stat().st_size)
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            while (member := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # it would keep them all
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
                stream.allowed = MAX_HEADERS
        if stream.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a broken header for the end
            raise ArchiveError("no end" if not stream.last else "a header that is none")


def _decompressed(name: str, file: IO[bytes]) -> IO[bytes]:
    if name.endswith(".xz"):
        return io.BufferedReader(XzReader(file), 2**18)
    return io.BufferedReader(gzip.GzipFile(fileobj=file)) if name.endswith("gz") else file


class XzReader(io.RawIOBase):
    """An xz stream read within a bound of memory, which LZMAFile does not offer."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.decompressor = self._next()

    def _next(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_LZMA_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b""
        while not data:
            more = self.file.read(2**16) if self.decompressor.needs_input else b""
            if self.decompressor.eof:  # several streams may stand one after the other
                more = (self.decompressor.unused_data or self.file.read(2**16)).lstrip(b"\0")
                if not more:
                    return 0
                self.decompressor = self._next()
            elif self.decompressor.needs_input and not more:
                raise EOFError("its end is missing")
            data = self.decompressor.decompress(more, len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Inflated(io.RawIOBase):
    """A stream that only goes forward, and stops when more comes out than an honest archive holds.

    `allowed` is how much may be read before it is set again; `last` is what was read last.
    """

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self.stream, self.limit, self.position = stream, limit, 0
        self.allowed, self.last = MAX_HEADERS, b""

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self.allowed:
            raise ArchiveError(f"a piece of {size} bytes")
        self.allowed -= size
        self.last = self.stream.read(size)
        self._advance(len(self.last))
        return self.last

    def _advance(self, size: int) -> None:
        self.position += size
        if self.position > self.limit:
            raise ArchiveError(f"more than {self.limit} bytes in it")

    def tell(self) -> int:
        return self.position

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or position < self.position:
            raise ArchiveError("a part that points back")
        if position > self.limit:
            raise ArchiveError(f"more than {self.limit} bytes in it")
        while self.position < position:
            data = self.stream.read(min(position - self.position, 2**18))
            if not data:
                break
            self._advance(len(data))
        return self.position


def _zip(path: Path) -> Iterator[tuple[str, bytes | str]]:
    left = MAX_INFLATED + MAX_RATIO * path.stat().st_size
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
                yield member.filename, "expected a member stored or deflated, found another method"
            else:
                data = _unzip(archive, member)
                left -= len(data)
                if left < 0:
                    raise ArchiveError("far more in it than its size lets expect")
                yield member.filename, data


def _unzip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | str:
    """A member's content, or a sentence: a zip can be read on after one that is broken."""
    try:
        with archive.open(member) as content:  # its header may lie about its size
            return content.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        return f"expected a member that can be read, found: {_problem(error)}"
