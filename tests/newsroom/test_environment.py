"""Environment variables: typed, and refused in one sentence."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from articles.newsletter.smtp import new_connection
from newsroom import environment
from tests.paths import ROOT


@pytest.fixture
def variable(monkeypatch):
    def set_to(value):
        monkeypatch.setenv("NAME", value)

    return set_to


@pytest.mark.parametrize(("value", "expected"), [("", 3), ("0", 0), ("20", 20)])
def test_a_number_is_read(variable, value, expected):
    variable(value)

    assert environment.number("NAME", 3, 20) == expected


@pytest.mark.parametrize("value", ["21", "-1", "1.5", "two", "²"])
def test_a_number_out_of_range_stops_the_start(variable, value):
    variable(value)

    with pytest.raises(ImproperlyConfigured, match="a whole number from 0 to 20"):
        environment.number("NAME", 3, 20)


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), ("", True)])
def test_a_flag_is_0_or_1(variable, value, expected):
    variable(value)

    assert environment.flag("NAME", default=True) is expected


def test_names_are_separated_by_commas(variable):
    variable(" a.example, b.example,, ")

    assert environment.names("NAME", "") == ["a.example", "b.example"]


def test_a_base_url_has_no_slash_at_its_end(variable):
    variable("https://news.example.org/")

    assert environment.base_url("NAME", "") == "https://news.example.org"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("sqlite:///db.sqlite3", ("sqlite3", "/root/db.sqlite3")),
        ("sqlite:////data/my%20news.sqlite3", ("sqlite3", "/data/my news.sqlite3")),
        ("postgres://user:p%40ss@db.example:5433/news", ("postgresql", "news")),
        ("postgresql://user@/news?host=/run/postgresql", ("postgresql", "news")),
    ],
)
def test_a_database_is_sqlite_or_postgresql(variable, tmp_path, value, expected):
    variable(value)

    database = environment.database("NAME", Path("/root"))

    assert (database["ENGINE"].rpartition(".")[2], str(database["NAME"])) == expected


def test_a_database_address_has_all_its_parts(variable, tmp_path):
    variable("postgres://user:p%40ss@db.example:5433/news")

    database = environment.database("NAME", tmp_path)

    parts = [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT")]
    assert parts == ["user", "p@ss", "db.example", "5433"]


def test_a_socket_folder_is_a_host(variable, tmp_path):
    variable("postgres://user@/news?host=/run/postgresql")

    assert environment.database("NAME", tmp_path)["HOST"] == "/run/postgresql"


def test_sqlite_is_set_up_for_a_busy_site(tmp_path):
    options = environment.sqlite(tmp_path / "db.sqlite3")["OPTIONS"]

    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode = wal" in options["init_command"]


def test_a_cache_is_memory_or_redis(variable):
    assert environment.cache("MISSING")["BACKEND"].endswith("LocMemCache")
    variable("redis://localhost:6379/1")
    assert environment.cache("NAME")["LOCATION"] == "redis://localhost:6379/1"


@pytest.mark.parametrize(
    ("reader", "value", "sentence"),
    [
        (lambda: environment.flag("NAME", False), "yes", "NAME: expected 0 or 1, found 'yes'."),
        (
            lambda: environment.base_url("NAME", ""),
            "news.example",
            "NAME: expected an address such as https://news.example.org, found 'news.example'.",
        ),
        (
            lambda: environment.base_url("NAME", ""),
            "https://news.example/sub",
            "NAME: expected an address such as https://news.example.org, found 'https://news.example/sub'.",
        ),
        (
            lambda: environment.base_url("NAME", ""),
            "http://[",
            "NAME: expected an address such as https://news.example.org, found 'http://['.",
        ),
        (
            lambda: environment.database("NAME", ROOT),
            "mysql://u:secret@h/n",
            "NAME: expected sqlite:///path or postgres://user:password@host:port/name, found scheme 'mysql'.",
        ),
        (
            lambda: environment.database("NAME", ROOT),
            "postgres://u:secret@h:port/n",
            "NAME: expected sqlite:///path or postgres://user:password@host:port/name,"
            " found an address that cannot be read.",
        ),
        (
            lambda: environment.cache("NAME"),
            "memcached://x",
            "NAME: expected redis://host:port/db, found scheme 'memcached'.",
        ),
        (
            lambda: environment.secret_key("NAME", ROOT / "nothing"),
            "short",
            "NAME: expected at least 20 random characters, found 5.",
        ),
    ],
)
def test_a_bad_value_is_one_sentence_without_secrets(variable, reader, value, sentence):
    variable(value)

    with pytest.raises(ImproperlyConfigured) as error:
        reader()

    assert str(error.value) == sentence


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = environment.secret_key("MISSING", tmp_path / "key")

    assert environment.secret_key("MISSING", tmp_path / "key") == first
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_bad_value_stops_the_start_without_a_traceback():
    environment = {**os.environ, "NEWSROOM_DEBUG": "maybe"}

    result = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (1, "NEWSROOM_DEBUG: expected 0 or 1, found 'maybe'.\n")


@pytest.mark.parametrize(("key", "starts"), [("", False), ("a key that is long enough", True)])
def test_a_production_server_needs_a_key_of_its_own(key, starts):
    environment = {**os.environ, "NEWSROOM_SECRET_KEY": key, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}

    result = subprocess.run(
        [sys.executable, "-c", "import newsroom.wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode == 0) is starts
    assert starts or "NEWSROOM_SECRET_KEY: expected" in result.stderr.splitlines()[-1]


def test_a_tag_authority_is_the_base_urls_host_unless_it_is_set(variable):
    variable("")
    assert environment.tag_authority("NAME", "https://news.example.org:8000/a") == "news.example.org,2026"
    assert environment.tag_authority("NAME", "https://B\u00fccher.example") == "xn--bcher-kva.example,2026"
    assert environment.tag_authority("NAME", "http://[::1]:8000") == "1,2026"

    variable("old.example,2019-05-01")
    assert environment.tag_authority("NAME", "https://news.example.org") == "old.example,2019-05-01"


@pytest.mark.parametrize(
    "value", ["old.example", "old.example,19", "https://old.example,2019", "a b,2019", "a,2019-13"]
)
def test_what_is_no_tag_authority_stops_the_start(variable, value):
    variable(value)

    with pytest.raises(ImproperlyConfigured, match="a domain and a day"):
        environment.tag_authority("NAME", "https://news.example.org")


def test_a_hub_is_an_address_or_none(variable):
    variable("")
    assert environment.optional_url("NAME") == ""

    variable("https://hub.example/?a=b")
    assert environment.optional_url("NAME") == "https://hub.example/?a=b"


@pytest.mark.parametrize(
    "value", ["hub.example", "file:///etc/passwd", "https://", "https://hub.example/#a", "http://[x"]
)
def test_what_is_no_hub_stops_the_start(variable, value):
    variable(value)

    with pytest.raises(ImproperlyConfigured, match="an address such as"):
        environment.optional_url("NAME")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp+tls://news%40a:p%2Fw@mail.example", ("mail.example", 587, "news@a", "p/w", True, False)),
        ("smtps://u:p@mail.example:4650/", ("mail.example", 4650, "u", "p", False, True)),
        ("smtp://[::1]:2525", ("::1", 2525, "", "", False, False)),
    ],
)
def test_a_mail_server_is_an_address(variable, value, expected):
    variable(value)

    found = environment.mail_server("NAME")

    names = ("host", "port", "username", "password", "use_tls", "use_ssl")
    assert tuple(found["OPTIONS"][name] for name in names) == expected
    assert found["BACKEND"].endswith("smtp.EmailBackend")


def test_without_a_mail_server_mail_is_printed():
    assert environment.mail_server("MISSING") == {"BACKEND": "django.core.mail.backends.console.EmailBackend"}


def test_this_django_connects_to_the_mail_server_of_the_variable(variable):
    variable("smtps://news:secret@mail.example:4650")

    with override_settings(**environment.mail_settings(environment.mail_server("NAME"))):
        found = new_connection()

    assert (found.host, found.port, found.username, found.password) == ("mail.example", 4650, "news", "secret")
    assert (found.use_ssl, found.use_tls, found.timeout) == (True, False, 10)


def test_mail_settings_have_the_names_that_the_django_version_knows():
    mailer = {"BACKEND": "a.Backend", "OPTIONS": {"host": "mail.example", "username": "news"}}

    assert environment.mail_settings(mailer, (6, 1)) == {"MAILERS": {"default": mailer}}
    assert environment.mail_settings(mailer, (6, 0)) == {
        "EMAIL_BACKEND": "a.Backend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_HOST_USER": "news",
    }


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("imap://u:secret@mail.example:993", "scheme 'imap'"),
        ("mail.example", "scheme ''"),
        ("smtp://", "no host, or more than a host and a port"),
        ("smtp://u:secret@mail.example/path", "no host, or more than a host and a port"),
        ("smtp://u:secret@mail.example:port", "an address that cannot be read"),
        ("smtp://u:secret@[", "an address that cannot be read"),
    ],
)
def test_what_is_no_mail_server_stops_the_start_without_its_password(variable, value, found):
    variable(value)

    with pytest.raises(ImproperlyConfigured) as error:
        environment.mail_server("NAME")

    expected = "NAME: expected smtp://user:password@host:port, smtp+tls://… or smtps://…, found "
    assert str(error.value) == f"{expected}{found}."


@pytest.mark.parametrize(
    ("value", "base", "expected"),
    [
        ("", "https://news.example.org", "The News <newsletter@news.example.org>"),
        ("", "http://[::1]:8000", "The News <newsletter@localhost>"),
        ("desk@example.org", "http://x", "The News <desk@example.org>"),
        ("The Desk <desk@example.org>", "http://x", "The Desk <desk@example.org>"),
    ],
)
def test_mail_comes_from_an_address_with_a_name(variable, value, base, expected):
    variable(value)

    assert environment.mail_sender("NAME", base, "The\nNews") == expected


@pytest.mark.parametrize("value", ["nobody", "a@b@c.example", "a@example.org\nBcc: b@c.example", "<>", "x@-.example"])
def test_what_is_no_sender_stops_the_start(variable, value):
    variable(value)

    with pytest.raises(ImproperlyConfigured, match="an address such as newsletter@"):
        environment.mail_sender("NAME", "http://x", "The News")
