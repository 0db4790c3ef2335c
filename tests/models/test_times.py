"""What readers see as time goes by, without any program running: articles go live and end, and leads change."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.models import Article, State, Story
from articles.stories import leads
from tests.factories import make_article, make_story

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock(monkeypatch):
    """Return a function that sets the time."""

    def set_to(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(START)
    return set_to


def test_an_article_is_seen_from_its_first_minute_until_its_last(client, clock):
    article = make_article("Ferries", live_at=START + MINUTE, ends_at=START + 3 * MINUTE)
    address = article.get_absolute_url()
    seen = []
    for n in range(5):
        clock(START + n * MINUTE)
        seen.append(client.get(address).status_code)
        assert (b"Ferries" in client.get("/").content) is (seen[-1] == 200)
        assert (b"Ferries" in client.get("/feeds/atom.xml").content) is (seen[-1] == 200)
        assert (address.encode() in client.get("/sitemap.xml").content) is (seen[-1] == 200)

    assert seen == [404, 200, 200, 404, 404]


def test_when_a_lead_ends_the_next_best_published_article_leads(client, clock):
    lead = make_article("Gone lead", quality=90, ends_at=START + MINUTE)
    next_best, third = make_article("Next best", quality=70), make_article("Third", quality=60)
    story = make_story(lead, next_best, third)
    Article.objects.filter(pk=next_best.pk).update(published=True)
    leads.recompute([story.pk])

    clock(START + MINUTE)

    assert list(Article.objects.published().leads()) == [next_best]
    assert client.get(Story.objects.get(pk=story.pk).get_absolute_url()).status_code == 200
    for order in ("quality", "heat", "hot", "latest"):
        page = client.get(f"/?order={order}").content.decode()
        assert [title in page for title in ("Next best", "Third", "Gone lead")] == [True, True, False]
    assert Story.objects.get(pk=story.pk).lead_id == lead.pk  # nothing is stored by reading
    assert leads.elect_due() == 1
    assert Story.objects.get(pk=story.pk).lead_id == next_best.pk
    assert leads.elect_due() == 0


def test_a_better_article_leads_from_the_minute_that_it_goes_live(client, clock):
    first, later = make_article("First", quality=50), make_article("Later", quality=90, live_at=START + MINUTE)
    story = make_story(first, later)
    Article.objects.filter(pk=later.pk).update(published=True)
    leads.recompute([story.pk])

    assert list(Article.objects.published().leads()) == [first]
    clock(START + MINUTE)
    assert list(Article.objects.published().leads()) == [later]
    assert "Later" in client.get("/feeds/atom.xml").content.decode()
    assert client.get(first.get_absolute_url()).context["lead"] == later


def _stories(chance):
    """Store stories of some articles with random times. Return their ids."""
    found = []
    for _ in range(4):
        articles = [
            make_article(
                quality=chance.choice([50, 60, 70]),
                published_at=START + chance.choice([-5, -5, 2]) * MINUTE,
                live_at=chance.choice([None, START + chance.randrange(-2, 8) * MINUTE]),
                ends_at=chance.choice([None, START + chance.randrange(-2, 9) * MINUTE]),
            )
            for _ in range(chance.randrange(1, 5))
        ]
        story = make_story(*articles)
        for article in articles:
            state = {"published": chance.random() < 0.7, "heat": chance.choice([-1, 50])}
            Article.objects.filter(pk=article.pk).update(**state, removed=chance.random() < 0.1)
        chosen = chance.choice([None, None, articles[0].pk])
        Story.objects.filter(pk=story.pk).update(chosen_lead=chosen)
        found.append(story.pk)
    leads.recompute(found)
    return found


def _expected(now):
    """Return what readers see by the rules, article by article: what is published, who leads, and what is coverage."""
    rows = list(Article.objects.filter(removed=False).select_related("story"))
    timely = [row for row in rows if row.starts_at <= now and (row.ends_at is None or row.ends_at > now)]
    published = [row for row in timely if row.published]
    led = {}
    for row in sorted(published, key=lambda r: (r.pk != r.story.chosen_lead_id, -r.quality, r.stem + ".md")):
        led.setdefault(row.story_id, row.pk)
    coverage = [row for row in timely if not row.published and row.heat == -1 and row.story_id in led]
    return {row.pk for row in published}, set(led.values()), {row.pk for row in published + coverage}, set(led)


@pytest.mark.parametrize("seed", range(3))
def test_at_every_minute_readers_see_what_the_rules_say_whether_a_program_runs_or_not(clock, seed):
    chance = random.Random(seed)  # noqa: S311 (no secret)
    _stories(chance)
    for n in range(10):
        now = START + n * MINUTE
        clock(now)
        if chance.random() < 0.2:
            leads.elect_due()
        published, leading, shown, stories = _expected(now)
        found = Article.objects.published()
        assert set(found.values_list("pk", flat=True)) == published
        assert set(found.leads().values_list("pk", flat=True)) == leading
        assert set(found.leading().values_list("pk", flat=True)) == leading
        assert set(Article.objects.shown().values_list("pk", flat=True)) == shown
        assert set(Story.objects.led().values_list("pk", flat=True)) == stories
        for order in ("quality", "heat", "hot"):
            cards = found.leads().ranked(order, exact=True).for_cards()
            assert {card.pk for card in cards} == leading
            assert all(card.leads_story and card.is_card for card in cards)
        states = {state: set(Article.objects.in_state(state).values_list("pk", flat=True)) for state in State}
        for article in Article.objects.select_related("story__lead"):
            assert [state for state, those in states.items() if article.pk in those] == [article.state]
            assert article.is_public == (article.pk in published)
            assert (article.is_public or article.is_only_coverage) == (article.pk in shown)
            assert not article.is_public or article.leads_story == (article.pk in leading)
