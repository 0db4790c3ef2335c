"""Paging from one card to the next: nothing is skipped and nothing comes twice."""

import json
import random
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from articles.db import keyset
from articles.models import ORDERS, Article, Pin
from articles.public.lists import CARDS
from tests.factories import make_article, make_provider, make_source, make_topic

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def fill(number, seed=1, providers=5, **fields):
    """Articles with many equal scores and times."""
    chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    source = make_source()
    outlets = [make_provider(f"p{n}.example") for n in range(providers)]
    for n in range(number):
        make_article(
            f"Article {n}",
            source=source,
            stem=f"{chance.choice('ab')}{chance.choice(['', '-', '.'])}{n}",
            provider=chance.choice(outlets),
            quality=chance.choice([60, 70, 80]),
            published_at=NOW - timedelta(days=chance.randrange(5)),
            **fields,
        )


def ids(response):
    return [article.pk for article in response.context["page"].items]


def leads_to(response, rel):
    found = re.search(rf'<a href="([^"]*)" rel="{rel}">', response.content.decode())
    return found and unescape(found[1])


def walk(client, address, rel="next", between=lambda: None):
    """The ids on each page, from one link to the next."""
    base, pages = address.partition("?")[0], []
    while address:
        response = client.get(address)
        pages.append(ids(response))
        between()
        link = leads_to(response, rel)
        address = link and base + link
    return pages


def flat(pages):
    return [pk for page in pages for pk in page]


@pytest.mark.django_db
@pytest.mark.parametrize("order", ORDERS)
def test_from_link_to_link_a_list_is_as_it_is_ranked(client, order):
    fill(100)

    pages = walk(client, f"/?order={order}")

    assert flat(pages) == list(Article.objects.published().ranked(order).values_list("pk", flat=True))
    assert [len(page) for page in pages] == [30, 30, 30, 10]


@pytest.mark.django_db
def test_the_way_back_shows_the_same_pages(client):
    fill(130)
    there, address = [], "/"
    while address:
        response = client.get(address)
        there.append(ids(response))
        last, link = address, leads_to(response, "next")
        address = link and f"/{link}"

    assert walk(client, last, "prev") == there[::-1]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/archive/2026/11/", "/providers/p0.example/", "/topics/tides/?period=all"])
def test_other_lists_lead_on_in_the_same_way(client, address):
    fill(70, providers=1, topics=[make_topic("Tides", slug="tides")])

    pages = walk(client, address)

    assert [len(page) for page in pages] == [30, 30, 10]
    assert len(set(flat(pages))) == 70


@pytest.mark.django_db
def test_what_arrives_meanwhile_neither_hides_nor_repeats_anything(client):
    fill(100)
    before = set(Article.objects.values_list("pk", flat=True))
    source, chance = make_source("other"), random.Random(2)  # noqa: S311
    number = iter(range(1000))

    def arrive():
        for _ in range(7):
            make_article(f"New {next(number)}", source=source, quality=chance.choice([50, 60, 70, 80, 90]))

    seen = flat(walk(client, "/", between=arrive))

    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.django_db
@pytest.mark.parametrize("order", ORDERS)
def test_an_article_that_is_ranked_anew_disturbs_no_other(client, order):
    fill(130)
    chance = random.Random(3)  # noqa: S311
    moving = chance.sample(list(Article.objects.all()), 40)
    staying = Article.objects.exclude(pk__in=[article.pk for article in moving]).ranked(order)
    ranked = list(staying.values_list("pk", flat=True))

    def change_some():
        for article in chance.sample(moving, 10):
            article.published_at = NOW - timedelta(days=chance.randrange(5), seconds=chance.randrange(3))
            article.quality = chance.choice([60, 70, 80, 90])
            article.save()

    seen = flat(walk(client, f"/?order={order}", between=change_some))

    assert [pk for pk in seen if pk in ranked] == ranked


@pytest.mark.django_db
def test_a_cursor_of_an_earlier_version_still_leads_on(client):
    fill(40)
    first = client.get("/")
    token = first.context["page"].after
    by, page, values, shown = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    older = urlsafe_b64encode(json.dumps([by, page, values, shown, 4711]).encode()).decode().rstrip("=")

    assert ids(client.get("/", {"after": older})) == ids(client.get("/", {"after": token}))


@pytest.mark.django_db
def test_pages_further_on_cost_at_most_eight_queries(client, django_assert_max_num_queries):
    fill(100)
    first = client.get("/")

    with django_assert_max_num_queries(8):
        client.get("/" + leads_to(first, "next"))


