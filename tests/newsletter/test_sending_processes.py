"""Issues are built and sent once, even by several processes and by one that is killed. Run by `pytest -m slow`."""

import time

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

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


def test_sending_continues_after_it_was_killed_and_nobody_gets_an_issue_twice(office, database):
    assert database.run("-c", FILL).code == 0
    office.delay = 0.02
    for mails in (5, 17, 9):
        process = database.start(*SEND)
        for _ in range(mails):
            assert office.arrived.acquire(timeout=60)
        process.kill()
        process.communicate()
        time.sleep(0.3)  # what was under way arrives
        while office.arrived.acquire(blocking=False):
            pass

    last = database.run(*SEND)

    in_doubt = int(database.ask("Delivery.objects.filter(sent_at=None).count()"))
    assert last.code == 0, last.err
    assert len(office.receivers) == len(set(office.receivers))
    assert in_doubt <= 3
    assert len(office.receivers) >= 60 - in_doubt
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
from articles.newsletter import issues
section_of = issues.section_of
issues.section_of = lambda article: time.sleep(0.1) or section_of(article)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "build_newsletter", "--date", "2026-11-02", "--period", sys.argv[1]])
"""


def test_two_processes_build_the_issues_of_a_day_and_a_week_at_once(database):
    assert database.run("-c", FILL + FILL_MORE).code == 0

    processes = [database.start("-c", BUILD_SLOWLY, period) for period in ("day", "week")]
    outcomes = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0], outcomes
    assert database.ask("sorted(issue.places.count() for issue in Issue.objects.all())") == "[11, 20]"


def test_three_processes_together_send_each_mail_once(office, database):
    assert database.run("-c", FILL).code == 0
    office.delay = 0.02

    processes = [database.start(*SEND) for _ in range(3)]
    outcomes = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], outcomes
    assert sorted(office.receivers) == EVERYBODY
    assert database.ask("Issue.objects.get().state") == "sent"
