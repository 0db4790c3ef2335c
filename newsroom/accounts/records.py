"""What is kept of log-ins: when, from where, with which browser, and how they ended."""

from datetime import timedelta
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from articles.models import BROWSER_LENGTH, LogIn
from newsroom.clients import client_address

KEPT = timedelta(days=90)


def user_of(request: HttpRequest) -> User:
    """Return the user of a page that only users see."""
    return cast(User, request.user)


def browser_of(request: HttpRequest) -> str:
    """Return what a browser calls itself, in printable characters and cut."""
    said = request.headers.get("User-Agent", "")[:BROWSER_LENGTH]
    return "".join(character for character in said if character.isprintable())


def record(request: HttpRequest, user: User | None, outcome: str, factor: str = "") -> None:
    """Store how an attempt to log in ended. `user` is None if nobody has the name."""
    where = {"address": client_address(request), "browser": browser_of(request)}
    LogIn.objects.create(user_id=user.pk if user else None, outcome=outcome, factor=factor, **where)


def delete_old_records() -> int:
    """Delete what is older than KEPT. Return how many records were."""
    return LogIn.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
