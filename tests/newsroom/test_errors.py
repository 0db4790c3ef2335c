"""Error pages: they name the request, need no database, and show no secret, under NEWSROOM_DEBUG=1 too."""

import pytest
from django.test import Client, RequestFactory, override_settings
from django.views import debug

from newsroom.environment import mail_settings
from newsroom.masking import HIDDEN
from newsroom.unavailable import error_page
from tests import post_office

pytestmark = pytest.mark.urls("tests.newsroom.failing")
TYPED = "p4ss'wörd<of>mail"


def mail(password):
    """Settings of a mail server with a password, as this version of Django knows them."""
    return mail_settings({"BACKEND": post_office.SMTP, "OPTIONS": {"host": "mail.example", "password": password}})


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_an_error_page_names_the_request_and_needs_no_database(client):
    response = client.get("/fail/", headers={"X-Request-ID": "seen-by-the-proxy"})

    assert response.status_code == 500
    assert "seen-by-the-proxy" in response.content.decode()
    assert "ValueError" not in response.content.decode()


def test_an_error_of_the_json_api_is_json(client):
    response = client.get("/api/fail/")

    assert response.status_code == 500
    assert response.json() == {
        "error": "Something went wrong here. Please try again in a minute.",
        "request": response["X-Request-ID"],
    }
    assert response["Access-Control-Allow-Origin"] == "*"


def test_an_error_before_a_request_has_its_id_is_a_page_too():
    assert error_page(RequestFactory().get("/")).status_code == 500


@pytest.mark.attack(21)
@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("where", ["setting", "database", "environment", "variable", "message", "posted", "cookie"])
def test_a_debug_page_shows_no_password(where, accept, settings, monkeypatch):
    request = RequestFactory().post("/", {"password": TYPED}, headers={"Accept": accept})
    request.COOKIES = {"sessionid": TYPED, "other": TYPED}
    request.META["DATABASE_URL"] = request.META["NEWSROOM_EMAIL_URL"] = f"smtp://news:{TYPED}@mail.example"
    if where == "database":
        monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", TYPED)
    with override_settings(DEBUG=True, **mail("" if where == "database" else TYPED)):
        found = page(request, TYPED if where == "message" else "")

    assert "ValueError" in found
    for spelling in (TYPED, repr(TYPED)[1:-1], "p4ss", "wörd"):
        assert spelling not in found
    assert HIDDEN in found


def page(request, message):
    """Return the debug page of an error whose frames hold the password."""
    address = f"smtp://news:{TYPED}@mail.example"
    options = {"host": "mail.example", "secret": {"inner": [TYPED]}}
    try:
        raise ValueError(f"{message} {len(address)} {len(options)}")
    except ValueError as error:
        response = debug.technical_500_response(request, type(error), error, error.__traceback__)
    return response.content.decode()


@pytest.mark.attack(21)
@pytest.mark.parametrize("name", ["SECRET_KEY", "CACHES", "NEWSROOM_METRICS", "NEWSROOM_SENTRY_DSN"])
def test_a_debug_page_shows_no_key_of_the_settings(name, settings):
    known = "zq9-very-secret-zq9"
    values = {
        "CACHES": {"default": {"BACKEND": "a", "LOCATION": f"redis://:{known}@h/0"}},
    }
    filtered = debug.get_default_exception_reporter_filter()

    with override_settings(**{name: values.get(name, known)}):
        assert known not in repr(filtered.get_safe_settings()[name])


@pytest.mark.attack(21)
@pytest.mark.urls("newsroom.urls")
@pytest.mark.django_db
def test_a_failed_log_in_is_logged_without_the_password(client, caplog):
    client.post("/admin/login/", {"username": "editor", "password": TYPED})

    assert TYPED not in caplog.text
