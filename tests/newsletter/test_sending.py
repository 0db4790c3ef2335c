"""Issues are sent once to each who asked for them, through a real mail server on a real socket."""

import http.client
import time
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.models import Article, Delivery, Issue, Subscriber
from articles.newsletter import issues
from articles.newsletter import sending as newsletter_sending
from tests import post_office
from tests.factories import make_article
from tests.sync.test_safety import database  # noqa: F401 (a fixture)

DAY = date(2026, 11, 2)


@pytest.fixture
def office(settings, monkeypatch):
    with post_office.opened() as office:
        monkeypatch.setenv("NEWSROOM_EMAIL_URL", f"smtp://127.0.0.1:{office.port}")  # for other processes
        settings.NEWSROOM_SENDS_MAIL = True
        with post_office.mailer(host="127.0.0.1", port=office.port):
            yield office


@pytest.fixture
def issue(db):
    make_article("Ferry finds harbour — twice", excerpt="It had been there all along.")
    return issues.build(DAY, "day")


def subscribers(number, **fields):
    fields = {"state": "confirmed", "confirmed_at": timezone.now() - timedelta(days=1), **fields}
    emails = [f"reader{n}@example.org" for n in range(number)]
    Subscriber.objects.bulk_create(Subscriber(email=email, **fields) for email in emails)
    return emails


def test_a_mail_has_both_parts_and_the_headers_to_unsubscribe_with(office, issue):
    subscribers(1)
    token = Subscriber.objects.get().token

    newsletter_sending.send(issue)

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


def test_the_header_leads_to_an_address_that_unsubscribes_by_a_post_alone(office, issue, live_server, settings):
    settings.NEWSROOM_BASE_URL = live_server.url
    subscribers(2)
    newsletter_sending.send(issues.rebuild(issue))
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


def test_a_message_is_known_by_the_same_name_when_it_is_sent_again(issue):
    subscribers(2)
    one, other = Subscriber.objects.all()

    names = [newsletter_sending.mail_of(issue, who).message()["Message-ID"] for who in (one, one, other)]

    assert names[0] == names[1] != names[2]
    assert one.email not in names[0]


def test_only_who_confirmed_before_gets_it(office, issue):
    subscribers(1)
    Subscriber.objects.create(email="pending@example.org")
    Subscriber.objects.create(email="gone@example.org", state="unsubscribed", confirmed_at=timezone.now())

    outcome = newsletter_sending.send(issue)

    assert office.receivers == ["reader0@example.org"]
    assert (outcome.sent, outcome.refused, outcome.left, outcome.problem) == (1, 0, 0, "")
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert issue.sent_at


def test_sending_again_sends_nothing_and_not_to_newcomers_either(office, issue):
    subscribers(2)
    newsletter_sending.send(issue)
    Subscriber.objects.create(email="new@example.org", state="confirmed", confirmed_at=timezone.now())

    outcome = newsletter_sending.send(issue)

    assert outcome.sent == 0
    assert len(office.taken) == 2


def test_a_refused_receiver_stops_no_other_and_is_tried_again_next_time(office, issue):
    emails = subscribers(3)
    office.refuses = {emails[1]}

    outcome = newsletter_sending.send(issue)

    assert (outcome.sent, outcome.refused, outcome.left) == (2, 1, 1)
    refused = Delivery.objects.get(sent_at=None)
    assert refused.error == "550 5.1.1 No such mailbox"
    office.refuses = set()
    newsletter_sending.send(issue)
    assert sorted(office.receivers) == emails


@pytest.mark.parametrize("does", ["421 4.3.2 Going down", ""], ids=["says so", "hangs up"])
def test_a_server_that_breaks_down_is_gone_on_with_and_nobody_gets_it_twice(office, issue, does):
    emails = subscribers(8)
    office.room, office.does = 3, does

    outcome = newsletter_sending.send(issue)

    assert (outcome.sent, outcome.left, bool(outcome.problem)) == (3, 5, True)
    issue.refresh_from_db()
    assert issue.state == "sending"
    office.room = None
    newsletter_sending.send(issue)
    assert sorted(office.receivers) == emails
    issue.refresh_from_db()
    assert issue.state == "sent"


