"""Readers of addresses of databases and caches."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .values import bad_value, text


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
            "OPTIONS": {"connect_timeout": 3},  # seconds
        }
    raise bad_value(name, expected, f"scheme {parts.scheme!r}")  # the value may hold a password


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite as a web site needs it.

    WAL lets readers go on while one process writes; IMMEDIATE takes the write lock when a transaction
    starts, so that two writers wait for each other instead of failing half-way; NORMAL is as safe as
    FULL under WAL but for the last commits before a power cut. Connections stay open: see `articles.db.sqlite3`.
    """
    return {
        "ENGINE": "articles.db.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": ":memory:"},  # pytest-django knows that of Django's own engine only
        "OPTIONS": {
            "timeout": 20,  # seconds that a command waits for another writer
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;"
            " PRAGMA cache_size = -32000; PRAGMA mmap_size = 134217728; PRAGMA temp_store = memory;"
            " PRAGMA journal_size_limit = 67108864;",
        },
    }


def at_a_place(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of DATABASES. Raise ImproperlyConfigured if it is a file where none can be."""
    path = entry["NAME"]
    if isinstance(path, Path):
        if path.is_dir():
            raise bad_value(name, "a file", f"the folder {path}")
        if not path.parent.is_dir():
            raise bad_value(name, f"a file in a folder that is there, but {path.parent} is not", str(path))
    return entry


DRIVERS = {  # by Django's back end: modules of which it needs one, and what to install
    "django.db.backends.postgresql": (("psycopg", "psycopg2"), '".[postgres]"'),
    "newsroom.caching.RedisCache": (("redis",), '".[production]"'),
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
    return {"BACKEND": "newsroom.caching.RedisCache", "LOCATION": value}
