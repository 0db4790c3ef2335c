"""A database that cannot be used: a page of ours with 503, whatever the database says and wherever it says it."""

import sqlite3

import pytest
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, ProgrammingError
from django.template import loader

from newsroom.unavailable import is_unavailable


def error(kind, message="", code=None, state=None):
    """An error as Django raises it: with the driver's own as its cause."""
    cause = sqlite3.OperationalError(message)
    if code is not None:
        cause.sqlite_errorcode = code
    if state:
        cause.sqlstate = state
    found = kind(message)
    found.__cause__ = cause
    return found


UNAVAILABLE = {
    "locked": error(OperationalError, "database is locked", sqlite3.SQLITE_BUSY),
    "full": error(OperationalError, "database or disk is full", sqlite3.SQLITE_FULL),
    "read-only": error(OperationalError, "attempt to write a readonly database", sqlite3.SQLITE_READONLY),
    "gone": error(OperationalError, "unable to open database file", sqlite3.SQLITE_CANTOPEN),
    "damaged": error(DatabaseError, "database disk image is malformed", sqlite3.SQLITE_CORRUPT),
    "not migrated": error(OperationalError, "no such table: articles_article", sqlite3.SQLITE_ERROR),
    "not migrated PostgreSQL": error(ProgrammingError, "relation does not exist", state="42P01"),
    "read-only PostgreSQL": error(InternalError, "read-only transaction", state="25006"),
    "stopped PostgreSQL": error(OperationalError, "connection refused"),
    "closed connection": error(InterfaceError, "connection already closed"),
}
OUR_FAULT = {
    "bad query": error(OperationalError, 'near "x": syntax error', sqlite3.SQLITE_ERROR),
    "too many values": error(OperationalError, "too many SQL variables", sqlite3.SQLITE_ERROR),
    "bad query PostgreSQL": error(ProgrammingError, "syntax error", state="42601"),
    "failed transaction": error(InternalError, "current transaction is aborted", state="25P02"),
    "no database error": ValueError("database is locked"),
}


@pytest.mark.parametrize("name", [*UNAVAILABLE, *OUR_FAULT])
def test_what_the_database_says_is_told_from_our_own_mistakes(name):
    assert is_unavailable({**UNAVAILABLE, **OUR_FAULT}[name]) is (name in UNAVAILABLE)


@pytest.fixture
def broken(monkeypatch, client):
    """A site whose database fails with an error, at every query."""
    client.raise_request_exception = False

    def fail(name):
        def cursor(*arguments):
            raise {**UNAVAILABLE, **OUR_FAULT}[name]

        monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", cursor)
        return client

    return fail


@pytest.mark.parametrize("path", ["/", "/search/?q=a", "/feeds/rss.xml", "/admin/", "/newsletter/unsubscribe/x/"])
def test_a_page_without_a_database_is_503_and_says_when_to_come_back(broken, path):
    client = broken("gone")
    client.cookies["sessionid"] = "a" * 32

    response = client.get(path)

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "This cannot be done right now" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_the_api_without_a_database_answers_in_json(broken, name):
    response = broken(name).get("/api/news/")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert list(response.json()) == ["error", "request"]


def test_a_mistake_of_ours_is_500(broken):
    response = broken("bad query").get("/")

    assert (response.status_code, "Retry-After" in response) == (500, False)
    assert "Something went wrong here" in response.content.decode()


@pytest.mark.parametrize("page", ["500.html", "503.html"])
def test_an_error_page_is_written_without_a_request_a_database_or_a_manifest(page):
    text = loader.get_template(page).render({"request_id": ""})

    assert '<link rel="stylesheet" href="/static/site.css">' in text
