"""Public programs read a site over HTTP: they follow redirects, links and what the lists name."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from articles.models import Issue
from tests.factories import make_article, make_topic
from tests.newsletter.editions import DAY, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def read(live_server, settings):
    """Return a function that reads an address of a served site: below a path, or as the site itself names it."""
    settings.NEWSROOM_BASE_URL = live_server.url
    root = make_topic("Coast", slug="coast", menu_order=0, services={"news": "https://e.example/harbour/api/news/"})
    services = {"news": "https://e.example/harbour/api/news/tides/", "learning": "https://e.example/api/learning/"}
    tides = make_topic("Tides", slug="tides", menu_order=1, parent=root, services=services)
    for n in range(61):
        moment = datetime(2026, 11, 1, 12, tzinfo=UTC) - timedelta(hours=n)
        make_article(f"Tide {n}", stem=f"t{n:02}", topics=[root, tides], tags=["US"], published_at=moment, heat=70 + n)
    build(DAY)
    Issue.objects.update(state="sent", sent_at=timezone.now())

    def read_address(address):
        address = address if address.startswith("http") else live_server.url + address
        with urllib.request.urlopen(address) as response:
            return json.load(response)

    return read_address


def test_a_program_that_begins_with_the_topics_reads_the_news_of_each(read):
    topics = read("/harbour/api/topics")["value"]

    for topic in topics:
        for service in topic["services"]:
            if service["name"] == "news":  # on the host that the program changed to
                assert read(urlsplit(service["endpoint"]).path)["value"][0]["topics"] == ["Coast", "Tides"]
    assert [topic["id"] for topic in topics] == ["coast", "tides"]


@pytest.mark.parametrize(
    "pages",
    [
        "/api/news/page/{}",
        "/api/news/page/{}/",
        "/api/news/page/{}/index.json",
        "/api/news/page{}",
        "/api/news/page{}/index.json",
        "/harbour/api/news/tides/page/{}",
        "/harbour/api/news/tides/page{}/",
        "/api/news/tags/US/page/{}",
        "/harbour/api/news/tags/US/page{}",
    ],
)
def test_a_program_that_counts_pages_until_there_is_no_next_reads_all(read, pages):
    found, page = [], 1
    while page:
        answer = read(pages.format(page))
        found, page = found + [item["path"] for item in answer["value"]], answer["nextPage"]

    assert found == [f"_news/t{n:02}.md" for n in range(61)]


def test_a_program_that_reads_until_404_is_told_in_json(read):
    with pytest.raises(urllib.error.HTTPError) as told:
        read("/api/news/page/4")

    with told.value as error:
        assert (error.code, list(json.load(error))) == (404, ["error"])


def test_a_program_that_reads_the_hot_news_only_gets_no_other(read):
    assert [item["heat"] for item in read("/api/news?minimum_heat=128&pages=1")["value"]] == [128, 129, 130]


def test_a_program_that_begins_with_the_newsletters_reads_the_articles_of_each(read):
    (listed,) = read("/api/newsletters")["value"]

    issue = read(listed["sourceUrl"])

    assert issue["title"] == listed["title"]
    assert [item["path"] for item in issue["value"]][-1] == "_news/t00.md"
    for item in issue["value"][:3]:
        assert read(f"/{item['path'].replace('_news', 'api/news').removesuffix('.md')}") == item
