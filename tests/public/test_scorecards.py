"""The figures of scorecards, a rule each."""

from datetime import timedelta

import pytest

from articles.models import Article
from articles.public.scorecards import WINDOWS, parts
from tests.factories import make_article, make_story
from tests.public.scorecards import NOW, ago, card, story_of

pytestmark = pytest.mark.django_db


def test_articles_count_in_the_period_they_were_published_in(ours):
    for days in (0, 0.5, 1, 6, 29, 364, 999):
        make_article(provider=ours, published_at=ago(days=days))

    assert [card(ours, period).articles for period in WINDOWS] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "hidden",
    [
        {"published": False},
        {"published": False, "heat": -1},
        {"removed": True},
        {"published_at": NOW + timedelta(seconds=1)},
    ],
    ids=["not published", "below no lead", "removed", "in the future"],
)
def test_articles_that_readers_do_not_see_do_not_count(ours, hidden):
    make_article(provider=ours, **hidden)

    found = card(ours)

    assert (found.articles, found.leads, found.total, found.quality) == (0, 0, 0, None)


def test_coverage_below_a_published_lead_counts_but_does_not_lead(ours, theirs):
    make_story(make_article(provider=theirs), make_article(provider=ours))

    assert (card(ours).articles, card(ours).leads) == (1, 0)
    assert (card(theirs).articles, card(theirs).leads) == (1, 1)


@pytest.mark.parametrize("hidden", [{"published": False}, {"removed": True}, {"published_at": NOW + timedelta(days=1)}])
def test_coverage_below_a_lead_that_readers_do_not_see_does_not_count(ours, theirs, hidden):
    lead = make_article(provider=theirs)
    make_story(lead, make_article(provider=ours), make_article(provider=theirs))
    Article.objects.filter(pk=lead.pk).update(**hidden)

    found = card(ours)

    assert (found.articles, found.total, found.first, found.lag) == (0, 0, 0, None)


def test_an_article_in_no_story_leads(ours):
    make_article(provider=ours)

    assert card(ours).leads == 1


def test_share_is_relative_to_all_articles_in_the_period(ours, theirs):
    make_article(provider=ours, published_at=ago(days=2))
    make_story(*(make_article(provider=theirs, published_at=ago(days=2)) for _ in range(3)))
    make_article(provider=theirs, published_at=ago(days=20))

    assert card(ours, "week").share == 1 / 4
    assert card(ours, "month").share == 1 / 5
    assert card(ours, "day").share == 0


def test_quality_is_the_mean_of_its_articles(ours, theirs):
    for quality in (60, 70, 95):
        make_article(provider=ours, quality=quality)
    make_article(provider=theirs, quality=10)

    assert card(ours).quality == 75


def test_the_first_to_report_is_the_provider_that_published_first_whoever_leads(ours, theirs):
    story_of((theirs, ago(hours=1)), (ours, ago(hours=2)))

    assert (card(ours).first, card(theirs).first) == (1, 0)


def test_of_two_articles_at_one_moment_the_first_by_file_name_was_first(ours, theirs):
    moment = ago(hours=1)
    make_story(
        make_article(provider=theirs, published_at=moment, stem="a"),
        make_article(provider=ours, published_at=moment, stem="a-b"),  # a-b.md comes before a.md
    )

    assert (card(ours).first, card(theirs).first) == (1, 0)
    assert (card(ours).lag, card(theirs).lag) == (None, timedelta(0))


def test_a_story_of_one_article_does_not_count_as_reported_first(ours):
    story_of((ours, ago(hours=1)))
    make_article(provider=ours)

    assert card(ours).first == 0


def test_articles_that_readers_do_not_see_are_not_the_first(ours, theirs):
    story_of((theirs, ago(hours=1)), (ours, ago(hours=2)), (theirs, ago(hours=3)))
    Article.objects.filter(published_at=ago(hours=3)).update(removed=True)

    assert (card(ours).first, card(theirs).lag) == (1, timedelta(hours=1))


def test_lag_is_the_median_time_from_the_first_article_to_the_providers_own(ours, theirs):
    for hours in (1, 5, 30):
        story_of((theirs, ago(hours=50)), (ours, ago(hours=50 - hours)), (ours, ago(hours=2)))

    assert card(ours).lag == timedelta(hours=5)
    assert card(theirs).lag is None


def test_the_median_of_an_even_number_of_lags_is_half_way(ours, theirs):
    for hours in (1, 4):
        story_of((theirs, ago(hours=50)), (ours, ago(hours=50 - hours)))

    assert card(ours).lag == timedelta(hours=2.5)


def test_a_provider_that_was_first_is_not_behind_with_its_later_articles(ours, theirs):
    story_of((ours, ago(hours=9)), (ours, ago(hours=3)), (theirs, ago(hours=6)))

    assert (card(ours).first, card(ours).lag) == (1, None)


def test_a_story_belongs_to_the_period_of_its_first_article(ours, theirs):
    story_of((theirs, ago(hours=30)), (ours, ago(hours=20)))

    assert (card(ours, "day").articles, card(ours, "day").lag) == (1, None)
    assert card(ours, "week").lag == timedelta(hours=10)


def test_a_provider_without_articles_has_an_empty_scorecard(ours):
    found = card(ours)

    assert (found.articles, found.share, found.start, found.end, parts(ours, found, NOW)) == (0, 0, None, None, [])


def test_the_parts_of_a_period_are_equal_and_hold_its_articles(ours, theirs):
    for days in (0, 2.9, 3, 30):
        make_article(provider=ours, published_at=ago(days=days))
    make_story(make_article(provider=theirs), make_article(provider=ours, published_at=ago(days=1)))

    found = parts(ours, card(ours, "month"), NOW)

    assert [part.start for part in found] == [ago(days=days) for days in range(30, 0, -3)]
    assert [(part.led, part.others) for part in found] == [(1, 0), *[(0, 0)] * 8, (3, 1)]


def test_the_parts_of_all_time_run_from_the_first_to_the_last_article(ours):
    for days in (500, 120, 20):
        make_article(provider=ours, published_at=ago(days=days))

    found = parts(ours, card(ours), NOW)

    assert (found[0].start, found[1].start) == (ago(days=500), ago(days=460))
    assert [part.led for part in found] == [1, *[0] * 8, 1, 0, 1]


def test_a_period_of_one_moment_has_one_part(ours):
    make_article(provider=ours)

    assert [part.articles for part in parts(ours, card(ours), NOW)] == [1]
