"""Dry runs: everything is done as in an import, and nothing is kept."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.db import connection, transaction


class _UndoneError(Exception):
    """Rolls back what a trial wrote."""


@contextmanager
def trial() -> Iterator[None]:
    """Keep nothing of what is written meanwhile.

    On SQLite this is done to a copy of the database, as nobody else can write during a transaction that writes. The
    copy lies beside the database and needs as much room.
    """
    if connection.vendor == "sqlite" and not (connection.is_in_memory_db() or connection.in_atomic_block):  # type: ignore[attr-defined]
        with _copy():
            yield
    else:
        with suppress(_UndoneError), transaction.atomic():
            yield
            raise _UndoneError


@contextmanager
def _copy() -> Iterator[None]:
    """Let this process use a copy of its SQLite database meanwhile."""
    settings, name = connection.settings_dict, connection.settings_dict["NAME"]
    with tempfile.TemporaryDirectory(prefix="dry-run-", dir=Path(name).resolve().parent) as folder:
        copy = f"{folder}/copy.sqlite3"
        connection.ensure_connection()
        with connection.wrap_database_errors, closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
        connection.close()
        settings["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            settings["NAME"] = name
