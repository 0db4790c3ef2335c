"""Lists of cards."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from articles.models import Article
from tests.factories import make_article, make_story
from tests.public.pages import text, titles

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("quality", ["best", "hot", "hotter", "new"]),
        ("heat", ["hotter", "hot", "new", "best"]),
        ("latest", ["new", "best", "hot", "hotter"]),
        ("nonsense", ["best", "hot", "hotter", "new"]),
    ],
)
def test_the_front_page_has_the_requested_order(client, order, expected):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    make_article("best", quality=90, heat=70, published_at=moment)
    make_article("hot", quality=80, heat=180, published_at=moment)
    make_article("hotter", quality=70, heat=900, published_at=moment)
    make_article("new", quality=70, heat=80, published_at=moment + timedelta(days=1))

    assert titles(client.get("/", {"order": order})) == expected


def test_equally_ranked_articles_are_sorted_newest_first_then_by_file_name(client):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    for stem in ("b", "a", "a-c"):
        make_article(stem, stem=stem, published_at=moment)
    make_article("newer", published_at=moment + timedelta(seconds=1))

    assert titles(client.get("/")) == ["newer", "a-c", "a", "b"]


def test_a_period_leaves_out_older_articles(client):
    make_article("new", published_at=timezone.now() - timedelta(days=2))
    make_article("old", published_at=timezone.now() - timedelta(days=20))

    assert titles(client.get("/?period=week")) == ["new"]
    assert titles(client.get("/?period=month")) == ["new", "old"]


def test_a_story_has_one_card(client):
    lead, member = make_article("lead"), make_article("member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    assert titles(client.get("/")) == ["lead"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "²", "9" * 30, "1000", "", "\x00"])
def test_any_page_number_is_answered(client, page):
    make_article()

    assert client.get("/", {"page": page}).status_code == 200


def test_a_list_continues_on_its_next_page_in_the_same_order(client):
    for _ in range(31):
        make_article()

    first = client.get("/?order=latest")
    link = re.search(r'href="(\?order=latest&amp;after=[\w-]+)" rel="next"', text(first))[1]
    second = client.get(f"/{unescape(link)}")

    assert (len(titles(first)), len(titles(second))) == (30, 1)
    assert not set(titles(first)) & set(titles(second))
