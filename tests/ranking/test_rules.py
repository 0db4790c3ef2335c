"""Scores: what they are made of, that they are stored as explained, and what moves them."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles import ranking
from articles.models import ORDERS, Article, Boost, Pin
from articles.public import why
from articles.ranking import Facts, Rules
from articles.sync.importer import import_files
from tests.factories import (
    make_article,
    make_file,
    make_provider,
    make_source,
    make_story,
    make_topic,
)
from tests.ranking.stored import stored_score

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def points(order, rules=Rules(), **facts):  # noqa: B008 (it is frozen)
    return {
        term.name: term.points
        for term in ranking.terms(order, Facts(**{"quality": 60, "published_at": MOMENT} | facts), rules)
    }


def test_quality_is_quality_and_boost():
    assert points("quality", boost=5, coverage=7) == {"quality": 60, "boost": 5}


def test_heat_counts_every_other_article_of_a_story():
    assert points("heat", coverage=30) == {"quality": 60, "coverage": 600}


def test_coverage_of_a_lead_below_the_threshold_does_not_count():
    assert points("heat", quality=49, coverage=30) == {"quality": 49, "coverage": 0}


def test_what_a_file_says_beyond_is_told_as_its_sources_own():
    assert points("heat", heat=103, coverage=2) == {"quality": 60, "coverage": 40, "source": 3}


def test_a_member_of_a_story_has_the_heat_of_minus_one():
    assert points("heat", leads=False, coverage=3, boost=9) == {"member": -1}


def test_hot_counts_coverage_up_to_a_limit_and_time_from_the_newest_of_it():
    day = points("hot", coverage=30, newest=MOMENT + timedelta(days=1))

    assert day["coverage"] == 200
    assert day["age"] == points("hot")["age"] + 60


def test_a_pin_is_worth_more_than_any_score():
    assert ranking.pin(32_767).points > 2 * ranking.score(
        "hot", Facts(10**6, datetime(2999, 1, 1, tzinfo=UTC), boost=10**6), Rules()
    )


@pytest.mark.parametrize(
    ("providers", "limit", "fixed", "expected"),
    [
        ("aaab", 2, 0, [0, 1, 3, 2]),
        ("aaab", 1, 2, [0, 1, 3, 2]),
        ("aaaa", 2, 0, [0, 1, 2, 3]),
        ("", 1, 0, []),
    ],
)
def test_cards_of_an_outlet_that_are_too_many_come_after_the_first(providers, limit, fixed, expected):
    assert ranking.spread(providers, limit, fixed, among=3) == expected


def test_an_outlet_has_at_most_its_share_of_the_first_twenty():
    chance = random.Random(4)  # noqa: S311 (a sample, not a secret)
    providers = [chance.choice("aaaaaabbbcdefghij") for _ in range(200)]

    places = ranking.spread(providers, 3)

    first = [providers[place] for place in places[:20]]
    assert max(map(first.count, first)) <= 3
    assert sorted(places) == list(range(200))


facts = st.builds(
    Facts,
    quality=st.integers(0, 2000),
    published_at=st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)).map(
        lambda moment: moment.replace(tzinfo=UTC)
    ),
    heat=st.none() | st.integers(-1, 9000),
    coverage=st.integers(0, 300),
    boost=st.integers(-2000, 2000),
    leads=st.booleans(),
)
rules = st.builds(Rules, *(st.integers(0, 100) for _ in range(3)), st.integers(0, 200), st.integers(0, 20))


@given(facts, rules)
def test_a_score_is_the_sum_of_its_terms_and_of_a_known_heat_exactly_that(found, figures):
    for order in ORDERS:
        assert ranking.score(order, found, figures) == sum(term.points for term in ranking.terms(order, found, figures))
    if found.leads and found.heat is not None and found.heat >= 0:
        assert ranking.score("heat", found, figures) == found.heat + found.boost
        better = replace(found, quality=found.quality + 9, filed_quality=found.quality)
        moved = figures.heat(better.quality, found.coverage) - figures.heat(found.quality, found.coverage)
        assert ranking.score("heat", better, figures) == found.heat + moved + found.boost


def test_pinned_cards_stand_where_their_terms_put_them(client):
    articles = [make_article(quality=80 + n) for n in range(5)]
    for article, position in ((articles[0], 2), (articles[1], 1)):
        Pin.objects.create(article=article, position=position, reason="Because")

    shown = client.get("/").context["page"].items

    pins = {pin.article_id: pin for pin in Pin.objects.now()}
    totals = [why.explained(a, pins.get(a.pk))[0].score for a in shown]
    assert [a.pk for a in shown] == [articles[n].pk for n in (1, 0, 4, 3, 2)]
    assert totals == sorted(totals, reverse=True)


def test_a_changed_file_moves_the_scores():
    import_files([make_file("a", quality=60, heat=60)])
    import_files([make_file("a", quality=80, heat=90)])

    article = Article.objects.get()
    assert (article.quality_score, article.heat_score) == (80, 90)


def test_a_sites_figures_move_all_its_scores():
    make_story(make_article(quality=80), *(make_article() for _ in range(4)))
    source = make_source()

    source.heat_weight = 3
    source.save()

    assert Article.objects.get(leads__isnull=False).heat_score == 80 + 4 * 3


def test_a_fresh_article_overtakes_a_large_story_that_went_quiet_though_nothing_runs(client, monkeypatch):
    then = timezone.now()
    old = then + timedelta(hours=48) - timedelta(days=7)
    lead = make_article("The big one", quality=100, published_at=old)
    make_story(lead, *(make_article(published_at=old - timedelta(hours=n)) for n in range(179)))
    make_article("The fresh one", quality=60, published_at=then + timedelta(hours=47))
    assert [a.title for a in client.get("/?order=hot").context["page"].items] == ["The big one"]

    monkeypatch.setattr(timezone, "now", lambda: then + timedelta(hours=48))

    page = client.get("/?order=hot")
    assert [a.title for a in page.context["page"].items] == ["The fresh one", "The big one"]
    assert "max-age" not in page.headers.get("Cache-Control", "")


def test_new_coverage_makes_a_story_hot_again():
    lead = make_article(published_at=MOMENT)
    story = make_story(lead, make_article(published_at=MOMENT))
    before = lead.hot_score

    make_article(published_at=MOMENT + timedelta(days=10), story=story)

    lead.refresh_from_db()
    assert lead.hot_score == before + 600 + 20


@pytest.mark.parametrize("page", ["front", "topic", "provider"])
def test_a_pin_holds_on_its_page_until_its_time(client, page):
    topic, provider = make_topic("Tides"), make_provider()
    old, new = make_article("Old", topics=[topic], quality=60), make_article("New", topics=[topic], quality=90)
    where = {"front": {}, "topic": {"topic": topic}, "provider": {"provider": provider}}[page]
    addresses = {"front": "/", "topic": topic.get_absolute_url(), "provider": provider.get_absolute_url()}
    pin = Pin.objects.create(article=old, reason="Because", **where)

    first = {name: client.get(address).context["page"].items[0].title for name, address in addresses.items()}

    assert first == {name: "Old" if name == page else "New" for name in addresses}
    Pin.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert client.get(addresses[page]).context["page"].items[0] == new
    assert str(pin).startswith("Old, on ")


def test_a_pinned_member_pins_its_storys_lead(client):
    lead, member = make_article("Lead", quality=60), make_article("Member")
    make_story(lead, member)
    make_article("Other", quality=90)

    Pin.objects.create(article=member, reason="Because")

    assert [a.title for a in client.get("/").context["page"].items] == ["Lead", "Other"]


def test_pages_that_follow_neither_skip_nor_repeat_pinned_cards(client):
    articles = [make_article(quality=n) for n in range(65)]
    for n in (3, 40):
        Pin.objects.create(article=articles[n], reason="Because")

    shown = [a.pk for page in (1, 2, 3) for a in client.get("/", {"page": page}).context["page"].items]

    assert shown[:2] == [articles[40].pk, articles[3].pk]
    assert sorted(shown) == sorted(article.pk for article in articles)


def test_the_front_page_has_at_most_so_many_cards_of_one_outlet_if_asked(client, settings):
    many = [make_article(quality=90) for _ in range(25)]
    few = [make_article(quality=70, provider=make_provider(f"o{n % 10}.example")) for n in range(30)]
    settings.NEWSROOM_OUTLET_LIMIT = 4

    shown = [a.provider_id for page in (1, 2) for a in client.get("/", {"page": page}).context["page"].items]

    assert shown[:20].count(many[0].provider_id) == 4
    assert len(shown) == len(many) + len(few)
    fifth = Article.objects.published().filter(provider=many[0].provider).ranked()[4]
    page = client.get(reverse("why", args=[fifth.pk])).content.decode()
    assert "number 21 instead of 5" in page


def test_every_term_is_told_to_readers(client):
    lead = make_article(quality=80, heat=103, heat_is_computed=False)
    make_story(lead, make_article())
    Boost.objects.create(article=lead, points=-7, reason="Thin on facts")
    Pin.objects.create(article=lead, reason="Vote today", position=2)

    page = client.get(reverse("why", args=[lead.pk]))

    for order in page.context["orders"]:
        stored = Article.objects.select_related("source", "story").get(pk=lead.pk)
        assert order.score == stored_score(stored, order.order)
    told = page.content.decode()
    for words in ("Thin on facts", "Vote today", "at position 2", "1 other, 20 points each"):
        assert words in told


def test_what_readers_may_not_see_is_not_explained(client):
    assert client.get(reverse("why", args=[make_article(published=False).pk])).status_code == 404


def test_the_explanation_costs_at_most_eight_queries(client, django_assert_max_num_queries):
    lead = make_article()
    make_story(lead, *(make_article() for _ in range(5)))
    Boost.objects.create(article=lead, points=7, reason="Because")

    with django_assert_max_num_queries(8):
        client.get(reverse("why", args=[lead.pk]))


def test_facts_of_a_single_article_ignore_what_stories_have():
    assert replace(make_article(boost=3).facts, published_at=MOMENT) == Facts(80, MOMENT, heat=80, boost=3)
