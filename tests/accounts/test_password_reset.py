"""A lost password: the same answer for everyone, and one mail with a link that works once."""

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from statistics import median
from time import process_time

import pytest
from django.contrib.auth.models import User
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import MailRequest, Throttle
from newsroom import outbox
from tests import post_office
from tests.accounts.editors import PASSWORD, is_in, log_in, make_editor

pytestmark = pytest.mark.django_db
ASK = "/admin/password_reset/"
NEW = "a new and better password"


class Away(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


@pytest.fixture
def sends(settings, mails_at_once):
    settings.NEWSROOM_SENDS_MAIL = True


def ask(client, email="chief@example.org", **options):
    return client.post(ASK, {"email": email}, **options)


def link_in(mail):
    return re.search(r"http://localhost:8000(/admin/reset/\S+)", mail.body)[1]


def choose(client, link, password=NEW):
    form = client.get(link)
    return client.post(form.headers.get("Location", link), {"new_password1": password, "new_password2": password})


@pytest.mark.attack(18)
def test_an_editor_chooses_a_new_password_and_all_sessions_end(client, other, editor, sends, mailoutbox):
    log_in(other)
    assert ask(client).headers["Location"] == "/admin/password_reset/done/"
    assert mailoutbox[0].to == ["chief@example.org"]

    assert choose(client, link_in(mailoutbox[0])).headers["Location"] == "/admin/reset/done/"

    assert not is_in(other)
    assert not is_in(client)
    assert log_in(other).status_code == 200
    assert log_in(other, password=NEW).status_code == 302


@pytest.mark.attack(19)
def test_a_link_works_once_and_for_two_hours(client, editor, sends, mailoutbox, monkeypatch):
    ask(client)
    link = link_in(mailoutbox[0])
    page = client.get(link, follow=True)
    assert page.context["validlink"]
    later = "django.contrib.auth.tokens.PasswordResetTokenGenerator._now"
    now = page.context["view"].token_generator._now()
    monkeypatch.setattr(later, lambda self: now + timedelta(hours=2, seconds=1))
    assert not client.get(link, follow=True).context["validlink"]
    monkeypatch.setattr(later, lambda self: now)

    choose(client, link)
    choose(client, link, "a third password of mine")

    assert log_in(client, password=NEW).status_code == 302


@pytest.mark.attack(19)
@pytest.mark.parametrize("change", ["log-in", "password", "address", "inactive"])
def test_a_link_is_dead_after_a_change_of_the_account(client, other, editor, sends, mailoutbox, change):
    ask(client)
    if change == "log-in":
        log_in(other)
    elif change == "password":
        editor.set_password("another good password")
    elif change == "address":
        editor.email = "other@example.org"
    editor.is_active = change != "inactive"
    if change != "log-in":
        editor.save()

    choose(client, link_in(mailoutbox[0]))

    assert not User.objects.get().check_password(NEW) or change == "inactive"
    assert log_in(other, password=NEW).status_code == 200


KINDS = ["known", "nobody", "inactive", "without password", "asked before"]


def email_of(kind):
    """The address of somebody of a kind, who is made for it."""
    name = kind.replace(" ", "-")
    if kind not in ("nobody", "asked before"):
        user = make_editor(name, is_active=kind != "inactive")
        if kind == "without password":
            user.set_unusable_password()
            user.save()
    return f"{name}@example.org"


@pytest.mark.attack(19)
@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_the_same_whoever_has_the_address(client, settings, kind):
    settings.NEWSROOM_SENDS_MAIL = True
    email = email_of(kind)
    if kind == "asked before":
        ask(client, email)
    with CaptureQueriesContext(connection) as queries:
        response = ask(client, email)
        tables = [re.findall(r'^(\w+) .*?"(articles_\w+|auth_user)"', query["sql"])[0] for query in queries
                  if "articles_" in query["sql"] or "auth_user" in query["sql"]]  # fmt: skip

    assert (response.status_code, response.headers["Location"]) == (302, "/admin/password_reset/done/")
    assert tables == [
        ("INSERT", "articles_throttle"),
        ("SELECT", "articles_throttle"),
        ("UPDATE", "articles_throttle"),
        ("INSERT", "articles_mailrequest"),
    ]


@pytest.mark.slow
@pytest.mark.attack(19)
def test_the_answer_takes_the_same_time_whoever_has_the_address(client, settings):
    settings.NEWSROOM_SENDS_MAIL = True
    emails = {kind: email_of(kind) for kind in KINDS}
    times = {kind: [] for kind in KINDS}
    for _ in range(200):
        for kind in KINDS:
            Throttle.objects.all().delete()
            MailRequest.objects.exclude(email=emails["asked before"]).delete()
            started = process_time()
            ask(client, emails[kind])
            times[kind].append(process_time() - started)

    medians = {kind: median(found) for kind, found in times.items()}
    assert max(medians.values()) <= 1.15 * min(medians.values()), medians


@pytest.mark.attack(19)
@pytest.mark.parametrize("kind", ["nobody", "inactive", "without password"])
def test_nobody_else_is_mailed(client, sends, mailoutbox, kind):
    ask(client, email_of(kind))

    assert mailoutbox == []
    assert not MailRequest.objects.exists()


@pytest.mark.attack(7)
@pytest.mark.parametrize("typed", ["ch\u0131ef@example.org", "chief@ex\u00e4mple.org", "CH\u0130EF@example.org", "chie\ufb00@example.org"])  # fmt: skip  # noqa: E501
def test_an_address_that_only_looks_alike_gets_no_link(client, editor, sends, mailoutbox, typed):
    ask(client, typed)

    assert mailoutbox == []


@pytest.mark.attack(13)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"Referer": "http://evil.example/"},
        {"X-Original-URL": "http://evil.example/"},
    ],
    ids=str,
)
def test_links_lead_to_this_site_whatever_a_request_says(client, editor, sends, mailoutbox, headers):
    ask(client, headers=headers, SERVER_NAME="127.0.0.1")

    assert link_in(mailoutbox[0])
    assert "evil" not in str(mailoutbox[0].message())


