"""The second factor of an editor: set up, asked for at log-in, used, removed."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from articles.models import LogIn, RecoveryCode, SecondFactor
from newsroom import throttling
from newsroom.throttling import Attempt, Rule

from . import codes

USED = "second_factor"  # in a session: it was begun with a second factor
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CODES = Rule("code", 5, HOUR, (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR), forget=timedelta(days=1))


def has_one(user: User) -> bool:
    return SecondFactor.objects.filter(user_id=user.pk).exists()


def is_missing(request: HttpRequest) -> bool:
    """Return whether the user must set up or use a second factor before anything else."""
    return settings.NEWSROOM_REQUIRE_SECOND_FACTOR and not request.session.get(USED)


def attempt(user: User) -> Attempt:
    """Count an attempt of somebody who knows the user's password."""
    return throttling.attempt((CODES, str(user.pk)))


def use(user: User, typed: str) -> str:
    """Return which factor a typed code is, and use it up; "" if it is none. Of two who type it at once, one gets in."""
    typed = codes.plain(typed)
    factor = SecondFactor.objects.filter(user_id=user.pk).first()
    if factor is None:
        return ""
    step = codes.step_of(factor.secret, typed, timezone.now().timestamp())
    unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=-1 if step is None else step)
    found = ""
    if step is not None and unused.update(last_step=step):
        found = LogIn.Factor.APP.value
    elif RecoveryCode.objects.filter(factor=factor, digest=codes.digest_of(user.pk, typed)).delete()[0]:
        found = LogIn.Factor.RECOVERY.value
    if found:
        throttling.forget((CODES, str(user.pk)))
    return found


def set_up(user: User, secret: str, typed: str) -> list[str]:
    """Store a secret whose first code was typed, and return the recovery codes; return none if it is wrong."""
    step = codes.step_of(secret, codes.plain(typed), timezone.now().timestamp())
    if step is None:
        return []
    with transaction.atomic():
        remove(user)
        SecondFactor.objects.create(user_id=user.pk, secret=secret, last_step=step)
        return renew_recovery_codes(user)


def renew_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes. Return the new ones, which can never be shown again."""
    made = codes.make_recovery_codes()
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(user_id=user.pk)
        factor.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(factor=factor, digest=codes.digest_of(user.pk, code)) for code in made
        )
    return made


def remove(user: User) -> bool:
    """Remove the second factor and its recovery codes. Return whether there was one."""
    throttling.forget((CODES, str(user.pk)))
    return bool(SecondFactor.objects.filter(user_id=user.pk).delete()[0])
