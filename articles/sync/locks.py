"""One import at a time for each site. A hold ends with its process, however that ends."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

from ..text import digests

POLL = 0.1  # seconds between two tries


class HeldError(Exception):
    """Another import of the same site does not end."""


@contextmanager
def hold(name: str, wait: float) -> Iterator[None]:
    """Be the only one that imports the site `name`, in all processes that use the same database.

    Raises HeldError if another is still at it after `wait` seconds.
    """
    take, release = (_postgres if connection.vendor == "postgresql" else _sqlite)(name)
    until = time.monotonic() + wait
    while not take():
        if time.monotonic() >= until:
            release()
            raise HeldError(f"{name!r} is being imported already.")
        time.sleep(POLL)
    try:
        yield
    finally:
        release()


Lock = tuple[Callable[[], bool], Callable[[], object]]


def _postgres(name: str) -> Lock:
    """A lock of this connection's own, which the server lets go when the connection ends."""
    key = digests.number(f"newsroom import {name}")
    taken = []

    def take() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            taken.extend([True] if (row := cursor.fetchone()) and row[0] else [])
        return bool(taken)

    def release() -> None:
        if taken and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

    return take, release


def _sqlite(name: str) -> Lock:
    """A lock on an empty file beside the database, which the operating system lets go when the process ends.

    SQLite itself takes it, since it knows how on every system. The file stays: were it deleted, two could hold it.
    """
    database = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():
        return lambda: True, lambda: None  # nobody else has it
    path = f"{database}-import-{name}.lock"
    try:
        file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise OperationalError(f"{error}: {path}") from error

    def take() -> bool:
        try:
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise OperationalError(f"{error}: {path}") from error
        return True

    return take, file.close
