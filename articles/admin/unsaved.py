"""What a person sees whose form could not be saved, because of a log-out or an old token: the texts, to copy them."""

import re

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from .drafts import LEFT_OUT

FORMS = "/admin/articles/"  # below it no form has a password
NO_TEXT = re.compile(
    r"(^|-)(initial-|choose-)|_FORMS$|-kept$|(^|[-_])(id|action|index|select_across|content_object|article)$"
)


def show_what_was_not_saved(get_response):
    """Middleware: answer a form of somebody who is logged out with its texts, instead of with the page to log in."""

    def middleware(request):
        response = get_response(request)
        sent_away = isinstance(response, HttpResponseRedirect) and response.url.startswith(reverse("admin:login"))
        if request.method == "POST" and sent_away and texts_of(request):
            return page(request, _("You were logged out before this was saved."))
        return response

    return middleware


def csrf_failure(request, reason=""):
    """Answer a form without the right token: its page is older than the log-in, or it is not from this site."""
    return page(request, _("This page was opened before you logged in, or your browser sent no cookie."))


def texts_of(request):
    """Return what somebody typed in a form: pairs of a field's name and its text. Another site's form has none."""
    origin = request.headers.get("Origin")
    if not request.path_info.startswith(FORMS) or origin not in (None, f"{request.scheme}://{request.get_host()}"):
        return []
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if value.strip() and name not in LEFT_OUT and not NO_TEXT.search(name)
        if value != request.POST.get(f"initial-{name}")  # what was shown and not changed
    ]


def page(request, why, status=403):
    """Answer with the texts of a form and what to do."""
    context = {"title": _("Not saved"), "why": why, "texts": texts_of(request)}
    return render(request, "admin/unsaved.html", admin.site.each_context(request) | context, status=status)
