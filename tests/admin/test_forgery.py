"""No other site makes an editor's browser change something: with its own token only, and never by GET."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.admin import effects, everything

READS = re.compile(r"(<slug:source>/)?api/|.*<feed:name>|[\w-]*sitemap")  # public data: any other method is refused
# Routes that take a POST of another site, and why.
EXEMPT = {
    "display/": "It changes only how the sender's own pages look.",
    "newsletter/": "It takes a mail to confirm; other sites' forms are told by their headers.",
    "newsletter/confirm/<name:token>/": "The token in a mail is the permission.",
    "newsletter/unsubscribe/<name:token>/": "Mail programs unsubscribe their readers by one POST (RFC 8058).",
}


@pytest.fixture(scope="module")
def asked(module_db):
    """All that the admin takes."""
    rows = everything.make_rows()
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return effects.requests(client, rows)


@pytest.fixture
def client(asked):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(User.objects.get(username="root"))
    return client


def exempt(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from exempt(pattern.url_patterns, route)
        elif getattr(pattern.callback, "csrf_exempt", False):
            yield route


@pytest.mark.attack(14)
def test_only_known_addresses_take_a_form_without_a_token():
    found = {route for route in exempt(get_resolver().url_patterns) if not READS.match(route)}

    assert found <= EXEMPT.keys()


@pytest.mark.attack(14)
@pytest.mark.parametrize("kind", ["none", "an empty one", "another's", "of another length"])
@pytest.mark.django_db
def test_nothing_in_the_admin_is_changed_without_the_right_token(client, asked, kind):
    token = {"none": None, "an empty one": "", "another's": "a" * 64, "of another length": "a"}[kind]
    client.cookies["csrftoken"] = "b" * 32
    with effects.written() as touched:
        sent = [(address, data if token is None else {**data, "csrfmiddlewaretoken": token}) for address, data in asked]
        statuses = {client.post(address, data).status_code for address, data in sent}

    assert (statuses, touched - effects.RECORDS) == ({403}, set())


@pytest.mark.attack(14)
@pytest.mark.django_db
def test_nothing_in_the_admin_is_changed_by_a_get(client, asked):
    with effects.written() as touched:
        statuses = {client.get(address, data).status_code for address, data in asked}

    assert touched - effects.RECORDS == set()
    assert statuses <= {200, 302, 400, 403, 404, 405}
