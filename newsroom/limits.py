"""How large a request may be. What is larger is refused before anything reads or keeps it.

Readers send small forms and no files. Editors' forms hold whole stories, and pictures.
"""

from collections.abc import Callable
from io import BytesIO

from django.contrib.auth import get_user
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.template import loader

from articles.pictures.imaging import MAX_BYTES
from articles.text.numbers import LARGEST_ID, read_number

from .open_data import is_of_the_api

Respond = Callable[[HttpRequest], HttpResponseBase]
READERS = 64 * 1024  # bytes of a request's body
EDITORS = MAX_BYTES + 1_000_000
REASONS = {
    400: "This request cannot be read.",
    411: "Send this request with a Content-Length.",
    413: "This is too large to send.",
}


def limit_bodies(get_response: Respond) -> Respond:
    """Middleware: answer 413 to what is too large. It follows that of sessions, since editors may send more."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        status = _measured(request) or _parsed(request)
        return _refused(request, status) if status else get_response(request)

    return middleware


def _is_of_the_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith("/admin/")


def _most(request: HttpRequest) -> int:
    """Return how many bytes a request's body may have. Only editors who are logged in may send more than readers."""
    return EDITORS if _is_of_the_admin(request) and get_user(request).is_staff else READERS


def _measured(request: HttpRequest) -> int:
    """Return the status of the answer to a body that is too large, or of unknown length, else 0.

    Django would take a body without a length for none. One is read here, as far as it may go.
    """
    given, environ = str(request.META.get("CONTENT_LENGTH") or "0"), request.META
    length = read_number(given, 0, LARGEST_ID)
    if length is None:
        return 413 if given.isdecimal() else 400
    if length > READERS:
        return 413 if length > _most(request) else 0
    if length or "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return 0
    if not environ.get("wsgi.input_terminated"):
        return 411  # reading it could wait for ever
    most = _most(request)
    try:
        body = environ["wsgi.input"].read(most + 1)
    except Exception:  # the client left, or its chunks cannot be read: each server has errors of its own
        return 400
    environ["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)  # what Django reads from
    return 413 if len(body) > most else 0


def _parsed(request: HttpRequest) -> int:
    """Read a form. Return the status of the answer to one that is too large or cannot be read, else 0."""
    try:
        has_files = bool(request.FILES)
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        return 413
    except (BadRequest, MultiPartParserError, UnreadablePostError):
        return 400
    return 413 if has_files and not _is_of_the_admin(request) else 0


def _refused(request: HttpRequest, status: int) -> HttpResponse:
    if is_of_the_api(request.path_info):
        return JsonResponse({"error": REASONS[status]}, status=status)
    page = loader.render_to_string("413.html", {"is_large": status == 413})
    return HttpResponse(page, status=status)
