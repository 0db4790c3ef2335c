"""Every answer has the headers that tell browsers what they may do with it."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from articles.public import views
from tests.addresses import addresses, make_site

pytestmark = pytest.mark.django_db

ALL = {
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


@pytest.fixture
def _site(settings, tmp_path):
    settings.MEDIA_ROOT, settings.NEWSROOM_SENDS_MAIL = tmp_path, True


def missing(response):
    return ALL - set(response.headers)


@pytest.mark.usefixtures("_site")
@pytest.mark.parametrize("method", ["get", "head", "options", "post"])
def test_every_public_address_has_all_headers(client, method):
    lacking = {}
    for some in addresses(**make_site()).values():
        response = getattr(client, method)(some[0])
        if missing(response) or "'unsafe-inline'" in response["Content-Security-Policy"]:
            lacking[some[0]] = missing(response)

    assert lacking == {}


def test_every_list_and_form_of_the_admin_has_all_headers(admin_client):
    paths = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]
    pages = [reverse("admin:index"), *paths, *(f"{path}add/" for path in paths), "/admin/login/", "/admin/nothing/"]

    assert {page: missing(admin_client.get(page)) for page in pages if missing(admin_client.get(page))} == {}


def failing(*_arguments, **_options):
    raise RuntimeError("no row, no reason")


@pytest.mark.parametrize("kind", ["page", "json", "static", "admin"])
@pytest.mark.parametrize(
    ("status", "options"),
    [
        (400, {"headers": {"host": "evil.example"}}),
        (400, {"headers": {"host": "a b"}}),
        (404, {}),
        (405, {"method": "delete"}),
    ],
)
def test_an_error_has_all_headers(client, kind, status, options):
    start = {"page": "/nothing/", "json": "/api/nothing/", "static": "/static/nothing.css", "admin": "/admin/nothing/"}
    pages = {"page": "/display/", "json": "/api/news/", "static": "/feeds/rss.xml", "admin": "/archive/"}
    method, options = options.get("method", "get"), {name: options[name] for name in options if name != "method"}
    response = getattr(client, method)((pages if status == 405 else start)[kind], **options)

    assert response.status_code in (status, 302)
    assert missing(response) == set()


def test_a_request_without_a_token_is_refused_with_all_headers():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"})

    assert response.status_code == 403
    assert missing(response) == set()


@pytest.mark.parametrize("address", ["/", "/api/news/", "/feeds/rss.xml"])
def test_a_page_that_failed_has_all_headers(client, monkeypatch, address):
    monkeypatch.setattr(views.Article.objects, "published", failing)
    client.raise_request_exception = False

    response = client.get(address)

    assert response.status_code == 500
    assert missing(response) == set()


@pytest.mark.parametrize("address", ["/static/site.css", "/static/fonts/inter.woff2", "/static/favicon.svg"])
def test_a_static_file_has_all_headers(client, address):
    for options in ({}, {"headers": {"range": "bytes=0-3"}}, {"headers": {"range": "bytes=9-1"}}):
        assert missing(client.get(address, **options)) == set()


@pytest.mark.parametrize("address", ["/topics", "/api/news", "/admin"])
def test_a_redirect_has_all_headers(client, address):
    response = client.get(address)

    assert response.status_code == 301
    assert missing(response) == set()


def test_a_site_with_https_says_so_in_every_answer(client, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True

    for address in ("/", "/nothing/", "/static/site.css", "/api/news/", "/admin/"):
        for method in ("get", "options"):
            assert "max-age=31536000" in getattr(client, method)(address, secure=True)["Strict-Transport-Security"]
    assert missing(client.get("/")) == set()
    assert client.get("/").status_code == 301


@pytest.mark.usefixtures("_site")
def test_addresses_with_a_token_are_told_to_nobody(client):
    made = make_site()
    pages = addresses(**made)

    for route in ("newsletter/confirm/<name:token>/", "newsletter/unsubscribe/<name:token>/"):
        for page in pages[route]:
            for method in (client.get, client.post):
                assert method(page)["Referrer-Policy"] == "no-referrer"
    assert client.get("/")["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.usefixtures("_site")
def test_other_sites_may_load_public_data_and_pictures_only(client):
    made = make_site()
    pages = addresses(**made)

    original = "pictures/<kind:kind>/<int:pk>/original.<slug:suffix>"
    for route in ("feeds/<feed:name>", "sitemap.xml", "api/news/", original, "stories/<int:pk>/picture.png"):
        assert client.get(pages[route][0])["Cross-Origin-Resource-Policy"] == "cross-origin"
    for address in ("/", "/topics/", "/newsletter/", "/admin/login/", "/nothing/"):
        assert client.get(address)["Cross-Origin-Resource-Policy"] == "same-origin"
