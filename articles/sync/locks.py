"""One import at a time for each site. A lock ends with its process, however that ends."""

import getpass
import os
import platform
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection

from ..models import ImportRun
from ..text import digests

RETRY_SECONDS = 0.1


class LockTimeoutError(Exception):
    """Another import of the same site has not ended in time."""


@contextmanager
def lock(site: str, seconds: float) -> Iterator[None]:
    """Let no other process that uses the same database import a site meanwhile.

    Raises LockTimeoutError if another import still runs after `seconds`.
    """
    acquire, release = (_postgres if connection.vendor == "postgresql" else _sqlite)(site)
    until = time.monotonic() + seconds
    while not acquire():
        if time.monotonic() >= until:
            release()
            raise LockTimeoutError(f"{site!r} is being imported already.")
        time.sleep(RETRY_SECONDS)
    try:
        yield
    finally:
        release()


def who() -> str:
    """Return the account, machine and process of this import."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "somebody"
    return f"{account[:80]} on {platform.node()[:80]}, process {os.getpid()}"


def busy(site: str) -> str:
    """Say who imports a site now, and what to do."""
    running = (run for run in ImportRun.objects.filter(state=ImportRun.State.RUNNING) if site in run.sources)
    run = next(running, None)
    by = f", by {run.who}, since {run.started_at:%Y-%m-%d %H:%M:%S} UTC" if run else ""
    return f"{site!r} is being imported already{by}. Nothing was done: try again when that has ended."


Lock = tuple[Callable[[], bool], Callable[[], object]]  # acquires, unless another has it; releases


def _postgres(site: str) -> Lock:
    """Return an advisory lock of this connection, which the server releases when the connection ends."""
    key = digests.number(f"newsroom import {site}")
    acquired = False

    def acquire() -> bool:
        nonlocal acquired
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            acquired = cursor.fetchone() == (True,)
        return acquired

    def release() -> None:
        if acquired and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

    return acquire, release


def _sqlite(site: str) -> Lock:
    """Return a lock on an empty file beside the database, which the system releases when the process ends.

    SQLite takes it, since it can on every system. The file stays: if it were deleted, two could have the lock.
    """
    database = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():  # type: ignore[attr-defined]  # of SQLite only
        return lambda: True, lambda: None  # no other process sees it
    path = f"{database}-import-{site}.lock"
    try:
        file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise OperationalError(f"{error}: {path}") from error

    def acquire() -> bool:
        try:
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise OperationalError(f"{error}: {path}") from error
        return True

    return acquire, file.close
