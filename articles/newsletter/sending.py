"""Mail: who gets the newsletter, and how an issue is sent to each of them once.

A delivery is noted before its mail is sent and completed after it. So two processes never send the same mail, and
one that is stopped is gone on with by the next. What the mail server refused, or did not confirm, is sent again the
next time: without its confirmation a message is not delivered (RFC 5321). Only of a mail that was under way when
this process itself died nobody knows; it is not sent again unless an editor says so.
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
from .issues import NOBODY, standing, unsubscribe_address
from .smtp import is_recipient_error, new_connection, reason

DOUBT = timedelta(minutes=10)  # after which a delivery that was begun is not under way any more
MAILS = 50  # over one connection: servers allow some number


class UnsendableError(ValueError):
    """Why an issue cannot be sent, in a sentence."""


@dataclass
class Outcome:
    """What a run of sending did. `problem` is why it stopped before it was through, if it did."""

    sent: int = 0
    refused: int = 0
    left: int = 0
    problem: str = ""


def receivers(issue):
    """Who gets an issue: whoever had confirmed when its sending began."""
    confirmed = Subscriber.objects.filter(state=Subscriber.State.CONFIRMED)
    return confirmed.filter(confirmed_at__lte=issue.begun_at) if issue.begun_at else confirmed


def waiting_for(issue):
    """Receivers who do not have it: not tried yet, or refused by the mail server."""
    settled = Delivery.objects.filter(Q(sent_at__isnull=False) | Q(error=""), issue=issue, subscriber=OuterRef("pk"))
    return receivers(issue).exclude(Exists(settled))


def in_doubt(issue):
    """Deliveries that a process began and did not live to complete."""
    return issue.deliveries.filter(sent_at=None, error="", begun_at__lt=timezone.now() - DOUBT)


def send(issue, seconds=None, progress=iter):
    """Send an issue to those who wait for it, for some `seconds` or until all is done. Raises UnsendableError."""
    _begin(issue)
    outcome, until = Outcome(), seconds and monotonic() + seconds
    connection = new_connection()
    try:
        for number, pk in enumerate(progress(_in_turn(issue))):
            if until and monotonic() > until:
                break
            if number % MAILS == 0:
                connection.close()
                connection.open()
            _deliver(issue, pk, connection, outcome)
    except OSError as error:  # SMTPException among them: the server does not take any more
        outcome.problem = reason(error)
    finally:
        connection.close()
    outcome.left = waiting_for(issue).count()
    if not outcome.problem and outcome.left <= outcome.refused:
        Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT, sent_at=timezone.now())
    return outcome


def _begin(issue):
    """From now on the issue stays as it is."""
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
    """Its links are those of the site as it was built; to unsubscribe, a mail's own takes the place of one of them."""
    if unsubscribe_address() in issue.html and unsubscribe_address() in issue.text:
        return
    if issue.state == Issue.State.BUILT:
        why = _("Its links do not lead to NEWSROOM_BASE_URL, %(base)s: build it again with the one it is sent with.")
    else:
        why = _("Its links do not lead to NEWSROOM_BASE_URL, %(base)s: go on with the one it was built with.")
    raise UnsendableError(why % {"base": settings.NEWSROOM_BASE_URL})


def _check_articles(issue):
    shown = standing(issue).count()
    if shown < issue.places.count():
        raise UnsendableError(_("Some of its articles are not published any more: build it again."))
    if not shown:
        raise UnsendableError(_("It was built again when none of its articles was published any more: delete it."))


def _in_turn(issue):
    """Keys of who waits: at the end those tried before, so that one at whom a server goes away holds up nobody."""
    tried = Exists(Delivery.objects.filter(issue=issue, subscriber=OuterRef("pk")))
    return list(waiting_for(issue).order_by(tried, "pk").values_list("pk", flat=True))


def _deliver(issue, pk, connection, outcome):
    """Send one mail, unless another process has it or its receiver has just unsubscribed."""
    delivery = _claim(issue, pk)
    if not delivery:
        return
    try:
        connection.send_messages([mail_of(issue, delivery.subscriber)])
    except OSError as error:  # SMTPException among them
        _complete(delivery, error=reason(error))
        if not is_recipient_error(error):
            raise
        outcome.refused += 1
    else:
        outcome.sent += 1
        _complete(delivery, sent_at=timezone.now())


def _claim(issue, pk):
    """The delivery, if it is this process that is to send it."""
    now = timezone.now()
    with transaction.atomic():
        subscriber = receivers(issue).filter(pk=pk).first()
        if not subscriber:
            return None
        delivery, made = Delivery.objects.get_or_create(issue=issue, subscriber=subscriber, defaults={"begun_at": now})
        refused = Delivery.objects.filter(pk=delivery.pk, sent_at=None).exclude(error="")
        return delivery if made or refused.update(error="", begun_at=now) else None


def _complete(delivery, **how):
    Delivery.objects.filter(pk=delivery.pk).update(**how)


def mail_of(issue, subscriber):
    """The mail that one subscriber gets."""
    mine, nobodys = unsubscribe_address(subscriber.token), unsubscribe_address()
    host, name = _host(), salted_hmac("newsletter", f"{issue.pk} {subscriber.token}", algorithm="sha1").hexdigest()[:32]
    mail = EmailMultiAlternatives(
        issue.subject,
        issue.text.replace(nobodys, mine),
        to=[subscriber.email],
        headers={
            "Message-ID": f"<{name}@{host}>",
            "List-Id": f"<newsletter.{host}>",
            "List-Unsubscribe": f"<{mine}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(issue.html.replace(nobodys, mine), "text/html")
    return mail


def trial_mail(issue, user):
    """The mail as a subscriber gets it, to an editor; its link to unsubscribe leads nowhere."""
    mail = mail_of(issue, Subscriber(email=user.email, token=NOBODY))
    mail.subject = _("Test: %(subject)s") % {"subject": issue.subject}
    del mail.extra_headers["Message-ID"]
    return mail


def _host():
    """The domain that this site's mail comes from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or urlsplit(settings.NEWSROOM_BASE_URL).hostname
