"""Puts a backup in the place of the site's database and media: all of it or nothing.

Everything is unpacked beside its place and verified first. Then new media get their names, which changes nothing for
the site that is there; then the database is exchanged in one step. Whenever this is stopped, there is the old site or
the new one.
"""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from ..models import Article, Source
from . import snapshots
from .archives import (
    DATABASES,
    MANIFEST,
    MEDIA,
    BackupError,
    Hashing,
    Manifest,
    members,
    read_manifest,
    sync_folder,
)

Progress = Callable[[Iterable[Any]], Iterable[Any]]
STAGE = ".restore-"
MOST_RATIO = 100  # of a database and its compressed copy
PATIENCE = 5  # seconds to wait for others to end their use of the database
LATER_TRIES = "Stop all that uses the site's database (its server, timers, imports), and try again."


@dataclass
class Restored:
    """What was done."""

    manifest: Manifest
    kept: str = ""  # where the old database is
    new_files: int = 0
    migrated: bool = False


@dataclass
class Staged:
    """A backup, unpacked and verified."""

    manifest: Manifest
    database: Path
    media: dict[str, Path]  # by name: those that the site has not, or has with another content


def restore(path: Path, force: bool = False, progress: Progress = iter) -> Restored:
    """Restore a backup. Raises BackupError, with the site as it was, if it cannot be."""
    if not force and holds_anything():
        raise BackupError("The site has articles or accounts already. With --force the backup takes their place.")
    with _stages() as (beside_database, beside_media):
        staged = _stage(path, beside_database, beside_media, progress)
        _compare(staged.manifest)
        done = Restored(staged.manifest)
        is_older = set(map(tuple, staged.manifest.migrations)) != _migrations()
        stamp = f"{timezone.now():%Y%m%d-%H%M%S}"
        if connection.vendor == "sqlite":
            _check_sqlite(staged.database)
            done.migrated = is_older and _migrate(f"sqlite:///{quote(str(staged.database))}", staged.database)
            late = _move_media(staged, done)
            done.kept = _exchange_sqlite(staged.database, stamp)
        else:
            late = _move_media(staged, done)
            done.kept = _exchange_postgresql(staged.database, stamp)
            done.migrated = is_older and _migrate()
        _replace_media(late, stamp)
    return done


def holds_anything() -> bool:
    """Return whether the site has rows that a restore would take the place of."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    try:
        return any(model.objects.exists() for model in (Article, Source, get_user_model()))
    except DatabaseError:  # no tables
        return False


@contextmanager
def _stages() -> Iterator[tuple[Path, Path]]:
    """Make folders on the disks of the database and of the media, and delete them at the end."""
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    beside = Path(connection.settings_dict["NAME"]).parent if connection.vendor == "sqlite" else media
    for left in [*media.glob(f"{STAGE}*"), *beside.glob(f"{STAGE}*")]:
        shutil.rmtree(left, ignore_errors=True)  # of a restore that was killed
    with (
        tempfile.TemporaryDirectory(prefix=STAGE, dir=beside) as first,
        tempfile.TemporaryDirectory(prefix=STAGE, dir=media) as second,
    ):
        yield Path(first), Path(second)


def _stage(path: Path, beside_database: Path, beside_media: Path, progress: Progress) -> Staged:
    """Unpack a backup and verify each checksum in it. Raises BackupError if it is not whole, or none of ours."""
    found: dict[str, tuple[int, str]] = {}
    media: dict[str, Path] = {}
    manifest = None
    try:
        with tarfile.open(path, "r:") as tar:
            for name, size, content in progress(members(tar)):
                if manifest:
                    raise BackupError("There is more after its manifest. The file was not made by Newsroom.")
                if name == MANIFEST:
                    manifest = read_manifest(size, content)
                elif name.startswith(MEDIA):
                    target = beside_media / str(len(found))
                    found[name] = size, _unpack(content, target)
                    media[name.removeprefix(MEDIA)] = target
                else:
                    found[name] = size, _unpack(content, beside_database / name)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, LookupError) as error:
        raise BackupError(f"{path} is no backup, or is damaged: {error}.") from error
    if manifest is None:
        raise BackupError(f"{path} is no backup, or was cut off: it has no manifest.")
    said = {name: (entry["size"], entry["sha256"]) for name, entry in manifest.files.items()}
    if different := sorted(name for name in said | found if said.get(name) != found.get(name)):
        raise BackupError(f"{path} is damaged: {different[0]!r} is not what was backed up ({len(different)} files).")
    if DATABASES[manifest.database] not in found:
        raise BackupError(f"{path} has no database.")
    return Staged(manifest, _plain(beside_database / DATABASES[manifest.database]), media)


def _unpack(content: Any, target: Path, most: int | None = None) -> str:
    """Write a file of at most so many bytes and return its SHA-256."""
    hashing = Hashing(content)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := hashing.read():
            file.write(piece)
            if most and file.tell() > most:
                raise BackupError(f"Its database is larger than {most} bytes when unpacked, which is not credible.")
        file.flush()
        os.fsync(file.fileno())
    return hashing.digest.hexdigest()


def _plain(path: Path) -> Path:
    """Return a database as it is used: SQLite's without its compression."""
    if path.suffix != ".gz":
        return path
    plain = path.with_suffix("")
    try:
        with gzip.open(path) as packed:
            _unpack(packed, plain, MOST_RATIO * path.stat().st_size + 2**26)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackupError(f"Its database cannot be unpacked: {error}.") from error
    path.unlink()
    return plain