@pytest.mark.django_db
def test_pinned_cards_come_once(client):
    fill(70)
    low = Article.objects.ranked().reverse()[:2]
    for article in low:
        Pin.objects.create(article=article, position=1, reason="because")

    seen = flat(walk(client, "/"))

    assert set(seen[:2]) == {article.pk for article in low}
    assert sorted(seen) == sorted(Article.objects.values_list("pk", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize("providers", [1, 2, 40])
def test_cards_that_a_limit_for_outlets_moves_come_once(client, settings, limit, providers):
    settings.NEWSROOM_OUTLET_LIMIT = limit
    fill(100, providers=providers)

    seen = flat(walk(client, "/"))

    assert sorted(seen) == sorted(Article.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_page_by_its_number_leads_on_from_there(client):
    fill(100)
    by_number = ids(client.get("/?page=3"))

    assert walk(client, "/?page=2")[1] == by_number


def garbage(text):
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token",
    [
        "x",
        "é",
        "%00",
        garbage("[]"),
        garbage("[1,[],[],0]") + "!",
        garbage("[0,[],[],0]"),
        garbage('[2,["a","b","c","d","e"],[],0]'),
        garbage('[2,[1,2,"2026-11-20",4,5],[],0]'),
        garbage('[2,[1,2,"2026-11-20T00:00:00+00:00","\\u0000",5],[],0]'),
        garbage('[2,[1,2,"2026-11-20T00:00:00+00:00","\\ud800",5],[],0]'),
        garbage('[2,[99999999999999999999,2,"2026-11-20T00:00:00+00:00","a",5],[],0]'),
        garbage('[2,[true,2,"2026-11-20T00:00:00+00:00","a",5],[],0]'),
        garbage("[2,[],[1.5],0]"),
        garbage("[" * 2000),
        "A" * 10_000,
    ],
)
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_cursor_that_is_none_leads_to_the_first_page(client, way, token):
    fill(40)

    response = client.get("/", {way: token})

    assert (response.status_code, len(ids(response))) == (200, CARDS)


@pytest.mark.django_db
def test_a_cursor_in_the_farthest_times_is_no_error(client):
    fill(3)
    for year in ("0001", "9999"):
        place = garbage(f'[2,[1,2,"{year}-01-01T00:00:00+14:00","a",5],[1],0]')

        assert client.get("/", {"after": place}).status_code == 200
        assert client.get("/", {"before": place}).status_code == 200


@given(
    page=st.integers(1, keyset.MAX_PAGE),
    scores=st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31)),
    moment=st.datetimes(timezones=st.just(UTC)),
    name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=100),
    shown=st.lists(st.integers(1, 2**62), max_size=10).map(tuple),
)
@example(1, (-1, 0), datetime(2026, 1, 1, tzinfo=UTC), "\U0001f600.md", ())
def test_a_cursor_survives_its_address(page, scores, moment, name, shown):
    cursor = keyset.Cursor("-quality_score", page, (*scores, moment, name, 7), shown)

    assert keyset.read(cursor.token, ORDERS["quality"]) == cursor


@given(st.lists(st.booleans(), max_size=60))
def test_going_on_shows_the_rest_and_nothing_twice(was_shown):
    ranked = list(range(len(was_shown)))
    shown = {pk for pk in ranked if was_shown[pk]}

    last, early = keyset.resume(ranked, shown)
    rest = [pk for pk in ranked[0 if last is None else last + 1 :] if pk not in early]

    assert shown.isdisjoint(rest)
    assert sorted([*shown, *rest]) == ranked


@pytest.mark.django_db
def test_tabs_lead_to_the_first_page_of_their_list(client):
    for _ in range(CARDS + 1):
        make_article()
    page = client.get(re.search(r'href="([^"]+)" rel="next"', client.get("/").content.decode())[1])

    tabs = re.findall(r'<a href="([^"]*(?:order|period)=[^"]*)"', page.content.decode())
    assert len(tabs) == 4 + 5
    assert not [tab for tab in tabs if "after=" in tab or "before=" in tab]


@pytest.mark.parametrize("order", ORDERS)
def test_a_cursor_of_one_order_is_none_of_another(order):
    cursor = keyset.Cursor(ORDERS[order][0], 2, ())
    values = keyset.values_token((1, 1, datetime(2026, 1, 1, tzinfo=UTC), "a.md", 7), ORDERS[order])

    assert [name for name in ORDERS if keyset.read(cursor.token, ORDERS[name])] == [order]
    if order != "latest":
        assert [name for name in ORDERS if keyset.read_values(values, ORDERS[name])] == [order]
