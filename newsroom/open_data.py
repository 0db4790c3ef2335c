"""Public data for programs: scripts of any site may read it, and the JSON API's errors are JSON."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

Respond = Callable[[HttpRequest], HttpResponseBase]

# How addresses of data look. Pages may look the same (a topic called `api`), so their routes decide.
LOOK = re.compile(r"/api(?:/|$)|/(?:rss\.xml|atom\.xml|feed\.json)$|sitemap[^/]*\.xml$")
API_ROUTE = re.compile(r"(?:<slug:source>/)?api/")
DATA_ROUTE = re.compile(rf"{API_ROUTE.pattern}|.*<feed:name>$|[\w-]*sitemap")
UNKNOWN = re.compile(r"/(?!admin/)(?:[\w-]+/)?api(?:/|$)")  # without a route: not found, or it leads on
ERRORS = {
    404: "There is no such list, topic, tag, article, issue or page.",
    500: "Something went wrong here. Please try again in a minute.",
    503: "The database cannot be used right now. Please try again in a minute.",
    405: "Expected GET, HEAD or OPTIONS: this API is for reading.",
}
LIFE = 24 * 60 * 60  # seconds that a browser remembers what is allowed


def _is(routes: re.Pattern[str], path: str) -> bool:
    """Return whether an address is of these routes, or has none and looks like one of the API's."""
    if not LOOK.search(path):
        return False
    try:
        return bool(routes.match(resolve(path).route))
    except Resolver404:
        return bool(UNKNOWN.match(path))


def is_of_the_api(path: str) -> bool:
    """Return whether an address is one of the JSON API's."""
    return _is(API_ROUTE, path)


def allow_all_origins(get_response: Respond) -> Respond:
    """Middleware: let scripts of any site read public data (CORS), redirects and errors too. They send no cookies."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not _is(DATA_ROUTE, request.path_info):
            return get_response(request)
        asks = request.method == "OPTIONS"
        response = HttpResponse(status=204) if asks else get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        if asks:
            response["Allow"] = response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response["Access-Control-Allow-Headers"] = "*"
            response["Access-Control-Max-Age"] = str(LIFE)
        else:
            response["Access-Control-Expose-Headers"] = "ETag, Link"
        return response

    return middleware


def answer_errors_in_json(get_response: Respond) -> Respond:
    """Middleware: answer an error of the JSON API with `{"error": "…"}`, in one sentence."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html") or response.status_code == 405
        if not (response.status_code >= 400 and is_page and is_of_the_api(request.path_info)):
            return response
        sentence = ERRORS.get(response.status_code, response.reason_phrase)
        answer = JsonResponse({"error": sentence}, status=response.status_code)
        for name in {"Allow", "Cache-Control", "Retry-After"} & response.headers.keys():
            answer[name] = response[name]
        return answer

    return middleware
