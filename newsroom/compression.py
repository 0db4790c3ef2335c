"""Pages, feeds and lists go out compressed. Pictures already are, and static files are kept so."""

from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/")


def compress_texts(get_response):
    """Middleware: gzip for texts, padded at random, so that their length gives no secret away (BREACH)."""
    gzip = GZipMiddleware(get_response)

    def middleware(request):
        response = get_response(request)
        is_text = response.headers.get("Content-Type", "").startswith(TEXTS)
        return gzip.process_response(request, response) if is_text else response

    return middleware