@pytest.mark.parametrize("place", [1, 2], ids=["in between", "at the last"])
def test_a_server_that_goes_away_at_a_receiver_refuses_nobody(office, issue, place):
    emails = subscribers(3)
    office.refuses, office.refusal = {emails[place]}, "421 4.3.2 <{}> Going down"

    outcome = newsletter_sending.send(issue)

    assert (outcome.sent, outcome.refused, outcome.problem) == (place, 0, "421 4.3.2 Going down")
    assert [delivery.error for delivery in Delivery.objects.filter(sent_at=None)] == ["421 4.3.2 Going down"]
    issue.refresh_from_db()
    assert issue.state == "sending"
    office.refuses = set()
    newsletter_sending.send(issue)
    assert sorted(office.receivers) == emails
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_a_receiver_at_whom_the_server_always_goes_away_holds_up_nobody_for_good(office, issue):
    emails = subscribers(3)
    office.refuses, office.refusal = {emails[0]}, "421 4.3.2 <{}> Going down"

    for _ in range(2):
        newsletter_sending.send(issue)

    assert office.receivers == emails[1:]


def test_a_server_that_goes_away_at_the_last_mail_leaves_the_issue_to_be_sent(office, issue):
    subscribers(3)
    office.room = 2

    outcome = newsletter_sending.send(issue)

    assert (outcome.sent, outcome.refused, outcome.left, outcome.problem) == (2, 0, 1, "421 4.3.2 Going down")
    issue.refresh_from_db()
    assert issue.state == "sending"


def test_a_server_that_takes_so_many_mails_over_a_connection_gets_several(office, issue, monkeypatch):
    monkeypatch.setattr(newsletter_sending, "MAILS", 3)
    emails = subscribers(7)

    newsletter_sending.send(issue)

    assert sorted(office.receivers) == emails


@post_office.mailer(host="127.0.0.1", port=1)
def test_a_server_that_is_not_there_leaves_everything_to_be_sent(issue, settings):
    settings.NEWSROOM_SENDS_MAIL = True
    subscribers(2)

    outcome = newsletter_sending.send(issue)

    assert (outcome.sent, outcome.left) == (0, 2)
    assert "refused" in outcome.problem
    with pytest.raises(CommandError, match="2 mails left: run the command again"):
        call_command("build_newsletter", date=DAY, send=True, no_progress=True)


def test_who_unsubscribes_while_it_is_sent_does_not_get_it(office, issue):
    subscribers(3)

    def unsubscribing(numbers):
        for number in numbers:
            yield number
            Subscriber.objects.exclude(email__in=office.receivers).update(state="unsubscribed")

    newsletter_sending.send(issue, progress=unsubscribing)

    assert len(office.taken) == 1


def test_sending_stops_when_its_time_is_over_and_goes_on(office, issue):
    emails = subscribers(6)
    office.delay = 0.2

    first = newsletter_sending.send(issue, seconds=0.5)
    second = newsletter_sending.send(issue, seconds=60)

    assert 0 < first.sent < 6
    assert first.left == 6 - first.sent == second.sent
    assert sorted(office.receivers) == emails


def test_a_mail_that_was_under_way_when_its_process_died_waits_for_an_editor(office, issue):
    subscribers(2)
    dead = Subscriber.objects.first()
    hour_ago = timezone.now() - timedelta(hours=1)
    Delivery.objects.create(issue=issue, subscriber=dead, begun_at=hour_ago)

    outcome = newsletter_sending.send(issue)

    assert (outcome.sent, outcome.left) == (1, 0)
    assert dead.email not in office.receivers
    assert newsletter_sending.in_doubt(issue).get().subscriber == dead


