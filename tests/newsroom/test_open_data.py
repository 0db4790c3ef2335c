"""Scripts of any site may read public data, and nothing else."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Issue
from tests.factories import make_article, make_topic

pytestmark = pytest.mark.django_db

DATA = [
    "/api/news/",
    "/api/news/index.json",
    "/api/news/page1/",
    "/api/news/tides/",
    "/api/news/tags/US/",
    "/harbour/api/news/",
    "/harbour/api/topics/",
    "/api/topics/",
    "/api/newsletters/",
    "/api/newsletters/2026-11-02/",
    "/api/openapi.json",
    "/feeds/rss.xml",
    "/feeds/atom.xml",
    "/feeds/feed.json",
    "/topics/tides/feed.json",
    "/providers/gazette.example/rss.xml",
    "/search/atom.xml?q=x",
    "/sitemap.xml",
    "/news-sitemap.xml",
    "/sitemap-lists.xml",
]
PAGES = [
    "/",
    "/topics/",
    "/topics/api/",
    "/news/harbour/a/",
    "/news/api/a/",
    "/search/?q=api",
    "/newsletter/",
    "/newsletter/confirm/api/",
    "/newsletter/unsubscribe/api/",
    "/admin/",
    "/admin/api/",
    "/admin/api/news/",
    "/admin/articles/api/",
    "/display/",
    "/nothing/",
]
HEADERS = {"Origin": "https://other.example"}


@pytest.fixture(autouse=True)
def _site(settings):
    settings.NEWSROOM_SENDS_MAIL = True
    make_article(stem="a", topics=[make_topic("Tides", slug="tides"), make_topic("API", slug="api")], tags=["US"])
    Issue.objects.create(date=date(2026, 11, 2), state=Issue.State.SENT, sent_at=timezone.now())


def cors(response):
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control")}


@pytest.mark.parametrize("address", DATA)
def test_scripts_of_any_site_may_read_public_data(client, address):
    response = client.get(address, headers=HEADERS)

    assert response.status_code == 200
    assert cors(response) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link",
    }
    assert "Access-Control-Allow-Credentials" not in response
    assert not response.cookies


@pytest.mark.parametrize("address", DATA)
def test_a_browser_that_asks_first_is_told_what_is_allowed(address):
    headers = {**HEADERS, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}

    response = Client(enforce_csrf_checks=True).options(address, headers=headers)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert cors(response) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "86400",
    }


@pytest.mark.parametrize("method", ["get", "head", "options", "post"])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_is_open_to_scripts_of_other_sites(client, address, method):
    assert cors(getattr(client, method)(address, headers=HEADERS)) == {}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/news", 301),
        ("/harbour/api/news/tides", 301),
        ("/api/nothing/", 404),
        ("/nothing/api/news/", 404),
        ("/api/news/page/99/", 404),
        ("/api/news/?order=nonsense", 400),
    ],
)
def test_redirects_and_errors_are_open_too(client, address, status):
    response = client.get(address, headers=HEADERS)

    assert response.status_code == status
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_redirect_to_https_is_open_too(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/api/news/", headers=HEADERS)

    assert response["Location"] == "https://testserver/api/news/"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_refused_post_is_open_too(client):
    response = client.post("/api/news/", headers=HEADERS)

    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (405, "*")


def test_an_unchanged_feed_is_open_too(client):
    etag = client.get("/feeds/atom.xml")["ETag"]

    response = client.get("/feeds/atom.xml", headers={**HEADERS, "If-None-Match": etag})

    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (304, "*")


def test_the_answer_is_the_same_with_and_without_an_origin(client):
    with_origin, without = client.get("/api/news/", headers=HEADERS), client.get("/api/news/")

    ids = {"X-Request-ID"}
    assert {name for name, value in with_origin.items() if value != without[name]} == ids
