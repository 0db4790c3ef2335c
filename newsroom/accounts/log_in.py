"""Log-in: a name and a password, then a code if there is a second factor.

A stranger who tries passwords is slowed down by name and address, and much later by address alone and by name alone. A
browser that logged in before is counted by itself, so nobody can lock an editor out of it by trying their name.
"""

import secrets
import time
import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model, load_backend, login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from articles.models import LogIn
from newsroom import throttling
from newsroom.clients import client_address, counted
from newsroom.throttling import Attempt, Claim, Rule

from . import second_factor
from .records import record

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAITS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
PAIR = Rule("log-in", 5, HOUR, WAITS, forget=DAY)  # a name tried from an address
DEVICE = Rule("log-in-device", 5, HOUR, WAITS, forget=DAY)  # a name tried in a browser that logged in with it
ADDRESS = Rule("log-in-address", 50, HOUR, (15 * MINUTE, HOUR), forget=DAY)
NAME = Rule("log-in-name", 200, DAY, (15 * MINUTE, HOUR), forget=7 * DAY)

ENTERING = "entering"  # in a session: who typed the right password, and still has to type a code
CODE_SECONDS = 600  # to type it
COOKIE = "newsroom_device"
COOKIE_SECONDS = 180 * 24 * 60 * 60


def counted_name(typed: str) -> str:
    """Return as what a typed name is counted, whether or not somebody has it."""
    return unicodedata.normalize("NFKC", typed[:150]).strip().casefold()


def too_many(attempt: Attempt) -> str:
    return _("There were too many attempts. Please try again %(when)s.") % {"when": throttling.in_words(attempt.wait)}


def refuse(response: HttpResponse, attempt: Attempt) -> HttpResponse:
    """Make a page the answer to an attempt that was not allowed."""
    response.status_code = 429
    response["Retry-After"] = throttling.in_seconds(attempt.wait)
    return response


class LogInView(LoginView):
    """The page for name and password, in the place of Django's."""

    authentication_form = AdminAuthenticationForm
    template_name = "admin/login.html"

    def get(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return redirect("admin:index")
        return super().get(request, *arguments, **options)

    def post(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        self.claims = _claims(request, counted_name(request.POST.get("username", "")))
        self.attempt = throttling.attempt(*self.claims)
        if self.attempt.wait:
            context = self.get_context_data(form=AdminAuthenticationForm(request), why=too_many(self.attempt))
            return refuse(render(request, self.template_name, context), self.attempt)
        return super().post(request, *arguments, **options)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        self.attempt.give_back()
        throttling.forget(self.claims[0])
        if not second_factor.has_one(user):
            return enter(self.request, user, self.get_success_url())
        self.request.session.cycle_key()
        self.request.session[ENTERING] = {
            "user": str(user.pk),
            "backend": user.backend,
            "hash": user.get_session_auth_hash(),
            "at": time.time(),
            "next": self.get_success_url(),
        }
        return redirect("log_in_code")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        users = get_user_model()._default_manager
        name = str(form.cleaned_data.get("username", ""))
        record(self.request, users.filter(**{get_user_model().USERNAME_FIELD: name}).first(), LogIn.Outcome.PASSWORD)
        return super().form_invalid(form)

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(
            **admin.site.each_context(self.request),
            title=_("Log in"),
            subtitle=None,
            app_path=self.request.get_full_path(),
            username=self.request.user.get_username(),
            resets_passwords=settings.NEWSROOM_SENDS_MAIL,
            **more,
        )


def enter(request: HttpRequest, user: User, where: str, factor: str = "") -> HttpResponse:
    """Log a user in, in a session with a new key, and lead them on. Their browser is known from now on."""
    login(request, user)
    request.session[second_factor.USED] = bool(factor)
    record(request, user, LogIn.Outcome.SUCCESS, factor)
    response = HttpResponseRedirect(where)
    device = {"name": _digest(counted_name(user.get_username())), "id": secrets.token_urlsafe(16)}
    response.set_cookie(
        COOKIE,
        signing.dumps(device, salt=COOKIE),
        max_age=COOKIE_SECONDS,
        path=reverse("admin:login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _claims(request: HttpRequest, name: str) -> list[Claim]:
    """Return as whom an attempt is counted; first, what is forgotten after a success."""
    try:
        device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        device = {"name": ""}
    if constant_time_compare(device["name"], _digest(name)):
        return [(DEVICE, device["id"])]
    address = counted(client_address(request))
    return [(PAIR, f"{address} {name}"), (ADDRESS, address), (NAME, name)]


def _digest(name: str) -> str:
    return salted_hmac(COOKIE, name, algorithm="sha256").hexdigest()


@sensitive_post_parameters()
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in_code(request: HttpRequest) -> HttpResponseBase:
    """The page for the code, after the right password."""
    user = _entering(request)
    if user is None:
        request.session.pop(ENTERING, None)
        return redirect("admin:login")
    context = {**admin.site.each_context(request), "title": _("Log in")}
    if request.method != "POST":
        return render(request, "admin/account/code.html", context)
    attempt = second_factor.attempt(user)
    if attempt.wait:
        return refuse(render(request, "admin/account/code.html", {**context, "why": too_many(attempt)}), attempt)
    factor = second_factor.use(user, request.POST.get("code", "")[:100])
    if not factor:
        record(request, user, LogIn.Outcome.CODE)
        why = _("This code is wrong, outdated or used. Wait for the next one.")
        return render(request, "admin/account/code.html", {**context, "why": why})
    return enter(request, user, request.session.pop(ENTERING)["next"], factor)


def _entering(request: HttpRequest) -> User | None:
    """Return the user who typed the right password a while ago, unless it was changed since."""
    entering = request.session.get(ENTERING)
    if not entering or not 0 <= time.time() - entering["at"] < CODE_SECONDS:
        return None
    user = load_backend(entering["backend"]).get_user(entering["user"])
    if user is None or not constant_time_compare(entering["hash"], user.get_session_auth_hash()):
        return None
    user.backend = entering["backend"]
    return user
