"""Makes a backup while the site runs: the database at one moment, then all media that its rows name."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ..pictures.keeping import TRASH
from .archives import DATABASES, MEDIA, BackupError, Manifest, Writer, is_a_name, written_whole
from .snapshots import snapshot

Progress = Callable[[Iterable[Any]], Iterable[Any]]
SCRATCH, DAY = ".backup-", 86400
SKIPPED = (".restore-", "restore-", TRASH, "uploads/")  # begin folders of MEDIA_ROOT that pages need nothing of


def make(path: Path, with_media: bool = True, progress: Progress = iter) -> Manifest:
    """Write a backup to a file, which appears when it is complete. Returns its manifest.

    The media are read after the database, so that each file that a row names is in it, unless it was deleted
    meanwhile: then it comes from the trash, or `missing` names it. Raises BackupError or OSError.
    """
    if not path.parent.is_dir():
        raise BackupError(f"{path.parent} is not a folder.")
    if path.is_dir():
        raise BackupError(f"{path} is a folder: expected the name of a file in it.")
    for left in [*path.parent.glob(f"{SCRATCH}*"), *path.parent.glob(f".{path.name[:100]}.*.part")]:
        if left.stat().st_mtime < time.time() - DAY:  # of a backup that was killed
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=path.parent) as scratch, snapshot(Path(scratch)) as found:
        manifest = Manifest(
            database=connection.vendor,
            made_at=timezone.now().isoformat(timespec="seconds"),
            migrations=found.migrations,
            counts=found.counts,
            with_media=with_media,
        )
        with written_whole(path) as file:
            writer = Writer(file, manifest)
            writer.add(DATABASES[connection.vendor], found.file)
            found.file.unlink()
            if with_media:
                names = found.media | set(_files(Path(settings.MEDIA_ROOT)))
                for name in progress(sorted(names)):
                    _add(writer, name, name in found.media)
            writer.finish()
    return manifest


def _add(writer: Writer, name: str, is_needed: bool) -> None:
    """Add a file of the media, or the one of its name in the trash."""
    root = Path(settings.MEDIA_ROOT)
    thrown_away = [folder / Path(name).name for folder in sorted(root.glob(f"{TRASH}/*"), reverse=True)]
    for place in (root / name, *(thrown_away if is_needed else ())):
        try:
            if is_a_name(MEDIA + name):
                writer.add(MEDIA + name, place)
                return
        except FileNotFoundError:
            continue
    if is_needed:
        writer.manifest.missing.append(name)


def _files(root: Path) -> Iterator[str]:
    """Yield the names of the files below a folder, but not of drafts."""
    for folder, folders, names in os.walk(root):
        below = Path(folder).relative_to(root)
        if folder == str(root):
            folders[:] = [one for one in folders if not one.startswith(SKIPPED)]
        for name in names:
            if not name.endswith(".part") and not os.path.islink(os.path.join(folder, name)):
                yield (below / name).as_posix()
