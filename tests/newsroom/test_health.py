"""`/healthz` and `/readyz`: what load balancers and monitors are told."""

import json

import pytest
from django.db import DatabaseError
from django.test import Client, override_settings

from articles.pictures import volume
from newsroom import health

WELL = {"status": "ok", "database": "ok", "migrations": "ok", "cache": "ok", "media": "ok"}
HTTPS = {"SECURE_SSL_REDIRECT": True, "ALLOWED_HOSTS": ["news.example.org"], "SECURE_HSTS_SECONDS": 3600}


def test_a_process_that_is_up_says_so_without_a_database():
    response = Client().get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_site_that_has_all_it_needs_is_ready():
    response = Client().get("/readyz")

    assert (response.status_code, response.json()) == (200, WELL)


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7", "10.0.0.7:8000", "evil.example", "_bad host_", "[::1]"])
@pytest.mark.django_db
def test_monitors_are_answered_whatever_host_they_ask_for_and_without_https(address, host):
    with override_settings(**HTTPS):
        response = Client(headers={"Host": host}).get(address)

    assert response.status_code == 200
    assert host not in response.content.decode()


@pytest.mark.parametrize("address", ["/healthz/", "/readyz/x", "//healthz", "/HEALTHZ", "/"])
def test_no_other_address_is_exempt_from_the_check_of_hosts(address):
    with override_settings(**HTTPS):
        assert Client(headers={"Host": "evil.example"}).get(address).status_code in (301, 400)


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_monitors_only_read(method):
    assert getattr(Client(), method)("/readyz").status_code == 405
    assert Client().head("/healthz").status_code == 200


def break_database(monkeypatch):
    def fail():
        raise DatabaseError("connection to db.example failed: password hunter2hunter2")

    monkeypatch.setitem(health.CHECKS, "database", fail)


def break_migrations(monkeypatch):
    monkeypatch.setattr(health, "_migrations", lambda: frozenset({("articles", "9999_later")}))


def break_cache(monkeypatch):
    cache = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    override = override_settings(CACHES={"default": cache})
    override.enable()
    monkeypatch.setattr(health, "undo", override.disable, raising=False)


def break_media(monkeypatch):
    monkeypatch.setattr(volume, "is_there", lambda: False)


@pytest.mark.parametrize("name", ["database", "migrations", "cache", "media"])
@pytest.mark.django_db
def test_what_a_site_lacks_is_told_with_503_and_without_secrets(monkeypatch, name):
    globals()[f"break_{name}"](monkeypatch)
    try:
        response = Client().get("/readyz")
    finally:
        getattr(health, "undo", lambda: None)()

    assert response.status_code == 503
    assert json.loads(response.content) == {**WELL, "status": "failing", name: "failing"}


def test_asking_often_costs_no_more_than_asking_once(monkeypatch):
    asked = []
    monkeypatch.setattr(health, "CHECKS", {"database": lambda: asked.append(1)})
    client = Client()

    for _ in range(20):
        client.get("/readyz")

    assert len(asked) <= 2
