"""What is answered while the database or the disk cannot be used: 503, and when to come back."""

import errno
import sys
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.utils.cache import add_never_cache_headers

from articles.db import serving
from newsroom.open_data import ERRORS, is_of_the_api

Respond = Callable[[HttpRequest], HttpResponseBase]
RETRY_AFTER = 30  # seconds
SQLITE_ERROR = 1  # code of an error in a query: nothing is wrong with the database
NOT_MIGRATED = ("no such table", "no such column")  # such errors but these: the database is not ready yet
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.ENODEV)  # it takes nothing
STATES = ("25006", "42P01", "42703")  # of PostgreSQL: read-only; no such table; no such column


def wait_for_nobody(get_response: Respond) -> Respond:
    """Middleware: let the database answer at once in processes that answer requests, or not at all."""
    serving.begin()
    return get_response


def error_page(request: HttpRequest) -> HttpResponse:
    """Return the page for the exception that is being handled: 503 if what it needs cannot be used, else 500.

    That of the JSON API is JSON. It needs neither a database nor a session. Django calls it wherever the exception was
    raised, in middleware too.
    """
    error = sys.exc_info()[1]
    status = 503 if isinstance(error, Exception) and is_unavailable(error) else 500
    own = getattr(request, "id", "")
    if is_of_the_api(request.path_info):
        response: HttpResponse = JsonResponse({"error": ERRORS[status], "request": own}, status=status)
    else:
        response = HttpResponse(loader.render_to_string(f"{status}.html", {"request_id": own}), status=status)
    add_never_cache_headers(response)
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def is_unavailable(error: Exception) -> bool:
    """Return whether an exception says that the database, or the disk, is gone, locked, full, read-only or damaged."""
    if isinstance(error, OSError):
        return error.errno in DISK
    cause = error.__cause__
    if getattr(cause, "sqlite_errorcode", None) == SQLITE_ERROR:
        return any(text in str(error) for text in NOT_MIGRATED)
    return (
        isinstance(error, (OperationalError, InterfaceError))
        or type(error) is DatabaseError  # SQLite's, for a file that is damaged or no database
        or getattr(cause, "sqlstate", None) in STATES
    )
