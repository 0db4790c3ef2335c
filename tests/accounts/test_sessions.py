"""Sessions: a new key at log-in, dead after log-out and a change of password, listed and ended by their owner."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from articles.models import OpenSession
from newsroom.accounts.sessions import described
from tests.accounts.editors import PASSWORD, WRONG, enter, is_in, log_in, make_editor, now_code, protect

pytestmark = pytest.mark.django_db
ACCOUNT = "/admin/account/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def key(client):
    return client.cookies["sessionid"].value


def with_cookie(value):
    other = Client()
    other.cookies["sessionid"] = value
    return other


@pytest.mark.attack(18)
@pytest.mark.parametrize("second", [False, True], ids=["password", "second factor"])
def test_a_session_that_somebody_knew_before_is_not_the_one_that_is_logged_in(client, editor, second):
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = known = session.session_key
    keys = [known]
    secret = protect(editor)[0] if second else ""

    log_in(client)
    keys.append(key(client))
    if second:
        enter(client, now_code(secret))
        keys.append(key(client))

    assert is_in(client)
    assert len(set(keys)) == len(keys)
    assert not any(is_in(with_cookie(old)) for old in keys[:-1])


@pytest.mark.attack(18)
@pytest.mark.parametrize("value", ["", "x", "a" * 32, "../../x", "a" * 10_000])
def test_an_invented_key_becomes_no_session(client, editor, value):
    client.cookies["sessionid"] = value

    assert not is_in(client)
    log_in(client)

    assert key(client) != value


@pytest.mark.attack(18)
def test_a_cookie_is_dead_after_log_out(client, editor):
    log_in(client)
    old = key(client)
    client.post("/admin/logout/")

    assert not is_in(with_cookie(old))
    assert not Session.objects.filter(pk=old).exists()
    assert not OpenSession.objects.exists()


@pytest.mark.attack(14)
def test_log_out_refuses_get(client, editor):
    log_in(client)

    assert client.get("/admin/logout/").status_code == 405
    assert client.get("/admin/account/sessions/end/").status_code == 405
    assert is_in(client)


@pytest.mark.attack(18)
@pytest.mark.parametrize("secure", [False, True])
def test_cookies_of_editors_are_read_by_no_script_and_sent_by_no_other_site(client, editor, settings, secure):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = secure
    log_in(client)

    for name in ("sessionid", "newsroom_device"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", secure)
    assert client.cookies["newsroom_device"]["path"] == "/admin/login/"


@pytest.mark.attack(18)
def test_a_change_of_password_ends_all_other_sessions(client, other, editor):
    log_in(client)
    log_in(other)
    new = "a new and better password"

    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", data).status_code == 302

    assert (is_in(client), is_in(other)) == (True, False)
    page = client.get(ACCOUNT).content.decode()
    assert page.count("<tr><td>") == page.count("this one") == 1


@pytest.mark.attack(19)
def test_the_old_password_is_not_guessed_without_end_where_it_is_changed(client, other, editor):
    log_in(client)
    data = {"old_password": WRONG, "new_password1": "a new and better one", "new_password2": "a new and better one"}
    weak = {"old_password": PASSWORD, "new_password1": "1", "new_password2": "1"}

    assert [client.post("/admin/password_change/", weak).status_code for _ in range(8)] == [200] * 8
    tries = [client.post("/admin/password_change/", data).status_code for _ in range(6)]

    assert tries == [200] * 5 + [429]
    assert client.post("/admin/password_change/", {**data, "old_password": PASSWORD}).status_code == 429
    assert client.get("/admin/password_change/").status_code == 200


@pytest.mark.attack(18)
def test_clearing_old_sessions_forgets_where_they_were(client, editor):
    log_in(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    call_command("clearsessions")

    assert not OpenSession.objects.exists()


@pytest.mark.attack(18)
def test_an_editor_sees_their_sessions_and_logs_out_elsewhere(client, other, editor):
    log_in(client, address="192.0.2.1")
    other.post("/admin/login/", {"username": "chief", "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    stranger = Client()
    make_editor("second")
    log_in(stranger, "second", address="198.51.100.7")

    page = client.get(ACCOUNT).content.decode()
    assert page.count("<tr><td>") == 2
    assert "192.0.2.1" in page
    assert "Firefox, Linux" in page
    assert "198.51.100.7" not in page
    client.post("/admin/account/sessions/end/")

    assert [is_in(each) for each in (client, other, stranger)] == [True, False, True]


def test_a_session_says_when_it_was_last_seen(client, editor, clock):
    log_in(client)
    began = timezone.now()
    clock(days=2)
    is_in(client)

    one = OpenSession.objects.get()
    assert (one.since, one.seen_on) == (began, timezone.now().date())


@pytest.mark.attack(18)
@pytest.mark.parametrize("path", ["", "second-factor/", "second-factor/remove/", "recovery-codes/", "sessions/end/"])
def test_pages_of_an_account_are_for_its_editor_only_and_are_not_kept(client, editor, path):
    for method in (client.get, client.post):
        assert method(f"{ACCOUNT}{path}").headers["Location"].startswith("/admin/login/")
    log_in(client)
    response = client.get(f"{ACCOUNT}{path}")

    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.attack(14)
@pytest.mark.parametrize("path", ["second-factor/", "second-factor/remove/", "recovery-codes/", "sessions/end/"])
def test_forms_of_an_account_need_a_token_against_other_sites(editor, path):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)

    assert strict.post(f"{ACCOUNT}{path}", {"password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML) Chrome/140.0 Safari/537 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/140.0 Mobile Safari/537", "Chrome, Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_described_in_words(said, words):
    assert described(said) == words
