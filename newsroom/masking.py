"""What no log, error page or error report may show: keys, passwords, mail addresses, and addresses that hold tokens."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.urls import URLResolver, get_resolver

HIDDEN = "********"
SHORTEST = 6  # letters of a secret: to hide shorter ones would hide common words too
# Each part has its longest, so that no text takes more than a time that grows with its length.
MAIL_ADDRESS = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,255}(?:\.[\w-]{1,63}){1,20}")
PASSWORD_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@'\"]{0,200}:)[^\s/@'\"]{1,200}@", re.IGNORECASE)
SECRET_PARAMETERS = {"token", "uidb64", "key", "signature"}  # of routes
SECRET_SETTINGS = ("SECRET_KEY", "EMAIL_HOST_PASSWORD", "NEWSROOM_SENTRY_DSN", "NEWSROOM_METRICS")
# Unprintable, or able to change how the text around it is shown.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def mask(text: str) -> str:
    """Return a text without secrets and personal data, and without control characters but tab and line feed."""
    text = MAIL_ADDRESS.sub("…@…", hide_secrets(text))
    text = secret_addresses(settings.ROOT_URLCONF).sub(r"\1…", text)
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def one_line(text: str) -> str:
    """Return `mask(text)` as one line."""
    return mask(text).replace("\n", "\\n").replace("\t", "\\t")


def hide_secrets(text: str) -> str:
    """Return a text without the site's keys and passwords, however they are written: in HTML, in Python, in a URL."""
    for secret in _spellings(tuple(_secrets())):
        text = text.replace(secret, HIDDEN)
    return PASSWORD_IN_URL.sub(rf"\1{HIDDEN}@", text)


def _secrets() -> Iterator[str]:
    """Yield the keys and passwords of the settings."""
    yield from (str(getattr(settings, name, None) or "") for name in SECRET_SETTINGS)
    yield from map(str, settings.SECRET_KEY_FALLBACKS)
    yield from (str(entry.get("PASSWORD") or "") for entry in settings.DATABASES.values())
    mailers: dict[str, Any] = getattr(settings, "MAILERS", {})
    yield from (str(entry.get("OPTIONS", {}).get("password") or "") for entry in mailers.values())
    for entry in settings.CACHES.values():
        locations = entry.get("LOCATION") or ()
        for location in [locations] if isinstance(locations, str) else locations:
            yield unquote(urlsplit(location).password or "") if "://" in location else ""


@lru_cache(maxsize=8)
def _spellings(secrets: tuple[str, ...]) -> list[str]:
    """Return the spellings of secrets, the longest first."""
    found = set()
    for secret in secrets:
        found |= {secret, repr(secret)[1:-1], escape(secret), escape(repr(secret)[1:-1]), quote(secret, safe="")}
    return sorted((spelling for spelling in found if len(spelling) >= SHORTEST), key=lambda text: (-len(text), text))


@lru_cache(maxsize=8)
def secret_addresses(urlconf: str) -> re.Pattern[str]:
    """Return a pattern of addresses that hold a token, such as `/newsletter/confirm/…`: group 1 is what is before it.

    All routes with a parameter of SECRET_PARAMETERS are such addresses.
    """
    starts = sorted(set(_starts(get_resolver(urlconf), "/")), key=lambda start: (-len(start), start))
    return re.compile(rf"({'|'.join(map(re.escape, starts)) or '(?!)'})[^\s'\"<>]+", re.IGNORECASE)


def _starts(resolver: URLResolver, above: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = above + str(pattern.pattern).removeprefix("^").removesuffix("\\Z").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _starts(pattern, route)
        elif SECRET_PARAMETERS & set(pattern.pattern.regex.groupindex):
            yield re.split(r"[<(]", route, maxsplit=1)[0]
