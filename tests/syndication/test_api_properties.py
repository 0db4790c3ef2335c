"""Whatever a client asks of a list, counting pages and following links give the same articles: those it asked for."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.models import ORDERS, Article
from tests.factories import make_article, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(module_db):
    """Store seventy articles by chance, always the same: many tie, some are not published, some have no heat."""
    chance, topic = random.Random(12), make_topic("Tides", slug="tides")  # noqa: S311 (a sample, not a secret)
    for n in range(70):
        make_article(
            stem=f"a-{n}",
            heat=chance.choice([None, -1, 70, 71, 230]),
            quality=chance.choice([70, 80]),
            published=chance.random() > 0.1,
            published_at=START + timedelta(hours=chance.randint(0, 9)),
            topics=[topic] if chance.random() > 0.2 else [],
            tags=chance.sample(["US", "FR", "GB"], chance.randint(0, 3)),
        )


def wanted(folder, asked):
    """Return the paths of the articles that a list may have, from the rows, and how many it should have."""
    rows = Article.objects.filter(published=True).prefetch_related("tags", "topics")
    paths = {row.path for row in rows if is_listed(row, folder) and is_asked_for(row, asked)}
    size = 25 if folder.endswith("news/") else 30
    return paths, min(len(paths), size * asked.get("pages", 99))


def is_listed(row, folder):
    if "tides" in folder:
        return bool(row.topics.all())
    return "tags" not in folder or "US" in {tag.name for tag in row.tags.all()}


def is_asked_for(row, asked):
    since = datetime.fromisoformat(asked.get("since", "2000-01-01T00:00:00Z"))
    heat = asked.get("minimum_heat")
    return row.published_at >= since and (heat is None or (row.heat is not None and row.heat >= heat))


def counted(client, folder, asked, page_name):
    found, page = [], 1
    while page:
        answer = client.get(f"{folder}{page_name.format(page)}", asked).json()
        found, page = found + [item["path"] for item in answer["value"]], answer["nextPage"]
    return found


def linked(client, folder, asked):
    found, response = [], client.get(folder, asked)
    while True:
        found += [item["path"] for item in response.json()["value"]]
        if "Link" not in response:
            return found
        response = client.get(response["Link"].split(">")[0].removeprefix("<http://localhost:8000"))


ASKED = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(sorted(ORDERS)),
        "minimum_heat": st.sampled_from([-1, 0, 70, 71, 231]),
        "since": st.sampled_from(["2026-11-01T04:00:00Z", "2026-11-01T09:30:00Z"]),
        "pages": st.integers(1, 4),
    },
)


@given(
    st.sampled_from(["/api/news/", "/harbour/api/news/", "/api/news/tides/", "/harbour/api/news/tags/US/"]),
    ASKED,
    st.sampled_from(["page/{}/", "page{}/", "page/{}/index.json"]),
)
def test_counting_pages_and_following_links_give_what_was_asked_for(client, folder, asked, page_name):
    paths, number = wanted(folder, asked)

    found = counted(client, folder, asked, page_name)

    assert linked(client, folder, asked) == found
    assert len(found) == len(set(found)) == number
    assert set(found) <= paths
