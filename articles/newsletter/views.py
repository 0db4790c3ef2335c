"""Readers' pages of the newsletter: sign up, confirm, unsubscribe.

Mail scanners open the links of a mail before its reader sees it. So none of these pages does anything before its
button is pressed. The token in a link is all the permission that its holder needs: no form here needs a cookie.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsroom import throttling
from newsroom.clients import client_address, counted, from_other_site
from newsroom.throttling import Rule

from ..models import Subscriber
from . import subscriptions

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGN_UPS = Rule("sign-up", 20, HOUR, (HOUR, DAY, 7 * DAY), forget=30 * DAY)  # from one computer
MAX_TYPED = 320  # characters of what was typed as an address that are looked at
page = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt  # anybody may sign anybody up: it takes a mail to confirm
@page
def newsletter(request):
    if not settings.NEWSROOM_SENDS_MAIL:
        raise Http404
    if request.method != "POST":
        return render(request, "newsletter/sign_up.html")
    if from_other_site(request):
        return refused(request, _("This form was sent by another site. Please use the form on this page."), 403)
    if request.POST.get("website"):  # people do not see this field: a program filled it in
        return render(request, "newsletter/signed_up.html")
    attempt = throttling.attempt((SIGN_UPS, counted(client_address(request))))
    if attempt.wait:
        why = _("There were too many attempts from your network. Please try again %(when)s.")
        response = refused(request, why % {"when": throttling.in_words(attempt.wait)}, 429)
        response["Retry-After"] = throttling.in_seconds(attempt.wait)
        return response
    try:
        subscriptions.sign_up(request.POST.get("email", "")[:MAX_TYPED])
    except ValidationError:
        return refused(request, _("This is not a mail address. One looks like name@example.org."), 400)
    return render(request, "newsletter/signed_up.html")


def refused(request, why, status):
    return render(request, "newsletter/sign_up.html", {"why": why}, status=status)


@csrf_exempt
@never_cache
@page
def confirm(request, token):
    subscriber = subscriptions.to_confirm(token)
    if subscriber is None:
        return outdated(request)
    if request.method == "POST":
        subscriptions.confirm(subscriber)
    return render(request, "newsletter/confirm.html", {"done": request.method == "POST"})


@csrf_exempt  # mail programs unsubscribe their readers by a POST of their own (RFC 8058)
@never_cache
@page
def unsubscribe(request, token):
    subscriber = Subscriber.objects.filter(token=token).first()
    if subscriber is None:
        return outdated(request)
    if request.method == "POST":
        subscriptions.unsubscribe(subscriber)
    return render(request, "newsletter/unsubscribe.html", {"done": request.method == "POST"})


def outdated(request):
    return render(request, "newsletter/outdated.html", status=404)
