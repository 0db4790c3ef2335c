"""Subscribers in the admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import F
from django.utils import timezone

from articles.models import Delivery, Subscriber
from articles.newsletter import subscriptions
from tests.admin.newsletter import CAN_LOOK, make_subscribers, told

pytestmark = pytest.mark.django_db


def test_a_search_for_a_subscriber_keeps_the_email_address_out_of_urls(logged_in):
    make_subscribers(2)
    client = logged_in(*CAN_LOOK)

    response = client.post("/admin/articles/subscriber/find/", {"email": " R1@Example.org"})

    pk = Subscriber.objects.get(email="r1@example.org").pk
    assert response.headers["Location"] == f"/admin/articles/subscriber/{pk}/change/"
    nobody = client.post("/admin/articles/subscriber/find/", {"email": "x"}, follow=True)
    assert told(nobody) == ["No subscriber has this address."]


def test_an_editor_adds_and_unsubscribes_a_subscriber(admin_client):
    admin_client.post("/admin/articles/subscriber/add/", {"email": "By.Hand@example.org", "state": "confirmed"})
    added = Subscriber.objects.get(email="by.hand@example.org")
    assert added.confirmed_at

    admin_client.post(
        f"/admin/articles/subscriber/{added.pk}/change/", {"email": "by.hand@example.org", "state": "unsubscribed"}
    )

    added.refresh_from_db()
    assert (added.state, bool(added.unsubscribed_at)) == ("unsubscribed", True)
    assert "example.org" not in "".join(entry.object_repr + entry.change_message for entry in LogEntry.objects.all())


@pytest.fixture(params=["added", "changed"])
def pending(request, admin_client):
    """Return the email address of a subscriber whom an editor made pending."""
    email, page = "by.hand@example.org", "add"
    if request.param == "changed":
        page = f"{Subscriber.objects.create(email=email, state='unsubscribed').pk}/change"
    admin_client.post(f"/admin/articles/subscriber/{page}/", {"email": email, "state": "pending"})
    assert Subscriber.objects.get().state == "pending"
    return email


@pytest.mark.usefixtures("mails_at_once")
def test_a_pending_subscriber_added_by_an_editor_is_forgotten_after_a_week(pending, mailoutbox):
    Subscriber.objects.update(asked_at=F("asked_at") - timedelta(days=8))

    subscriptions.sign_up("another@example.org")

    assert [one.email for one in Subscriber.objects.all()] == ["another@example.org"]


@pytest.mark.usefixtures("mails_at_once")
def test_a_pending_subscriber_added_by_an_editor_may_sign_up_at_once(pending, mailoutbox):
    subscriptions.sign_up(pending)

    assert [mail.to for mail in mailoutbox] == [[pending]]


def test_the_form_refuses_a_known_or_invalid_email_address(admin_client):
    make_subscribers(1)
    for email in (
        "R0@example.org",
        "x",
        '"q\x0bBcc:x@y"@example.org',
        "\u017fmith@example.org",
        "a@stra\u00dfe.example",
    ):
        response = admin_client.post("/admin/articles/subscriber/add/", {"email": email, "state": "confirmed"})

        assert response.status_code == 200
        assert response.context["errors"]


def test_a_subscriber_is_deleted_with_their_deliveries(admin_client, issue):
    make_subscribers(1)
    one = Subscriber.objects.get()
    Delivery.objects.create(issue=issue, subscriber=one, begun_at=timezone.now())

    admin_client.post(f"/admin/articles/subscriber/{one.pk}/delete/", {"post": "yes"})

    assert not Subscriber.objects.exists()
