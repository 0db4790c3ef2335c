"""An issue is sent once to each subscriber, through a real mail server on a real socket."""

import http.client
from datetime import timedelta
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.models import Delivery, Subscriber
from articles.newsletter import issues, sending
from tests import post_office
from tests.factories import make_article, make_subscribers
from tests.newsletter.editions import DAY


def test_a_mail_has_an_html_and_a_text_part_and_headers_to_unsubscribe(office, issue):
    make_subscribers(1)
    token = Subscriber.objects.get().token

    sending.send(issue)

    ((receiver, message),) = office.taken
    address = f"http://localhost:8000/newsletter/unsubscribe/{token}/"
    assert receiver == message["To"] == "reader0@example.org"
    assert message["From"] == "Newsroom <newsletter@localhost>"
    assert message["Subject"] == "Ferry finds harbour — twice"
    assert message["List-Unsubscribe"].strip() == f"<{address}>"  # which a long one is folded before
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<newsletter.localhost>"
    assert message["Date"].datetime
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "It had been there all along." in text.get_content()
    assert address in text.get_content()
    assert f'href="{address}"' in html.get_content()
    assert (
        html.get_content().replace("\r\n", "\n").strip()
        == issue.html.replace("/unsubscribe/-/", f"/unsubscribe/{token}/").strip()
    )
    assert message.defects == []


def test_a_mail_service_unsubscribes_a_reader_with_one_post(office, issue, live_server, settings):
    settings.NEWSROOM_BASE_URL = live_server.url
    make_subscribers(2)
    sending.send(issues.rebuild(issue))
    receiver, message = office.taken[0]
    address = message["List-Unsubscribe"].strip(" <>")

    status = post(address, b"List-Unsubscribe=One-Click")

    assert status == 200
    assert Subscriber.objects.get(email=receiver).state == "unsubscribed"
    assert Subscriber.objects.filter(state="confirmed").count() == 1


