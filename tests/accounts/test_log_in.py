"""Who tries passwords is slowed down, learns no name, and locks no editor out."""

import json
from dataclasses import replace
from statistics import median
from time import process_time

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from articles.models import LogIn, Throttle
from newsroom.accounts import log_in as log_in_page
from tests.accounts.editors import NAME, PAGE, PASSWORD, WRONG, is_in, log_in, make_editor, without_token
from tests.newsletter.readers import last_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(editor):
    """Names of each kind: with a password, without one, inactive, of no staff, and of nobody."""
    make_editor("asleep", is_active=False)
    User.objects.create_user("reader", password=PASSWORD)
    User.objects.create_user("machine", is_staff=True)
    return [NAME, "asleep", "reader", "machine", "nobody", "CHIEF", "x" * 150]


def test_an_editor_logs_in(client, editor):
    response = log_in(client, next="/admin/articles/article/")

    assert response.headers["Location"] == "/admin/articles/article/"
    assert is_in(client)


@pytest.mark.attack(19)
def test_passwords_tried_for_a_name_from_an_address_wait_longer_and_longer(client, editor, clock):
    waits = []
    for _ in range(5):
        statuses = [log_in(client, password=WRONG).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        waits.append(int(log_in(client).headers["Retry-After"]))
        clock(seconds=waits[-1] + 1)

    assert waits == [60, 300, 900, 3600, 3600]
    assert log_in(client).status_code == 302


@pytest.mark.attack(19)
def test_the_right_password_is_refused_while_the_name_waits(client, other, editor):
    for _ in range(5):
        log_in(client, password=WRONG)

    response = log_in(other)

    assert response.status_code == 429
    assert "Please try again in 1 minute." in response.content.decode()
    assert not is_in(other)


@pytest.mark.attack(19)
@pytest.mark.parametrize("name", ["Chief", " chief ", "\uff43\uff48\uff49\uff45\uff46", "CHIEF", "chief\u00a0"])
def test_another_spelling_of_a_name_is_no_other_name(client, editor, name):
    for _ in range(5):
        log_in(client, name, "wrong")

    assert log_in(client).status_code == 429


@pytest.mark.attack(19)
@pytest.mark.parametrize("address", ["192.0.2.{n}", "2001:db8:0:{n}::1", "198.51.{n}.1"])
def test_a_stranger_who_tries_a_name_locks_nobody_else_out(client, other, editor, address):
    for n in range(20):
        for _ in range(6):
            log_in(client, password=WRONG, address=address.format(n=n))

    assert log_in(other, address="203.0.113.9").status_code == 302


@pytest.mark.attack(19)
def test_an_editor_whose_browser_is_known_logs_in_while_many_strangers_try_their_name(
    client, other, editor, monkeypatch
):
    log_in(client)
    client.post("/admin/logout/")
    monkeypatch.setattr(log_in_page, "NAME", replace(log_in_page.NAME, free=20))
    for n in range(20):
        log_in(other, password=WRONG, address=f"10.0.{n}.1")
    assert log_in(other, address="203.0.113.9").status_code == 429

    assert log_in(client).status_code == 302


@pytest.mark.attack(19)
def test_a_known_browser_may_not_try_without_end_either(client, editor):
    log_in(client)
    client.post("/admin/logout/")

    assert [log_in(client, password=WRONG, address=f"10.0.{n}.1").status_code for n in range(7)] == [
        *[200] * 5,
        *[429] * 2,
    ]


@pytest.mark.attack(19)
@pytest.mark.parametrize("value", ["", "x", "x:y:z", "{}", "a" * 5000])
def test_a_forged_mark_of_a_known_browser_helps_nobody(client, editor, value):
    client.cookies["newsroom_device"] = value
    statuses = [log_in(client, password=WRONG).status_code for _ in range(6)]

    assert statuses == [200] * 5 + [429]


@pytest.mark.attack(19)
def test_another_editors_known_browser_gets_no_attempts_of_its_own(client, editor):
    make_editor("second")
    log_in(client, "second")
    client.post("/admin/logout/")

    assert [log_in(client, password=WRONG).status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.attack(19)
@pytest.mark.parametrize("spread", [lambda n: "192.0.2.7", lambda n: f"2001:db8::{n:x}"], ids=["one", "its network"])
def test_many_names_tried_from_an_address_wait(client, editor, spread):
    statuses = [log_in(client, f"name{n}", "wrong", spread(n)).status_code for n in range(52)]

    assert statuses == [200] * 50 + [429] * 2


@pytest.mark.attack(19)
def test_logging_in_does_not_give_a_stranger_more_attempts_at_other_names(client, editor):
    statuses = []
    for n in range(55):
        statuses.append(log_in(client, f"name{n}", "wrong").status_code)
        log_in(client)
        client.cookies.clear()

    assert statuses == [200] * 50 + [429] * 5


@pytest.mark.attack(19)
def test_the_answer_to_a_wrong_password_is_the_same_whoever_has_the_name(client, people):
    answers = set()
    for name in people:
        for _ in range(7):  # the last two are refused
            response = log_in(client, name, "wrong")
            answers.add((response.status_code, without_token(response).replace(f'value="{name}"', "")))

    assert {status for status, _ in answers} == {200, 429}
    assert len(answers) == 2


@pytest.mark.slow
@pytest.mark.attack(19)
def test_the_answer_takes_the_same_time_whoever_has_the_name(client, people, settings):
    settings.PASSWORD_HASHERS = ["tests.accounts.editors.QuickHasher"]
    for user in User.objects.exclude(username="machine"):
        user.set_password(PASSWORD)
        user.save()
    times = {name: [] for name in people}
    for n in range(50):
        for name in people:
            Throttle.objects.all().delete()
            started = process_time()
            log_in(client, name, "wrong", f"10.0.0.{n}")
            times[name].append(process_time() - started)

    medians = {name: median(found) for name, found in times.items()}
    assert max(medians.values()) <= 1.15 * min(medians.values()), medians


@pytest.mark.attack(19)
def test_a_clock_that_was_ahead_locks_nobody_out(client, editor, clock):
    clock(days=60)
    for _ in range(6):
        log_in(client, password=WRONG)
    clock(days=-60)

    assert log_in(client).status_code == 302


TRY = """
import django
django.setup()
from django.test import Client
client = Client(HTTP_HOST="localhost")
print([client.post("/admin/login/", {"username": "chief", "password": "wrong"}).status_code for _ in range(6)])
"""


@pytest.mark.slow
@pytest.mark.attack(19)
def test_processes_share_one_count_of_wrong_passwords(database):
    processes = [database.start("-c", TRY) for _ in range(4)]
    statuses = [status for process in processes for status in json.loads(last_line(process))]

    assert (statuses.count(200), statuses.count(429)) == (5, 19)


@pytest.mark.attack(19)
def test_wrong_passwords_are_counted_without_the_cache(client, editor, settings):
    settings.CACHES = {"default": {"BACKEND": "nowhere.Cache"}}

    assert [log_in(client, password=WRONG).status_code for _ in range(6)] == [200] * 5 + [429]


OTHER_SITES = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://testserver@evil.example/",
    "https://evil.example#testserver",
    "\x00//evil.example",
    "\t//evil.example",
    "//evil.example\r\nSet-Cookie: a=b",
    "ftp://testserver/",
    " https://evil.example",
    "https://evil.example\\@testserver/",
    "//[::1",
]


@pytest.mark.attack(17)
@pytest.mark.parametrize("where", OTHER_SITES)
@pytest.mark.parametrize("way", ["query", "form"])
def test_a_log_in_leads_to_no_other_site(client, editor, where, way):
    data = {"username": NAME, "password": PASSWORD} | ({"next": where} if way == "form" else {})
    query = {"next": where} if way == "query" else None

    response = client.post(PAGE, data, query_params=query)

    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


@pytest.mark.attack(19)
def test_log_ins_are_recorded_without_what_nobody_is_called(client, editor):
    browser = {"HTTP_USER_AGENT": "Firefox\x1b[31m/1 Linux" + "x" * 500}
    for name, password in [(NAME, "wrong"), ("my-password-by-mistake", "wrong"), (NAME, PASSWORD)]:
        client.post(PAGE, {"username": name, "password": password}, REMOTE_ADDR="192.0.2.1", **browser)

    rows = [(one.user, one.outcome, one.factor, one.address) for one in LogIn.objects.order_by("pk")]
    assert rows == [
        (editor, "password", "", "192.0.2.1"),
        (None, "password", "", "192.0.2.1"),
        (editor, "success", "", "192.0.2.1"),
    ]
    assert LogIn.objects.filter(browser__contains="\x1b").count() == 0
    assert "by-mistake" not in repr(list(LogIn.objects.values()))


def test_records_of_log_ins_are_deleted_after_90_days(client, editor, clock):
    log_in(client)
    clock(days=89)
    call_command("tend")
    assert LogIn.objects.count() == 1

    clock(days=2)
    call_command("tend")

    assert LogIn.objects.count() == 0


def test_only_superusers_see_records_of_log_ins(client, editor):
    log_in(client, password=WRONG)
    helper = User.objects.create_user("helper", password=PASSWORD, is_staff=True)
    helper.user_permissions.set([])

    client.force_login(helper)
    assert client.get("/admin/articles/login/").status_code == 403
    client.force_login(editor)
    assert "wrong name or password" in client.get("/admin/articles/login/").content.decode()
    assert client.get("/admin/articles/login/add/").status_code == 403


@pytest.mark.attack(14)
def test_a_log_in_needs_a_token_against_other_sites(editor):
    strict = Client(enforce_csrf_checks=True)

    assert log_in(strict).status_code == 403
