"""An issue has the hottest published leads of its window, each in one issue only."""

import json
import re
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article, Boost, Issue, IssueArticle
from articles.newsletter import issues
from tests.factories import make_article, make_provider, make_source, make_story, make_topic
from tests.newsletter.editions import DAY, at, build, titles

pytestmark = pytest.mark.django_db


def test_a_daily_issue_has_the_articles_of_the_day_before_it_in_utc():
    make_article("before", published_at=at(2026, 10, 31, 23, 59, 59))
    make_article("first", published_at=at(2026, 11, 1))
    make_article("last", published_at=at(2026, 11, 1, 23, 59, 59))
    make_article("after", published_at=at(2026, 11, 2))

    assert titles(build()) == ["last", "first"]


def test_a_weekly_issue_has_the_articles_of_the_seven_days_before_it():
    make_article("before", published_at=at(2026, 10, 25, 23, 59, 59))
    make_article("first", published_at=at(2026, 10, 26))

    assert titles(build(period="week")) == ["first"]


def test_an_issue_has_only_published_leads_and_articles_without_a_story():
    lead = make_article("lead")
    make_story(lead, make_article("member"))
    make_article("alone", heat=70)
    make_article("hidden", published=False)
    make_article("removed", removed=True)

    assert titles(build()) == ["lead", "alone"]


def test_an_issue_is_ordered_by_heat_then_quality_then_age_then_name():
    make_article("cool", heat=70)
    make_article("hot", heat=300)
    make_article("better", heat=90, quality=85)
    make_article("older", heat=90, published_at=at(2026, 11, 1, 1), stem="z")
    make_article("named b", heat=90, published_at=at(2026, 11, 1, 2), stem="b")
    make_article("named a", heat=90, published_at=at(2026, 11, 1, 2), stem="a")

    assert titles(build()) == ["hot", "better", "named a", "named b", "older", "cool"]


def test_a_boost_that_is_over_does_not_count_for_an_issue():
    make_article("hot", heat=90)
    boosted = make_article("boosted", heat=80)
    Boost.objects.create(article=boosted, points=50, reason="x", until=timezone.now() + timedelta(hours=1))
    Boost.objects.update(until=timezone.now() - timedelta(hours=1))

    assert titles(build()) == ["hot", "boosted"]


def test_an_issue_has_twenty_articles_and_a_weekly_issue_gets_those_left_over():
    for heat in range(100, 125):
        make_article(f"a{heat}", heat=heat)

    assert titles(build()) == [f"a{heat}" for heat in range(124, 104, -1)]
    assert titles(build(period="week")) == [f"a{heat}" for heat in range(104, 99, -1)]


def test_an_article_is_in_one_issue_only():
    moved = make_article("moved")
    build()
    Article.objects.filter(pk=moved.pk).update(published_at=at(2026, 11, 2, 12))

    assert build(date(2026, 11, 3)) is None
    assert build(period="week") is None


def unaware(monkeypatch, times):
    """Let the next builds not see, so many times, that other issues have the articles: as when those are not done."""
    candidates, left = issues.candidates, iter(range(times))

    def stale(*which):
        return Article.objects.order_by("-heat") if next(left, None) is not None else candidates(*which)

    monkeypatch.setattr(issues, "candidates", stale)


@pytest.mark.parametrize("times", [1, 2])
def test_an_issue_chooses_again_when_another_issue_takes_its_articles_meanwhile(monkeypatch, times):
    make_article("taken", heat=200)
    build()
    make_article("left")
    unaware(monkeypatch, times)

    assert titles(build(period="week")) == ["left"]


def test_no_issue_is_built_when_other_issues_leave_no_article(monkeypatch):
    make_article("taken")
    build()
    unaware(monkeypatch, 1)

    assert build(period="week") is None


def test_an_issue_gives_up_after_choosing_three_times(monkeypatch):
    make_article("taken")
    build()
    unaware(monkeypatch, 3)

    with pytest.raises(IntegrityError):
        issues.build(DAY, "week")

    assert Issue.objects.count() == 1


