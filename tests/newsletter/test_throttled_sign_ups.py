"""Nobody is flooded with mails to confirm, and nothing about a sign-up tells who is known."""

import json
import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from statistics import median
from time import process_time

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import MailRequest, Subscriber, Throttle
from articles.newsletter import subscriptions
from newsroom import outbox, throttling
from tests import post_office
from tests.newsletter.readers import EMAIL, last_line, link_in, sign_up, subscriber

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Away(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


class Leaving(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({EMAIL: (421, b"Going down")})


@pytest.fixture
def clock(monkeypatch):
    """A function that moves the clock."""
    moved = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: moved[0])

    def move(**by):
        moved[0] += timedelta(**by)

    return move


@pytest.mark.attack(19)
def test_a_computer_waits_an_hour_a_day_and_a_week_when_it_signs_up_too_often(client, open_newsletter, clock):
    def tries():
        statuses = [sign_up(client, "no address").status_code for _ in range(22)]
        assert statuses == [400] * 20 + [429] * 2
        return sign_up(client)

    waits = []
    for _ in range(4):
        response = tries()
        waits.append(int(response.headers["Retry-After"]))
        clock(seconds=waits[-1] - 60)
        assert sign_up(client).status_code == 429
        clock(seconds=61)

    assert waits == [3600, 86400, 7 * 86400, 7 * 86400]
    assert "again in 7 days" in response.content.decode()


@pytest.mark.attack(19)
def test_an_address_gets_a_mail_an_hour_later_a_day_later_a_week_later_and_then_none(
    client, open_newsletter, mailoutbox, clock
):
    def asks():
        """Whether it was mailed, asked for from one more computer."""
        before = len(mailoutbox)
        outbox.ask(subscriptions.KIND, EMAIL)
        return len(mailoutbox) > before

    hours, asked = [0], 0
    asks()
    for hour in (*range(1, 30), *range(180, 200), *range(200, 60 * 24, 24)):
        clock(hours=hour - asked)
        asked = hour
        if asks():
            hours.append(hour)

    assert hours == [0, 1, 1 + 24, 1 + 24 + 7 * 24]


@pytest.mark.attack(19)
@pytest.mark.parametrize("page", ["confirm", "unsubscribe"])
def test_who_reads_the_mails_of_an_address_may_sign_it_up_at_once(client, open_newsletter, mailoutbox, page):
    sign_up(client)
    one = Subscriber.objects.get()
    client.post(link_in(mailoutbox[0]) if page == "confirm" else f"/newsletter/unsubscribe/{one.token}/")

    sign_up(client)

    assert len(mailoutbox) == 2


@pytest.mark.attack(19)
def test_the_clock_that_was_ahead_for_a_while_locks_nobody_out(client, open_newsletter, mailoutbox, clock):
    clock(days=60)
    for _ in range(25):
        sign_up(client)
    clock(days=-60)

    assert sign_up(client).status_code == 200
    assert len(mailoutbox) == 2


SITUATIONS = ["new", "pending", "confirmed", "unsubscribed", "blocked"]


def prepare(situation, email=EMAIL):
    if situation == "blocked":
        throttling.attempt((outbox.rule_of(subscriptions.KIND), email))
    elif situation != "new":
        subscriber(situation, email)


@pytest.mark.attack(19)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_sign_up_asks_the_database_the_same_whatever_is_known(client, settings, situation):
    settings.NEWSROOM_SENDS_MAIL = True
    prepare(situation)
    with CaptureQueriesContext(connection) as queries:
        response = sign_up(client)
        ours = [query["sql"] for query in queries if re.search("throttle|mailrequest|subscriber", query["sql"])]
    other = sign_up(client, "other@example.org")

    assert (response.status_code, response.content) == (200, other.content)
    assert dict(response.headers, **{"X-Request-ID": ""}) == dict(other.headers, **{"X-Request-ID": ""})
    assert [sql.split(" ")[0] for sql in ours] == ["INSERT", "SELECT", "UPDATE", "INSERT"]
    assert MailRequest.objects.count() == 2


@pytest.mark.slow
@pytest.mark.attack(19)
def test_a_sign_up_takes_the_same_time_whatever_is_known(client, settings):
    settings.NEWSROOM_SENDS_MAIL = True
    times = {situation: [] for situation in SITUATIONS}
    for number in range(200):
        for situation in SITUATIONS:
            email = f"{situation}{number}@example.org"
            prepare(situation, email)
            Throttle.objects.filter(count__gt=5).update(count=0)
            started = process_time()
            sign_up(client, email)
            times[situation].append(process_time() - started)

    medians = [median(found) for found in times.values()]
    assert max(medians) <= 1.15 * min(medians), times.keys()


@pytest.mark.parametrize("does", ["Away", "Leaving"])
def test_a_mail_server_that_is_away_fails_no_sign_up_and_the_mail_is_sent_later(
    client, open_newsletter, mailoutbox, clock, does
):
    with post_office.mailer(f"{__name__}.{does}"):
        assert sign_up(client).status_code == 200
        assert outbox.send_due() == 0
    assert outbox.send_due() == 0  # not at once: a mail server that is away is not asked again for every sign-up

    clock(minutes=11)
    call_command("tend")

    assert [mail.to for mail in mailoutbox] == [[EMAIL]]
    assert not MailRequest.objects.exists()


def test_a_mail_that_cannot_be_sent_for_a_day_is_given_up(client, open_newsletter, mailoutbox, clock):
    with post_office.mailer(f"{__name__}.Away"):
        sign_up(client)

    clock(hours=25)

    assert outbox.send_due() == len(mailoutbox) == 0
    assert not MailRequest.objects.exists()


OTHER_SITES = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "https://testserver"},
    {"Origin": "http://testserver:81"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "odd"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]
