"""The pages of one's own account: second factor, recovery codes, sessions. Behind `admin_view`, so for staff."""

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from articles.models import RecoveryCode, SecondFactor

from . import codes, second_factor, sessions, time_zones
from .log_in import refuse, too_many
from .records import user_of

SECRET = "second_factor_secret"  # in a session: the secret that is being set up  # noqa: S105
page = require_http_methods(["GET", "HEAD", "POST"])


class PasswordForm(forms.Form):
    """Asks for one's password again: a browser that was left open is not enough."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SetUpForm(PasswordForm):
    code = forms.CharField(
        label=gettext_lazy("The code that the app shows"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def answer(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})


@page
def account(request: HttpRequest) -> HttpResponse:
    """What protects the account, where it is in use, and its time zone, which a POST sets."""
    zone = time_zones.TimeZoneForm(request.POST or None, initial={"time_zone": time_zones.zone_of(request)})
    if request.method == "POST" and zone.is_valid():
        time_zones.choose(request, zone.cleaned_data["time_zone"])
        messages.success(request, _("Times are shown in %(zone)s now.") % {"zone": zone.cleaned_data["time_zone"]})
        return redirect("account")
    factor = SecondFactor.objects.filter(user=user_of(request)).first()
    found = sessions.open_sessions(user_of(request))
    rows = [(one, sessions.described(one.browser), one.pk == request.session.session_key) for one in found]
    left = RecoveryCode.objects.filter(factor=factor).count() if factor else 0
    context = {"factor": factor, "left": left, "sessions": rows, "zone": zone}
    return answer(request, "admin/account/account.html", _("Your account"), **context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_others(request)
    text = ngettext("%(n)s other session was ended.", "%(n)s other sessions were ended.", ended)
    messages.success(request, text % {"n": ended})
    return redirect("account")


@sensitive_variables()
@sensitive_post_parameters()
@page
def set_up(request: HttpRequest) -> HttpResponse:
    """Show a secret, and keep it when the password and its first code are typed."""
    secret = request.session.setdefault(SECRET, codes.make_secret())
    form, why, attempt = SetUpForm(request.POST or None), "", None
    if request.method == "POST" and form.is_valid():
        attempt = second_factor.attempt(user_of(request))
        if attempt.wait:
            why = too_many(attempt)
        elif not user_of(request).check_password(form.cleaned_data["password"]):
            why = _("The password is wrong.")
        elif made := second_factor.set_up(user_of(request), secret, form.cleaned_data["code"]):
            return _protected(request, made)
        else:
            why = _("The code is wrong. Is the time of your telephone right?")
    address = codes.address_of(secret, user_of(request).get_username(), settings.NEWSROOM_SITE_NAME)
    context = {
        "form": form,
        "why": why,
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "required": second_factor.is_missing(request),
    }
    response = answer(request, "admin/account/set_up.html", _("Set up a second factor"), **context)
    return refuse(response, attempt) if attempt and attempt.wait else response


def _protected(request: HttpRequest, made: list[str]) -> HttpResponse:
    """Show the recovery codes of a new second factor. Sessions that were begun without it end, but for this one."""
    request.session.pop(SECRET, None)
    request.session.cycle_key()
    request.session[second_factor.USED] = True
    sessions.end_others(request)
    return answer(request, "admin/account/recovery_codes.html", _("Your recovery codes"), codes=made)


def _confirmed(request: HttpRequest, title: str, explanation: str) -> HttpResponse | None:
    """Ask for the password. Return a page to show, or None when the right one was typed."""
    form, why, attempt = PasswordForm(request.POST or None), "", None
    if request.method == "POST" and form.is_valid():
        attempt = second_factor.attempt(user_of(request))
        if not attempt.wait and user_of(request).check_password(form.cleaned_data["password"]):
            attempt.give_back()
            return None
        why = too_many(attempt) if attempt.wait else _("The password is wrong.")
    context = {"form": form, "why": why, "explanation": explanation}
    response = answer(request, "admin/account/confirm.html", title, **context)
    return refuse(response, attempt) if attempt and attempt.wait else response


@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Django's page, where the old password cannot be guessed without end."""
    if request.method != "POST":
        return admin.site.password_change(request)
    attempt = second_factor.attempt(user_of(request))
    if attempt.wait:
        return refuse(answer(request, "admin/account/wait.html", _("Change password"), why=too_many(attempt)), attempt)
    response = admin.site.password_change(request)
    form = (getattr(response, "context_data", None) or {}).get("form")
    if form is None or "old_password" not in form.errors:
        attempt.give_back()
    return response


@sensitive_post_parameters()
@page
def remove(request: HttpRequest) -> HttpResponse:
    explanation = _("After that a name and a password are enough to log in.")
    response = _confirmed(request, _("Remove the second factor"), explanation)
    if response is None:
        second_factor.remove(user_of(request))
        request.session[second_factor.USED] = False
        messages.success(request, _("The second factor was removed."))
        response = redirect("account")
    return response


@sensitive_post_parameters()
@page
def recovery_codes(request: HttpRequest) -> HttpResponse:
    if not second_factor.has_one(user_of(request)):
        return redirect("second_factor")
    explanation = _("You get ten new codes. The old ones no longer work.")
    response = _confirmed(request, _("New recovery codes"), explanation)
    if response is None:
        made = second_factor.renew_recovery_codes(user_of(request))
        response = answer(request, "admin/account/recovery_codes.html", _("Your recovery codes"), codes=made)
    return response
