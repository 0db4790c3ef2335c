"""Are the site's files where they should be, for whom they should be, and is there room for more?"""

import os
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from newsroom.environment import is_private

from ..pictures import keeping, volume
from .findings import Found, check, check_of_rows, database_file

LEAST_SPACE = 500 * 2**20  # bytes that should be free
LEAST_INODES = 1000
AHEAD = 300  # seconds that a clock may be off
BACKUP_AGE = 2  # days
SHOWN = 5


def private_files() -> list[Path]:
    """Return the files that hold secrets or readers' addresses."""
    base = Path(settings.BASE_DIR)
    files = [base / ".env", base / ".secret-key"]
    if database := database_file():
        files += [database, *(database.with_name(f"{database.name}{suffix}") for suffix in ("-wal", "-shm"))]
        files += database.parent.glob(f"{database.name}-before-*")
    return files + backups()


def backups() -> list[Path]:
    """Return the files in the folder of backups."""
    folder = settings.NEWSROOM_BACKUPS
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder and folder.is_dir() else []


@check
def file_modes() -> Found:
    for path in private_files():
        if not is_private(path):
            yield str(path), "Other accounts can read or write it.", f"chmod 600 {path}"


@check
def disk_space() -> Found:
    places = {Path(settings.MEDIA_ROOT), Path(settings.BASE_DIR)}
    if database := database_file():
        places.add(database.parent)
    told = set()
    for place in sorted(place for place in places if place.is_dir()):
        device, free = os.stat(place).st_dev, shutil.disk_usage(place).free
        status = os.statvfs(place)
        is_full = free < LEAST_SPACE or (status.f_files and status.f_favail < LEAST_INODES)
        if is_full and device not in told:
            told.add(device)
            yield (
                str(place),
                f"Only {free // 2**20} MB and {status.f_favail} files are free on this disk.",
                f"df -h {place}",
            )


@check
def media_folder() -> Found:
    root = Path(settings.MEDIA_ROOT)
    nearest = next(one for one in (root, *root.parents) if os.path.lexists(one))
    if not nearest.is_dir():
        yield str(nearest), "It is no folder, so no picture can be stored.", f"ls -l {nearest}"
    elif not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        yield str(root), "This account may not write to the media folder.", f"chown -R $(id -un) {nearest}"


@check_of_rows
def media_volume() -> Found:
    if not volume.is_there():
        what = f"It has neither {volume.MARKER} nor the site's pictures: its volume is not mounted."
        yield str(settings.MEDIA_ROOT), what, f"findmnt --target {settings.MEDIA_ROOT}"


@check_of_rows
def media_files() -> Found:
    gone = [name for name in sorted(keeping.used()) if not default_storage.exists(name)]
    if gone and volume.is_there():
        what = f"{len(gone)} pictures that articles have are not there, such as {', '.join(gone[:SHOWN])}."
        yield str(settings.MEDIA_ROOT), what, ".venv/bin/python manage.py cache_images"


@check
def clock_and_files() -> Found:
    for path in filter(None, (database_file(), Path(settings.MEDIA_ROOT))):
        if path.exists() and path.stat().st_mtime > time.time() + AHEAD:
            yield str(path), "It was changed in the future: the clock was or is wrong.", "timedatectl status"


@check
def age_of_backups() -> Found:
    folder = settings.NEWSROOM_BACKUPS
    if not folder:
        return
    cure = f".venv/bin/python manage.py backup {folder}/newsroom.tar"
    newest = max((path.stat().st_mtime for path in backups()), default=None)
    if newest is None:
        yield str(folder), "There is no backup.", cure
    elif (days := (time.time() - newest) / 86400) > BACKUP_AGE:
        yield str(folder), f"The newest backup is {days:.0f} days old.", cure
