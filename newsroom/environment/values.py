"""Readers of plain values: texts, numbers, addresses, folders, keys."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"  # of a domain
DOMAIN = rf"{LABEL}(?:\.{LABEL})*"
DIFFERENT = 6  # characters of a key: 20 random digits have fewer once in 100,000 times
REPEATED = re.compile(r"(.{1,20}?)\1+.{0,19}", re.DOTALL)
WELL_KNOWN = re.compile(
    "change[-_ ]?(?:me|this)|insecure|(?:your|my|the)[-_ ]?secret|secret[-_ ]?key|placeholder", re.I
)
TAG_AUTHORITY = rf"{DOMAIN},\d{{4}}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"


def bad_value(name: str, expected: str, found: str | None = None) -> ImproperlyConfigured:
    """The one sentence a bad variable stops the start with; `found` stands in for a value not to be shown."""
    if found is None:
        found = repr(os.environ.get(name, ""))
    return ImproperlyConfigured(f"{name}: expected {expected}, found {found}.")


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
    if valid and "@" in parts.netloc:
        raise bad_value(name, "an address without a user name or password", "one with them")
    if not valid or parts.path or parts.query or parts.fragment:
        raise bad_value(name, "an address such as https://news.example.org")
    return value


def optional_url(name: str) -> str:
    """An absolute http(s) address, with a query if need be; "" for none. Feeds show it: it holds no password."""
    value = text(name, "")
    try:
        parts = urlsplit(value)
        valid = not value or (parts.scheme in ("http", "https") and parts.hostname and not parts.fragment)
    except ValueError:
        valid = False
    if valid and "@" in value.partition("://")[2].partition("/")[0]:
        raise bad_value(name, "an address without a user name or password", "one with them")
    if not valid:
        raise bad_value(name, "an address such as https://hub.example.org/")
    return value


def sentry_dsn(name: str) -> str:
    """Where errors are reported to, such as `https://key@sentry.example.org/2`; "" for nowhere.

    Raises ImproperlyConfigured if it cannot be, or if the package that reports is missing.
    """
    value = text(name, "")
    if value and not re.fullmatch(r"https?://[^\s/@:]+(?::[^\s/@]*)?@[^\s/@?#]+(?:/[^\s/?#]+)*/\d+", value):
        raise bad_value(name, "an address such as https://key@sentry.example.org/2", "another")  # it holds a key
    if value and not find_spec("sentry_sdk"):
        found = 'none; install it: .venv/bin/pip install ".[sentry]"'
        raise bad_value(name, "the Python package sentry-sdk to be installed", found)
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


def hosts(name: str, default: str, base_url: str) -> list[str]:
    """The hosts that the site answers to. That of the base URL is one of them, or no link to the site would work."""
    found = names(name, default)
    host = urlsplit(base_url).hostname or ""
    spellings = {f"[{host}]"} if ":" in host else {host, host.encode("idna").decode()}
    if not any(validate_host(spelling, [one.lower() for one in found]) for spelling in spellings):
        raise bad_value(name, f"{host}, the host of NEWSROOM_BASE_URL, among them", repr(",".join(found)))
    return found


def folder(name: str, default: Path) -> Path:
    """A folder. One that the variable names is there, or can be made."""
    path = Path(text(name, str(default))).resolve()
    if os.environ.get(name):
        nearest = next(one for one in (path, *path.parents) if os.path.lexists(one))
        is_usable = os.access(nearest, os.R_OK | os.X_OK if nearest == path else os.W_OK | os.X_OK)
        if not nearest.is_dir() or not is_usable:
            why = "cannot be used by this account" if nearest.is_dir() else "is no folder"
            raise bad_value(name, "a folder that is there or can be made", f"{str(path)!r}, but {nearest} {why}")
    return path


def optional_folder(name: str) -> Path | None:
    """A folder, None if the variable is not set."""
    return folder(name, Path()) if os.environ.get(name) else None


def metrics(name: str) -> str:
    """Who may read the site's figures: nobody (""), everybody ("1"), or who has this token."""
    value = text(name, "")
    if value not in ("", "0", "1") and not re.fullmatch(r"[\x21-\x7e]{16,}", value):
        raise bad_value(name, "0, 1, or a token of at least 16 characters without blanks", f"{len(value)} others")
    return "" if value == "0" else value


def secret_key(name: str, file: Path) -> str:
    """The variable, or else a key made once and kept in `file`, readable by its owner only."""
    if value := os.environ.get(name):
        if len(value) < 20:
            raise bad_value(name, "at least 20 random characters", f"{len(value)}")
        if len(set(value)) < DIFFERENT or REPEATED.fullmatch(value):
            raise bad_value(name, "at least 20 random characters", "the same ones again and again")
        if WELL_KNOWN.search(value):
            raise bad_value(name, "random characters of your own", "an example that everybody knows")
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
