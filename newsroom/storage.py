"""Where pictures are kept, unless the settings name another storage."""

import os
import posixpath
import secrets
from typing import Any

from django.core.files.storage import FileSystemStorage

LONGEST = 200  # bytes of a file's name: disks take 255, and Django may add some to make it another one
LONGEST_SUFFIX = 20


class WholeFileStorage(FileSystemStorage):
    """Files that are there whole or not at all, whatever reads or is killed meanwhile."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        folder, file = posixpath.split(str(name).replace("\\", "/"))
        return super().get_available_name(posixpath.join(folder, _fitting(file)), max_length)

    def _save(self, name: str, content: Any) -> str:
        draft = super()._save(  # type: ignore[misc]  # which the stubs leave out
            posixpath.join(posixpath.dirname(name), f"{secrets.token_hex(16)}.part"), content
        )
        os.replace(self.path(draft), self.path(name))
        return name


def _fitting(file: str) -> str:
    """A file's name, cut to what disks take: they count bytes, of which a letter may have several."""
    stem, suffix = posixpath.splitext(file)
    if len(suffix.encode()) > LONGEST_SUFFIX:
        stem, suffix = file, ""
    return stem.encode()[: LONGEST - len(suffix.encode())].decode(errors="ignore") + suffix