def test_an_issue_with_a_withdrawn_article_is_not_sent_before_it_is_built_again(office, issue):
    subscribers(1)
    make_article("also", published_at=Article.objects.get().published_at)
    Article.objects.update(removed=True)

    with pytest.raises(newsletter_sending.UnsendableError, match="build it again"):
        newsletter_sending.send(issue)

    assert office.taken == []
    assert Issue.objects.get().state == "built"


def test_an_issue_that_was_built_again_without_a_withdrawn_article_is_sent(office, issue):
    emails = subscribers(1)
    make_article("stays", heat=60)
    issue.delete()
    issue = issues.build(DAY, "day")
    Article.objects.exclude(title="stays").update(removed=True)

    newsletter_sending.send(issues.rebuild(issue))

    assert office.receivers == emails
    assert office.taken[0][1]["Subject"] == "stays"


def test_an_issue_with_a_deleted_article_is_not_sent_before_it_is_built_again(office, issue):
    emails = subscribers(1)
    make_article("stays", heat=60)
    issue.delete()
    issue = issues.build(DAY, "day")
    Article.objects.exclude(title="stays").get().delete()

    with pytest.raises(newsletter_sending.UnsendableError, match="build it again"):
        newsletter_sending.send(issue)
    assert office.taken == []
    newsletter_sending.send(issues.rebuild(issue))

    assert office.receivers == emails
    assert issue.places.get().article.title == "stays"
    assert "Ferry" not in office.taken[0][1].as_string()


def test_an_issue_that_was_built_for_another_address_of_the_site_is_not_sent_before_it_is_built_again(
    office, issue, settings
):
    subscribers(1)
    settings.NEWSROOM_BASE_URL = "https://news.example.org"

    with pytest.raises(newsletter_sending.UnsendableError, match=r"example\.org: build it again"):
        newsletter_sending.send(issue)
    assert office.taken == []
    newsletter_sending.send(issues.rebuild(Issue.objects.get()))

    text, html = office.taken[0][1].iter_parts()
    address = f"https://news.example.org/newsletter/unsubscribe/{Subscriber.objects.get().token}/"
    assert address in text.get_content()
    assert address in html.get_content()
    assert "localhost" not in text.get_content() + html.get_content()


@pytest.mark.parametrize("part", ["html", "text"])
def test_an_issue_whose_unsubscribing_would_be_dead_in_one_part_is_not_sent(office, issue, part):
    subscribers(1)
    Issue.objects.update(**{part: getattr(issue, part).replace("http://localhost:8000", "http://old.example")})

    with pytest.raises(newsletter_sending.UnsendableError, match="build it again"):
        newsletter_sending.send(issue)

    assert office.taken == []


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_sending_is_not_gone_on_with_for_another_address_of_the_site(office, issue, settings, state):
    emails = subscribers(2)
    office.refuses = {emails[1]}
    newsletter_sending.send(issue)
    Issue.objects.update(state=state)
    office.refuses = set()
    settings.NEWSROOM_BASE_URL = "https://news.example.org"

    with pytest.raises(newsletter_sending.UnsendableError, match="go on with the one it was built with"):
        newsletter_sending.send(issue)
    assert office.receivers == emails[:1]
    settings.NEWSROOM_BASE_URL = "http://localhost:8000"
    newsletter_sending.send(issue)

    assert office.receivers == emails


def test_an_issue_that_has_no_article_any_more_is_not_sent(office, issue):
    subscribers(1)
    Article.objects.update(removed=True)

    with pytest.raises(newsletter_sending.UnsendableError, match="delete it"):
        newsletter_sending.send(issues.rebuild(issue))

    assert office.taken == []


def test_nothing_is_sent_where_no_mail_server_is_set(issue, settings):
    settings.NEWSROOM_SENDS_MAIL = False

    with pytest.raises(CommandError, match="NEWSROOM_EMAIL_URL"):
        call_command("build_newsletter", date=DAY, send=True, no_progress=True)


