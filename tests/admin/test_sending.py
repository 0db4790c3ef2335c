"""Sending an issue from the admin."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from articles.models import Delivery, Subscriber
from tests import post_office
from tests.admin.newsletter import CAN_LOOK, make_subscribers, told

pytestmark = pytest.mark.django_db


class Away(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


class Choosy(EmailBackend):
    """Refuse all mails but those to r0."""

    def send_messages(self, messages):
        if messages[0].to != ["r0@example.org"]:
            raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"No such mailbox")})
        return super().send_messages(messages)


def test_an_issue_is_sent_after_a_confirmation(logged_in, issue, issue_address, mailoutbox):
    make_subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    question = client.get(f"{issue_address}send/").content.decode()
    assert "Send to 2 subscribers" in question
    assert mailoutbox == []
    answer = client.post(f"{issue_address}send/", follow=True)

    assert told(answer) == ["2 emails were sent."]
    assert sorted(mail.to[0] for mail in mailoutbox) == ["r0@example.org", "r1@example.org"]
    assert LogEntry.objects.get().change_message == "Sent 2."
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert "No subscribers are waiting" in client.get(f"{issue_address}send/").content.decode()


def test_a_mail_server_that_is_down_is_reported_and_loses_no_mail(logged_in, issue, issue_address, mailoutbox):
    make_subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    with post_office.mailer(f"{__name__}.Away"):
        answer = client.post(f"{issue_address}send/", follow=True)
    assert told(answer) == ["0 emails were sent. Then the mail server stopped accepting mail: gone."]
    client.post(f"{issue_address}send/")

    assert len(mailoutbox) == 2


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2, "1 email was sent. 1 was refused; see Deliveries for the reason."),
        (4, "1 email was sent. 3 were refused; see Deliveries for the reasons."),
    ],
)
@post_office.mailer(f"{__name__}.Choosy")
def test_refused_mails_are_not_reported_as_left(logged_in, issue, issue_address, number, words):
    make_subscribers(number)

    answer = logged_in(*CAN_LOOK, "send_issue").post(f"{issue_address}send/", follow=True)

    assert told(answer) == [words]
    issue.refresh_from_db()
    assert issue.state == "sent"


@post_office.mailer(f"{__name__}.Choosy")
def test_refused_and_remaining_mails_are_reported_separately(logged_in, issue, issue_address, monkeypatch):
    make_subscribers(4)
    clock = iter([0, 1, 2, 20])  # at the start, and before each mail
    monkeypatch.setattr("articles.newsletter.sending.monotonic", lambda: next(clock))

    answer = logged_in(*CAN_LOOK, "send_issue").post(f"{issue_address}send/", follow=True)

    assert told(answer) == [
        "1 email was sent. 1 was refused; see Deliveries for the reason. "
        "2 left: press Send again to continue, or run build_newsletter --send."
    ]


def test_sending_that_takes_longer_than_a_request_can_be_continued(
    logged_in, issue, issue_address, monkeypatch, mailoutbox
):
    monkeypatch.setattr("articles.admin.newsletter.MAX_SENDING_SECONDS", 1e-9)
    make_subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    answer = client.post(f"{issue_address}send/", follow=True)

    assert told(answer) == ["0 emails were sent. 2 left: press Send again to continue, or run build_newsletter --send."]
    assert "Continue sending" in answer.content.decode()
    monkeypatch.setattr("articles.admin.newsletter.MAX_SENDING_SECONDS", 15)
    client.post(f"{issue_address}send/")
    assert len(mailoutbox) == 2


def test_a_test_mail_goes_to_the_editor_only_and_changes_nothing(logged_in, issue, issue_address, mailoutbox):
    make_subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    client.post(f"{issue_address}try/")

    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["ed@example.org"], "Test: The news <b>")
    assert "/newsletter/unsubscribe/-/" in mail.extra_headers["List-Unsubscribe"]
    issue.refresh_from_db()
    assert issue.state == "built"
    assert not Delivery.objects.exists()


def test_an_editor_without_an_email_address_gets_an_error(admin_client, issue_address, mailoutbox):
    User.objects.update(email="")

    assert told(admin_client.post(f"{issue_address}try/", follow=True)) == ["Your account has no email address."]
    assert mailoutbox == []


@pytest.mark.parametrize("page", ["send", "try", "again"])
def test_sending_needs_its_own_permission(logged_in, issue_address, page, mailoutbox):
    make_subscribers(1)
    client = logged_in(*CAN_LOOK, "change_issue", "delete_issue", "add_issue")

    assert client.post(f"{issue_address}{page}/").status_code == 403
    assert f"{issue_address}{page}/" not in client.get(f"{issue_address}change/").content.decode()
    assert mailoutbox == []


@pytest.mark.parametrize("page", ["send", "try", "again", "html"])
def test_visitors_are_asked_to_log_in(client, issue_address, page):
    assert client.post(f"{issue_address}{page}/").headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("page", ["try", "again"])
def test_a_get_request_sends_and_rebuilds_nothing(admin_client, issue_address, page):
    assert admin_client.get(f"{issue_address}{page}/").status_code == 405


def test_an_editor_retries_a_mail_whose_outcome_is_unknown(logged_in, issue, issue_address, mailoutbox):
    make_subscribers(2)
    one, other = Subscriber.objects.order_by("pk")
    hour_ago = timezone.now() - timedelta(hours=1)
    doubtful = Delivery.objects.create(issue=issue, subscriber=one, begun_at=hour_ago)
    under_way = Delivery.objects.create(issue=issue, subscriber=other, begun_at=timezone.now())
    client = logged_in(*CAN_LOOK, "send_issue")
    act = {"action": "retry", "_selected_action": [doubtful.pk, under_way.pk]}

    answer = client.post("/admin/articles/delivery/", act, follow=True)
    client.post(f"{issue_address}send/")

    assert told(answer) == ["1 email will be sent with the next Send."]
    assert [mail.to for mail in mailoutbox] == [["r0@example.org"]]
