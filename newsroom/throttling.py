"""Attempts without end are slowed down: after some, the next is allowed later and later.

The counts are in the database, so all workers share them, and they stay when the cache or a process goes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from articles.models import Throttle

CLOCKS_DIFFER = timedelta(minutes=1)  # at most, between two machines
REMEMBERED = timedelta(days=130)  # after the end of a wait: longer than any rule does
COUNTED = timedelta(days=2)  # longer than any rule counts attempts before the first wait


@dataclass(frozen=True)
class Rule:
    """`free` attempts within `window`; each time they are used up, the next of `waits`, and at last always the last.

    Who tries nothing for `forget` after a wait begins with the first wait again.
    """

    name: str
    free: int
    window: timedelta
    waits: tuple[timedelta, ...]
    forget: timedelta


Claim = tuple[Rule, str]  # a rule, and who is counted


@dataclass
class Attempt:
    """An attempt that was counted, or, with a `wait`, was not allowed."""

    wait: timedelta = timedelta(0)
    taken: dict[str, tuple[Rule, datetime]] = field(default_factory=dict)  # by key: the rule, and until when it closed

    def give_back(self) -> None:
        """Do not count the attempt after all, and take back the waits that it began. One short transaction."""
        with transaction.atomic():
            rows = list(_locked(self.taken))
            for row in rows:
                rule, until = self.taken[row.key]
                if until == row.until and row.count == 0 and row.strikes:  # it was the one too many
                    row.count, row.strikes, row.until = rule.free, row.strikes - 1, row.since
                row.count = max(0, row.count - 1)
            Throttle.objects.bulk_update(rows, ["count", "strikes", "until"])


def attempt(*claims: Claim) -> Attempt:
    """Count an attempt under all rules, or under none if one of them does not allow it now.

    Count before you check a password: of many attempts at once, no more than allowed get as far. Costs four queries
    in one short transaction, whether or not somebody is known.
    """
    now = timezone.now()
    rules = {_key(rule, who): rule for rule, who in claims}
    with transaction.atomic():
        new = [Throttle(key=key, since=now, until=now) for key in sorted(rules)]
        Throttle.objects.bulk_create(new, ignore_conflicts=True)
        rows = list(_locked(rules))
        now = timezone.now()  # again: it may have taken a while until other processes were done
        wait = max(_wait(row, rules[row.key], now) for row in rows)
        if wait:
            return Attempt(wait)
        for row in rows:
            _count(row, rules[row.key], now)
        Throttle.objects.bulk_update(rows, ["count", "since", "strikes", "until"])
    return Attempt(taken={row.key: (rules[row.key], row.until) for row in rows})


def forget(*claims: Claim) -> None:
    """Begin anew with somebody who showed who they are."""
    Throttle.objects.filter(key__in=[_key(rule, who) for rule, who in claims]).delete()


def delete_old() -> int:
    """Delete counts that no rule remembers. Return how many."""
    now = timezone.now()
    old = Q(until__lt=now - REMEMBERED) | Q(until__lt=now - COUNTED, since__lt=now - COUNTED, strikes=0)
    return Throttle.objects.filter(old).delete()[0]


def in_words(wait: timedelta) -> str:
    """Return when to try again, such as "in 5 minutes": rounded up, so that it is true."""
    minutes = max(1, -(-wait // timedelta(minutes=1)))
    if minutes < 120:
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
    hours = -(-minutes // 60)
    if hours < 48:
        return ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
    days = -(-hours // 24)
    return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}


def in_seconds(wait: timedelta) -> str:
    """Return the value of a Retry-After header."""
    return str(max(1, -(-wait // timedelta(seconds=1))))


def _key(rule: Rule, who: str) -> str:
    return salted_hmac(f"newsroom-throttle-{rule.name}", who, algorithm="sha256").hexdigest()


def _locked(keys: Iterable[str]) -> Iterable[Throttle]:
    """Return the rows of these keys, kept from other processes until the transaction ends. One order: no deadlock."""
    return Throttle.objects.select_for_update().filter(key__in=list(keys)).order_by("key")


def _wait(row: Throttle, rule: Rule, now: datetime) -> timedelta:
    """Return how long to wait. More than was given is from a clock that was wrong, and counts as none."""
    given = rule.waits[min(row.strikes, len(rule.waits)) - 1] if row.strikes else timedelta(0)
    wait = row.until - now
    return wait if timedelta(0) < wait <= given + CLOCKS_DIFFER else timedelta(0)


def _count(row: Throttle, rule: Rule, now: datetime) -> None:
    if not timedelta(0) <= now - row.since < rule.window:
        row.count, row.since = 0, now
    if now - row.until >= rule.forget:
        row.strikes = 0
    row.count += 1
    if row.count >= rule.free:
        row.until = now + rule.waits[min(row.strikes, len(rule.waits) - 1)]
        row.strikes += 1
        row.count = 0
    else:
        row.until = min(row.until, now)
