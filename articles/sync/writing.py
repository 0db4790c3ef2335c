"""Write exported files: each whole or not at all, with its mode and owner, and never outside of the folder."""

import os
from contextlib import suppress
from pathlib import Path

from .found import NOT_REGULAR


class NotWritableError(Exception):
    """A file that cannot be written. The message is for a person, and does not name the file."""


def write(path: Path, data: bytes, folders: list[Path]) -> bool:
    """Write a file unless it already has these bytes. Return whether it was written.

    A symbolic link stays; its target is written if it is in one of `folders`, which are resolved. Raises
    NotWritableError for a link to elsewhere and for what is no regular file, OSError if the system refuses.
    """
    target = resolved(path)
    if target != path and not any(target.is_relative_to(folder) for folder in folders):
        raise NotWritableError(f"expected a file or a symbolic link within the folder, found a link to {target}")
    if not target.exists():
        _replace(target, data, None)
        return True
    if not target.is_file():
        raise NotWritableError(NOT_REGULAR)
    if target.read_bytes() == data:
        return False
    target.open("r+b").close()  # a file that may only be read is not to be replaced either
    _replace(target, data, target.stat())
    return True


def make_folder(path: Path, folders: list[Path]) -> None:
    """Make a folder below one of `folders`, if it is not there.

    Raises NotWritableError if a link leads elsewhere or to itself.
    """
    target = _followed(path)
    if not any(target.is_relative_to(folder) for folder in folders):
        raise NotWritableError(f"expected a folder within the exported one, found a link to {target}")
    target.mkdir(parents=True, exist_ok=True)


def resolved(path: Path) -> Path:
    """Return what a symbolic link leads to; any other path as it is. Raises NotWritableError for a loop."""
    return _followed(path) if path.is_symlink() else path


def _followed(path: Path) -> Path:
    """Return where the links of a path lead. Raises NotWritableError if one leads to itself."""
    with suppress(RuntimeError):  # how Python before 3.13 tells a loop; newer ones return a link
        if not (target := path.resolve()).is_symlink():
            return target
    raise NotWritableError("expected a file or folder, found a symbolic link that leads to itself")


def _replace(target: Path, data: bytes, before: os.stat_result | None) -> None:
    """Write a file by way of another beside it, so that nobody ever sees half of it."""
    draft = target.with_name(f".newsroom-{os.getpid()}")  # short: the file's own name may be as long as names can be
    try:
        draft.unlink(missing_ok=True)
        with draft.open("xb") as file:
            file.write(data)
        if before:
            with suppress(PermissionError):  # only root may give files away
                os.chown(draft, before.st_uid, before.st_gid)
            draft.chmod(before.st_mode & 0o7777)
        draft.replace(target)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
