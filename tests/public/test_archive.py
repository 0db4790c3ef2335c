"""The archive."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_article
from tests.public.pages import text, titles

pytestmark = pytest.mark.django_db


def test_the_archive_has_months_days_and_articles(client):
    make_article("november", published_at=datetime(2025, 11, 30, 23, 59, tzinfo=UTC))
    make_article("december", published_at=datetime(2025, 12, 1, tzinfo=UTC))

    assert titles(client.get("/archive/2025/11/")) == ["november"]
    assert titles(client.get("/archive/2025/12/1/")) == ["december"]
    assert 'href="/archive/2025/11/"' in text(client.get("/archive/"))


def test_a_months_calendar_links_to_its_days_with_articles(client):
    for day in (1, 19, 19, 30):
        make_article(published_at=datetime(2026, 11, day, 23, 59, tzinfo=UTC) - timedelta(days=365))

    page = text(client.get("/archive/2025/11/"))

    days = re.findall(r'href="/archive/2025/11/(\d+)/">\d+<span[^>]*> November:</span> <span[^>]*>(\d+)<', page)
    assert days == [("1", "1"), ("19", "2"), ("30", "1")]


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        ("/archive/2024/6/", "/archive/2023/1/", "/archive/2025/3/"),
        ("/archive/2025/3/", "/archive/2023/1/", None),
        ("/archive/2023/1/", None, "/archive/2025/3/"),
        ("/archive/2025/3/2/", "/archive/2025/3/1/", None),
        ("/archive/2024/6/1/", "/archive/2023/1/31/", "/archive/2025/3/1/"),
    ],
)
def test_the_archive_links_to_the_nearest_periods_with_articles(client, address, before, after):
    for moment in ((2023, 1, 31), (2025, 3, 1), (2025, 3, 2)):
        make_article(published_at=datetime(*moment, tzinfo=UTC))

    context = client.get(address).context

    for name, expected in (("previous", before), ("next", after)):
        assert (context[name] and context[name]["address"]) == expected


@pytest.mark.parametrize(
    "address",
    ["/archive/2026/13/", "/archive/2026/2/31/", "/archive/0/1/", "/archive/99999/1/", "/archive/9999/12/31/"],
)
def test_dates_that_do_not_exist_are_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("asked", ["/archive/2026/11/", "/archive/02026/0011/"])
def test_a_month_has_one_canonical_address(client, asked):
    make_article()

    assert '<link rel="canonical" href="http://localhost:8000/archive/2026/11/">' in client.get(asked).content.decode()
