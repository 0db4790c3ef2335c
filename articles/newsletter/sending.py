"""Sending: each issue goes to each subscriber once.

A delivery is stored before its mail is sent and completed after it. So two processes never send the same mail, and the
next one continues where one was stopped. A mail that the server refused or did not confirm is sent again by the next
run: without confirmation a message is not delivered (RFC 5321). Only a mail that was under way when its own process
died is in doubt; it is not sent again unless an editor says so.
"""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from ..models import Delivery, Issue, Subscriber
from .issues import TOKEN_PLACEHOLDER, publishable_places, unsubscribe_address
from .smtp import is_recipient_error, new_connection, reason

IN_DOUBT_AFTER = timedelta(minutes=10)  # a delivery that was begun earlier is not under way any more
MAILS_PER_CONNECTION = 50  # servers close a connection after some number


class UnsendableError(ValueError):
    """Why an issue cannot be sent, in one sentence."""


@dataclass
class Outcome:
    """What a run of sending did."""

    sent: int = 0
    refused: int = 0
    left: int = 0
    problem: str = ""  # why it stopped early, if it did


def receivers(issue):
    """Return the confirmed subscribers; of those, once sending has begun, who confirmed before."""
    confirmed = Subscriber.objects.filter(state=Subscriber.State.CONFIRMED)
    return confirmed.filter(confirmed_at__lte=issue.begun_at) if issue.begun_at else confirmed


def waiting_for(issue):
    """Return the receivers who were not tried yet, or whose mail the server refused."""
    settled = Delivery.objects.filter(Q(sent_at__isnull=False) | Q(error=""), issue=issue, subscriber=OuterRef("pk"))
    return receivers(issue).exclude(Exists(settled))


def in_doubt(issue):
    """Return the deliveries that a process began and probably did not live to complete."""
    return issue.deliveries.filter(sent_at=None, error="", begun_at__lt=timezone.now() - IN_DOUBT_AFTER)


def send(issue, seconds=None, progress=iter):
    """Send an issue to everyone who waits for it, for at most `seconds`. Return an Outcome.

    `progress` wraps the list of receivers. Raises UnsendableError before anything is sent.
    """
    _begin(issue)
    outcome, until = Outcome(), seconds and monotonic() + seconds
    connection = new_connection()
    try:
        for number, pk in enumerate(progress(_in_turn(issue))):
            if until and monotonic() > until:
                break
            if number % MAILS_PER_CONNECTION == 0:
                connection.close()
                connection.open()
            _deliver(issue, pk, connection, outcome)
    except OSError as error:  # including SMTPException: the server accepts no more mail
        outcome.problem = reason(error)
    finally:
        connection.close()
    outcome.left = waiting_for(issue).count()
    if not outcome.problem and outcome.left <= outcome.refused:
        Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT, sent_at=timezone.now())
    return outcome


def _begin(issue):
    """Fix the content of an issue from now on. Raises UnsendableError."""
    if not settings.NEWSROOM_SENDS_MAIL:
        raise UnsendableError(_("NEWSROOM_EMAIL_URL: expected a mail server, found none. Nothing can be sent."))
    issue.refresh_from_db()
    _check_addresses(issue)
    if issue.state == Issue.State.BUILT:
        _check_articles(issue)
        begun = Issue.objects.filter(pk=issue.pk, state=Issue.State.BUILT)
        begun.update(state=Issue.State.SENDING, begun_at=timezone.now())
    issue.refresh_from_db()


def _check_addresses(issue):
    """Check that both parts hold this site's address to unsubscribe, which each mail replaces by its own."""
    if unsubscribe_address() in issue.html and unsubscribe_address() in issue.text:
        return
    if issue.state == Issue.State.BUILT:
        why = _("Its links do not lead to NEWSROOM_BASE_URL, %(base)s: build it again with this setting.")
    else:
        why = _("Its links do not lead to NEWSROOM_BASE_URL, %(base)s: continue with the setting it was built with.")
    raise UnsendableError(why % {"base": settings.NEWSROOM_BASE_URL})


def _check_articles(issue):
    shown = publishable_places(issue).count()
    if shown < issue.places.count():
        raise UnsendableError(_("Some of its articles are not published any more: build it again."))
    if not shown:
        raise UnsendableError(_("None of its articles is published any more: delete it."))


def _in_turn(issue):
    """Return the primary keys of who waits, those tried before last.

    So a receiver at whom the server always closes the connection does not hold up the others.
    """
    tried = Exists(Delivery.objects.filter(issue=issue, subscriber=OuterRef("pk")))
    return list(waiting_for(issue).order_by(tried, "pk").values_list("pk", flat=True))


def _deliver(issue, pk, connection, outcome):
    """Send one mail, unless another process sends it or its receiver has just unsubscribed.

    Raises OSError if the server accepts no more mail.
    """
    delivery = _claim(issue, pk)
    if not delivery:
        return
    try:
        connection.send_messages([mail_of(issue, delivery.subscriber)])
    except OSError as error:  # including SMTPException
        _complete(delivery, error=reason(error))
        if not is_recipient_error(error):
            raise
        outcome.refused += 1
    else:
        outcome.sent += 1
        _complete(delivery, sent_at=timezone.now())


def _claim(issue, pk):
    """Return the delivery if this process is the one to send it, else None."""
    now = timezone.now()
    with transaction.atomic():
        subscriber = receivers(issue).filter(pk=pk).first()
        if not subscriber:
            return None
        delivery, made = Delivery.objects.get_or_create(issue=issue, subscriber=subscriber, defaults={"begun_at": now})
        refused = Delivery.objects.filter(pk=delivery.pk, sent_at=None).exclude(error="")
        return delivery if made or refused.update(error="", begun_at=now) else None


def _complete(delivery, **columns):
    Delivery.objects.filter(pk=delivery.pk).update(**columns)


def mail_of(issue, subscriber):
    """Return the mail that one subscriber gets. Its Message-ID is the same each time it is sent."""
    own, placeholder = unsubscribe_address(subscriber.token), unsubscribe_address()
    host, value = _host(), f"{issue.pk} {subscriber.token}"
    name = salted_hmac("newsletter", value, algorithm="sha1").hexdigest()[:32]
    mail = EmailMultiAlternatives(
        issue.subject,
        issue.text.replace(placeholder, own),
        to=[subscriber.email],
        headers={
            "Message-ID": f"<{name}@{host}>",
            "List-Id": f"<newsletter.{host}>",
            "List-Unsubscribe": f"<{own}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(issue.html.replace(placeholder, own), "text/html")
    return mail


def trial_mail(issue, user):
    """Return the mail as a subscriber gets it, for an editor. Its link to unsubscribe leads nowhere."""
    mail = mail_of(issue, Subscriber(email=user.email, token=TOKEN_PLACEHOLDER))
    mail.subject = _("Test: %(subject)s") % {"subject": issue.subject}
    del mail.extra_headers["Message-ID"]
    return mail


def _host():
    """Return the domain that this site's mail comes from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or urlsplit(settings.NEWSROOM_BASE_URL).hostname
