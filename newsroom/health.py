"""Two addresses for load balancers and monitors: `/healthz` and `/readyz`. Both are JSON and tell no secrets.

They are answered before hosts are checked and before redirects to https: who asks uses the machine's own address and
speaks plain HTTP. So they hold nothing that depends on who asks.
"""

import logging
import time
from collections.abc import Callable
from functools import cache as once
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from articles.pictures import volume

Respond = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("newsroom.health")
LIFE = 1.0  # seconds for which an answer of /readyz stays, so that many questions cost no more than one


def answer_monitors(get_response: Respond) -> Respond:
    """Middleware: answer `/healthz` (this process is up) and `/readyz` (so is all it needs: 200, otherwise 503)."""
    last: dict[str, Any] = {"until": 0.0, "found": {}}

    def ready() -> dict[str, str]:
        if time.monotonic() >= last["until"]:
            last.update(found=states(), until=time.monotonic() + LIFE)
        return dict(last["found"])

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in ("/healthz", "/readyz"):
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return _json({"status": "not allowed"}, 405)
        found = {} if request.path_info == "/healthz" else ready()
        is_well = set(found.values()) <= {"ok"}
        return _json({"status": "ok" if is_well else "failing", **found}, 200 if is_well else 503)

    return middleware


def _json(facts: dict[str, str], status: int) -> JsonResponse:
    response = JsonResponse(facts, status=status)
    response["Cache-Control"] = "no-store"
    if status == 405:
        response["Allow"] = "GET, HEAD"
    return response


def states() -> dict[str, str]:
    """Return "ok" or "failing" for each thing that the site needs. The log has the reasons."""
    return {name: _state(name, check) for name, check in CHECKS.items()}


def _state(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # whatever fails, the answer is that it does
        log.warning("Not ready: %s: %s: %s", name, type(error).__name__, error)
        return "failing"
    return "ok"


def check_database() -> None:
    """Raise if the database does not answer a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    """Raise if a migration of this code has not been run."""
    missing = _migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        raise LookupError(f"run manage.py migrate: {len(missing)} migrations have not been run")


@once
def _migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of this code. A squashed one counts as those it replaces."""
    nodes = MigrationLoader(None, ignore_no_migrations=True).graph.nodes
    return frozenset(key for key, node in nodes.items() if not node.replaces)


def check_cache() -> None:
    """Raise if the cache's server does not answer."""
    backend: Any = caches["default"]
    if "redis" in settings.CACHES["default"]["BACKEND"].lower():
        backend._cache.get_client(None, write=True).ping()  # not `get`: the site goes on without Redis
    else:
        backend.get("readyz")


def check_media() -> None:
    """Raise if the media folder is not the site's."""
    if not volume.is_there():
        raise LookupError(f"{settings.MEDIA_ROOT} is not the site's media folder: is its volume mounted?")


CHECKS = {"database": check_database, "migrations": check_migrations, "cache": check_cache, "media": check_media}
