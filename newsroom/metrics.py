"""Figures for Prometheus at `/metrics`, if NEWSROOM_METRICS says so. None of them tells what an article or reader is.

Each process counts its own requests and keeps the counts in a file, so whichever process is asked tells those of all.
A label has the process, since its counts end with it.
"""

import json
import logging
import os
import secrets
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from articles.models import Article, ArticleImage, Conflict, ImportRun, LastRun, ReindexRequest, Subscriber, Suggestion
from articles.text.digests import hex_digest

Respond = Callable[[HttpRequest], HttpResponseBase]
Sample = tuple[dict[str, str], float]  # labels, value
PATH = "/metrics"
log = logging.getLogger("newsroom.metrics")
TYPE = "text/plain; version=0.0.4; charset=utf-8"
FORGET_AFTER = 600  # seconds after which the counts of a process that has ended are deleted


def count_requests(get_response: Respond) -> Respond:
    """Middleware: count requests and answer `/metrics`. Off, it is not there at all."""
    if not settings.NEWSROOM_METRICS:
        raise MiddlewareNotUsed
    try:
        counts = Counts(_folder())
    except OSError as error:  # the site goes on without
        log.error("There are no metrics: %s", error)
        raise MiddlewareNotUsed from error

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH:
            return _answer(request, counts)
        started = time.monotonic()
        response = get_response(request)
        counts.add(_route(request), response.status_code, time.monotonic() - started)
        return response

    return middleware


def _answer(request: HttpRequest, counts: "Counts") -> HttpResponse:
    token = "" if settings.NEWSROOM_METRICS == "1" else settings.NEWSROOM_METRICS
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and not secrets.compare_digest(given.encode(), token.encode()):
        response = HttpResponse("expected the header Authorization: Bearer and the token\n", TYPE, 401)
        response["WWW-Authenticate"] = "Bearer"
    else:
        response = HttpResponse("".join(_text([*counts.families(), *_rows()])), TYPE)
    response["Cache-Control"] = "no-store"
    return response


def _route(request: HttpRequest) -> str:
    """Return the pattern of an address: a page's own would be a figure for each article."""
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return "static" if request.path_info.startswith(str(settings.STATIC_URL)) else "none"


def _folder() -> Path:
    """Return the folder that the processes of this site and account share."""
    name = f"newsroom-metrics-{os.getuid()}-{hex_digest(str(settings.BASE_DIR))[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else: delete it.")
    return folder


class Counts:
    """The requests of this process, by route and status, and those that other processes have counted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lock, self.process = folder, Lock(), 0
        self.found: dict[tuple[str, int], list[float]] = {}

    def add(self, route: str, status: int, seconds: float) -> None:
        with self.lock:
            if self.process != os.getpid():  # the first request of a process that was forked
                self.process, self.found = os.getpid(), defaultdict(lambda: [0, 0.0])
            entry = self.found[route, status]
            entry[0] += 1
            entry[1] += seconds
            file = self.folder / f"{self.process}.json"
            with suppress(OSError):  # a full disk stops no request
                draft = file.with_suffix(".part")
                draft.write_text(json.dumps([[*key, *entry] for key, entry in self.found.items()]))
                draft.replace(file)

    def families(self) -> Iterator[tuple[str, str, str, list[Sample]]]:
        numbers: list[Sample] = []
        durations: list[Sample] = []
        for file in sorted(self.folder.glob("*.json")):
            with suppress(OSError, ValueError):
                if not Path(f"/proc/{file.stem}").exists() and file.stat().st_mtime < time.time() - FORGET_AFTER:
                    file.unlink()
                    continue
                for route, status, number, seconds in json.loads(file.read_text()):
                    labels = {"route": route, "status": str(status), "pid": file.stem}
                    numbers.append((labels, number))
                    durations.append((labels, seconds))
        yield "newsroom_requests_total", "counter", "Requests that were answered.", numbers
        yield "newsroom_request_seconds_total", "counter", "Seconds that answering them took.", durations


def _rows() -> Iterator[tuple[str, str, str, list[Sample]]]:
    """Yield what the database tells, and whether it tells anything."""
    try:
        families = list(_families_of_rows())
        is_up = 1
    except DatabaseError:
        families, is_up = [], 0
    yield "newsroom_database_up", "gauge", "Whether the database answers.", [({}, is_up)]
    yield from families


def _families_of_rows() -> Iterator[tuple[str, str, str, list[Sample]]]:
    states = {(True, False): "published", (False, False): "unpublished"}
    counted: dict[str, int] = dict.fromkeys([*states.values(), "removed"], 0)
    for row in Article.objects.order_by().values("published", "removed").annotate(number=Count("pk")):
        counted[states.get((row["published"], row["removed"]), "removed")] += row["number"]
    articles: list[Sample] = [({"state": state}, number) for state, number in counted.items()]
    yield "newsroom_articles", "gauge", "Articles.", articles
    queues = {
        "search_index": ReindexRequest.objects.count(),
        "suggestions": Suggestion.objects.filter(state=Suggestion.State.OPEN).count(),
        "conflicts": Conflict.objects.open().count(),
        "pictures": ArticleImage.objects.filter(file="").count(),
        "sign_ups": Subscriber.objects.filter(state=Subscriber.State.PENDING).count(),
    }
    waiting: list[Sample] = [({"name": name}, number) for name, number in queues.items()]
    yield "newsroom_queue", "gauge", "What waits to be done.", waiting
    imports = ImportRun.objects.filter(state=ImportRun.State.DONE).order_by("-pk").values_list("finished_at", flat=True)
    moments: dict[str, datetime | None] = {"import_articles": imports.first()}
    moments |= dict(LastRun.objects.values_list("command", "at"))
    runs: list[Sample] = [({"command": name}, at.timestamp()) for name, at in moments.items() if at]
    yield "newsroom_last_run_timestamp_seconds", "gauge", "When a command last did its work.", runs


def _text(families: list[tuple[str, str, str, list[Sample]]]) -> Iterator[str]:
    """Yield Prometheus's text format (0.0.4)."""
    for name, kind, what, samples in families:
        yield f"# HELP {name} {what}\n# TYPE {name} {kind}\n"
        for labels, value in samples:
            pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
            yield f"{name}{{{pairs}}} {value!r}\n" if pairs else f"{name} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
