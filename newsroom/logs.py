"""What the site says while it runs: errors on standard error, one line for each request on standard output.

Each line has the id of its request, which the response's header and the error page name too. No line holds secrets
or personal data (`newsroom.masking`), and a request cannot forge one: see docs/monitoring.md.
"""

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, cast

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path

from .masking import mask, one_line

Respond = Callable[[HttpRequest], HttpResponseBase]

ID = re.compile(r"[A-Za-z0-9-]{1,64}")  # what a proxy may call a request
LONGEST, LONGEST_ERROR = 5_000, 50_000  # characters of a message, and of a traceback
request_id: ContextVar[str] = ContextVar("request_id", default="-")
access = logging.getLogger("newsroom.access")
log = logging.getLogger("newsroom.requests")


def settings(level: str, form: str, with_access: bool) -> dict[str, Any]:
    """Return Django's LOGGING for a level, a form (`text`, `json`, `short`), and with or without lines for requests."""
    quiet = {"handlers": [], "level": "CRITICAL", "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"text": {"()": Text}, "json": {"()": Json}, "short": {"()": Short}},
        "handlers": {
            "errors": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": form},
            "access": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": form},
        },
        "root": {"handlers": ["errors"], "level": level.upper()},
        "loggers": {
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            "django.request": {"level": "ERROR"},  # that a page is missing, the line of the request says
            "django.server": quiet,  # and all that `runserver` would say
            "django.db.backends": {"level": "INFO"},  # SQL has rows in it
            "django.template": {"level": "INFO"},  # so have contexts
            "newsroom.access": {
                "handlers": ["access"] if with_access else [],
                "level": "INFO" if with_access else "CRITICAL",
                "propagate": False,
            },
        },
    }


class Json(logging.Formatter):
    """One JSON object in a line: `time`, `level`, `logger`, `request`, `message`, `error` (a traceback), and more."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": _id(record),
            "message": mask(_message(record))[:LONGEST],
            **getattr(record, "facts", {}),
        }
        if error := self.error(record):
            line["error"] = error
        return json.dumps(line)

    def error(self, record: logging.LogRecord) -> str:
        """Return the traceback, masked. What a client did wrong, as a host that is not ours, needs none."""
        if not record.exc_info or getattr(record, "status_code", 500) < 500:
            return ""
        return mask(self.formatException(record.exc_info)[-10 * LONGEST_ERROR :])[-LONGEST_ERROR:]


class Text(Json):
    """A line for people. The lines of a traceback are indented, so none of them looks like a line of ours."""

    def format(self, record: logging.LogRecord) -> str:
        message = one_line(_message(record))[:LONGEST]
        line = f"{_time(record)} {record.levelname} {record.name} [{_id(record)}] {message}"
        return "\n    ".join([line, *self.error(record).splitlines()])


class Short(Text):
    """A line for people who look around: of a fault only its name and where it is."""

    def error(self, record: logging.LogRecord) -> str:
        if not record.exc_info or not record.exc_info[1] or not super().error(record):
            return ""
        _, error, trace = record.exc_info
        places = traceback.extract_tb(trace)
        where = f" ({places[-1].filename}:{places[-1].lineno})" if places else ""
        return one_line(f"{type(error).__name__}: {error}{where}")[:LONGEST]


class Masked(logging.Filter):
    """Makes the records of others' loggers, such as gunicorn's, as safe as ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = one_line(record.getMessage()), None
        if record.exc_info:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True


def _message(record: logging.LogRecord) -> str:
    """Return a record's message, cut where nothing of it is shown any more. What is masked may become shorter."""
    return record.getMessage()[: 20 * LONGEST]


def _time(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"


def _id(record: logging.LogRecord) -> str:
    return str(getattr(record, "request_id", "")) or request_id.get()


def identify_requests(get_response: Respond) -> Respond:
    """Middleware: give a request its id and log it in one line.

    The id is `request.id`, the header `X-Request-ID` of the response, and in all that is logged meanwhile. A proxy's
    own `X-Request-ID` is kept if it is one.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        own = given if ID.fullmatch(given) else secrets.token_hex(8)
        request.id = own  # type: ignore[attr-defined]
        request_id.set(own)
        started = time.monotonic()
        response = get_response(request)
        response["X-Request-ID"] = own
        if isinstance(response, StreamingHttpResponse) and not hasattr(response, "file_to_stream"):
            _watch(request, response, started)
        else:
            _log(request, response, started, _length(response))
        return response

    return middleware


def _watch(request: HttpRequest, response: StreamingHttpResponse, started: float) -> None:
    """Log a response that is made while it is sent when it ends, and what fails meanwhile."""
    parts = cast(Iterator[bytes], response.streaming_content)

    def watched() -> Iterator[bytes]:
        sent = 0
        try:
            for part in parts:
                sent += len(part)
                yield part
        except Exception:
            extra = {"request_id": request.id}  # type: ignore[attr-defined]
            log.exception("Failed while it was sent: %s", escape_uri_path(request.path), extra=extra)
            raise
        finally:
            _log(request, response, started, sent)

    response.streaming_content = watched()


def _length(response: HttpResponseBase) -> int:
    content = getattr(response, "content", None)
    length = response.headers.get("Content-Length", "") if content is None else str(len(content))
    return int(length) if length.isdigit() else 0


def _log(request: HttpRequest, response: HttpResponseBase, started: float, sent: int) -> None:
    """Log a request: method, path, status, bytes, milliseconds. Queries, which hold searches, are left out."""
    if not access.isEnabledFor(logging.INFO):
        return
    path, milliseconds = mask(escape_uri_path(request.path)), round((time.monotonic() - started) * 1000)
    facts = {"method": request.method, "path": path, "status": response.status_code, "bytes": sent, "ms": milliseconds}
    extra = {"facts": facts, "request_id": request.id}  # type: ignore[attr-defined]
    access.info("%s %s %d %d %dms", request.method, path, response.status_code, sent, milliseconds, extra=extra)
