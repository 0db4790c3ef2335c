"""Paging from one card to the next: nothing is skipped and nothing comes twice."""

import random
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from articles.db import keyset
from articles.models import ORDERS, Article, Move, Pin
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


def change_some(chance, number=10):
    """Rank some articles anew, several of them twice, by their quality or by their time."""
    for article in chance.choices(list(Article.objects.filter(source__name="harbour")), k=number):
        if chance.random() < 0.3:
            article.published_at = NOW - timedelta(days=chance.randrange(5), seconds=chance.randrange(3))
        else:
            article.quality = chance.choice([60, 70, 80, 90])
        article.save()


@pytest.mark.django_db
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_ranked_anew_meanwhile_neither_hides_nor_repeats_anything(client, order, seed):
    fill(130, seed)
    change_some(random.Random(9))  # noqa: S311
    ranked = list(Article.objects.ranked(order).values_list("pk", flat=True))
    chance = random.Random(seed)  # noqa: S311

    assert flat(walk(client, f"/?order={order}", between=lambda: change_some(chance))) == ranked


@pytest.mark.django_db
def test_the_way_back_is_the_same_whatever_was_ranked_anew(client):
    fill(130)
    there, address, chance = [], "/", random.Random(4)  # noqa: S311
    while address:
        response = client.get(address)
        there.append(ids(response))
        change_some(chance)
        last, link = address, leads_to(response, "next")
        address = link and f"/{link}"

    back = walk(client, last, "prev", between=lambda: change_some(chance))

    assert back[:-1] == there[:0:-1]  # the first page has no place to keep: it is as it is now


@pytest.mark.django_db
def test_when_all_articles_move_at_once_a_reader_goes_on_by_where_they_are_now(client):
    fill(70)
    first = client.get("/?order=hot")
    source = Article.objects.first().source
    source.hot_day_points = 0
    source.save()

    second = client.get("/" + leads_to(first, "next"))

    assert (second.status_code, Move.objects.exclude(article=None).count()) == (200, 0)


@pytest.mark.django_db
def test_only_the_last_moves_are_kept(monkeypatch):
    monkeypatch.setattr(type(Move.objects.all()), "KEPT", 5)
    fill(10)
    change_some(random.Random(1), 30)  # noqa: S311
    marks = list(Move.objects.order_by("pk").values_list("pk", flat=True))

    Move.objects.forget()

    assert list(Move.objects.order_by("pk").values_list("pk", flat=True)) == marks[-6:]
    assert not Move.objects.first_since(marks[0]).exists()
    assert Move.objects.first_since(marks[-6]).exists()


@pytest.mark.django_db
def test_pages_further_on_cost_at_most_eight_queries(client, django_assert_max_num_queries):
    fill(100)
    first = client.get("/")
    change_some(random.Random(1), 50)  # noqa: S311

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
def test_what_tells_no_place_is_the_first_page(client, way, token):
    fill(40)

    response = client.get("/", {way: token})

    assert (response.status_code, len(ids(response))) == (200, CARDS)


@pytest.mark.django_db
def test_places_in_the_farthest_times_are_no_error(client):
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
    out_of_turn=st.lists(st.integers(1, 2**62), max_size=10).map(tuple),
    mark=st.integers(0, 2**62),
)
@example(1, (-1, 0), datetime(2026, 1, 1, tzinfo=UTC), "\U0001f600.md", (), 0)
def test_a_place_survives_its_address(page, scores, moment, name, out_of_turn, mark):
    place = keyset.Place("-quality_score", page, (*scores, moment, name, 7), out_of_turn, mark)

    assert keyset.read(place.token, ORDERS["quality"]) == place


@given(st.lists(st.booleans(), max_size=60))
def test_going_on_shows_the_rest_and_nothing_twice(was_shown):
    ranked = list(range(len(was_shown)))
    shown = {pk for pk in ranked if was_shown[pk]}

    last, out_of_turn = keyset.resumed(ranked, shown)
    rest = [pk for pk in ranked[0 if last is None else last + 1 :] if pk not in out_of_turn]

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
def test_a_place_is_none_in_another_order(order):
    place = keyset.Place(ORDERS[order][0], 2, ())
    values = keyset.values_token((1, 1, datetime(2026, 1, 1, tzinfo=UTC), "a.md", 7), ORDERS[order])

    assert [name for name in ORDERS if keyset.read(place.token, ORDERS[name])] == [order]
    if order != "latest":
        assert [name for name in ORDERS if keyset.read_values(values, ORDERS[name])] == [order]
