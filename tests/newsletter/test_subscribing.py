"""Readers confirm and unsubscribe with links of their mails."""

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Subscriber
from tests.newsletter.readers import EMAIL, link_in, sign_up, subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_newsletter")]


def test_a_reader_signs_up_confirms_and_unsubscribes(client, mailoutbox):
    assert sign_up(client).status_code == 200
    assert Subscriber.objects.get().state == "pending"

    address = link_in(mailoutbox[0])
    assert mailoutbox[0].to == [EMAIL]
    assert "Yes, send it to me" in client.get(address).content.decode()
    assert Subscriber.objects.get().state == "pending"
    assert client.post(address).status_code == 200
    assert Subscriber.objects.get().state == "confirmed"

    address = f"/newsletter/unsubscribe/{Subscriber.objects.get().token}/"
    assert client.get(address).status_code == 200
    assert Subscriber.objects.get().state == "confirmed"
    assert client.post(address).status_code == 200
    assert Subscriber.objects.get().state == "unsubscribed"


def test_a_link_to_confirm_works_for_a_week(client, mailoutbox, monkeypatch):
    sign_up(client)
    address = link_in(mailoutbox[0])
    later = timezone.now().timestamp() + 7 * 86400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later - 60)
    assert client.get(address).status_code == 200

    monkeypatch.setattr("django.core.signing.time.time", lambda: later + 60)

    assert client.get(address).status_code == client.post(address).status_code == 404
    assert Subscriber.objects.get().state == "pending"


@pytest.mark.parametrize("body", [b"List-Unsubscribe=One-Click", b""])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_unsubscribing_with_one_click_needs_no_cookie_and_no_csrf_token(body, kind):
    one = subscriber()
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(f"/newsletter/unsubscribe/{one.token}/", body, content_type=kind)

    assert response.status_code == 200
    assert not response.cookies
    one.refresh_from_db()
    assert one.state == "unsubscribed"
    assert one.unsubscribed_at


def test_a_reader_may_unsubscribe_twice(client):
    one = subscriber()

    assert [client.post(f"/newsletter/unsubscribe/{one.token}/").status_code for _ in range(2)] == [200, 200]


def test_an_old_link_does_not_subscribe_a_reader_who_unsubscribed(client, mailoutbox):
    sign_up(client)
    address = link_in(mailoutbox[0])
    client.post(address)
    client.post(f"/newsletter/unsubscribe/{Subscriber.objects.get().token}/")

    assert client.post(address).status_code == 404
    assert Subscriber.objects.get().state == "unsubscribed"


def test_a_reader_who_unsubscribed_may_sign_up_again(client, mailoutbox):
    subscriber("unsubscribed")

    sign_up(client)
    client.post(link_in(mailoutbox[0]))

    assert Subscriber.objects.get().state == "confirmed"


@pytest.mark.parametrize("page", ["unsubscribe", "confirm"])
@pytest.mark.parametrize("token", ["-", "x" * 500, "%F0%9F%98%80", "a:b:c"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_with_a_bad_token_leads_to_a_page_that_says_so(client, page, token, method):
    response = getattr(client, method)(f"/newsletter/{page}/{token}/")

    assert response.status_code == 404
    assert "This link no longer works" in response.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_newsletter_pages_allow_only_get_head_and_post(client, method):
    for address in ("/newsletter/", f"/newsletter/unsubscribe/{subscriber(email='z@z.example').token}/"):
        assert getattr(client, method)(address).status_code == 405
    assert Subscriber.objects.get().state == "confirmed"


def test_pages_with_tokens_are_neither_cached_nor_indexed(client):
    response = client.get(f"/newsletter/unsubscribe/{subscriber().token}/")

    assert "no-store" in response.headers["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in response.content.decode()