@pytest.mark.attack(13)
def test_a_request_to_another_host_is_refused(client, editor, sends, mailoutbox):
    assert ask(client, headers={"Host": "evil.example"}).status_code == 400
    assert mailoutbox == []


@pytest.mark.attack(13)
def test_addresses_with_tokens_are_told_to_no_other_site_and_not_kept(client, editor, sends, mailoutbox):
    ask(client)
    response = client.get(link_in(mailoutbox[0]))
    form = client.get(response.headers["Location"])

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/admin/reset/x/y-z/").headers["Referrer-Policy"] == "no-referrer"
    assert form.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in form.headers["Cache-Control"]
    assert link_in(mailoutbox[0]).split("/")[-2] not in form.content.decode()


@pytest.mark.attack(19)
def test_a_computer_asks_ten_times_an_hour(client, sends):
    statuses = [ask(client, f"n{n}@example.org").status_code for n in range(12)]

    assert statuses == [302] * 10 + [429] * 2


@pytest.mark.attack(19)
def test_an_address_is_mailed_once_an_hour_whatever_computers_ask(client, editor, sends, mailoutbox):
    for n in range(20):
        ask(client, REMOTE_ADDR=f"192.0.2.{n}")

    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_away_fails_no_request(client, editor, sends, mailoutbox, clock):
    with post_office.mailer(f"{__name__}.Away"):
        assert ask(client).status_code == 302
    clock(minutes=11)

    assert outbox.send_due() == len(mailoutbox) == 1


def test_a_site_without_a_mail_server_resets_no_password(client, editor):
    assert ASK not in client.get("/admin/login/").content.decode()
    assert client.get(ASK).status_code == ask(client).status_code == 404


def test_the_page_to_log_in_leads_to_the_reset_of_a_password(client, editor, sends):
    assert f'href="{ASK}"' in client.get("/admin/login/").content.decode()
    assert client.get(ASK).status_code == 200


def test_a_weak_password_is_refused(client, editor, sends, mailoutbox):
    ask(client)

    response = choose(client, link_in(mailoutbox[0]), "12345678")

    assert "too common" in response.content.decode()
    assert editor.check_password(PASSWORD)
