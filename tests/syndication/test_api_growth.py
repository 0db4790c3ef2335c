"""What the JSON API has beyond the source's: orders, since, places in a list, and its description."""

import re
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import jsonschema
import pytest
from openapi_spec_validator import validate

from articles.models import ORDERS, ArticleImage, Issue, Topic
from tests.factories import make_article, make_topic

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 1, tzinfo=UTC)


def paths(response):
    return [item["path"] for item in response.json()["value"]]


def next_of(response):
    """What follows a page, as the header Link says, without the site's address."""
    match = re.fullmatch(r'<http://localhost:8000(/[^>]+)>; rel="next"', response.headers.get("Link", ""))
    return match and match[1]


@pytest.fixture
def many():
    """Sixty articles, many of which tie in each part of an order."""
    topic = make_topic("Tides", slug="tides")
    for n in range(60):
        make_article(
            stem=f"a-{n % 7}{'-' * (n % 3)}{n}",
            quality=70 + n % 3,
            heat=80 + n % 2,
            published_at=START + timedelta(hours=n % 5, microseconds=n % 2),
            topics=[topic],
        )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("address", ["/api/news/index.json", "/harbour/api/news/tides/index.json"])
def test_a_client_that_follows_the_links_sees_each_article_once_in_order(client, many, address, order):
    whole, number, page = [], 0, {"nextPage": 1}
    while page["nextPage"]:
        number += 1
        page = client.get(address.replace("index", f"page/{number}/index"), {"order": order}).json()
        whole += [item["path"] for item in page["value"]]
    found, following = [], f"{address}?order={order}"
    while following:
        response = client.get(following)
        found += paths(response)
        following = next_of(response)

    assert len(whole) == 60
    assert found == whole


def test_articles_published_meanwhile_do_not_shift_later_pages(client, many):
    first = client.get("/api/news/index.json")
    make_article(published_at=START + timedelta(days=1))

    second = client.get(next_of(first))

    assert not set(paths(first)) & set(paths(second))
    assert second.json()["nextPage"] is None
    assert set(second.json()) == {"page", "value", "nextPage"}


def test_a_numbered_page_links_to_the_next_one(client, many):
    second = client.get("/api/news/page/2/index.json")

    assert paths(client.get(next_of(second))) == paths(client.get("/api/news/page/3/index.json"))
    assert urlsplit(next_of(second)).path == "/api/news/index.json"


@pytest.mark.parametrize(
    "since", ["2026-11-02", "2026-11-02T00:00:00Z", "2026-11-02T01:00:00+01:00", "2026-11-02T00:00:00"]
)
def test_since_leaves_out_articles_published_before(client, since):
    make_article(stem="before", published_at=datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC))
    make_article(stem="at", published_at=datetime(2026, 11, 2, tzinfo=UTC))

    assert paths(client.get("/api/news/index.json", {"since": since})) == ["_news/at.md"]


def test_the_link_to_the_next_page_keeps_order_and_since(client, many):
    following = next_of(client.get("/api/news/index.json", {"since": "2026-11-01", "order": "heat"}))

    assert "since=2026-11-01" in following
    assert "order=heat" in following


def place(text):
    return urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order", "nonsense"),
        ("order", ""),
        ("since", "yesterday"),
        ("since", "0001-01-01T00:00:00+23:00"),
        ("since", ""),
        ("since", "\x00"),
        ("after", ""),
        ("after", "x"),
        ("after", "é"),
        ("after", "A" * 5000),
        ("after", place("[]")),
        ("after", place("1")),
        ("after", place('["2026-11-01", "a.md", 1]')),
        ("after", place('["2026-11-01T00:00:00+00:00", "a\\u0000.md", 1]')),
        ("after", place('["2026-11-01T00:00:00+00:00", "\\ud800", 1]')),
        ("after", place('["0001-01-01T00:00:00+23:00", "a", 1]')),
        ("after", place('["2026-11-01T00:00:00+00:00", "a.md", 99999999999999999999]')),
        ("after", place('["2026-11-01T00:00:00+00:00", "a.md", true]')),
        ("after", place('["2026-11-01T00:00:00+00:00", ["a"], 1]')),
        ("after", place("[" * 700)),
    ],
)
@pytest.mark.parametrize("address", ["/api/news/index.json", "/api/news/tides/index.json"])
def test_a_bad_parameter_is_answered_with_one_sentence(client, address, name, value):
    make_topic("Tides", slug="tides")

    response = client.get(address, {name: value})

    assert response.status_code == 400
    assert response.json()["error"].startswith(f"{name}: expected ")


def test_a_page_after_a_cursor_costs_a_fixed_number_of_queries(client, many, django_assert_max_num_queries):
    following = next_of(client.get("/api/news/index.json"))

    with django_assert_max_num_queries(8):
        client.get(following)


# Its description


def test_the_openapi_description_is_valid_and_names_this_site(client, settings):
    settings.NEWSROOM_BASE_URL = "https://news.example.org"
    description = client.get("/api/openapi.json").json()

    validate(description)
    assert description["openapi"].startswith("3.1")
    assert description["servers"][0]["url"] == "https://news.example.org"


def test_every_described_address_answers_as_described(client, many):
    article = make_article(stem="one")
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg", is_cached=True)
    description = client.get("/api/openapi.json").json()
    values = {"{source}": "harbour", "{page}": "2", "{slug}": "tides", "{tag}": "US", "{date}": "2026-11-02"}
    for n in range(31):
        make_article(tags=["US"])
        Issue.objects.create(date=date(2026, 11, 2) - timedelta(n), state="sent", sent_at=START)
        Issue.objects.create(date=date(2026, 11, 2) - timedelta(n), state="sent", sent_at=START, source=article.source)

    assert len(description["paths"]) == 56
    for path, methods in description["paths"].items():
        for name, value in values.items():
            path = path.replace(name, value)
        response = client.get(path)
        assert response.status_code == 200, path
        schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(response.json(), {**schema, "components": description["components"]})
    item = {"$ref": "#/components/schemas/Article", "components": description["components"]}
    found = client.get("/api/news/one/index.json").json()
    jsonschema.validate(found, item)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "secured": "x"}, item)


def test_the_openapi_description_has_all_parameters(client):
    parameters = client.get("/api/openapi.json").json()["components"]["parameters"]

    assert parameters["order"]["schema"]["enum"] == list(ORDERS)
    assert {"since", "after", "minimum_heat", "pages", "period"} < set(parameters)


def test_a_cursor_of_another_order_is_answered_with_one_sentence(client, many):
    link = next_of(client.get("/api/news/index.json?order=quality"))

    response = client.get(link.replace("order=quality", "order=heat"))

    assert response.status_code == 400
    assert "a place that a list by heat gave" in response.content.decode()


def test_the_next_page_of_a_topic_in_any_script_can_be_followed(client, many):
    Topic.objects.update(slug="büro-中文")

    response = client.get("/api/news/büro-中文/index.json")

    assert response["Link"].isascii()
    assert client.get(next_of(response)).status_code == 200
