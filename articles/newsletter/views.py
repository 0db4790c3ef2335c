"""Readers' pages of the newsletter: sign up, confirm, unsubscribe.

Mail scanners open the links of a mail before its reader sees it. So none of these pages does anything before its
button is pressed. The token in a link is all the permission that its holder needs: no form here needs a cookie.
"""

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..models import Subscriber
from . import subscriptions

MAX_SIGN_UPS = 20  # an hour from one computer
HOUR = 3600  # seconds
MAX_TYPED = 320  # characters of what was typed as an address that are looked at
page = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt  # anybody may sign anybody up: it takes a mail to confirm
@page
def newsletter(request):
    if not settings.NEWSROOM_SENDS_MAIL:
        raise Http404
    if request.method != "POST":
        return render(request, "newsletter/sign_up.html")
    if request.POST.get("website"):  # people do not see this field: a program filled it in
        return render(request, "newsletter/signed_up.html")
    if too_many(request):
        return refused(request, _("There were too many attempts from your network. Please try again in an hour."), 429)
    try:
        subscriptions.sign_up(request.POST.get("email", "")[:MAX_TYPED])
    except ValidationError:
        return refused(request, _("This is not a mail address. One looks like name@example.org."), 400)
    except OSError:
        return refused(request, _("No mail can be sent right now. Please try again later."), 503)
    return render(request, "newsletter/signed_up.html")


def refused(request, why, status):
    return render(request, "newsletter/sign_up.html", {"why": why}, status=status)


def too_many(request):
    """Count a sign-up, and return whether its computer made more than MAX_SIGN_UPS within an hour.

    Behind a proxy, the computer is the one that the proxy itself added to X-Forwarded-For.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
    key = "newsletter-" + salted_hmac("newsletter-tries", address, algorithm="sha1").hexdigest()
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) > MAX_SIGN_UPS
    except ValueError:  # the key expired in between
        return False


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
