"""Mails that somebody asks for on a page. A request only notes them down; they are sent after its answer.

So an answer takes the same time whoever is known and however slow the mail server is, and no mail is lost: what a
process could not send, `tend` sends.
"""

import logging
import threading
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from articles.models import MailRequest
from articles.newsletter.smtp import is_recipient_error, reason
from newsroom import throttling
from newsroom.throttling import Rule

# By kind: the function that writes the mail for an address, or returns None if there must be none.
WRITERS = {
    "sign-up": "articles.newsletter.subscriptions.answer_to",
    "password": "newsroom.accounts.password_reset.mail_to",
}
AGAIN_AFTER = timedelta(minutes=10)  # the mail server was away, or the process died
GIVEN_UP_AFTER = timedelta(days=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
log = logging.getLogger("newsroom.mail")


def rule_of(kind: str) -> Rule:
    """Return how often an address gets a mail of this kind, whoever asks for it."""
    return Rule(f"mail-{kind}", 1, HOUR, (HOUR, DAY, 7 * DAY, 90 * DAY), forget=30 * DAY)


def ask(kind: str, email: str) -> None:
    """Note down that a mail is to be sent, and have it sent soon. One query, whatever is known of the address."""
    request = MailRequest(kind=kind, email=email, asked_at=timezone.now())
    MailRequest.objects.bulk_create([request], ignore_conflicts=True)
    transaction.on_commit(sender.start)


def send_due() -> int:
    """Send what was asked for, until the mail server fails. Return how many mails were sent."""
    now, sent = timezone.now(), 0
    MailRequest.objects.filter(asked_at__lt=now - GIVEN_UP_AFTER).delete()
    due = Q(tried_at=None) | Q(tried_at__lt=now - AGAIN_AFTER) | Q(tried_at__gt=now + AGAIN_AFTER)
    while request := MailRequest.objects.filter(due).order_by("asked_at").first():
        claimed = MailRequest.objects.filter(pk=request.pk, tried_at=request.tried_at).update(tried_at=timezone.now())
        if claimed and not _send(request):
            break
        sent += claimed
    return sent


def _send(request: MailRequest) -> bool:
    """Send one mail, and forget that it was asked for. Return False if the mail server failed, to try again later."""
    attempt = throttling.attempt((rule_of(request.kind), request.email))
    if not attempt.wait:
        try:
            mail: EmailMessage | None = import_string(WRITERS[request.kind])(request.email)
            if mail:
                mail.send()
        except OSError as error:  # including SMTPException
            if not is_recipient_error(error):
                attempt.give_back()
                log.warning("A mail could not be sent (%s). It is tried again later.", reason(error))
                return False
    MailRequest.objects.filter(pk=request.pk).delete()
    return True


class Sender:
    """One thread of this process that sends what is due, while there is any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = self._runs = False

    def start(self) -> None:
        with self._lock:
            self._wanted = True
            if self._runs:
                return
            self._runs = True
        threading.Thread(target=self._run, name="newsroom-outbox", daemon=True).start()

    def _run(self) -> None:
        while self._go_on():
            try:
                send_due()
            except Exception:  # a thread has nobody to raise it to
                log.exception("Mails wait for the next run of tend.")
            finally:
                connections.close_all()  # this thread's own

    def _go_on(self) -> bool:
        with self._lock:
            self._runs, self._wanted = self._wanted, False
            return self._runs


sender = Sender()
