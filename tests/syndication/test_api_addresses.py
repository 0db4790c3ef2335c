"""Older pages, lists by tag, and errors of the JSON API."""

from urllib.parse import quote

import pytest
from django.test import Client

from articles.models import ArticleImage, ProviderImage
from articles.syndication.items import OLDER_KEYS
from tests.factories import make_article, make_source, make_topic

pytestmark = pytest.mark.django_db


def paths(response):
    return [item["path"] for item in response.json()["value"]]


def test_an_older_page_has_the_older_keys_in_their_order(client):
    article = make_article(tags=["US"], heat=87)
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg", width=1, height=2, is_cached=True)
    ProviderImage.objects.create(provider=article.provider, source=article.source, url="/assets/logo.jpg")

    page = client.get("/api/news/page1/index.json").json()
    (item,) = page["value"]

    image = {"url": "https://i.example/a.jpg", "width": 1, "height": 2, "title": None, "attribution": None}
    logo = {"url": "/assets/logo.jpg", "width": None, "height": None, "title": None, "attribution": None}
    assert list(page) == ["page", "value", "nextPage"]
    assert list(item) == list(OLDER_KEYS)
    assert (item["tags"], item["heat"], item["updatedDateTime"]) == (["US"], 87, None)
    assert item["images"] == [image]
    assert item["provider"]["images"] == [logo]


@pytest.mark.parametrize(
    "tag", ["US", "GB", "US-MT", "São Paulo", "潮汐", "a b", "page", "50%", "?x", "#1", "index.json"]
)
def test_news_are_listed_by_tag(client, tag):
    make_article(tags=["Other"])
    tagged = make_article(tags=["Other", tag, tag])
    make_article(tags=[tag], published=False)
    elsewhere = make_article(tags=[tag], source=make_source("north"))

    assert set(paths(client.get(f"/api/news/tags/{quote(tag)}/"))) == {tagged.path, elsewhere.path}
    assert paths(client.get(f"/north/api/news/tags/{quote(tag)}/index.json")) == [elsewhere.path]


@pytest.mark.parametrize("address", ["/api/news/tags/us/", "/api/news/tags/Hidden/", "/north/api/news/tags/US/"])
def test_a_tag_that_no_published_article_has_is_not_found(client, address):
    make_source("north")
    make_article(tags=["US"])
    make_article(tags=["Hidden"], published=False)

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/api/news/tags/US/", "/api/news/page1/", "/harbour/api/news/tags/US/page1/"])
def test_a_list_costs_a_fixed_number_of_queries(client, address, django_assert_max_num_queries):
    for _ in range(40):
        make_article(tags=["US", "FR"], topics=[make_topic("Tides")])

    with django_assert_max_num_queries(9):
        client.get(address)


def test_a_topic_called_tags_has_a_list_of_its_own(client):
    make_article()
    article = make_article(topics=[make_topic("Tags", slug="tags")])

    assert paths(client.get("/api/news/tags/")) == [article.path]
    assert paths(client.get("/api/news/tags/page/1/")) == [article.path]


# Errors


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/nothing/",
        "/api/news/nothing/",
        "/api/news/nothing/index.json",
        "/api/news/page/99/",
        "/api/news/page99/index.json",
        "/api/news/page/0/",
        "/api/news/tags/nothing/",
        "/api/newsletters/2026-11-27/",
        "/api/newsletters/2026-02-30/",
        "/api/newsletters/yesterday/",
        "/api/topics/nothing/",
        "/api/topics/page/2/",
        "/harbour/api/nothing/",
        "/nothing/api/news/",
        "/nothing/api/topics/",
        "/nothing/api/newsletters/",
        "/nothing/api/",
    ],
)
def test_what_is_not_there_is_told_in_json(client, address):
    make_article()

    response = client.get(address)

    assert (response.status_code, response["Content-Type"]) == (404, "application/json")
    assert list(response.json()) == ["error"]
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/api/news/", "/api/topics/index.json", "/harbour/api/newsletters/"])
def test_writing_is_refused_in_json(address, method):
    make_source()

    response = getattr(Client(enforce_csrf_checks=True), method)(address)

    assert (response.status_code, response["Content-Type"]) == (405, "application/json")
    assert response["Allow"] == "GET, HEAD"
    assert response.json()["error"].startswith("Expected GET")


def test_pages_tell_their_errors_as_pages(client):
    make_topic("API", slug="api")

    assert client.get("/topics/api/")["Content-Type"].startswith("text/html")
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")
    assert client.get("/news/api/nothing/")["Content-Type"].startswith("text/html")