def _migrations() -> set[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key for key, node in loader.graph.nodes.items() if not node.replaces}


def _compare(manifest: Manifest) -> None:
    """Raise BackupError if a backup does not fit this site's database or version."""
    if manifest.database != connection.vendor:
        raise BackupError(
            f"The backup is of {manifest.database}, but the site's database is {connection.vendor}: expected a"
            " DATABASE_URL of the same kind. To move articles from one to the other, export and import them."
        )
    if later := sorted(set(map(tuple, manifest.migrations)) - _migrations()):
        raise BackupError(
            f"The backup is of a later version of Newsroom: this one has no migration {'.'.join(later[-1])}."
            " Upgrade it first."
        )


def _check_sqlite(path: Path) -> None:
    """Raise BackupError if a database is damaged."""
    try:
        with closing(sqlite3.connect(path)) as database:
            found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        found, broken = str(error), None
    if found != "ok" or broken:
        raise BackupError(f"The database in the backup is damaged: {found if found != 'ok' else broken}.")


def _migrate(url: str = "", file: Path | None = None) -> bool:
    """Run `manage.py migrate` on the site's database, or on another."""
    variables = {**os.environ, **({"DATABASE_URL": url} if url else {})}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity=0"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        where = "The site is as it was." if url else "The backup is restored: run manage.py migrate."
        raise BackupError(f"Its database cannot be brought to this version: {done.stderr.strip()[-500:]} {where}")
    if file:
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode = delete")  # all of it in one file
    return True


def _move_media(staged: Staged, done: Restored) -> dict[Path, Path]:
    """Give new media their names. Return those of which the site has a different one: the path, and what goes there."""
    root, late = Path(settings.MEDIA_ROOT), {}
    for name, source in staged.media.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source.chmod(0o644)  # as Django keeps them
        if os.path.lexists(target):
            late[target] = source
            continue
        os.rename(source, target)
        sync_folder(target.parent)
        done.new_files += 1
    return late


def _replace_media(late: dict[Path, Path], stamp: str) -> None:
    """Replace media of the old site that have a name of the backup's and another content. The old ones are kept."""
    root = Path(settings.MEDIA_ROOT)
    for target, source in late.items():
        if _same(target, source):
            continue
        kept = root / f"{STAGE[1:]}{stamp}" / target.relative_to(root)
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.rename(target, kept)
        os.rename(source, target)


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or not one.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    return one.read_bytes() == other.read_bytes()


def _exchange_sqlite(new: Path, stamp: str) -> str:
    """Put a database file in the place of the site's. Return where the old one is kept."""
    connection.close()
    path = Path(connection.settings_dict["NAME"]).resolve()
    kept = ""
    if path.exists():
        with _alone(path):
            kept = str(path.with_name(f"{path.name}-before-{stamp}"))
            os.link(path, kept)
            os.replace(new, path)
    else:
        for suffix in ("-wal", "-shm", "-journal"):  # of a database that is no more
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        os.replace(new, path)
    sync_folder(path.parent)
    return kept


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep all others off a database, whose changes are all in its one file meanwhile. Raises BackupError."""
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as database:
        try:
            database.execute("PRAGMA journal_mode = delete")  # which only the one who is alone can ask for
            database.execute("PRAGMA journal_mode = memory")  # no file beside it that another database might find
            database.execute("BEGIN EXCLUSIVE")
            mode = database.execute("PRAGMA journal_mode").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise BackupError(f"The database is in use ({error}). {LATER_TRIES}") from error
        except sqlite3.DatabaseError:  # a file that is damaged or none, which others cannot use either
            mode = "memory"
            for suffix in ("-wal", "-shm", "-journal"):
                path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        if mode != "memory":
            raise BackupError(f"The database is in use. {LATER_TRIES}")
        yield
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")


def _exchange_postgresql(dump: Path, stamp: str) -> str:
    """Restore a dump in one transaction, which also gives the old tables' schema another name. Return that name."""
    entries = snapshots.run("pg_restore", ["--list", str(dump)], with_database=False).decode().splitlines()
    names = dump.with_suffix(".list")
    names.write_text(
        "\n".join(line for line in entries if " SCHEMA - public " not in line and " - SCHEMA public " not in line)
    )
    sql = dump.with_suffix(".sql")
    options = ["--no-owner", "--no-privileges", f"--use-list={names}", f"--file={sql}", str(dump)]
    snapshots.run("pg_restore", options, with_database=False)
    kept = f"before_{stamp.replace('-', '_')}"
    first = dump.with_suffix(".first.sql")
    first.write_text(f"SET lock_timeout = '5s'; ALTER SCHEMA public RENAME TO {kept}; CREATE SCHEMA public;\n")
    connection.close()
    try:
        snapshots.run("psql", ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", str(first), "-f", str(sql)])
    except BackupError as error:
        raise BackupError(f"{error} The site is as it was. {LATER_TRIES if 'lock' in str(error) else ''}") from error
    return f"schema {kept}"
