"""Who sent a request is what the connection or a trusted proxy says, never what the client says of itself."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from newsroom import clients, environment
from newsroom.clients import client_address, counted

PROXIES = ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48", "unix"]
# name: address of the connection, X-Forwarded-For, the client
VECTORS = {
    "no proxy": ("198.51.100.7", "", "198.51.100.7"),
    "no proxy, invented": ("198.51.100.7", "192.0.2.1", "198.51.100.7"),
    "no proxy, a proxy's address invented": ("198.51.100.7", "127.0.0.1", "198.51.100.7"),
    "a proxy": ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
    "a proxy that says nothing": ("127.0.0.1", "", "127.0.0.1"),
    "a proxy, one invented": ("127.0.0.1", "1.1.1.1, 192.0.2.1", "192.0.2.1"),
    "a proxy, many invented": ("127.0.0.1", "1.1.1.1, " * 100 + "192.0.2.1", "192.0.2.1"),
    "a proxy, its own address invented": ("127.0.0.1", "127.0.0.1, 192.0.2.1", "192.0.2.1"),
    "two proxies": ("127.0.0.1", "192.0.2.1, 10.1.2.3", "192.0.2.1"),
    "two proxies, one invented": ("127.0.0.1", "1.1.1.1, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
    "two proxies, none of them a client": ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
    "junk": ("127.0.0.1", "junk", "127.0.0.1"),
    "junk, then the client": ("127.0.0.1", "junk, 192.0.2.1", "192.0.2.1"),
    "the client, then junk": ("127.0.0.1", "192.0.2.1, junk", "127.0.0.1"),
    "the client, junk, a proxy": ("127.0.0.1", "192.0.2.1, <script>, 10.1.2.3", "10.1.2.3"),
    "only commas": ("127.0.0.1", ",,,", "127.0.0.1"),
    "an endless entry": ("127.0.0.1", "1" * 10_000, "127.0.0.1"),
    "a number": ("127.0.0.1", "3221225985", "127.0.0.1"),
    "octal": ("127.0.0.1", "0300.0.2.1", "127.0.0.1"),
    "digits of another script": ("127.0.0.1", "١٩٢.0.2.1", "127.0.0.1"),
    "a line break": ("127.0.0.1", "192.0.2.1\n1.1.1.1", "127.0.0.1"),
    "a port": ("127.0.0.1", "192.0.2.1:5678", "192.0.2.1"),
    "IPv6": ("127.0.0.1", "2001:DB8::0:1", "2001:db8::1"),
    "IPv6 with a port": ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
    "IPv6 with a scope": ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
    "IPv4 in IPv6": ("127.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"),
    "a proxy as IPv4 in IPv6": ("::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1"),
    "a proxy of a network of IPv6": ("2001:db8:1::5", "192.0.2.1", "192.0.2.1"),
    "a neighbour of that network": ("2001:db8:2::5", "192.0.2.1", "2001:db8:2::5"),
    "a socket": ("", "192.0.2.1", "192.0.2.1"),
    "a socket that says nothing": ("", "", ""),
    "an odd peer": ("odd", "192.0.2.1", ""),
}


def request(peer, forwarded, **headers):
    meta = {"REMOTE_ADDR": peer, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}), **headers}
    return RequestFactory().get("/", **meta)


@pytest.mark.attack(13)
@pytest.mark.parametrize("name", VECTORS)
def test_a_client_is_who_the_last_trusted_proxy_names(settings, name):
    settings.NEWSROOM_TRUSTED_PROXIES = PROXIES
    peer, forwarded, expected = VECTORS[name]

    assert client_address(request(peer, forwarded)) == expected


@pytest.mark.attack(13)
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.1", "192.0.2.1", ""])
def test_without_the_setting_no_proxy_is_believed(peer):
    assert client_address(request(peer, "1.1.1.1")) == peer


@pytest.mark.attack(13)
@pytest.mark.parametrize("header", ["X_REAL_IP", "FORWARDED", "CLIENT_IP", "X_FORWARDED_HOST", "TRUE_CLIENT_IP"])
def test_other_headers_name_no_client(settings, header):
    settings.NEWSROOM_TRUSTED_PROXIES = PROXIES

    assert client_address(request("127.0.0.1", "192.0.2.1", **{f"HTTP_{header}": "1.1.1.1"})) == "192.0.2.1"


@pytest.mark.attack(13)
@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [[], ["10.0.0.1"]])
@pytest.mark.parametrize("address", ["{n}.1.1.1", "1.1.1.1, 192.0.2.{n}", "2001:db8::{n}"])
def test_invented_addresses_do_not_get_around_a_limit(client, settings, proxies, address):
    settings.NEWSROOM_SENDS_MAIL, settings.NEWSROOM_TRUSTED_PROXIES = True, proxies

    statuses = [
        client.post("/newsletter/", {"email": "x"}, headers={"X-Forwarded-For": address.format(n=n)}).status_code
        for n in range(100)
    ]

    assert statuses == [400] * 20 + [429] * 80


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:a::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
    ],
)
def test_a_computer_is_counted_once_with_all_its_addresses(address, expected):
    assert counted(address) == expected


def test_a_proxy_that_was_forgotten_is_told_of_once(caplog):
    clients._warn_once.cache_clear()
    with caplog.at_level(logging.WARNING, "newsroom.clients"):
        for _ in range(3):
            client_address(request("127.0.0.1", "192.0.2.1"))
            client_address(request("8.8.8.8", "192.0.2.1"))

    assert [record.args for record in caplog.records] == [("127.0.0.1",)]


@pytest.mark.parametrize("value", ["localhost", "10.0.0.1/8", "0.0.0.0/0", "::/0", "127.0.0.1;::1", "*"])
def test_a_proxy_that_is_no_address_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("NAME", value)

    with pytest.raises(ImproperlyConfigured, match=r"NAME: expected addresses and networks such as .*, found"):
        environment.proxies("NAME")


def test_proxies_are_addresses_networks_and_sockets(monkeypatch):
    monkeypatch.setenv("NAME", "127.0.0.1, 10.0.0.0/8,unix")

    assert environment.proxies("NAME") == ["127.0.0.1", "10.0.0.0/8", "unix"]
