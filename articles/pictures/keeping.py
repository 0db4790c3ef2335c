"""Copies that the storage has lost, and files that nothing uses: neither goes without a word, or for good at once.

What nothing uses is kept in the trash for a month. Whatever asks for it again, such as a database that was restored,
gets it back.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from ..db.bulk import batches
from ..models import ArticleImage, ProviderImage
from ..text.addresses import browsable
from .copies import FOLDER, RENDITIONS, UPLOAD, files_in, listed

MODELS: tuple[Any, ...] = (ArticleImage, ProviderImage)
TRASH = "trash"  # has a folder for each day
TRASH_AGE = timedelta(days=30)
MIN_AGE = timedelta(hours=1)  # of a file that goes: another process may be about to use a younger one
MANY, SHARE = 10, 0.05  # so many files, and such a share of all, are not lost or unused by chance
DRAFT = ".part"  # ends the name of a file that is being written


def used() -> set[str]:
    """Return the names of all copies that images have."""
    return {name for model in MODELS for name in model.objects.exclude(file="").values_list("file", flat=True)}


def lost() -> list[str]:
    """Return the copies that images have and the storage has not, after taking back those in the trash."""
    existing = {f"{FOLDER}/{name}" for name in files_in(FOLDER)}
    gone = [name for name in sorted(used() - existing) if not default_storage.exists(name)]
    trash = _trash() if gone else {}
    return [name for name in gone if not (_base(name) in trash and _move(trash[_base(name)], name))]


def uploads(names: list[str]) -> set[str]:
    """Return those of these copies that cannot be fetched again: an editor uploaded them, or nobody says from where."""
    found = {name for name in names if _base(name).startswith(UPLOAD)}
    for model in MODELS:
        for batch in batches(names):
            rows = model.objects.filter(file__in=batch).values_list("file", "url")
            found |= {name for name, url in rows if not browsable(url)}
    return found


def forget(names: Iterable[str]) -> None:
    """Forget copies, so that they are fetched again."""
    for model in MODELS:
        for batch in batches(sorted(names)):
            model.objects.filter(file__in=batch).update(**model.without_copy())


def too_many(part: int, whole: int) -> bool:
    """Return whether so many files of all cannot be lost, or unused, by chance."""
    return part > MANY and part > SHARE * whole


def unused() -> tuple[list[str], int]:
    """Return the files of copies that no image uses any more and that are old enough to go, and the number of all."""
    names = [f"{FOLDER}/{name}" for name in files_in(FOLDER)]
    needed = used()
    return [name for name in names if name not in needed and _is_old(name)], len(names)


def discard(names: list[str]) -> int:
    """Move files to the trash, and delete the renditions of copies that are gone. Return how many were moved."""
    today = timezone.now().date().isoformat()
    moved = sum(
        _delete(name) if name.endswith(DRAFT) else _move(name, f"{TRASH}/{today}/{_base(name)}") for name in names
    )
    kept = {_base(name) for name in used()}
    for name in listed(RENDITIONS)[0]:
        for rendition in files_in(f"{RENDITIONS}/{name}") if name not in kept else ():
            if _is_old(f"{RENDITIONS}/{name}/{rendition}"):
                _delete(f"{RENDITIONS}/{name}/{rendition}")
    return moved


def empty_trash() -> int:
    """Delete what has been in the trash for TRASH_AGE. Return how many files."""
    deleted, today = 0, timezone.now().date()
    for day in listed(TRASH)[0]:
        with suppress(ValueError):
            if today - date.fromisoformat(day) >= TRASH_AGE:
                deleted += sum(_delete(f"{TRASH}/{day}/{name}") for name in files_in(f"{TRASH}/{day}"))
                _delete(f"{TRASH}/{day}")
    return deleted


def _trash() -> dict[str, str]:
    """Return where the files in the trash are, by their names."""
    return {name: f"{TRASH}/{day}/{name}" for day in listed(TRASH)[0] for name in files_in(f"{TRASH}/{day}")}


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _is_old(name: str) -> bool:
    with suppress(OSError):
        return timezone.now() - default_storage.get_modified_time(name) > MIN_AGE
    return False


def _move(name: str, target: str) -> bool:
    """Move a file, unless the storage has no room for it. Return whether it is where it should be."""
    with suppress(OSError):
        if not default_storage.exists(target):
            with default_storage.open(name) as file:
                default_storage.save(target, file)
        return _delete(name)
    return False


def _delete(name: str) -> bool:
    with suppress(OSError):
        default_storage.delete(name)
        return True
    return False
