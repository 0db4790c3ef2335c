"""The JSON lists of the source family."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.models import ArticleImage, ProviderImage
from tests.factories import make_article, make_provider, make_source, make_topic

pytestmark = pytest.mark.django_db


def paths(response):
    return [item["path"] for item in response.json()["value"]]


def test_an_item_has_every_key_of_the_source_and_null_for_missing_values(client):
    make_article("Ferries", stem="2026-11-01-ferries", published_at=datetime(2026, 11, 1, 9, tzinfo=UTC))

    item = client.get("/harbour/api/news/index.json").json()["value"][0]

    assert item == {
        "path": "_news/2026-11-01-ferries.md",
        "title": "Ferries",
        "excerpt": "",
        "sourceUrl": None,
        "webUrl": item["webUrl"],
        "originalUrl": None,
        "featuredContent": None,
        "highlight": None,
        "heat": 80,
        "tags": None,
        "images": None,
        "content": "",
        "type": "article",
        "ampWebUrl": None,
        "cdnAmpWebUrl": None,
        "publishedDateTime": "2026-11-01T09:00:00Z",
        "updatedDateTime": None,
        "provider": {
            "name": "gazette",
            "domain": "gazette.example",
            "images": None,
            "publishers": None,
            "authors": None,
        },
        "locale": "en-us",
        "categories": ["news"],
        "topics": [],
    }


def test_an_item_lists_its_images_and_the_logos_of_its_site(client):
    article = make_article()
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg", width=1, height=2, is_cached=True)
    ProviderImage.objects.create(provider=article.provider, source=article.source, url="https://i.example/l.jpg")
    ProviderImage.objects.create(provider=article.provider, source=make_source("other"), url="https://i.example/o")

    item = client.get("/api/news/index.json").json()["value"][0]

    assert item["images"] == [
        {
            "url": "https://i.example/a.jpg",
            "width": 1,
            "height": 2,
            "title": None,
            "attribution": None,
            "isCached": True,
        }
    ]
    assert [image["url"] for image in item["provider"]["images"]] == ["https://i.example/l.jpg"]


def test_the_api_lists_public_articles_only(client):
    shown = make_article()
    make_article(published=False)
    make_article(removed=True)
    make_article(published_at=timezone.now() + timedelta(days=1))

    assert paths(client.get("/api/news/index.json")) == [shown.path]


def test_the_api_lists_the_newest_first_then_by_path(client):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    make_article(stem="a", published_at=moment)
    make_article(stem="a-b", published_at=moment)
    make_article(stem="c", published_at=moment + timedelta(seconds=1))

    assert paths(client.get("/api/news/index.json")) == ["_news/c.md", "_news/a-b.md", "_news/a.md"]


def test_a_page_has_25_articles_and_a_page_of_a_topic_30(client):
    topic = make_topic("Harbour", slug="port")
    for _ in range(31):
        make_article(topics=[topic])

    first, second = (client.get(f"/api/news/page/{n}/index.json").json() for n in (1, 2))
    of_topic = client.get("/api/news/port/index.json").json()

    assert (len(first["value"]), first["nextPage"]) == (25, 2)
    assert (len(second["value"]), second["page"], second["nextPage"]) == (6, 2, None)
    assert (len(of_topic["value"]), of_topic["nextPage"]) == (30, 2)
    assert len(client.get("/api/news/port/page/2/index.json").json()["value"]) == 1


@pytest.mark.parametrize(
    "address",
    ["/api/news/page/2/index.json", "/api/news/page/0/index.json", f"/api/news/page/{10**30}/index.json"],
)
def test_an_empty_later_page_is_not_found(client, address):
    make_article()

    assert client.get(address).status_code == 404


def test_an_empty_list_is_a_page_without_articles(client):
    assert client.get("/api/news/index.json").json() == {"page": 1, "value": [], "nextPage": None}


def test_the_api_of_a_site_lists_its_own_articles(client):
    ours = make_article(source=make_source("north"))
    make_article(source=make_source("south"))

    assert paths(client.get("/north/api/news/index.json")) == [ours.path]
    assert len(paths(client.get("/api/news/index.json"))) == 2
    assert client.get("/west/api/news/index.json").status_code == 404


def test_the_api_of_a_topic_lists_its_articles(client):
    make_article()
    article = make_article(topics=[make_topic("Tides", slug="tides")])

    assert paths(client.get("/harbour/api/news/tides/page/1/index.json")) == [article.path]


def test_the_api_serves_an_article_by_its_stem_while_it_is_published(client):
    article = make_article(stem="2026-11-01-a")
    make_article(stem="2026-11-01-b", published=False)

    assert client.get("/api/news/2026-11-01-a/index.json").json()["path"] == article.path
    assert client.get("/api/news/2026-11-01-b/index.json").status_code == 404


def test_secured_is_nowhere_in_the_api(client):
    assert "secured" not in client.get("/api/news/index.json").content.decode()


@pytest.mark.parametrize("address", ["/api/news/index.json", "/harbour/api/news/tides/index.json"])
def test_a_page_of_the_api_costs_a_fixed_number_of_queries(client, address, django_assert_max_num_queries):
    tides = make_topic("Tides", slug="tides")
    for n in range(40):
        make_article(topics=[tides, make_topic("Harbour")], provider=make_provider(f"{n}.example"))

    with django_assert_max_num_queries(8):
        client.get(address)
