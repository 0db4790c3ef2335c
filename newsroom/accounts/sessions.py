"""The open sessions of editors: where they are in use, and how to end them."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth import HASH_SESSION_KEY, logout
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from articles.models import OpenSession
from newsroom.clients import client_address

from . import second_factor
from .records import browser_of, user_of

Respond = Callable[[HttpRequest], HttpResponseBase]

PLACES = ("/admin/", "/media/")  # what editors see: readers' pages know no sessions
NOTED, SINCE = "noted", "since"  # in a session: its key and the day it was last stored as open; when it was first
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def guard_accounts(get_response: Respond) -> Respond:
    """Middleware: lead editors who lack a second factor to set it up, if they must have one. Note open sessions."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PLACES):
            return get_response(request)
        response = _demand(request) or get_response(request)
        if request.user.is_authenticated:
            note(request, user_of(request))
        return response

    return middleware


def _demand(request: HttpRequest) -> HttpResponseBase | None:
    """Return where a user must go before anything else; None if they may go where they want."""
    if not request.user.is_authenticated or not second_factor.is_missing(request):
        return None
    if second_factor.has_one(user_of(request)):  # a session that was begun without it
        logout(request)
        return redirect("admin:login")
    allowed = [reverse(name) for name in ("second_factor", "admin:login", "admin:logout")]
    return None if request.path_info in allowed else redirect("second_factor")


def note(request: HttpRequest, user: User) -> None:
    """Store that a session is open: once a day, and when its key is new. It does not matter if that fails."""
    session, now = request.session, timezone.now()
    state = [session.session_key, now.date().isoformat()]
    if session.session_key is None or session.get(NOTED) == state:
        return
    since = session.get(SINCE, now.isoformat())
    where = {"address": client_address(request), "browser": browser_of(request), "seen_on": now.date()}
    try:
        with transaction.atomic():
            OpenSession.objects.update_or_create(
                session_id=session.session_key,
                defaults={**where, "user": user, "since": datetime.fromisoformat(since)},
            )
    except DatabaseError:
        return
    session[NOTED], session[SINCE] = state, since


@receiver(user_logged_in)
def note_log_in(request: HttpRequest | None, user: User, **_more: object) -> None:
    if request is not None:
        note(request, user)


def open_sessions(user: User) -> list[OpenSession]:
    """Return the sessions of a user that work, the last seen first. Those from before a change of password do not."""
    found = OpenSession.objects.filter(user=user, session__expire_date__gt=timezone.now()).select_related("session")
    own = user.get_session_auth_hash()
    return [one for one in found if one.session.get_decoded().get(HASH_SESSION_KEY) == own]


def end_others(request: HttpRequest) -> int:
    """End all other sessions of the user. Return how many."""
    others = OpenSession.objects.filter(user=user_of(request)).exclude(session_id=request.session.session_key)
    keys = list(others.values_list("session_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)


def described(browser: str) -> str:
    """Return a browser and its system in words, such as "Firefox, Linux"; "" if it is an unknown one."""
    known = [next((name for mark, name in names.items() if mark in browser), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, known))