def post(address, body):
    """What a mail service does (RFC 8058): no cookie, no referrer, and no redirect is followed."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("POST", parts.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    return connection.getresponse().status


def test_a_mail_that_is_sent_again_has_the_same_message_id(issue):
    make_subscribers(2)
    one, other = Subscriber.objects.all()

    names = [sending.mail_of(issue, who).message()["Message-ID"] for who in (one, one, other)]

    assert names[0] == names[1] != names[2]
    assert one.email not in names[0]


def test_an_issue_is_sent_to_confirmed_subscribers_only(office, issue):
    make_subscribers(1)
    Subscriber.objects.create(email="pending@example.org")
    Subscriber.objects.create(email="gone@example.org", state="unsubscribed", confirmed_at=timezone.now())

    outcome = sending.send(issue)

    assert office.receivers == ["reader0@example.org"]
    assert (outcome.sent, outcome.refused, outcome.left, outcome.problem) == (1, 0, 0, "")
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert issue.sent_at


def test_sending_an_issue_again_sends_nothing_not_even_to_new_subscribers(office, issue):
    make_subscribers(2)
    sending.send(issue)
    Subscriber.objects.create(email="new@example.org", state="confirmed", confirmed_at=timezone.now())

    outcome = sending.send(issue)

    assert outcome.sent == 0
    assert len(office.taken) == 2


def test_a_refused_mail_stops_no_other_and_is_sent_again_next_time(office, issue):
    emails = make_subscribers(3)
    office.refuses = {emails[1]}

    outcome = sending.send(issue)

    assert (outcome.sent, outcome.refused, outcome.left) == (2, 1, 1)
    refused = Delivery.objects.get(sent_at=None)
    assert refused.error == "550 5.1.1 No such mailbox"
    office.refuses = set()
    sending.send(issue)
    assert sorted(office.receivers) == emails


@pytest.mark.parametrize("does", ["421 4.3.2 Going down", ""], ids=["says so", "hangs up"])
def test_sending_continues_after_the_server_broke_down_and_nobody_gets_an_issue_twice(office, issue, does):
    emails = make_subscribers(8)
    office.room, office.does = 3, does

    outcome = sending.send(issue)

    assert (outcome.sent, outcome.left, bool(outcome.problem)) == (3, 5, True)
    issue.refresh_from_db()
    assert issue.state == "sending"
    office.room = None
    sending.send(issue)
    assert sorted(office.receivers) == emails
    issue.refresh_from_db()
    assert issue.state == "sent"


@pytest.mark.parametrize("place", [1, 2], ids=["in between", "at the last"])
def test_a_server_that_closes_the_connection_refuses_nobody(office, issue, place):
    emails = make_subscribers(3)
    office.refuses, office.refusal = {emails[place]}, "421 4.3.2 <{}> Going down"

    outcome = sending.send(issue)

    assert (outcome.sent, outcome.refused, outcome.problem) == (place, 0, "421 4.3.2 Going down")
    assert [delivery.error for delivery in Delivery.objects.filter(sent_at=None)] == ["421 4.3.2 Going down"]
    issue.refresh_from_db()
    assert issue.state == "sending"
    office.refuses = set()
    sending.send(issue)
    assert sorted(office.receivers) == emails
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_a_receiver_that_makes_the_server_close_the_connection_holds_up_nobody_for_good(office, issue):
    emails = make_subscribers(3)
    office.refuses, office.refusal = {emails[0]}, "421 4.3.2 <{}> Going down"

    for _ in range(2):
        sending.send(issue)

    assert office.receivers == emails[1:]


def test_an_issue_stays_unsent_when_the_server_closes_the_connection_at_the_last_mail(office, issue):
    make_subscribers(3)
    office.room = 2

    outcome = sending.send(issue)

    assert (outcome.sent, outcome.refused, outcome.left, outcome.problem) == (2, 0, 1, "421 4.3.2 Going down")
    issue.refresh_from_db()
    assert issue.state == "sending"


def test_sending_opens_a_new_connection_after_some_mails(office, issue, monkeypatch):
    monkeypatch.setattr(sending, "MAILS_PER_CONNECTION", 3)
    emails = make_subscribers(7)

    sending.send(issue)

    assert sorted(office.receivers) == emails


@post_office.mailer(host="127.0.0.1", port=1)
def test_all_mails_are_left_when_the_mail_server_cannot_be_reached(issue, settings):
    settings.NEWSROOM_SENDS_MAIL = True
    make_subscribers(2)

    outcome = sending.send(issue)

    assert (outcome.sent, outcome.left) == (0, 2)
    assert "refused" in outcome.problem
    with pytest.raises(CommandError, match="2 mails left: run the command again"):
        call_command("build_newsletter", date=DAY, send=True, no_progress=True)


def test_a_reader_who_unsubscribes_while_an_issue_is_sent_does_not_get_it(office, issue):
    make_subscribers(3)

    def unsubscribing(numbers):
        for number in numbers:
            yield number
            Subscriber.objects.exclude(email__in=office.receivers).update(state="unsubscribed")

    sending.send(issue, progress=unsubscribing)

    assert len(office.taken) == 1


def test_sending_stops_when_its_time_is_up_and_the_next_run_continues(office, issue, monkeypatch):
    emails = make_subscribers(6)
    clock = count()
    monkeypatch.setattr(sending, "monotonic", lambda: next(clock))  # a second passes with each look at the clock

    first = sending.send(issue, seconds=3)
    second = sending.send(issue, seconds=60)

    assert (first.sent, first.left, second.sent) == (3, 3, 3)
    assert sorted(office.receivers) == emails


def test_a_mail_whose_process_died_is_in_doubt_and_not_sent_again(office, issue):
    make_subscribers(2)
    dead = Subscriber.objects.first()
    hour_ago = timezone.now() - timedelta(hours=1)
    Delivery.objects.create(issue=issue, subscriber=dead, begun_at=hour_ago)

    outcome = sending.send(issue)

    assert (outcome.sent, outcome.left) == (1, 0)
    assert dead.email not in office.receivers
    assert sending.in_doubt(issue).get().subscriber == dead


def test_build_newsletter_exits_with_2_if_some_mails_were_refused(office, issue, capsys):
    emails = make_subscribers(3)
    office.refuses = {emails[0]}

    with pytest.raises(SystemExit) as exit_:
        call_command("build_newsletter", date=DAY, send=True, no_progress=True)

    assert exit_.value.code == 2
    assert "2 mails sent, 1 refused, 1 left" in capsys.readouterr().out


def test_a_hostile_title_is_one_header_of_the_mail(office, db):
    make_article("News\r\nBcc: victim@example.org\r\n\r\n<script>", excerpt="x")
    issue = issues.build(DAY, "day")
    make_subscribers(1)

    sending.send(issue)

    ((receiver, message),) = office.taken
    assert receiver == "reader0@example.org"
    assert message["Subject"] == "News Bcc: victim@example.org <script>"
    assert message["Bcc"] is None
