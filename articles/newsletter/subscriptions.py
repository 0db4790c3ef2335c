"""Subscribers of the newsletter: signing up, confirming, unsubscribing."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom import outbox, throttling

from ..models import Subscriber
from ..text.permalinks import absolute
from .issues import unsubscribe_address

LINK_DAYS = 7  # how long a link to confirm works
MAX_EMAIL_LENGTH = 254  # characters
SALT = "newsletter-confirm"
KIND = "sign-up"  # of mail


def normalised(email):
    """Return a mail address in the form that is stored: lowercase, its domain in ASCII. Raises ValidationError."""
    email = email.strip()
    validate_email(email)
    name, _at, domain = email.rpartition("@")
    email = f"{name}@{in_ascii(domain)}".lower()
    if not (name.isascii() and name.isprintable()) or len(email) > MAX_EMAIL_LENGTH:
        raise ValidationError(_("Enter a valid email address."))
    return email


def in_ascii(domain):
    """Return a domain as mail servers know it.

    Raises ValidationError for a domain that IDNA 2003 would turn into another one: it reads ß as ss.
    """
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
    """Have an address mailed a link to confirm, or the news that it is on the list, as often as the outbox allows.

    Returns nothing and does the same for every address, so that the page that answers tells nobody who is on the list.
    Raises ValidationError for a bad address.
    """
    outbox.ask(KIND, normalised(email))


def answer_to(email):
    """Return the mail that answers a sign-up, and keep the address. Delete those who did not confirm in time."""
    now = timezone.now()
    outdated = now - timedelta(days=LINK_DAYS)
    Subscriber.objects.filter(state=Subscriber.State.PENDING, asked_at__lt=outdated).delete()
    subscriber, _made = Subscriber.objects.get_or_create(email=email)
    if subscriber.state == Subscriber.State.UNSUBSCRIBED:
        subscriber.state = Subscriber.State.PENDING
    subscriber.asked_at = now
    subscriber.save(update_fields=["asked_at", "state"])
    return _answer_mail(subscriber)


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
    """Return the subscriber that a link to confirm is for; None if it is forged, outdated or used up."""
    try:
        own = signing.loads(token, salt=SALT, max_age=timedelta(days=LINK_DAYS))
    except signing.BadSignature:
        return None
    return Subscriber.objects.filter(token=own).exclude(state=Subscriber.State.UNSUBSCRIBED).first()


def confirm(subscriber):
    pending = Subscriber.objects.filter(pk=subscriber.pk, state=Subscriber.State.PENDING)
    pending.update(state=Subscriber.State.CONFIRMED, confirmed_at=timezone.now())
    _forget_attempts(subscriber)


def unsubscribe(subscriber):
    """Send a subscriber nothing more, not even an issue that is being sent, until they sign up again."""
    subscribed = Subscriber.objects.filter(pk=subscriber.pk).exclude(state=Subscriber.State.UNSUBSCRIBED)
    subscribed.update(state=Subscriber.State.UNSUBSCRIBED, unsubscribed_at=timezone.now(), asked_at=None)
    _forget_attempts(subscriber)


def _forget_attempts(subscriber):
    """Let an address be signed up at once: who has a link of one of its mails reads them."""
    throttling.forget((outbox.rule_of(KIND), subscriber.email))
