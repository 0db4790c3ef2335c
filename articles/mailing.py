"""Mail: who gets the newsletter, and how an issue is sent to each of them once.

A delivery is noted before its mail is sent and completed after it. So two processes never send the same mail, and
one that is stopped is gone on with by the next. What the mail server refused, or did not confirm, is sent again the
next time: without its confirmation a message is not delivered (RFC 5321). Only of a mail that was under way when
this process itself died nobody knows; it is not sent again unless an editor says so.
"""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from .entries import absolute
from .models import Delivery, Issue, Subscriber
from .newsletter import NOBODY, standing, unsubscribe_address

LINK_DAYS = 7  # that a link to confirm with is good for
PAUSE = timedelta(hours=1)  # between mails to one address that somebody typed in
DOUBT = timedelta(minutes=10)  # after which a delivery that was begun is not under way any more
MAILS = 50  # over one connection: servers allow some number
GOES_AWAY = 421  # a mail server's code (RFC 5321)
SALT = "newsletter-confirm"


class UnsendableError(ValueError):
    """Why an issue cannot be sent, in a sentence."""


@dataclass
class Outcome:
    """What a run of sending did. `problem` is why it stopped before it was through, if it did."""

    sent: int = 0
    refused: int = 0
    left: int = 0
    problem: str = ""


def normalised(email):
    """A mail address in the one way it is kept: small letters, its domain in ASCII. Raises ValidationError."""
    email = email.strip()
    validate_email(email)
    name, _at, domain = email.rpartition("@")
    email = f"{name}@{in_ascii(domain)}".lower()
    if not (name.isascii() and name.isprintable()) or len(email) > 254:
        raise ValidationError(_("Enter a valid email address."))
    return email


def in_ascii(domain):
    """A domain as mail servers know it. Raises ValidationError for one that would become another: of ß it makes ss."""
    if domain.isascii():
        return domain
    try:
        encoded = domain.encode("idna")
        same = encoded.decode("idna").lower() == domain.lower()
    except UnicodeError:
        same = False
    if not same:
        raise ValidationError(_("Enter a valid email address."))
    return encoded.decode()


def sign_up(email):
    """Write to who signed up: how to confirm, or that it is done. Says nothing, and writes once an hour at most.

    So the page that answers tells nobody who is on the list. Raises OSError if the mail server cannot be reached.
    """
    now = timezone.now()
    outdated = now - timedelta(days=LINK_DAYS)
    Subscriber.objects.filter(state=Subscriber.State.PENDING, asked_at__lt=outdated).delete()
    subscriber, _made = Subscriber.objects.get_or_create(email=normalised(email), defaults={"asked_at": now - PAUSE})
    due = Subscriber.objects.filter(Q(asked_at=None) | Q(asked_at__lte=now - PAUSE), pk=subscriber.pk)
    if due.update(asked_at=now):
        _answer(subscriber)


def _answer(subscriber):
    if subscriber.state == Subscriber.State.UNSUBSCRIBED:
        subscriber.state = Subscriber.State.PENDING
        subscriber.save(update_fields=["state"])
    try:
        _answer_mail(subscriber).send()
    except OSError as error:  # SMTPException among them
        if of_one_mail(error):
            return  # there is no such mailbox, or it is full: nobody else's business
        Subscriber.objects.filter(pk=subscriber.pk).update(asked_at=timezone.now() - PAUSE)
        raise


def _answer_mail(subscriber):
    token = signing.dumps(subscriber.token, salt=SALT)
    context = {
        "site_name": settings.NEWSROOM_SITE_NAME,
        "confirmed": subscriber.state == Subscriber.State.CONFIRMED,
        "address": absolute(reverse("confirm", args=[token])),
        "unsubscribe": unsubscribe_address(subscriber.token),
        "days": LINK_DAYS,
    }
    subject = _("The newsletter of %(site)s: please confirm") % {"site": " ".join(settings.NEWSROOM_SITE_NAME.split())}
    body = render_to_string("newsletter/confirm_mail.txt", context)
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMultiAlternatives(subject, body, to=[subscriber.email], headers=headers)


def to_confirm(token):
    """The subscriber whom a link to confirm with is for, if it is good and not used; else None."""
    try:
        own = signing.loads(token, salt=SALT, max_age=timedelta(days=LINK_DAYS))
    except signing.BadSignature:
        return None
    return Subscriber.objects.filter(token=own).exclude(state=Subscriber.State.UNSUBSCRIBED).first()


def confirm(subscriber):
    waiting = Subscriber.objects.filter(pk=subscriber.pk, state=Subscriber.State.PENDING)
    waiting.update(state=Subscriber.State.CONFIRMED, confirmed_at=timezone.now())


def unsubscribe(subscriber):
    """For good: unless they sign up again, nothing is sent to them, an issue that is being sent included."""
    still_on = Subscriber.objects.filter(pk=subscriber.pk).exclude(state=Subscriber.State.UNSUBSCRIBED)
    still_on.update(state=Subscriber.State.UNSUBSCRIBED, unsubscribed_at=timezone.now(), asked_at=None)


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
    connection = get_connection()
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
        mail_of(issue, delivery.subscriber, connection).send()
    except OSError as error:  # SMTPException among them
        _complete(delivery, error=reason(error))
        if not of_one_mail(error):
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


def of_one_mail(error):
    """Whether a mail server refused one mail, and may take the next. With 421 it goes away, whatever it was asked."""
    return isinstance(error, (SMTPRecipientsRefused, SMTPDataError)) and _said(error)[0] != GOES_AWAY


def _said(error):
    """A mail server's code and words."""
    if isinstance(error, SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    if isinstance(error, SMTPException) and hasattr(error, "smtp_code"):
        return error.smtp_code, error.smtp_error
    return "", str(error) or type(error).__name__


def reason(error):
    """What a mail server said, or the system about it, without the address that it was about."""
    code, words = _said(error)
    words = words.decode(errors="replace") if isinstance(words, bytes) else words
    without = " ".join(word for word in words.split() if "@" not in word)
    return f"{code} {without}".strip()[:500]


def mail_of(issue, subscriber, connection=None):
    """The mail that one subscriber gets."""
    mine, nobodys = unsubscribe_address(subscriber.token), unsubscribe_address()
    host, name = _host(), salted_hmac("newsletter", f"{issue.pk} {subscriber.token}").hexdigest()[:32]
    mail = EmailMultiAlternatives(
        issue.subject,
        issue.text.replace(nobodys, mine),
        to=[subscriber.email],
        connection=connection,
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
