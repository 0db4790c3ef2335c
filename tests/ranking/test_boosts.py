"""Boosts: what they add, and that they end on time though no page writes."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from articles.models import Article, Boost
from tests.factories import make_article, make_story, make_topic

pytestmark = pytest.mark.django_db


def boost(article, points, hours=1):
    return Boost.objects.create(
        article=article, points=points, reason="Because", until=timezone.now() + timedelta(hours=hours)
    )


@pytest.fixture
def two_hours_pass(monkeypatch):
    """A function that moves the clock."""
    later = timezone.now() + timedelta(hours=2)
    return lambda: monkeypatch.setattr(timezone, "now", lambda: later)


def titles(response):
    return [article.title for article in response.context["page"].items]


@pytest.mark.parametrize("given", [30, -30])
def test_a_boost_moves_its_storys_card_whichever_article_it_is_given_to(given):
    lead, member = make_article(quality=80), make_article()
    make_story(lead, member)

    Boost.objects.create(article=member, points=given, reason="Because")

    lead.refresh_from_db()
    assert lead.quality_score == 80 + given


@pytest.mark.parametrize("order", ["quality", "heat", "hot"])
@pytest.mark.parametrize("points", [20, -20])
def test_a_boost_that_is_over_no_longer_counts_in_any_list(client, two_hours_pass, order, points):
    moment = timezone.now() - timedelta(days=1)
    make_article("Plain", quality=75, published_at=moment)
    boosted = make_article("Boosted", quality=75 - points // 4, published_at=moment)
    boost(boosted, points)
    usual = ["Plain", "Boosted"] if points > 0 else ["Boosted", "Plain"]
    assert titles(client.get(f"/?order={order}")) == usual[::-1]

    two_hours_pass()

    assert titles(client.get(f"/?order={order}")) == usual
    listed = client.get(f"/api/news/index.json?order={order}").json()["value"]
    assert [item["title"] for item in listed] == usual


def test_what_readers_see_is_the_same_before_and_after_tend(client, two_hours_pass):
    topic = make_topic("Tides", slug="tides")
    cards = [make_article(f"Article {n}", quality=60 + n, topics=[topic]) for n in range(70)]
    lead, member = cards[5], make_article("Member", quality=50)
    make_story(lead, member)
    for place, article in enumerate([*cards[::7], member]):
        boost(article, (-1) ** place * 15 * place, hours=1 if place % 2 else 3)
    two_hours_pass()

    def seen():
        first = [client.get(address) for address in ("/", "/?order=heat", "/?order=hot", "/topics/tides/")]
        second = [client.get("/", {"after": first[0].context["page"].after})]
        why = [client.get(f"/why/{article.pk}/") for article in (lead, cards[7])]
        return [response.content for response in (*first, *second, *why)]

    before = seen()
    call_command("tend")

    assert seen() == before
    assert not Boost.objects.due().exists()


def test_a_reader_can_page_on_while_a_boost_is_due(client, two_hours_pass):
    for n in range(70):
        boost(make_article(quality=60 + n % 7), 100 - n)
    two_hours_pass()
    seen, after = [], ""
    while True:
        page = client.get("/", {"after": after} if after else {}).context["page"]
        seen += [article.pk for article in page.items]
        if not (after := page.after):
            break

    assert seen == list(Article.objects.published().ranked(exact=True).values_list("pk", flat=True))
    Boost.end_due()
    assert seen == list(Article.objects.published().ranked().values_list("pk", flat=True))


def test_a_card_and_its_explanation_leave_out_a_boost_that_is_over(client, two_hours_pass):
    article = make_article(quality=80)
    boost(article, 15)
    assert "Heat 95" in client.get(article.get_absolute_url()).content.decode()

    two_hours_pass()

    assert "Heat 80" in client.get(article.get_absolute_url()).content.decode()
    orders = client.get(f"/why/{article.pk}/").context["orders"]
    assert {explained.order: [term.name for term in explained.terms] for explained in orders} == {
        "quality": ["quality"],
        "heat": ["quality"],
        "hot": ["quality", "age"],
        "latest": ["time"],
    }


def test_tend_ends_what_is_due_and_says_so(two_hours_pass, capsys):
    article = make_article(quality=70)
    boost(article, 20)
    boost(article, 5, hours=3)
    two_hours_pass()

    call_command("tend")
    call_command("tend")

    first, second = capsys.readouterr().out.splitlines()
    assert (first.partition(",")[0], second.partition(",")[0]) == ("1 boost ended", "0 boosts ended")
    article.refresh_from_db()
    assert (article.boost, article.quality_score) == (5, 75)


def test_a_boost_that_ended_counts_again_when_it_is_given_more_time(two_hours_pass):
    article = make_article(quality=70)
    given = boost(article, 20)
    two_hours_pass()
    Boost.end_due()
    given.refresh_from_db()

    given.until = timezone.now() + timedelta(hours=1)
    given.save()

    article.refresh_from_db()
    assert (article.quality_score, given.ended) == (90, False)


def test_a_boost_that_is_deleted_takes_its_points_back():
    article = make_article(quality=70)
    boost = Boost.objects.create(article=article, points=20, reason="Because")

    boost.delete()

    article.refresh_from_db()
    assert article.quality_score == 70


def test_a_boost_that_was_ended_by_a_wrong_clock_counts_again_once_the_clock_is_right(monkeypatch, two_hours_pass):
    article = make_article(quality=70)
    given = boost(article, 20)
    two_hours_pass()
    call_command("tend")
    monkeypatch.undo()
    article.refresh_from_db()
    assert article.quality_score == 70

    call_command("tend")

    article.refresh_from_db()
    given.refresh_from_db()
    assert (article.quality_score, given.ended) == (90, False)
