"""Typed readers of environment variables. A bad value raises ImproperlyConfigured in one sentence."""

from .databases import at_a_place, cache, database, sqlite, with_driver
from .demo import become_demo
from .files import is_private, load_file
from .mail import mail_sender, mail_server, mail_settings
from .proxies import SOCKET, proxies
from .values import (
    bad_value,
    base_url,
    flag,
    folder,
    hosts,
    metrics,
    names,
    number,
    one_of,
    optional_folder,
    optional_url,
    secret_key,
    sentry_dsn,
    tag_authority,
    text,
)

__all__ = [
    "SOCKET",
    "at_a_place",
    "bad_value",
    "base_url",
    "become_demo",
    "cache",
    "database",
    "flag",
    "folder",
    "hosts",
    "is_private",
    "load_file",
    "mail_sender",
    "mail_server",
    "mail_settings",
    "metrics",
    "names",
    "number",
    "one_of",
    "optional_folder",
    "optional_url",
    "proxies",
    "secret_key",
    "sentry_dsn",
    "sqlite",
    "tag_authority",
    "text",
    "with_driver",
]
