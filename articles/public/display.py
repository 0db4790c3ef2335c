"""Readers' choices about how pages look: kept in cookies, set by a form without script."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

COOKIE_AGE = 365 * 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class Choice:
    """A choice readers have: the name of its cookie and its values, the default first."""

    name: str
    label: str
    values: dict[str, str] = field(default_factory=dict)  # labels by value

    @property
    def default(self):
        return next(iter(self.values))

    def of(self, given):
        """Return the value in `given` (cookies or a form's data), or the default."""
        value = given.get(self.name)
        return value if value in self.values else self.default


CHOICES = [
    Choice("theme", _("Colours"), {"auto": _("As the device"), "light": _("Light"), "dark": _("Dark")}),
    Choice(
        "list",
        pgettext_lazy("display", "Lists"),
        {"comfortable": pgettext_lazy("lists", "Comfortable"), "dense": pgettext_lazy("lists", "Dense")},
    ),
]


def display_of(request):
    """Return the reader's choices: a value by the name of each."""
    return {choice.name: choice.of(request.COOKIES) for choice in CHOICES}


def vary_on_display(get_response):
    """Return middleware that tells caches that pages differ by cookie, and which are for one person alone."""

    def middleware(request):
        response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie"])
        if getattr(request, "is_for_staff", False):
            patch_cache_control(response, private=True)
        return response

    return middleware


@csrf_exempt  # it changes only how the sender's own pages look
@require_POST
def choose(request):
    """Store the form's choices in cookies and redirect to the page it was on."""
    back = request.POST.get("next", "")
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = "/"
    response = HttpResponseRedirect(back)
    for choice in CHOICES:
        response.set_cookie(
            choice.name,
            choice.of(request.POST),
            max_age=COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response
