"""Readers' choices about how pages look."""

from urllib.parse import urljoin, urlsplit

import pytest

from articles.public.display import CHOICES

pytestmark = pytest.mark.django_db


def choose(client, **given):
    return client.post("/display/", {"theme": "dark", "list": "dense", "next": "/topics/", **given})


def test_a_choice_is_stored_and_redirects_back(client):
    response = choose(client)

    assert (response.status_code, response["Location"]) == (302, "/topics/")
    assert '<html lang="en" data-theme="dark" data-list="dense">' in client.get("/").content.decode()


def test_pages_follow_the_device_without_a_choice(client):
    page = client.get("/").content.decode()

    assert 'data-theme="auto" data-list="comfortable"' in page
    assert '<meta name="color-scheme" content="light dark">' in page


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
@pytest.mark.parametrize("given", ["", "neon", '"><script>'])
def test_an_unknown_choice_is_the_default(client, choice, given):
    client.cookies[choice.name] = given

    assert f'data-{choice.name}="{choice.default}"' in client.get("/").content.decode()


ELSEWHERE = [
    *("https://evil.example/", "//evil.example/", "///evil.example/", "////evil.example", "javascript:alert(1)"),
    *(
        "\\\\e",
        "/\\evil.example/",
        "\\/evil.example",
        "http:evil.example",
        "https:/evil.example",
        "http:///evil.example",
    ),
    *("//evil.example\\@testserver/", "https://testserver@evil.example/", "https://testserver.evil.example/"),
    *(" //evil.example", "\t//evil.example", "\x00//evil.example", "\n/evil", "/\t/evil.example", "/\n/evil.example"),
    *("data:text/html,hi", "JaVaScRiPt:alert(1)", "vbscript:x", "ftp://evil.example/", "mailto:a@evil.example"),
    *("//[::1]/", "//evil%E3%80%82example/", "//evil。example", "https://testserver/", "//testserver/"),
    *("", " ", "foo", "?a", "#a", "foo/bar", ".", "..", "topic_list", "articles.public.views.front_page"),
]


@pytest.mark.attack(17)
@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=ascii)
def test_the_form_redirects_to_no_other_site(client, elsewhere):
    response = choose(client, next=elsewhere)

    assert response.status_code == 302
    address = urlsplit(urljoin("https://us.example/display/", response["Location"].replace("\\", "/")))
    assert (address.scheme, address.netloc) == ("https", "us.example")
    assert not set("\r\n\t\\") & set(response["Location"])


def test_the_form_leads_back_to_any_page_of_ours(client):
    for page in ("/", "/search/?q=a%20b&page=2", "/topics/a/", "/?a"):
        assert choose(client, next=page)["Location"] == page


def test_a_get_request_changes_no_choice(client):
    assert client.get("/display/").status_code == 405


@pytest.mark.parametrize(("address", "varies"), [("/", True), ("/no/such/", True), ("/api/news/index.json", False)])
def test_pages_vary_by_cookie(client, address, varies):
    assert ("Cookie" in client.get(address).get("Vary", "")) is varies
