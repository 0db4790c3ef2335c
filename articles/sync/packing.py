"""Compressed files, which may be hostile: what they are, and how they are read within bounds."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from ..frontmatter import MAX_BYTES, printable
from .allowance import Allowance
from .found import ArchiveError

MAX_LZMA_BYTES = 128 * 2**20  # of memory
MAX_HEADER_BYTES = 2**20  # before the content of a member of a tar; real ones reach 2,048
MAX_PROBLEM_LENGTH = 150  # characters of a library's message
FORMS = {b"PK\3\4": "zip", b"PK\5\6": "zip", b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}  # by first bytes
UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError)


def form(path: Path) -> str:
    """Return how a file is packed, by its first bytes: "tar", "zip", "gz", "bz2", "xz", or else ""."""
    try:
        with open(path, "rb", opener=_opener) as file:
            return _form(file.read(tarfile.BLOCKSIZE)) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else ""
    except OSError:
        return ""


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # it may be a pipe


def _form(head: bytes) -> str:
    found = next((form for start, form in FORMS.items() if head.startswith(start)), "")
    if found:
        return found
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")  # which checks its checksum
    except tarfile.TarError:
        return ""
    return "tar"


def holds_tar(path: Path) -> bool:
    """Return whether a compressed file holds a tar."""
    if (packed := form(path)) not in OPENERS:
        return False
    try:
        with open(path, "rb") as file:
            return _form(unpacked(packed, file).read(tarfile.BLOCKSIZE)) == "tar"
    except UNREADABLE:
        return False


def only_file(path: Path) -> bytes | str | None:
    """Return what is in a compressed file that holds no archive, or why it cannot be read; None for other files."""
    if (packed := form(path)) not in OPENERS:
        return None
    try:
        with open(path, "rb") as file:
            data = unpacked(packed, file).read(MAX_BYTES + 1)
    except UNREADABLE as error:
        return f"expected a readable file, found: {printable(str(error))[:MAX_PROBLEM_LENGTH]}"
    return data if len(data) <= MAX_BYTES else f"expected at most {MAX_BYTES} bytes, found more"


def unpacked(form: str, file: IO[bytes]) -> IO[bytes]:
    """Return a reader of what is in a file that is packed in this form."""
    return io.BufferedReader(OPENERS[form](file), 2**18) if form in OPENERS else file


class Stepwise(io.RawIOBase):
    """Read a compressed stream step by step, so that what comes before an error is read."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.stream.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


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

    `allowance` bounds all reads together, `allowed` those until it is set again. `last` is what was read last.
    """

    def __init__(self, stream: IO[bytes], allowance: Allowance) -> None:
        self.stream, self.allowance, self.position = stream, allowance, 0
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
        self.allowance.check_content(self.position)

    def check_end(self) -> None:
        """Raise ArchiveError unless nothing but zeros follows: more archives would go unread."""
        size = 2**16
        while True:
            self.allowed = size
            data = self.read(size)
            if not data:
                return
            if data.strip(b"\0"):
                raise ArchiveError("more after its end")

    def tell(self) -> int:
        return self.position

    def seekable(self) -> bool:
        return True

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or position < self.position:
            raise ArchiveError("a reference to an earlier part")
        while self.position < position:
            data = self.stream.read(min(position - self.position, 2**18))
            if not data:
                break
            self._advance(len(data))
        return self.position


OPENERS: dict[str, Callable[[IO[bytes]], Any]] = {
    "gz": lambda file: Stepwise(gzip.GzipFile(fileobj=file)),
    "bz2": lambda file: Stepwise(bz2.BZ2File(file)),
    "xz": XzReader,
}
