"""Connections to SQLite that stay open: which file they read, and when they write nothing."""

import contextlib
import sqlite3
import time

import pytest
from django.db import OperationalError, connections

from articles.db import serving
from articles.db.sqlite3.base import DatabaseWrapper
from newsroom import environment


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "db.sqlite3"
    write(path, "ours")
    return path


@pytest.fixture
def connection(file, django_db_blocker):
    settings = connections.configure_settings({"default": environment.sqlite(file)})["default"]
    connection = DatabaseWrapper(settings)
    with django_db_blocker.unblock():
        yield connection
        connection.close()


def write(path, word):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.execute("CREATE TABLE words (word)")
        database.execute("INSERT INTO words VALUES (?)", [word])
    database.close()


def words(connection):
    """What a request reads: Django closes a connection between requests that is of no more use."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        return [word for (word,) in cursor.execute("SELECT word FROM words").fetchall()]


def test_a_connection_stays_open_between_requests(connection):
    assert words(connection) == ["ours"]
    opened = connection.connection

    assert words(connection) == ["ours"]
    assert connection.connection is opened


def test_a_file_that_takes_anothers_place_is_read_by_the_next_request(connection, file):
    assert words(connection) == ["ours"]
    other = file.with_name("other")
    write(other, "restored")

    other.replace(file)

    assert words(connection) == ["restored"]


def test_nothing_is_written_to_a_file_that_is_gone_until_it_is_back(connection, file):
    assert words(connection) == ["ours"]
    elsewhere = file.rename(file.with_name("elsewhere"))

    assert words(connection) == ["ours"]
    with pytest.raises(OperationalError, match="readonly"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO words VALUES ('lost')")
    assert not file.exists()

    elsewhere.rename(file)
    assert words(connection) == ["ours"]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO words VALUES ('kept')")
    assert words(connection) == ["ours", "kept"]


def test_a_request_makes_no_database_where_there_is_none(connection, file, monkeypatch):
    monkeypatch.setattr(serving, "requests", True)
    file.unlink()

    with pytest.raises(OperationalError, match="unable to open"):
        words(connection)
    assert not file.exists()


def test_a_request_waits_once_for_another_writer(connection, file, monkeypatch):
    monkeypatch.setattr(serving, "requests", True)
    monkeypatch.setattr(serving, "PATIENCE", 0.4)

    def wait():
        started = time.monotonic()
        with pytest.raises(OperationalError, match="locked"), connection.cursor() as cursor:
            cursor.execute("INSERT INTO words VALUES ('x')")
        return time.monotonic() - started > 0.3

    assert words(connection) == ["ours"]
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert [wait(), wait(), wait()] == [True, False, False]
        assert words(connection) == ["ours"]  # by the next request
        assert [wait(), wait()] == [True, False]


def test_a_request_waits_briefly_for_another_writer_and_a_command_for_long(connection, monkeypatch):
    def patience():
        connection.close()
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA busy_timeout").fetchone()[0]

    monkeypatch.setattr(serving, "requests", False)
    assert patience() == 20_000
    monkeypatch.setattr(serving, "requests", True)
    assert patience() == 2_000
