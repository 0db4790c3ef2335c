"""Typed readers of environment variables. A bad value raises ImproperlyConfigured in one sentence."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable
from email.utils import formataddr, parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django.core.exceptions import ImproperlyConfigured

LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"  # of a domain
DOMAIN = rf"{LABEL}(?:\.{LABEL})*"
TAG_AUTHORITY = rf"{DOMAIN},\d{{4}}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
MAIL_TIMEOUT = 10  # seconds that a mail server may be silent


def bad_value(name: str, expected: str, found: str | None = None) -> ImproperlyConfigured:
    """The one sentence a bad variable stops the start with; `found` stands in for a value not to be shown."""
    if found is None:
        found = repr(os.environ.get(name, ""))
    return ImproperlyConfigured(f"{name}: expected {expected}, found {found}.")


NOT_OF_THE_DEMO = (
    "CACHE_URL",
    "NEWSROOM_ALLOWED_HOSTS",
    "NEWSROOM_BASE_URL",
    "NEWSROOM_EMAIL_URL",
    "NEWSROOM_WEBSUB_HUB",
)


def become_demo(root: Path) -> None:
    """Make this process the demo, with a database and pictures of its own, whatever is configured."""
    for name in NOT_OF_THE_DEMO:
        os.environ.pop(name, None)
    os.environ["DATABASE_URL"] = "sqlite:///demo.sqlite3"
    os.environ["NEWSROOM_MEDIA_ROOT"] = str(root / "demo-media")


def text(name: str, default: str) -> str:
    return os.environ.get(name) or default


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "")
    if value == "":
        return default
    if value not in ("0", "1"):
        raise bad_value(name, "0 or 1")
    return value == "1"


def number(name: str, default: int, maximum: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and int(value) <= maximum):
        raise bad_value(name, f"a whole number from 0 to {maximum}")
    return int(value)


def one_of(name: str, default: str, allowed: Iterable[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise bad_value(name, " or ".join(allowed))
    return value


def names(name: str, default: str) -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def base_url(name: str, default: str) -> str:
    """The absolute http(s) address of a server, without a trailing slash."""
    value = text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.path or parts.query or parts.fragment:
        raise bad_value(name, "an address such as https://news.example.org")
    return value


def optional_url(name: str) -> str:
    """An absolute http(s) address, with a query if need be; "" for none."""
    value = text(name, "")
    try:
        parts = urlsplit(value)
        valid = not value or (parts.scheme in ("http", "https") and parts.hostname and not parts.fragment)
    except ValueError:
        valid = False
    if not valid:
        raise bad_value(name, "an address such as https://hub.example.org/")
    return value


def tag_authority(name: str, base_url: str) -> str:
    """Whose `tag:` addresses (RFC 4151) these are: a domain, and a day on which it was theirs.

    Without the variable the host of `base_url`, at the beginning of 2026.
    """
    host = re.sub(r"[^a-z0-9.-]", "-", (urlsplit(base_url).hostname or "").encode("idna").decode()).strip("-.")
    value = text(name, f"{host},2026")
    if not re.fullmatch(TAG_AUTHORITY, value):
        raise bad_value(name, "a domain and a day, such as news.example.org,2026-11-24", repr(value))
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).resolve()


def secret_key(name: str, file: Path) -> str:
    """The variable, or else a key made once and kept in `file`, readable by its owner only."""
    if value := os.environ.get(name):
        if len(value) < 20:
            raise bad_value(name, "at least 20 random characters", f"{len(value)}")
        return value
    if not file.exists():
        _make_key(name, file)
    return file.read_text()


def _make_key(name: str, file: Path) -> None:
    """Write a new key whole or not at all; of several processes that start at once, the first one's stays."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    except OSError as error:
        raise bad_value(name, f"a value, since {file} cannot be written ({error.strerror})", "none") from error
    finally:
        draft.unlink(missing_ok=True)


