"""Is the site set up for readers? Its settings, its mail server, its static files, its packages."""

import json
import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import caches

from newsroom import health

from ..newsletter import smtp
from .findings import Found, check

ENVIRONMENT = ".env or the service's environment"
OLDEST = {"python": (3, 11), "sqlite": (3, 37)}


@check
def debug() -> Found:
    if settings.DEBUG:
        yield ENVIRONMENT, "NEWSROOM_DEBUG is 1: readers see Django's error pages.", "NEWSROOM_DEBUG=0"


@check
def secret_key() -> Found:
    if not os.environ.get("NEWSROOM_SECRET_KEY"):
        cure = 'echo "NEWSROOM_SECRET_KEY=$(openssl rand -base64 48)" >> .env'
        yield ENVIRONMENT, "NEWSROOM_SECRET_KEY is not set: a production server does not start.", cure


@check
def base_url() -> Found:
    parts = urlsplit(settings.NEWSROOM_BASE_URL)
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if is_local:
        what = (
            f"NEWSROOM_BASE_URL is {settings.NEWSROOM_BASE_URL}: links in feeds and mail lead to readers' own machines."
        )
        yield ENVIRONMENT, what, "NEWSROOM_BASE_URL=https://news.example.org"
    elif parts.scheme != "https":
        what = "NEWSROOM_BASE_URL begins with http: passwords and cookies travel in plain text."
        yield ENVIRONMENT, what, f"NEWSROOM_BASE_URL=https://{parts.netloc}"


@check
def proxy_headers() -> Found:
    is_https = settings.NEWSROOM_BASE_URL.startswith("https://")
    if is_https and not getattr(settings, "NEWSROOM_TRUSTED_PROXIES", True):
        what = "Readers come by https, so through a proxy, but no proxy is trusted: all of them count as one client."
        yield ENVIRONMENT, what, "NEWSROOM_TRUSTED_PROXIES=127.0.0.1"
    if is_https and not settings.SECURE_PROXY_SSL_HEADER:
        yield "newsroom/settings.py", "SECURE_PROXY_SSL_HEADER is not set: every request is redirected.", "Set it."


@check
def hosts() -> Found:
    if wild := [host for host in settings.ALLOWED_HOSTS if host == "*"]:
        what = f"NEWSROOM_ALLOWED_HOSTS has {wild[0]!r}: the site answers to any name that a client invents."
        yield ENVIRONMENT, what, f"NEWSROOM_ALLOWED_HOSTS={urlsplit(settings.NEWSROOM_BASE_URL).hostname}"


@check
def mail() -> Found:
    """Connect to the mail server and log in there, if there is one."""
    server: Any = smtp.new_connection()
    if not hasattr(server, "host"):  # mail is printed
        return
    try:
        server.open()
        server.close()
    except OSError as error:
        where = f"{server.host}:{server.port}"
        what = f"The mail server cannot be used: {type(error).__name__}: {error}"
        yield where, what, f"openssl s_client -connect {where} (then see NEWSROOM_EMAIL_URL)"


@check
def cache() -> Found:
    try:
        health.check_cache()
    except Exception as error:  # of whatever library the cache uses
        where = type(caches["default"]).__name__
        yield (
            where,
            f"The cache cannot be reached: {type(error).__name__}. Pages are slower.",
            "redis-cli -u $CACHE_URL ping",
        )


@check
def static_files() -> Found:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    cure = ".venv/bin/python manage.py collectstatic --noinput"
    if not manifest.exists():
        yield str(settings.STATIC_ROOT), "Static files have not been collected: they are sent uncompressed.", cure
        return
    known = json.loads(manifest.read_text())["paths"]
    made = manifest.stat().st_mtime
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            is_newer = os.stat(storage.path(name)).st_mtime > made
            if name not in known or is_newer:
                yield str(manifest), f"{name} is newer than the static files that were collected.", cure
                return


@check
def packages() -> Found:
    """Compare what is installed with what pyproject.toml asks for."""
    if sys.version_info < OLDEST["python"]:
        yield (
            sys.executable,
            f"Python {sys.version_info[0]}.{sys.version_info[1]}: expected 3.11 or later.",
            "Upgrade it.",
        )
    file = Path(settings.BASE_DIR) / "pyproject.toml"
    listed = re.search(r"(?ms)^dependencies = \[(.*?)^\]", file.read_text(encoding="utf-8"))
    for name, bounds in re.findall(r'"([\w.-]+)((?:[<>]=?[\d.]+,?)+)"', listed[1] if listed else ""):
        version = _installed(name)
        if not version or not all(_fits(version, bound) for bound in bounds.split(",")):
            what = f"{name}: expected {bounds}, found {version or 'none'}."
            yield "installed packages", what, '.venv/bin/pip install -c requirements.lock ".[production]"'


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _fits(version: str, bound: str) -> bool:
    sign, numbers = re.fullmatch(r"([<>]=?)([\d.]+)", bound).groups()  # type: ignore[union-attr]
    have, limit = ([int(part) for part in re.findall(r"\d+", text)[:3]] for text in (version, numbers))
    return {">=": have >= limit, ">": have > limit, "<=": have <= limit, "<": have < limit}[sign]
