"""A lost password: a mail with a link that works once."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from articles.text.permalinks import absolute
from newsroom import outbox, throttling
from newsroom.clients import client_address, counted
from newsroom.throttling import Rule

from .log_in import refuse, too_many

KIND = "password"  # of mail
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKS = Rule("password", 10, HOUR, (HOUR, DAY), forget=30 * DAY)  # from one computer


class AskView(views.PasswordResetView):
    """Ask for a mail. The answer is the same, and takes the same time, whoever has the address."""

    extra_context = {"title": _("Password reset")}

    def dispatch(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        if not settings.NEWSROOM_SENDS_MAIL:
            raise Http404
        return super().dispatch(request, *arguments, **options)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        attempt = throttling.attempt((ASKS, counted(client_address(self.request))))
        if attempt.wait:
            form.add_error(None, too_many(attempt))
            return refuse(self.render_to_response(self.get_context_data(form=form)), attempt)
        outbox.ask(KIND, form.cleaned_data["email"].lower())
        return HttpResponseRedirect(self.get_success_url())


class ConfirmView(views.PasswordResetConfirmView):
    """Set a new password. The address that holds the token only leads on to one that does not."""

    def dispatch(self, *arguments: Any, **options: Any) -> HttpResponseBase:
        response = super().dispatch(*arguments, **options)
        if options["token"] == self.reset_url_token:
            # This address is no secret, and a form without a referrer would fail Django's check of its origin.
            response["Referrer-Policy"] = "same-origin"
        return response


def mail_to(email: str) -> EmailMessage | None:
    """Return the mail for whoever has the address; None if nobody has. One mail names all accounts of an address."""
    users = [user for user in PasswordResetForm().get_users(email) if user.email.lower() == email]
    if not users:
        return None
    context = {
        "site_name": settings.NEWSROOM_SITE_NAME,
        "links": [(user.get_username(), _link(user)) for user in users],
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    subject = _("Your password for %(site)s") % {"site": " ".join(settings.NEWSROOM_SITE_NAME.split())}
    body = render_to_string("registration/password_reset_mail.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[users[0].email], headers=headers)


def _link(user: Any) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return absolute(reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)]))
