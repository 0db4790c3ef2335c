"""A second factor: set up with an app, asked for at log-in, never accepted twice."""

import ast
import json
import re
from base64 import b32encode
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from articles.models import LogIn, RecoveryCode, SecondFactor
from newsroom.accounts import codes
from tests.accounts.editors import PASSWORD, WRONG, enter, is_in, log_in, now_code, protect, user_factor

pytestmark = pytest.mark.django_db
SET_UP = "/admin/account/second-factor/"


def shown_secret(response):
    return re.search(r"<code>([A-Z2-7 ]+)</code>", response.content.decode())[1].replace(" ", "")


def set_up(client):
    secret = shown_secret(client.get(SET_UP))
    response = client.post(SET_UP, {"password": PASSWORD, "code": now_code(secret)})
    return secret, re.findall(r"<code>([a-z2-7-]{19})</code>", response.content.decode())


# RFC 6238, appendix B, the last six of its eight digits
RFC = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize("seconds", RFC)
def test_codes_are_those_of_the_standard(seconds):
    secret = b32encode(b"12345678901234567890").decode()

    assert codes.code_at(secret, seconds // 30) == RFC[seconds]
    assert codes.step_of(secret, RFC[seconds], seconds + 30) == seconds // 30
    assert codes.step_of(secret, RFC[seconds], seconds + 61) is None


def test_an_app_is_told_the_site_and_the_account():
    parts = urlsplit(codes.address_of("ABCD", "a/b@c", "Ä: News"))

    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Ä  News:a/b@c")
    assert parse_qs(parts.query) == {"secret": ["ABCD"], "issuer": ["Ä  News"]}


def test_an_editor_sets_up_an_app_and_logs_in_with_it(client, other, editor, clock):
    log_in(client)
    page = client.get(SET_UP).content.decode()
    secret, made = set_up(client)
    assert '<img src="data:image/svg+xml' in page
    assert len(set(made)) == 10
    assert client.get(SET_UP).status_code == 200

    clock(seconds=30)
    response = log_in(other, next="/admin/articles/article/")
    assert not is_in(other)
    assert response.headers["Location"] == "/admin/login/code/"
    assert other.get("/admin/login/code/").status_code == 200
    response = enter(other, f" {now_code(secret)[:3]} {now_code(secret)[3:]}")

    assert response.headers["Location"] == "/admin/articles/article/"
    assert is_in(other)
    assert LogIn.objects.first().factor == "app"


def test_the_wrong_code_or_password_sets_up_nothing(client, editor):
    log_in(client)
    secret = shown_secret(client.get(SET_UP))

    for password, code in [(WRONG, now_code(secret)), (PASSWORD, "000000"), (PASSWORD, ""), (PASSWORD, "²³¹¹¹¹")]:
        response = client.post(SET_UP, {"password": password, "code": code})
        assert shown_secret(response) == secret

    assert not SecondFactor.objects.exists()


@pytest.mark.attack(19)
def test_a_code_works_once(client, other, editor):
    secret, _made = protect(editor)
    code = now_code(secret)
    log_in(client)
    enter(client, code)
    log_in(other)

    response = enter(other, code)

    assert is_in(client)
    assert "wrong, outdated or used" in response.content.decode()
    assert not is_in(other)


@pytest.mark.attack(19)
def test_a_code_from_before_the_last_one_works_no_more(client, editor):
    secret, _made = protect(editor)
    log_in(client)
    enter(client, now_code(secret, 30))
    client.post("/admin/logout/")
    log_in(client)

    for seconds in (0, -30):
        enter(client, now_code(secret, seconds))

    assert not is_in(client)


@pytest.mark.attack(19)
@pytest.mark.parametrize(
    "form", [str, str.upper, lambda code: code.replace("-", " ")], ids=["as is", "capitals", "gaps"]
)
def test_a_recovery_code_works_once(client, other, editor, form):
    _secret, made = protect(editor)
    log_in(client)
    enter(client, form(made[3]))
    log_in(other)
    enter(other, form(made[3]))

    assert (is_in(client), is_in(other)) == (True, False)
    assert LogIn.objects.filter(factor="recovery").count() == 1
    assert RecoveryCode.objects.count() == 9


@pytest.mark.attack(21)
def test_recovery_codes_are_stored_as_digests_and_shown_once(client, editor):
    _secret, made = protect(editor)
    client.force_login(editor)
    stored = " ".join(RecoveryCode.objects.values_list("digest", flat=True))

    assert all(code not in stored and code.replace("-", "") not in stored for code in made)
    assert made[0] not in client.get("/admin/account/").content.decode()


BAD_CODES = [
    "",
    "000000",
    "12345",
    "1234567",
    "-1",
    "\uff11\uff12\uff13\uff14\uff15\uff16",
    "x" * 5000,
    "\x00",
    "aaaa-aaaa-aaaa-aaaa",
    "' OR 1=1",
]


@pytest.mark.attack(19)
@pytest.mark.parametrize("code", BAD_CODES, ids=ascii)
def test_a_wrong_code_lets_nobody_in(client, editor, code):
    protect(editor)
    log_in(client)

    assert enter(client, code).status_code == 200
    assert not is_in(client)


@pytest.mark.attack(19)
def test_codes_that_are_tried_wait_longer_and_longer_from_wherever(client, editor, clock):
    secret, _made = protect(editor)
    waits = []
    for _ in range(3):
        log_in(client)
        statuses = [enter(client, "000000", REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(5)]
        response = enter(client, now_code(secret))
        assert (statuses, response.status_code) == ([200] * 5, 429)
        waits.append(int(response.headers["Retry-After"]))
        clock(seconds=waits[-1] + 1)

    assert waits == [60, 300, 900]


@pytest.mark.attack(18)
def test_the_page_for_the_code_is_of_no_use_without_the_password(client, other, editor):
    secret, _made = protect(editor)

    assert enter(client, now_code(secret)).headers["Location"] == "/admin/login/"
    log_in(other)
    assert enter(client, now_code(secret)).headers["Location"] == "/admin/login/"
    assert not is_in(client)


@pytest.mark.attack(18)
@pytest.mark.parametrize("change", ["password", "inactive", "time"])
def test_a_password_that_was_typed_is_forgotten(client, editor, change, monkeypatch):
    secret, _made = protect(editor)
    log_in(client)
    if change == "password":
        editor.set_password("another good password")
    editor.is_active = change != "inactive"
    editor.save()
    if change == "time":
        session = client.session
        session["entering"] = {**session["entering"], "at": session["entering"]["at"] - 601}
        session.save()

    enter(client, now_code(secret))

    assert not is_in(client)


TYPE = """
import sys
import django
django.setup()
from django.contrib.auth.models import User
from newsroom.accounts import second_factor
user = User.objects.get()
print([second_factor.use(user, code) for code in sys.argv[1:]])
"""


@pytest.mark.slow
@pytest.mark.attack(19)
def test_a_code_that_is_typed_in_four_places_at_once_works_in_one(database):
    made = ast.literal_eval(database.run("-c", MAKE).out)
    typed = [made["code"], *made["recovery"]]
    processes = [database.start("-c", TYPE, *typed) for _ in range(4)]
    found = [json.loads(process.communicate(timeout=60)[0].replace("'", '"')) for process in processes]

    assert [sum(bool(factor) for factor in factors) for factors in zip(*found, strict=True)] == [1] * 11


MAKE = """
import django
django.setup()
from tests.accounts.editors import make_editor, now_code, protect
secret, made = protect(make_editor())
print({"code": now_code(secret, 20), "recovery": made})
"""


@pytest.mark.attack(15)
@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/articles/article/", "/admin/account/", "/admin/password_change/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_where_it_is_required_editors_set_up_a_second_factor_before_anything_else(
    client, editor, settings, address, method
):
    settings.NEWSROOM_REQUIRE_SECOND_FACTOR = True
    log_in(client)

    assert getattr(client, method)(address).headers["Location"] == SET_UP

    set_up(client)
    assert is_in(client)


@pytest.mark.attack(15)
def test_where_it_is_required_a_session_without_it_is_no_session(client, editor, settings):
    protect(editor)
    client.force_login(editor)
    assert is_in(client)
    settings.NEWSROOM_REQUIRE_SECOND_FACTOR = True

    assert client.get(SET_UP).headers["Location"] == "/admin/login/"
    assert not is_in(client)


@pytest.mark.parametrize("path", ["second-factor/remove/", "recovery-codes/"])
@pytest.mark.attack(15)
def test_changes_of_a_second_factor_ask_for_the_password(client, editor, path):
    protect(editor)
    client.force_login(editor)
    before = list(RecoveryCode.objects.values_list("digest", flat=True))

    client.get(f"/admin/account/{path}")
    client.post(f"/admin/account/{path}", {"password": WRONG})
    assert list(RecoveryCode.objects.values_list("digest", flat=True)) == before
    client.post(f"/admin/account/{path}", {"password": PASSWORD})

    assert list(RecoveryCode.objects.values_list("digest", flat=True)) != before
    assert user_factor(editor).exists() == (path == "recovery-codes/")


@pytest.mark.attack(19)
def test_passwords_may_not_be_tried_without_end_in_a_browser_that_was_left_open(client, editor):
    protect(editor)
    client.force_login(editor)

    tries = [client.post("/admin/account/second-factor/remove/", {"password": WRONG}).status_code for _ in range(6)]

    assert tries == [200] * 5 + [429]


def test_setting_up_a_second_factor_ends_sessions_that_were_begun_without_it(client, other, editor):
    log_in(client)
    log_in(other)

    set_up(client)

    assert (is_in(client), is_in(other)) == (True, False)