OWN_PAGES = [
    {},
    {"Origin": "http://testserver"},
    {"Origin": "http://localhost:8000"},  # NEWSROOM_BASE_URL
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},  # a page without a referrer
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.attack(14)
@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
def test_a_form_of_another_site_signs_nobody_up(client, settings, headers):
    settings.NEWSROOM_SENDS_MAIL = True

    assert client.post("/newsletter/", {"email": EMAIL}, headers=headers).status_code == 403
    assert not MailRequest.objects.exists()


@pytest.mark.parametrize("headers", OWN_PAGES, ids=str)
def test_our_own_form_signs_a_reader_up(client, settings, headers):
    settings.NEWSROOM_SENDS_MAIL = True

    assert client.post("/newsletter/", {"email": EMAIL}, headers=headers).status_code == 200
    assert MailRequest.objects.exists()


@pytest.mark.attack(19)
def test_sign_ups_are_counted_without_the_cache(client, settings):
    settings.NEWSROOM_SENDS_MAIL = True
    settings.CACHES = {"default": {"BACKEND": "nowhere.Cache"}}

    assert [sign_up(client, "x").status_code for _ in range(22)] == [400] * 20 + [429] * 2


TRY = """
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.NEWSROOM_SENDS_MAIL = True
client = Client(HTTP_HOST="localhost")
print([client.post("/newsletter/", {"email": "x"}).status_code for _ in range(15)])
"""


@pytest.mark.slow
@pytest.mark.attack(19)
def test_processes_share_one_count_of_sign_ups(database):
    processes = [database.start("-c", TRY) for _ in range(4)]
    statuses = [status for process in processes for status in json.loads(last_line(process))]

    assert (statuses.count(400), statuses.count(429)) == (20, 40)


def test_counts_that_no_rule_remembers_are_deleted(clock):
    throttling.attempt((throttling.Rule("a", 5, HOUR, (HOUR,), forget=DAY), "counted"))
    throttling.attempt((outbox.rule_of(subscriptions.KIND), "waited"))
    left = []
    for days in (1, 2, 120, 10):
        clock(days=days)
        call_command("tend")
        left.append(Throttle.objects.count())

    assert left == [2, 1, 1, 0]
