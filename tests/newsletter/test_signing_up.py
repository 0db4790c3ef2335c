"""Readers sign up with a mail address: one form of each address, few mails, and the same answer for everyone."""

import logging
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError
from django.utils import timezone

from articles.models import Subscriber
from articles.newsletter import subscriptions
from tests import post_office
from tests.newsletter.readers import EMAIL, link_in, sign_up, subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_newsletter")]


class Full(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({EMAIL: (552, b"Mailbox full")})


class Leaving(EmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({EMAIL: (421, b"Going down")})


class Away(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


@pytest.mark.parametrize("state", ["none", "pending", "confirmed", "unsubscribed"])
def test_the_answer_to_a_sign_up_does_not_tell_who_is_on_the_list(client, mailoutbox, state):
    if state != "none":
        subscriber(state)
    other = sign_up(client, "somebody-else@example.org")

    response = sign_up(client)

    assert response.content == other.content
    assert response.headers.items() - other.headers.items() == {("X-Request-ID", response["X-Request-ID"])}
    assert len(mailoutbox) == 2


def test_a_subscriber_who_signs_up_again_is_told_so_by_mail(client, mailoutbox):
    subscriber()

    sign_up(client)

    assert "already on the list" in mailoutbox[0].body
    assert "/confirm/" not in mailoutbox[0].body
    assert Subscriber.objects.get().state == "confirmed"


def test_a_program_that_fills_in_the_hidden_field_gets_no_mail(client, mailoutbox):
    expected = sign_up(client, "a@example.org").content

    assert sign_up(client, website="http://spam.example").content == expected
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Reader@Example.ORG ", "reader@example.org"),
        ("reader@b\u00fccher.example", "reader@xn--bcher-kva.example"),
        ("reader@B\u00dcCHER.example", "reader@xn--bcher-kva.example"),
        ("reader@xn--strae-oqa.example", "reader@xn--strae-oqa.example"),
        ("o'hara+news@example.org", "o'hara+news@example.org"),
        ('"The(Reader)"@example.org', '"the(reader)"@example.org'),
    ],
)
def test_a_mail_address_is_stored_in_one_form(client, typed, kept):
    sign_up(client, typed)

    assert Subscriber.objects.get().email == kept


@pytest.mark.parametrize("typed", ["a@B\u00fccher.Example", "a@xn--strae-oqa.example", '"The(Reader)"@example.org'])
def test_a_stored_mail_address_stays_the_same_when_normalised_again(typed):
    kept = subscriptions.normalised(typed)

    assert subscriptions.normalised(kept) == kept


def test_a_mail_address_is_on_the_list_once_in_uppercase_or_lowercase(client, mailoutbox):
    sign_up(client, "Reader@example.org")
    sign_up(client, "reader@EXAMPLE.org")

    assert Subscriber.objects.count() == len(mailoutbox) == 1


@pytest.mark.parametrize("email", ["Reader@example.org", EMAIL])
def test_the_database_refuses_a_mail_address_in_uppercase_or_twice(email):
    subscriber()

    with pytest.raises(IntegrityError):
        Subscriber.objects.create(email=email)


NO_ADDRESSES = [
    "",
    "x",
    "a@b",
    "a@example.org\r\nBcc: b@example.org",
    "a b@example.org",
    "\x00@example.org",
    "a@" + "b" * 400,
    '"q\x0bBcc:x@y"@example.org',
    '"q\\\x01"@example.org',
    '"q\x7f"@example.org',
    "\u017fmith@example.org",  # whose capital letter is S
    "\u212aim@example.org",  # whose small letter is k
    "reader@stra\u00dfe.example",  # which older rules (IDNA 2003) take for strasse.example, somebody else's
    "reader@\u03c3\u03c2.example",
    "reader@\uff41.example",
]


@pytest.mark.parametrize("email", NO_ADDRESSES)
def test_a_bad_mail_address_is_refused(client, email, mailoutbox):
    response = sign_up(client, email)

    assert response.status_code == 400
    assert "This is not a mail address" in response.content.decode()
    assert not Subscriber.objects.exists()
    with pytest.raises(ValidationError):
        subscriptions.normalised(email)


def test_a_full_mailbox_gives_the_same_answer(client):
    expected = sign_up(client, "a@example.org").content

    with post_office.mailer(f"{__name__}.Full"):
        response = sign_up(client)

    assert (response.status_code, response.content) == (200, expected)


def test_a_reader_who_does_not_confirm_is_deleted_after_a_week(client):
    sign_up(client)
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=8))

    sign_up(client, "another@example.org")

    assert [one.email for one in Subscriber.objects.all()] == ["another@example.org"]


def test_mail_addresses_are_in_no_url_and_no_log(client, mailoutbox, caplog):
    caplog.set_level(logging.DEBUG)
    sign_up(client)
    sign_up(client, "no address")
    address = link_in(mailoutbox[0])
    client.post(address)
    client.post("/newsletter/confirm/x/")

    assert "example.org" not in address + caplog.text
    assert "example" not in repr(Subscriber.objects.get()) + str(Subscriber.objects.get())


def test_a_site_without_a_mail_server_has_no_sign_up(client, settings):
    settings.NEWSROOM_SENDS_MAIL = False
    one = subscriber()

    assert client.get("/newsletter/").status_code == 404
    assert sign_up(client).status_code == 404
    assert "/newsletter/" not in client.get("/").content.decode()
    assert client.post(f"/newsletter/unsubscribe/{one.token}/").status_code == 200


def test_every_page_links_to_the_newsletter(client):
    assert 'href="/newsletter/"' in client.get("/").content.decode()