def test_the_command_exits_with_2_if_some_were_refused(office, issue, capsys):
    emails = subscribers(3)
    office.refuses = {emails[0]}

    with pytest.raises(SystemExit) as exit_:
        call_command("build_newsletter", date=DAY, send=True, no_progress=True)

    assert exit_.value.code == 2
    assert "2 mails sent, 1 refused, 1 left" in capsys.readouterr().out


def test_a_hostile_subject_is_one_header(office, db):
    make_article("News\r\nBcc: victim@example.org\r\n\r\n<script>", excerpt="x")
    issue = issues.build(DAY, "day")
    subscribers(1)

    newsletter_sending.send(issue)

    ((receiver, message),) = office.taken
    assert receiver == "reader0@example.org"
    assert message["Subject"] == "News Bcc: victim@example.org <script>"
    assert message["Bcc"] is None


# Other processes, on a database of their own.

FILL = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from articles.models import *
source = Source.objects.create(name="harbour")
provider = Provider.objects.create(domain="gazette.example", name="The Gazette")
moment = datetime(2026, 11, 1, 12, tzinfo=UTC)
Article.objects.create(source=source, provider=provider, title="News", published_at=moment, heat=80, published=True)
Subscriber.objects.bulk_create(
    Subscriber(email=f"reader{n}@example.org", state="confirmed", confirmed_at=moment) for n in range(60)
)
"""
SEND = ["manage.py", "build_newsletter", "--date", "2026-11-02", "--send"]
EVERYBODY = sorted(f"reader{n}@example.org" for n in range(60))


@pytest.mark.slow
@pytest.mark.django_db
def test_sending_that_is_killed_goes_on_and_nobody_gets_it_twice(office, database):  # noqa: F811
    assert database.run("-c", FILL).code == 0
    office.delay = 0.02
    for mails in (5, 17, 9):
        sending = database.start(*SEND)
        for _ in range(mails):
            assert office.arrived.acquire(timeout=60)
        sending.kill()
        sending.communicate()
        time.sleep(0.3)  # what was under way arrives
        while office.arrived.acquire(blocking=False):
            pass

    last = database.run(*SEND)

    doubtful = int(database.ask("Delivery.objects.filter(sent_at=None).count()"))
    assert last.code == 0, last.err
    assert len(office.receivers) == len(set(office.receivers))
    assert doubtful <= 3
    assert len(office.receivers) >= 60 - doubtful
    assert database.run(*SEND).code == 0
    assert len(office.receivers) == len(set(office.receivers))


FILL_MORE = """
for n in range(30):
    Article.objects.create(
        source=source, provider=provider, stem=f"a{n}", title=f"A{n}", published_at=moment, heat=70, published=True
    )
"""
BUILD_SLOWLY = """
import django, sys, time
django.setup()
from articles import newsletter
section_of = newsletter.section_of
newsletter.section_of = lambda article: time.sleep(0.1) or section_of(article)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "build_newsletter", "--date", "2026-11-02", "--period", sys.argv[1]])
"""


@pytest.mark.slow
@pytest.mark.django_db
def test_the_issues_of_a_day_and_a_week_are_built_at_once(database):  # noqa: F811
    assert database.run("-c", FILL + FILL_MORE).code == 0

    processes = [database.start("-c", BUILD_SLOWLY, period) for period in ("day", "week")]
    outcomes = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0], outcomes
    assert database.ask("sorted(issue.places.count() for issue in Issue.objects.all())") == "[11, 20]"


@pytest.mark.slow
@pytest.mark.django_db
def test_three_processes_at_once_send_each_mail_once(office, database):  # noqa: F811
    assert database.run("-c", FILL).code == 0
    office.delay = 0.02

    processes = [database.start(*SEND) for _ in range(3)]
    outcomes = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], outcomes
    assert sorted(office.receivers) == EVERYBODY
    assert database.ask("Issue.objects.get().state") == "sent"
