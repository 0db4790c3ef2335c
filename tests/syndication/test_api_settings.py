"""What a client asks of a list by parameters, and what a site decides about its lists."""

from datetime import UTC, datetime, timedelta

import pytest

from articles.models import Source
from tests.admin.forms import change
from tests.factories import make_article, make_articles, make_source, make_topic

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 1, tzinfo=UTC)


def paths(response):
    return [item["path"] for item in response.json()["value"]]


def one(client, address="/api/news/"):
    (item,) = client.get(address).json()["value"]
    return item


@pytest.mark.parametrize(
    ("heat", "found"),
    [("70", "cb"), ("71", "c"), ("-1", "cba"), ("0", "cb"), ("999999999999999999", ""), ("070", "cb")],
)
def test_a_list_can_be_limited_to_a_minimum_heat(client, heat, found):
    topic = make_topic("Tides", slug="tides")
    for n, (stem, value) in enumerate({"a": -1, "b": 70, "c": 230}.items()):
        make_article(stem=stem, heat=value, topics=[topic], tags=["US"], published_at=START + timedelta(hours=n))

    for folder in ("/api/news/", "/harbour/api/news/tides/", "/api/news/tags/US/", "/api/news/page1/"):
        response = client.get(folder, {"minimum_heat": heat})
        assert paths(response) == [f"_news/{stem}.md" for stem in found], folder


@pytest.fixture
def many():
    """Store eighty articles, which are four pages."""
    make_articles({"stem": f"a{n}", "heat": 70 + n % 2} for n in range(80))


@pytest.mark.parametrize(("pages", "expected"), [(1, 25), (2, 50), (3, 75), (4, 80), (5, 80), (10**17, 80)])
def test_a_list_can_be_limited_to_a_number_of_pages(client, many, pages, expected):
    numbered, page = [], 1
    while page:
        response = client.get(f"/api/news/page/{page}/", {"pages": pages})
        numbered, page = numbered + paths(response), response.json()["nextPage"]
    linked, address = [], f"/api/news/?pages={pages}"
    while address:
        response = client.get(address)
        linked += paths(response)
        address = response.get("Link", "").split(">")[0].removeprefix("<http://localhost:8000")

    assert len(numbered) == expected
    assert linked == numbered


def test_a_page_beyond_the_number_of_pages_is_not_found(client, many):
    assert client.get("/api/news/page/2/?pages=1").status_code == 404


def test_the_link_to_the_next_page_keeps_the_minimum_heat(client, many):
    assert "minimum_heat=71" in client.get("/api/news/?minimum_heat=71")["Link"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("minimum_heat", value) for value in ("", "hot", "1.5", "٣", "1e3", "9" * 19, "--1", " 1", "\x00")),
        *(("pages", value) for value in ("", "0", "-1", "all", "9" * 19)),
    ],
)
@pytest.mark.parametrize(
    "address", ["/api/news/", "/harbour/api/news/page1/", "/api/news/tides/", "/api/news/tags/US/"]
)
def test_a_bad_number_is_answered_with_one_sentence(client, address, name, value):
    make_article(topics=[make_topic("Tides", slug="tides")], tags=["US"])

    response = client.get(address, {name: value})

    assert response.status_code == 400
    assert response.json()["error"].startswith(f"{name}: expected a whole number")


# A site's settings


@pytest.fixture
def video():
    return make_article(stem="2026-11-01-v", web_url="", original_url="https://v.example/1", tags=["US"], type="video")


def test_lists_show_tags_and_neither_source_addresses_nor_pages_of_videos_by_default(client, video):
    item = one(client)

    assert (item["tags"], item["sourceUrl"], item["webUrl"]) == (["US"], None, None)
    assert item["originalUrl"] == "https://v.example/1"


@pytest.mark.parametrize("address", ["/api/news/", "/harbour/api/news/", "/api/news/page1/", "/api/news/tags/US/"])
def test_a_site_can_hide_its_tags(client, video, address):
    Source.objects.update(api_tags=False)

    assert one(client, address)["tags"] is None


def test_a_site_can_list_where_articles_were_found(client, video):
    Source.objects.update(api_source_url="original")

    assert one(client)["sourceUrl"] == "https://v.example/1"


@pytest.mark.parametrize("stem", ["2026-11-01-a", "2026-11-01-büro", "2026-11-01-潮汐", "a.b", "_"])
def test_a_site_can_list_the_addresses_of_its_items(client, stem):
    make_article(stem=stem)
    Source.objects.update(api_source_url="item")

    item = one(client)

    assert item["sourceUrl"].startswith("http://localhost:8000/harbour/api/news/")
    assert client.get(item["sourceUrl"].removeprefix("http://localhost:8000")).json() == item


@pytest.mark.parametrize(
    ("site", "page"),
    [
        ("", "http://localhost:8000/news/harbour/2026-11-01-v/"),
        ("https://everyday.example/games", "https://everyday.example/games/news/2026-11-01-v/"),
        ("https://everyday.example/games/", "https://everyday.example/games/news/2026-11-01-v/"),
    ],
)
def test_a_site_can_list_the_pages_of_its_videos(client, video, site, page):
    Source.objects.update(api_video_pages=True, web_url=site)

    assert one(client)["webUrl"] == page
    assert one(client, "/api/news/page1/")["webUrl"] == page


def test_an_article_with_an_address_keeps_it_whatever_the_site_lists_of_videos(client):
    article = make_article(original_url="")
    Source.objects.update(api_video_pages=True, api_source_url="original")

    item = one(client)

    assert (item["webUrl"], item["sourceUrl"]) == (article.web_url, None)


def test_the_settings_of_one_site_are_no_other_sites(client, video):
    make_article(source=make_source("north"), web_url="")
    Source.objects.filter(name="north").update(api_video_pages=True)

    assert one(client, "/harbour/api/news/")["webUrl"] is None
    assert one(client, "/north/api/news/")["webUrl"].startswith("http://localhost:8000/news/north/")


def test_editors_change_a_sites_settings_in_the_admin(admin_client, client):
    source = make_source()

    change(admin_client, source, api_source_url="item", web_url="https://everyday.example/azure")

    source.refresh_from_db()
    assert (source.api_source_url, source.api_tags, source.api_video_pages) == ("item", True, False)
    assert source.web_url == "https://everyday.example/azure"


# Values that real files have


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], ["Tides", "Harbour"]),
        ([0], [None, "Tides", "Harbour"]),
        ([1], ["Tides", None, "Harbour"]),
        ([2], ["Tides", "Harbour", None]),
        ([0, 2, 4], [None, "Tides", None, "Harbour", None]),
        ([0, 1], [None, None, "Tides", "Harbour"]),
    ],
)
def test_an_empty_topic_of_a_file_is_null_at_its_place(client, places, expected):
    make_article(topics=[make_topic("Tides"), make_topic("Harbour")], extra={"topics": places} if places else {})

    assert one(client)["topics"] == expected
    assert one(client, "/api/news/page1/")["topics"] == expected
