"""Readers of what mail needs: a server and a sender."""

import re
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

import django

from .values import DOMAIN, bad_value, text

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
MAIL_TIMEOUT = 10  # seconds that a mail server may be silent


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
