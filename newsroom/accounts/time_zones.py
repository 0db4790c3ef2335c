"""The time zone in which a person reads and writes times in the admin. The public site has its own, UTC."""

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Preference

from .records import user_of

NAME = "time_zone"  # in a session, which follows the stored one at the next log-in
Respond = Callable[[HttpRequest], HttpResponseBase]


@cache
def names() -> list[str]:
    """Return the zones to choose from: UTC, and those of places."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]


class TimeZoneForm(forms.Form):
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in names()])


def use_own_zone(get_response: Respond) -> Respond:
    """Middleware: show the admin in a person's own time zone, and read times in it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/admin/") or not request.user.is_authenticated:
            return get_response(request)
        with timezone.override(ZoneInfo(zone_of(request))):
            return get_response(request)

    return middleware


def zone_of(request: HttpRequest) -> str:
    """Return the name of a person's time zone, as the session has it."""
    name = str(request.session.get(NAME, "UTC"))
    return name if name in names() else "UTC"


def choose(request: HttpRequest, name: str) -> None:
    """Store a person's time zone, a name of `names`."""
    Preference.objects.update_or_create(user=user_of(request), defaults={"time_zone": name})
    request.session[NAME] = name


@receiver(user_logged_in)
def remember_zone(request: HttpRequest | None, user: User, **_more: object) -> None:
    stored = Preference.objects.filter(user=user).values_list("time_zone", flat=True).first()
    if request is not None and stored:
        request.session[NAME] = stored
