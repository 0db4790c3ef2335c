"""The database as it is at one moment, in a file, while others go on writing."""

import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import FileField

from .archives import PIECE, BackupError

TRIES, PAUSE = 10, 1.0  # for a database that is busy; seconds between
Query = Callable[[str], list[tuple[Any, ...]]]


@dataclass
class Snapshot:
    """A file with the database, and what was in it."""

    file: Path
    migrations: list[list[str]]
    counts: dict[str, int]
    media: set[str]  # names that rows give to files


@contextmanager
def snapshot(folder: Path) -> Iterator[Snapshot]:
    """Store the database in a new file of a folder. Raises BackupError if it cannot be."""
    yield _postgresql(folder) if connection.vendor == "postgresql" else _sqlite(folder)


def _facts(file: Path, query: Query) -> Snapshot:
    """Return what a database holds, told by its own rows."""
    tables = {name for (name,) in query(TABLES[connection.vendor])}
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in tables]
    media, counts = set(), {}
    for model in models:
        table = connection.ops.quote_name(model._meta.db_table)
        counts[model._meta.label] = query(f"SELECT COUNT(*) FROM {table}")[0][0]  # noqa: S608 (our own names)
        for column in (one.column for one in model._meta.local_fields if isinstance(one, FileField)):
            name = connection.ops.quote_name(str(column))
            media |= {row[0] for row in query(f"SELECT DISTINCT {name} FROM {table} WHERE {name} <> ''")}  # noqa: S608
    migrations = [list(row) for row in query("SELECT app, name FROM django_migrations ORDER BY app, name")]
    return Snapshot(file, migrations, counts, media)


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def _sqlite(folder: Path) -> Snapshot:
    path = Path(connection.settings_dict["NAME"])
    if not path.is_file():
        raise BackupError(f"There is no database at {path}.")
    copy = folder / "database.sqlite3"
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=20)) as source, closing(sqlite3.connect(copy)) as target:
        _copy(source, target)
        target.execute("PRAGMA journal_mode = delete")  # all of it in one file
        if (found := target.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise BackupError(f"The database is damaged: {found}. Restore it from an older backup.")
        facts = _facts(folder / "database.sqlite3.gz", lambda sql: target.execute(sql).fetchall())
    with copy.open("rb") as plain, gzip.open(facts.file, "wb", compresslevel=3) as packed:
        shutil.copyfileobj(plain, packed, PIECE)
    copy.unlink()
    return facts


def _copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy a database in one step, which sees one moment of it however much others write."""
    for left in reversed(range(TRIES)):
        try:
            source.backup(target, pages=-1)
        except sqlite3.OperationalError as error:
            if (
                getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
                or not left
            ):
                raise BackupError(f"The database cannot be copied: {error}.") from error
            time.sleep(PAUSE)
        else:
            return


def _postgresql(folder: Path) -> Snapshot:
    file = folder / "database.dump"
    own = connection.copy()  # its transaction is the moment
    own.set_autocommit(False)
    try:
        with own.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            moment = cursor.fetchone()[0]

            def query(sql: str) -> list[tuple[Any, ...]]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            facts = _facts(file, query)
            run("pg_dump", ["--format=custom", "--schema=public", f"--snapshot={moment}", f"--file={file}"])
    finally:
        own.close()
    return facts


def run(program: str, options: list[str], with_database: bool = True) -> bytes:
    """Run one of PostgreSQL's programs on the site's database and return what it prints. Raises BackupError."""
    client = connection.client
    arguments, variables = client.settings_to_cmd_args_env(connection.settings_dict, ["-w", *options])
    command = [_program(program), *(arguments[1:] if with_database else options)]
    done = subprocess.run(command, env={**os.environ, **(variables or {})}, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout


def _program(name: str) -> str:
    """Return where the program is that fits the server's version best. Raise BackupError if there is none."""
    connection.ensure_connection()
    server: int = connection.pg_version // 10000  # type: ignore[attr-defined]
    places = [shutil.which(name), *map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    versions: dict[int, str] = {}
    for place in filter(None, places):
        said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        if found := re.search(r"\) (\d+)", said):
            versions.setdefault(int(found[1]), str(place))
    fitting = [version for version in sorted(versions) if version >= server]
    if not fitting:
        found_ones = ", ".join(map(str, sorted(versions))) or "none"
        raise BackupError(
            f"The server is PostgreSQL {server}: expected {name} of version {server} or later, found {found_ones}."
            f" Install it: apt install postgresql-client-{server}"
        )
    return versions[fitting[0]]
