"""Pages, feeds and lists go out compressed. Pictures already are, and static files are kept so."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

Respond = Callable[[HttpRequest], HttpResponseBase]
TEXTS = ("text/", "application/")


def compress_texts(get_response: Respond) -> Respond:
    """Middleware: gzip for texts, padded at random, so that their length gives no secret away (BREACH)."""
    gzip = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
        return gzip.process_response(request, response) if is_text else response

    return middleware
