"""Typed readers of environment variables. A bad value raises ImproperlyConfigured in one sentence."""

from .databases import cache, database, sqlite, with_driver
from .demo import become_demo
from .mail import mail_sender, mail_server, mail_settings
from .values import (
    bad_value,
    base_url,
    flag,
    folder,
    names,
    number,
    one_of,
    optional_url,
    secret_key,
    sentry_dsn,
    tag_authority,
    text,
)

__all__ = [
    "bad_value",
    "base_url",
    "become_demo",
    "cache",
    "database",
    "flag",
    "folder",
    "mail_sender",
    "mail_server",
    "mail_settings",
    "names",
    "number",
    "one_of",
    "optional_url",
    "secret_key",
    "sentry_dsn",
    "sqlite",
    "tag_authority",
    "text",
    "with_driver",
]
