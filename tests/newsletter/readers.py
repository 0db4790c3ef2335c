"""Readers of the newsletter, for the tests of their pages."""

import re

from django.utils import timezone

from articles.models import Subscriber

EMAIL = "reader@example.org"


def sign_up(client, email=EMAIL, **fields):
    return client.post("/newsletter/", {"email": email, **fields})


def link_in(mail):
    return re.search(r"http://localhost:8000(/newsletter/\S+)", mail.body)[1]


def last_line(process):
    """Wait for a process to end. Return the last line that it printed: those before are its log."""
    return process.communicate(timeout=60)[0].splitlines()[-1]


def subscriber(state="confirmed", email=EMAIL):
    return Subscriber.objects.create(email=email, state=state, confirmed_at=timezone.now())
