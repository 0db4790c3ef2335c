"""Whether this process answers requests: then it waits for nobody for long."""

from typing import Any

from django.db.backends.signals import connection_created

PATIENCE = 2  # seconds to wait for what another process has locked
LONGEST = 20  # seconds that a query may take on PostgreSQL: a server's worker has 30
requests = False


def begin() -> None:
    """Make this process impatient, from the next connection to its database on."""
    global requests
    requests = True
    connection_created.connect(_limit, dispatch_uid="newsroom.serving")


def _limit(connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}s'; SET statement_timeout = '{LONGEST}s'")
