"""Folders are addresses too: clients of the family ask them, and follow redirects to them."""

from datetime import UTC, datetime, timedelta

import pytest

from articles.syndication.items import OLDER_KEYS
from tests.factories import make_article, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]
START = datetime(2026, 11, 1, tzinfo=UTC)

FOLDERS = [
    "/api/news/",
    "/api/news/page/2/",
    "/api/news/page2/",
    "/api/news/tides/",
    "/api/news/tides/page/2/",
    "/api/news/tides/page2/",
    "/api/news/one/",
    "/api/news/tags/US/",
    "/api/news/tags/US/page/2/",
    "/api/news/tags/US/page2/",
    "/api/topics/",
    "/api/newsletters/",
]


def paths(response):
    return [item["path"] for item in response.json()["value"]]


@pytest.fixture(scope="module")
def site(module_db):
    """Store forty articles with a topic and a tag, and one without."""
    topic = make_topic("Tides", slug="tides")
    for n in range(40):
        make_article(f"{n}", stem=f"a{n}", topics=[topic], tags=["US"], published_at=START + timedelta(hours=n))
    make_article(stem="one", published_at=START)


@pytest.mark.parametrize("folder", [prefix + folder for prefix in ("", "/harbour") for folder in FOLDERS])
def test_a_folder_answers_as_its_index_with_and_without_its_slash(client, folder):
    index = client.get(f"{folder}index.json")
    without_slash = client.get(folder[:-1])

    assert index.status_code == 200
    assert client.get(folder).json() == index.json()
    assert (without_slash.status_code, without_slash["Location"]) == (301, folder)
    assert client.get(folder[:-1], follow=True).json() == index.json()


def test_a_redirect_to_a_folder_keeps_the_query(client):
    assert client.get("/api/news?order=heat")["Location"] == "/api/news/?order=heat"


@pytest.mark.parametrize("folder", ["/api/news/", "/harbour/api/news/tides/", "/api/news/tags/US/"])
def test_a_client_that_follows_nextpage_in_folders_sees_every_article_once(client, folder):
    for address in (f"{folder}page/{{}}/", f"{folder}page{{}}/"):
        found, page = [], 1
        while page:
            response = client.get(address.format(page))
            found, page = found + paths(response), response.json()["nextPage"]
        assert len(found) == len(set(found)) >= 40


def test_the_links_of_an_older_page_keep_its_shape(client):
    response = client.get("/api/news/page1/")
    following = client.get(response["Link"].split(">")[0].removeprefix("<http://localhost:8000"))

    assert paths(following) == paths(client.get("/api/news/page2/"))
    assert list(following.json()["value"][0]) == list(OLDER_KEYS)
