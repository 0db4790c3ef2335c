"""Who gets the newsletter: signing up, confirming, unsubscribing."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Subscriber
from ..text.permalinks import absolute
from .issues import unsubscribe_address
from .smtp import is_recipient_error

LINK_DAYS = 7  # that a link to confirm with is good for
PAUSE = timedelta(hours=1)  # between mails to one address that somebody typed in
SALT = "newsletter-confirm"


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
        if is_recipient_error(error):
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
