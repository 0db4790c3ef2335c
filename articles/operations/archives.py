"""Backup files: a tar of the database, the media, and last a manifest with the checksum of everything.

    database.sqlite3.gz or database.dump    the database (PostgreSQL's custom format)
    media/…                                 files below NEWSROOM_MEDIA_ROOT
    manifest.json                           what is in it, of which version, and what each file's checksum is

Since the manifest comes last, a file that was cut off has none.
"""

import hashlib
import json
import os
import tarfile
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = 1
MANIFEST, MEDIA = "manifest.json", "media/"
DATABASES = {"sqlite": "database.sqlite3.gz", "postgresql": "database.dump"}
PIECE = 2**20  # bytes that are copied at once
LARGEST_MANIFEST = 2**28  # bytes: a million files


class BackupError(Exception):
    """A sentence that says why a backup cannot be made or restored, and what to do."""


@dataclass
class Manifest:
    """What a backup says of itself."""

    database: str  # `sqlite` or `postgresql`
    made_at: str
    migrations: list[list[str]]
    counts: dict[str, int]
    with_media: bool
    files: dict[str, dict[str, Any]] = field(default_factory=dict)  # by name in the tar: `size`, `sha256`
    missing: list[str] = field(default_factory=list)  # media that rows name and that were not there
    format: int = FORMAT


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that gets its name when it is complete and on the disk. Only its owner may read it."""
    draft = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Writer:
    """Writes a backup to an open file."""

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self.tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (closed in `finish`)
        self.manifest = manifest

    def add(self, name: str, path: Path) -> None:
        """Add a file. Raises OSError if it is not there, is no plain file, or changes meanwhile."""
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not os.path.isfile(file.fileno()):
                raise OSError(f"{path} is no file")
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = status.st_size, int(status.st_mtime), 0o600
            hashing = Hashing(file)
            self.tar.addfile(info, hashing)
        self.manifest.files[name] = {"size": info.size, "sha256": hashing.digest.hexdigest()}

    def finish(self) -> None:
        """Add the manifest and close the tar, but not the file."""
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps({**vars(self.manifest), "digest": digest(vars(self.manifest))}, indent=1).encode())
            info = tarfile.TarInfo(MANIFEST)
            info.size, info.mode = file.tell(), 0o600
            file.seek(0)
            self.tar.addfile(info, file)
        self.tar.close()


class Hashing:
    """A file that is read once, and its SHA-256."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = PIECE) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        return data


def members(tar: tarfile.TarFile) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Yield name, size and content of each file of a backup. Raise BackupError for what no backup of ours has."""
    seen: set[str] = set()
    for member in tar:
        name = member.name
        if not member.isreg() or member.sparse is not None or name in seen or not is_a_name(name):
            raise BackupError(f"{name[:100]!r}: no backup has such an entry. The file was not made by Newsroom.")
        seen.add(name)
        content = tar.extractfile(member)
        if content is not None:
            yield name, member.size, content


def is_a_name(name: str) -> bool:
    """Return whether a backup may have a file of this name: it leads nowhere but below its folder."""
    if name in (MANIFEST, *DATABASES.values()):
        return True
    below = name.removeprefix(MEDIA)
    parts = below.split("/")
    plain = not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in below) and "\\" not in below
    short = all(0 < len(part.encode(errors="replace")) <= 255 for part in parts)
    return (
        name.startswith(MEDIA) and plain and short and not {".", ".."} & set(PurePosixPath(below).parts + tuple(parts))
    )


def read_manifest(size: int, content: IO[bytes]) -> Manifest:
    """Return a manifest. Raise BackupError if it is none, or of a later format."""
    try:
        data = json.loads(content.read(LARGEST_MANIFEST + 1)) if size <= LARGEST_MANIFEST else {}
        is_known = isinstance(data, dict) and data.get("format") == FORMAT
        is_whole = is_known and data.pop("digest", "") == digest(data)
        found = Manifest(**data) if is_whole else None
    except (ValueError, TypeError, RecursionError) as error:
        raise BackupError("Its manifest cannot be read. The file is damaged.") from error
    if not is_known:
        raise BackupError(f"Its format is not {FORMAT}, the only one that this version of Newsroom knows.")
    if not found or not _is_complete(found):
        raise BackupError("Its manifest is not as it was written. The file is damaged.")
    return found


def _is_complete(found: Manifest) -> bool:
    """Return whether a manifest has values of the right kinds."""
    return (
        found.database in DATABASES
        and all(isinstance(value, dict) for value in (found.files, found.counts))
        and all(isinstance(entry, dict) and {"size", "sha256"} <= set(entry) for entry in found.files.values())
        and all(isinstance(key, list) and len(key) == 2 for key in found.migrations)
    )


def digest(facts: dict[str, Any]) -> str:
    """Return the checksum of a manifest's facts."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
