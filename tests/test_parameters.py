"""Whatever strangers send, in any parameter of any public address, is answered: no address fails."""

import re

import pytest
from django.test import override_settings

from tests.addresses import addresses, make_site, routes
from tests.odd_parameters import HEADERS, HOSTS, METHODS, PARAMETERS, VALUES

pytestmark = pytest.mark.django_db
GAP = re.compile(r"<\w+:\w+>")
EACH = 2  # values that each parameter is given all the time; `slow` gives each value to a third of them


@pytest.fixture(scope="module")
def site(module_db, tmp_path_factory):
    with override_settings(NEWSROOM_SENDS_MAIL=True, MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield addresses(**make_site())


def own(route):
    """Return a route without what stands before and after it in other spellings of the same address."""
    route = route.removeprefix("<slug:source>/").removesuffix("index.json")
    return re.sub(r"page/?<int:page>/$", "", route)


def requests(site):
    """Yield a method, and an address with `{}` for a value, for each parameter of each route."""
    for route, filled in site.items():
        if own(route) != route and not route.startswith("api/"):
            continue  # another spelling of an address
        path = filled[0].partition("?")[0]
        for number in range(len(GAP.findall(route))):
            yield "get", _with_a_gap(route, path, number)
        for name in PARAMETERS[own(route)]:
            yield "get", f"{path}?{name}={{}}"
            yield "get", f"{path}?{name}={{}}&{name}={{}}&x[]={{}}&{{}}"
            if route in ("display/", "newsletter/") or "token" in route:
                yield "post", f"{path}?{name}={{}}"


def _with_a_gap(route, path, number):
    """Return a path of a route in which the value of a part of the route, by its number, is `{}`."""
    pattern = GAP.sub("(.+?)", re.escape(route).replace(r"\<", "<").replace(r"\>", ">").replace(r"\:", ":"))
    match = re.fullmatch(f"/{pattern}", path)
    start, end = match.span(number + 1)
    return f"{path[:start]}{{}}{path[end:]}"


def answer(client, method, address, value):
    address = address.replace("{}", value)
    if method == "post":
        address, _, body = address.partition("?")
        return client.post(address, body, content_type="application/x-www-form-urlencoded")
    return client.get(address)


def failures(client, asked):
    client.raise_request_exception = False
    found = {}
    for method, address, name in asked:
        status = answer(client, method, address, VALUES[name]).status_code
        if status >= 500:
            found[f"{method} {address} {name}"] = status
    return found


def test_every_public_route_says_its_parameters():
    assert {own(route) for route in routes()} == set(PARAMETERS)


def test_no_parameter_of_any_address_makes_it_fail(client, site):
    names = list(VALUES)
    asked = [
        (method, address, names[(place * EACH + turn) % len(names)])
        for place, (method, address) in enumerate(requests(site))
        for turn in range(EACH)
    ]

    assert failures(client, asked) == {}
    assert len(asked) > 150


@pytest.mark.slow
@pytest.mark.attack(11)
@pytest.mark.parametrize("name", VALUES)
def test_no_address_fails_with_this_value_in_its_parameters(client, site, name):
    asked = list(requests(site))[list(VALUES).index(name) % 3 :: 3]

    assert failures(client, [(method, address, name) for method, address in asked]) == {}


@pytest.mark.attack(13)
@pytest.mark.parametrize("name", HEADERS)
def test_no_address_fails_with_these_headers(client, site, name):
    client.raise_request_exception = False
    routes = ("", "feeds/<feed:name>", "sitemap.xml", "api/news/", "newsletter/", "display/", "search/")
    for address in [*(site[route][0] for route in routes), "/static/site.css", "/nothing/"]:
        for method in (client.get, client.post):
            assert method(address, headers=HEADERS[name]).status_code < 500, address


@pytest.mark.attack(13)
@pytest.mark.parametrize("host", HOSTS, ids=ascii)
def test_a_host_that_is_not_ours_is_refused(client, site, host):
    for address in ("/", "/feeds/rss.xml", "/api/news/", "/display/", "/topics"):
        response = client.get(address, headers={"host": host})

        assert response.status_code == 400
        assert host.strip() not in response.content.decode() or len(host) < 3


@pytest.mark.parametrize("method", METHODS)
def test_no_address_fails_with_another_method(client, site, method):
    client.raise_request_exception = False
    for filled in (filled for route, filled in site.items() if own(route) == route):
        assert client.generic(method.upper(), filled[0], b"\x00\xff", "application/json").status_code < 500, filled[0]


NAMES = ["a" * 300, "a" * 5_000, "%F0%9F%92%A9" * 200, "../" * 500, "a/" * 2_000, "%00", "con.", "%2e%2e/%2e%2e"]


@pytest.mark.attack(3)
@pytest.mark.parametrize("folder", ["static/", "pictures/a/1/", "pictures/"])
@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:12])
def test_a_name_that_no_disk_takes_is_not_found(client, site, folder, name):
    client.raise_request_exception = False

    assert client.get(f"/{folder}{name}").status_code in (301, 302, 400, 403, 404)
