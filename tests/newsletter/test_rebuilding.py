"""An issue that exists stays as it is until it is built again, and an issue that is sent stays for good."""

from datetime import date

import pytest
from django.core.management import CommandError

from articles.models import Article, Issue, Topic
from articles.newsletter import issues
from tests.factories import make_article, make_provider, make_story, make_topic
from tests.newsletter.editions import DAY, at, build, titles

pytestmark = pytest.mark.django_db


def test_an_issue_that_was_built_stays_as_it_is(capsys):
    make_article("as it was")
    before = build()
    Article.objects.update(title="renamed")
    make_article("late")
    capsys.readouterr()

    after = build()

    assert (after.pk, after.html, after.text, after.subject) == (before.pk, before.html, before.text, "as it was")
    assert "already built: as it was" in capsys.readouterr().out


def test_building_an_issue_again_writes_the_same_articles_as_they_are_now():
    make_article("as it was")
    build()
    Article.objects.update(title="renamed")
    make_article("late", heat=500)

    issue = build(again=True)

    assert titles(issue) == ["renamed"]
    assert issue.subject == "renamed"
    assert "renamed" in issue.html
    assert "as it was" not in issue.html + issue.text


def test_building_an_issue_again_leaves_out_articles_that_are_no_longer_published():
    make_article("gone", heat=200)
    make_article("stays")
    build()
    Article.objects.filter(title="gone").update(removed=True)

    issue = build(again=True)

    assert issue.subject == "stays"
    assert titles(issue) == ["stays"]
    assert "gone" not in issue.html + issue.text


def test_an_article_that_was_left_out_may_be_in_a_later_issue():
    make_article("gone", heat=200)
    make_article("stays")
    build()
    Article.objects.filter(title="gone").update(removed=True)
    build(again=True)
    Article.objects.update(removed=False)

    assert titles(build(again=True)) == ["stays"]
    assert titles(build(period="week")) == ["gone"]


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_an_issue_that_is_sent_cannot_be_built_again(state):
    make_article("as it was")
    build()
    Issue.objects.update(state=state)
    Article.objects.update(title="renamed")

    with pytest.raises(CommandError, match="stays as it is"):
        build(again=True)

    assert Issue.objects.get().subject == "as it was"


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_an_issue_that_is_sent_keeps_its_articles(state):
    make_article("withdrawn")
    issue = build()
    Issue.objects.update(state=state)
    Article.objects.update(removed=True)

    with pytest.raises(issues.NotChangeableError):
        issues.rebuild(issue)

    assert titles(issue) == ["withdrawn"]


EDITIONS = [(DAY, "day"), (date(2026, 11, 3), "day"), (date(2026, 11, 3), "week")]


def fill(site, backwards=False):
    topics = [make_topic(name, parent=site, menu_order=5, slug=name.lower()) for name in ("Tides", "Ferries")]
    numbers = range(44)
    for n in reversed(numbers) if backwards else numbers:
        lead = make_article(
            f"Lead {n}",
            topics=[site, topics[n % 2]],
            heat=100 + n // 3,
            stem=f"lead-{n}",
            web_url=f"https://gazette.example/lead-{n}",
            excerpt="Words. " * (n % 50),
            published_at=at(2026, 11, 1 + n % 2, n // 4),
        )
        if n % 4 == 0:
            member = make_article(stem=f"member-{n}", provider=make_provider(f"{n}.example"))
            make_story(lead, member)


def test_issues_built_from_scratch_have_the_same_bytes_whatever_their_primary_keys():
    site = make_topic("Harbour", slug="harbour")
    fill(site)
    first = [build(day, period=period) for day, period in EDITIONS]
    for model in (Issue, Article, Topic):
        model.objects.all().delete()
    make_article("shifts all numbers", published=False)

    fill(make_topic("Harbour", slug="harbour"), backwards=True)
    second = [build(day, period=period) for day, period in EDITIONS]

    assert [(i.html, i.text, i.subject) for i in first] == [(i.html, i.text, i.subject) for i in second]
    assert "1 more report: http://localhost:8000/news/harbour/lead-" in first[0].text