def test_the_database_refuses_an_article_in_two_issues():
    make_article()
    place = build().places.get()
    other = Issue.objects.create(date=DAY, period="week")

    with pytest.raises(IntegrityError), transaction.atomic():
        IssueArticle.objects.create(issue=other, article=place.article, position=1)


@pytest.mark.parametrize("source", [None, "harbour"])
def test_the_database_refuses_two_issues_of_one_date(source):
    site = source and make_source(source)
    Issue.objects.create(date=DAY, source=site)

    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(date=DAY, source=site)


def test_a_site_has_issues_of_its_own():
    make_article("here")
    make_article("there", source=make_source("inland"))

    issue = build(source="inland")
    assert titles(issue) == ["there"]
    assert "The news of 1 November 2026 · inland\n" in issue.text
    build()
    assert titles(Issue.objects.get(source=None)) == ["here"]


def test_sections_of_an_issue_are_subtopics_in_the_order_of_the_menu():
    site = make_topic("Harbour", menu_order=0)
    tides = make_topic("Tides", menu_order=2, parent=site)
    ferries = make_topic("Ferries", menu_order=1, parent=site)
    make_article("of the site", topics=[site], heat=300)
    make_article("tide", topics=[site, tides], heat=200)
    make_article("tide too", topics=[site, tides, ferries], heat=90)
    make_article("ferry", topics=[site, ferries])
    issue = build()

    headings = re.findall(r"^== (.*) ==$", issue.text, re.M)
    places = [issue.text.index(title + "\n") for title in ("ferry", "tide", "tide too", "of the site")]

    assert headings == ["Ferries", "Tides", "More news"]
    assert places == sorted(places)
    assert issue.subject == "of the site"


def test_topics_that_are_in_no_tree_make_sections_too_if_several_articles_have_them():
    tides, ferries, rare = (make_topic(name) for name in ("Tides", "Ferries", "Rare"))
    make_article("rare", topics=[rare], heat=300)
    make_article("tide", topics=[rare, tides], heat=200)
    make_article("both", topics=[ferries, tides], heat=90)
    make_article("ferry", topics=[ferries])
    make_article("none")

    text = build().text

    assert re.findall(r"^== (.*) ==$", text, re.M) == ["Ferries", "Rare", "More news"]
    assert text.index("== Ferries ==") < text.index("ferry\n") < text.index("none\n")


def test_an_empty_window_makes_no_issue_and_is_no_failure(capsys):
    assert build() is None
    assert capsys.readouterr().out == "Nothing new in the day before 2026-11-02: no issue.\n"


def test_an_issue_whose_window_is_not_over_is_refused():
    tomorrow = timezone.now().date() + timedelta(days=1)

    with pytest.raises(CommandError, match=f"found {tomorrow}"):
        build(tomorrow)

    make_article("just now", published_at=timezone.now())
    assert build(timezone.now().date()) is None


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "0001-01-01", ""])
def test_build_newsletter_refuses_a_bad_date(text):
    with pytest.raises(CommandError, match="expected a day such as"):
        call_command("build_newsletter", "--date", text)


def test_build_newsletter_reports_what_it_did(tmp_path):
    make_article("The news")
    build(report=tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert report.pop("seconds") >= 0
    assert report == {
        "date": "2026-11-02",
        "period": "day",
        "source": None,
        "subject": "The news",
        "articles": 1,
        "built": True,
        "sent": 0,
        "refused": 0,
        "left": 0,
    }


def test_a_large_issue_costs_a_fixed_number_of_queries(django_assert_max_num_queries):
    for n in range(20):
        lead = make_article(topics=[make_topic(f"T{n}")], provider=make_provider(f"{n}.example"))
        make_story(lead, make_article(provider=make_provider(f"m{n}.example")))

    with django_assert_max_num_queries(15):
        issues.build(DAY, "day")
