"""Where pictures are kept, unless the settings name another storage."""

import os
import posixpath
import secrets
from contextlib import suppress
from typing import Any

from django.core.files.storage import FileSystemStorage

from articles.pictures import volume

LONGEST = 200  # bytes of a file's name: disks take 255, and Django may add some to make it another one
LONGEST_SUFFIX = 20


class WholeFileStorage(FileSystemStorage):
    """Files that are there whole or not at all, whatever reads, is killed or loses its power meanwhile.

    Nothing is stored in a folder that is not the site's: see `articles.pictures.volume`.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        folder, file = posixpath.split(str(name).replace("\\", "/"))
        return super().get_available_name(posixpath.join(folder, _fitting(file)), max_length)

    def _save(self, name: str, content: Any) -> str:
        if name != volume.MARKER:
            volume.check(self)
        draft = posixpath.join(posixpath.dirname(name), f"{secrets.token_hex(16)}.part")
        try:
            super()._save(draft, content)  # type: ignore[misc]  # which the stubs leave out
            _flush(self.path(draft))
            os.replace(self.path(draft), self.path(name))
        except OSError:
            with suppress(OSError):
                self.delete(draft)
            raise
        return name


def _flush(path: str) -> None:
    """Let the disk have a file's bytes, before its name says that it is whole."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fitting(file: str) -> str:
    """A file's name, cut to what disks take: they count bytes, of which a letter may have several."""
    stem, suffix = posixpath.splitext(file)
    if len(suffix.encode()) > LONGEST_SUFFIX:
        stem, suffix = file, ""
    return stem.encode()[: LONGEST - len(suffix.encode())].decode(errors="ignore") + suffix
