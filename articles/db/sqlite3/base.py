"""SQLite for a web site: connections that stay open, and go on reading when nothing can be written.

The first connection to a database in WAL mode makes two files beside it, which a full or read-only disk refuses. So
connections stay open between requests (`CONN_MAX_AGE`), and Django's health check at the beginning of a request tells
whether the file is still the one that was opened. A connection that cannot be opened to write is opened to read.
"""

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from .. import serving

logger = logging.getLogger("newsroom.database")
Identity = tuple[int, int]  # device and number of a file


class Cursor(base.SQLiteCursorWrapper):
    """Waits for another writer once in a request: not again for each thing that the request tries after that."""

    def execute(self, *arguments: Any) -> Any:
        try:
            return super().execute(*arguments)
        except sqlite3.OperationalError as error:
            if serving.requests and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                self.connection.execute("PRAGMA busy_timeout = 0")
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    opened: Identity | None = None
    only_reads = False  # what this connection sees may be outdated: it is for one request
    is_gone = False  # its file is not where it was

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if serving.requests:
            params["timeout"] = serving.PATIENCE
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.only_reads = self.is_gone = False
        if self.is_in_memory_db():
            return super().get_new_connection(conn_params)
        path = Path(conn_params["database"]).resolve()
        self.opened = _identity(path)
        if not serving.requests:
            _make(path)
        mode = "?mode=rw" if serving.requests else ""  # no request makes an empty database where one is missing
        try:
            return super().get_new_connection({**conn_params, "database": path.as_uri() + mode})
        except sqlite3.OperationalError as error:
            if not _is_whole(path):
                raise
            logger.warning("%s: read only, since it cannot be opened to write: %s", path, error)
        self.only_reads = True
        self.init_commands: list[str] = []
        return super().get_new_connection({**conn_params, "database": f"{path.as_uri()}?immutable=1"})

    def create_cursor(self, name: Any = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def is_usable(self) -> bool:
        """Return whether this connection can answer another request: if its file is still there, and the same.

        A file that is gone may come back: until then what was opened is read, and nothing is written to it.
        """
        if self.is_in_memory_db():
            return True
        found = _identity(Path(self.settings_dict["NAME"]))
        if self.only_reads or found not in (None, self.opened):
            return False
        if serving.requests:
            self.connection.execute(f"PRAGMA busy_timeout = {int(serving.PATIENCE * 1000)}")
        if self.is_gone != (found is None):
            self.is_gone = found is None
            self.connection.execute(f"PRAGMA query_only = {int(self.is_gone)}")
            where = self.settings_dict["NAME"]
            logger.error("%s: %s", where, "the file is gone: nothing is written" if self.is_gone else "it is back")
        return True


def _identity(path: Path) -> Identity | None:
    """Return what tells this file from another one of the same name, None if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    """Make an empty file that only its owner reads, unless there is one. SQLite gives those beside it the same mode."""
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _is_whole(path: Path) -> bool:
    """Return whether a database has all its rows in its own file, and none in the one beside it."""
    beside = path.with_name(f"{path.name}-wal")
    try:
        return path.stat().st_size > 0 and not (beside.exists() and beside.stat().st_size)
    except OSError:
        return False