def database(name: str, root: Path) -> dict[str, Any]:
    """A DATABASES entry from `sqlite:///path` (relative to `root`) or `postgres://user:pass@host:port/name`,
    where `?host=/folder` names a socket's folder instead."""
    value = text(name, "sqlite:///db.sqlite3")
    expected = "sqlite:///path or postgres://user:password@host:port/name"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise bad_value(name, expected, "an address that cannot be read") from error
    if parts.scheme == "sqlite" and not parts.netloc and parts.path not in ("", "/"):
        return sqlite(root / unquote(parts.path[1:]))
    if parts.scheme in ("postgres", "postgresql") and len(parts.path) > 1:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or dict(parse_qsl(parts.query)).get("host", "")),
            "PORT": str(port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise bad_value(name, expected, f"scheme {parts.scheme!r}")  # the value may hold a password


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite as a web site needs it.

    WAL lets readers go on while one process writes; IMMEDIATE takes the write lock when a transaction
    starts, so that two writers wait for each other instead of failing half-way; NORMAL is as safe as
    FULL under WAL but for the last commits before a power cut.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 20,  # seconds to wait for another writer
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;"
            " PRAGMA cache_size = -32000; PRAGMA mmap_size = 134217728; PRAGMA temp_store = memory;",
        },
    }


DRIVERS = {  # by Django's back end: modules of which it needs one, and what to install
    "django.db.backends.postgresql": (("psycopg", "psycopg2"), '".[postgres]"'),
    "django.core.cache.backends.redis.RedisCache": (("redis",), "redis"),
}


def with_driver(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of DATABASES or CACHES. Raise ImproperlyConfigured if it needs a package that is missing."""
    modules, package = DRIVERS.get(entry.get("ENGINE") or entry["BACKEND"], ((), ""))
    if modules and not any(map(find_spec, modules)):
        found = f"none; install it: .venv/bin/pip install {package}"
        raise bad_value(name, f"the Python package {modules[0]} to be installed", found)
    return entry


def cache(name: str) -> dict[str, Any]:
    """A CACHES entry: this process's memory, or `redis://host:port/db`."""
    value = text(name, "")
    if not value:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if not value.startswith(("redis://", "rediss://")):
        raise bad_value(name, "redis://host:port/db", f"scheme {value.split(':')[0]!r}")
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}


def mail_server(name: str) -> dict[str, Any]:
    """A MAILERS entry from `smtp://user:password@host:port`, `smtp+tls://…` (which starts TLS) or `smtps://…` (which
    is TLS from the first byte). Without the variable mail is printed instead of sent."""
    value = text(name, "")
    if not value:
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    expected = "smtp://user:password@host:port, smtp+tls://… or smtps://…"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise bad_value(name, expected, "an address that cannot be read") from error
    if parts.scheme not in MAIL_PORTS:
        raise bad_value(name, expected, f"scheme {parts.scheme!r}")  # the value may hold a password
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise bad_value(name, expected, "no host, or more than a host and a port")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": port or MAIL_PORTS[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp+tls",
            "use_ssl": parts.scheme == "smtps",
            "timeout": MAIL_TIMEOUT,
        },
    }


def mail_settings(mailer: dict[str, Any], version: tuple[Any, ...] = django.VERSION) -> dict[str, Any]:
    """Return Django's settings for a MAILERS entry: MAILERS from Django 6.1 on, the older EMAIL_* before."""
    if version >= (6, 1):
        return {"MAILERS": {"default": mailer}}
    older = {"username": "HOST_USER", "password": "HOST_PASSWORD"}
    options = {older.get(name, name.upper()): value for name, value in mailer.get("OPTIONS", {}).items()}
    return {f"EMAIL_{name}": value for name, value in {"BACKEND": mailer["BACKEND"], **options}.items()}


def mail_sender(name: str, base_url: str, display_name: str) -> str:
    """Whom mail comes from: an address, with or without a name. Without the variable `newsletter@` the host of
    `base_url`, called `display_name`."""
    host = (urlsplit(base_url).hostname or "").encode("idna").decode()
    value = text(name, f"newsletter@{host if re.fullmatch(DOMAIN, host) else 'localhost'}")
    if not re.search(r"[\r\n]", value):
        called, address = parseaddr(value)
        if re.fullmatch(rf"[^\s@<>,;:\"]+@{DOMAIN}", address, re.IGNORECASE):
            return formataddr((called or " ".join(display_name.split()), address))
    raise bad_value(name, "an address such as newsletter@news.example.org", repr(value))
