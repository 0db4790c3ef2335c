"""Headers that tell browsers what they may do with an answer: with every answer, whatever made it.

CSPMiddleware adds the policy for content, which the settings hold. It comes second, so that it sees all answers too.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Respond = Callable[[HttpRequest], HttpResponseBase]
FIXED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [
            *(f"{name}=()" for name in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope")),
            *(f"{name}=()" for name in ("magnetometer", "microphone", "midi", "payment", "serial", "usb")),
            *(f"{name}=()" for name in ("browsing-topics", "hid", "idle-detection", "local-fonts")),
            'fullscreen=(self "https://www.youtube-nocookie.com")',
        ]
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# What is no page (pictures, fonts, styles, data) may do nothing. This is short: a page loads a dozen of them.
OF_FILES = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SECRET = {"token", "uidb64"}  # parts of addresses that nobody else may learn


def add_headers(get_response: Respond) -> Respond:
    """Middleware, the outermost: add the headers that an answer lacks."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "text/html").startswith("text/html")
        if not is_page and not hasattr(response, "_csp_config"):  # no view chose a policy of its own
            for name, value in OF_FILES.items():
                response[name] = value
        lacking = {name: value for name, value in FIXED.items() if name not in response.headers}
        if getattr(response, "xframe_options_exempt", False):
            lacking.pop("X-Frame-Options", None)
        for name, value in lacking.items():
            response[name] = value
        response.headers.setdefault("Cross-Origin-Resource-Policy", _users(response))
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        is_secret = request.resolver_match and SECRET & set(request.resolver_match.kwargs)
        if is_secret and response["Referrer-Policy"] == settings.SECURE_REFERRER_POLICY:  # the view chose no other
            response["Referrer-Policy"] = "no-referrer"
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
        return response

    return middleware


def _users(response: HttpResponseBase) -> str:
    """Return whose pages may load an answer: any for public data and public pictures, such as a reader of feeds."""
    is_picture = response.headers.get("Content-Type", "").startswith("image/")
    is_public = "public" in response.headers.get("Cache-Control", "")
    is_data = response.headers.get("Access-Control-Allow-Origin") == "*"
    return "cross-origin" if is_data or (is_picture and is_public) else "same-origin"
