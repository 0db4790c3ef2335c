"""The desk's pages: what waits, the list and its filters, and what they cost."""

import itertools
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from articles.desk import filters, queues
from articles.models import (
    Action,
    Article,
    ArticleImage,
    Conflict,
    ImportedFile,
    ImportRun,
    Issue,
    Mark,
    SavedFilter,
    State,
    Suggestion,
)
from articles.search import index
from articles.sync.importer import import_files
from tests.factories import (
    make_article,
    make_articles,
    make_file,
    make_provider,
    make_source,
    make_stories,
    make_story,
    make_topic,
)

pytestmark = pytest.mark.django_db
TRIAGE = "/admin/desk/triage/"
FILTERED = [  # what is asked for, and the articles of the test below that it finds
    ({}, ["Alone", "Led"]),
    ({"mark": "seen"}, ["Old"]),
    ({"mark": "later"}, ["Elsewhere"]),
    ({"mark": "decided"}, ["Lead"]),
    ({"mark": "all"}, ["Lead", "Elsewhere", "Old", "Alone", "Led"]),
    ({"mark": "all", "state": "published"}, ["Lead"]),
    ({"mark": "all", "state": "removed"}, ["Old"]),
    ({"mark": "all", "state": "new"}, ["Elsewhere", "Alone"]),
    ({"mark": "all", "state": "coverage"}, ["Led"]),
    ({"mark": "all", "state": "ended"}, []),
    ({"mark": "all", "site": "island"}, ["Elsewhere"]),
    ({"mark": "all", "outlet": "else.example"}, ["Elsewhere"]),
    ({"topic": "quay"}, ["Led"]),
    ({"mark": "all", "since": "24"}, ["Elsewhere"]),
    ({"mark": "all", "story": "led"}, ["Lead", "Led"]),
    ({"story": "none"}, ["Alone"]),
    ({"mark": "all", "q": "else GAZ"}, []),
    ({"mark": "all", "q": "gazette led"}, ["Led"]),
    ({"mark": "no", "state": "no", "since": "no", "picture": "no"}, ["Alone", "Led"]),
    ({"site": "no"}, []),
    ({"run": "x"}, []),
    ({"story": "x\0", "after": "x"}, []),
]


def titles(desk, **asked):
    response = desk.get(TRIAGE, asked)
    return [card.article.title for card in response.context["cards"]]


def waiting(response):
    return {queue.name: queue for queue in response.context["queues"]}


def test_the_home_counts_what_waits_and_each_number_leads_to_its_list(desk, editor, new_articles, monkeypatch):
    now = timezone.now()
    first, second, third, *_ = new_articles
    Mark.objects.filter(article=first).update(state="later", user=editor)
    Mark.objects.filter(article=second).update(at=now - timedelta(days=2))
    Conflict.objects.create(article=first, field="title", ours="A", theirs="B")
    Suggestion.objects.create(kind="story", article=first, other=second, confidence=0.9, evidence="words")
    make_article("Tomorrow", published_at=now + timedelta(days=1))
    ArticleImage.objects.create(article=third, url="https://i.example/a.jpg", failure="404")
    Issue.objects.create(date=now.date(), subject="News", html="", text="")
    bad = [{"path": "a.md", "line": 1, "key": "", "message": "no"}] * 2
    for sources, rejected in ((["a"], bad), (["b"], bad), (["b"], []), (["a"], [*bad, *bad])):
        ImportRun.objects.create(sources=sources, rejected=rejected)

    found = waiting(desk.get("/admin/desk/"))

    assert {name: queue.number for name, queue in found.items()} == {
        "New from imports": 4, "For later, yours": 1, "Conflicts": 1, "Suggestions": 1, "Scheduled": 1,
        "Broken pictures": 1, "Rejected files": 4, "Newsletter to send": 1,
    }  # fmt: skip
    assert found["New from imports"].oldest == now - timedelta(days=2)
    assert [desk.get(queue.address).status_code for queue in found.values()] == [200] * 8
    assert titles(desk, mark="all", state="scheduled") == ["Tomorrow"]
    assert titles(desk, mark="all", picture="broken") == ["News 2"]
    monkeypatch.setattr(queues, "MOST", 3)
    assert waiting(desk.get("/admin/desk/"))["New from imports"].said == "3 or more"


def test_the_home_tells_which_stories_grow_and_what_others_did_since_the_last_visit(desk, editor, django_user_model):
    now, other = timezone.now(), django_user_model.objects.create_user("other")
    names = ("Grows", "Stands", "Ended", "Not live")
    grows, stands, ended, waits = (make_story(make_article(name), make_article()) for name in names)
    recent = Article.objects.exclude(story=stands)
    recent.update(published_at=now - timedelta(hours=1))
    recent.filter(story=ended).update(ends_at=now)
    recent.filter(story=waits).update(live_at=now + timedelta(hours=1))
    desk.get("/admin/desk/")
    editor_visit = queues.Visit.objects.get(user=editor)
    queues.Visit.objects.filter(pk=editor_visit.pk).update(at=now - timedelta(hours=2))
    for user, hours in ((other, 3), (other, 1), (editor, 1)):
        action = Action.objects.create(kind="publish", user=user, what=f"{user} {hours}")
        Action.objects.filter(pk=action.pk).update(at=now - timedelta(hours=hours))

    for _ in range(2):  # looking twice is one visit
        context = desk.get("/admin/desk/").context
        assert [story["name"] for story in context["stories"]] == ["Grows"]
        assert [action.what for action in context["actions"]] == ["other 1"]
    assert grows


def test_the_list_is_filtered_by_each_of_its_filters(desk, editor):
    topic, site = make_topic("Quay", slug="quay"), make_source("island")
    led, alone, old, elsewhere = (
        make_article(title, published=False, topics=topics, source=source, provider=provider)
        for title, topics, source, provider in (
            ("Led", [topic], None, None),
            ("Alone", [], None, None),
            ("Old", [], None, None),
            ("Elsewhere", [], site, make_provider("else.example")),
        )
    )
    make_story(make_article("Lead"), led)
    Article.objects.filter(pk=led.pk).update(heat=-1)
    Article.objects.filter(pk=old.pk).update(removed=True)
    for article, days in ((old, 2), (elsewhere, 0)):
        run = ImportRun.objects.create()
        ImportRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(days=days))
        ImportedFile.objects.create(article=article, digest="", first_run=run)
    for article, state in ((led, "new"), (alone, "new"), (old, "seen"), (elsewhere, "later")):
        Mark.objects.create(article=article, state=state, user=editor)

    for asked, found in FILTERED:
        assert titles(desk, **asked) == found, asked


def test_every_article_stands_in_the_list_of_the_state_that_its_card_and_the_admin_show(desk, admin_client):
    now, hour = timezone.now(), timedelta(hours=1)
    times = [None, now - hour, now + hour]
    rows = itertools.product((True, False), (True, False), (-1, 80), times, times)
    articles = make_articles(
        {"title": f"N{n}", "published": published, "removed": removed, "heat": heat, "live_at": begins, "ends_at": ends}
        for n, (published, removed, heat, begins, ends) in enumerate(rows)
    )
    led = make_articles(
        {"title": f"Below {n}", "published": False, "heat": -1, "ends_at": end} for n, end in enumerate(times)
    )
    make_stories([(make_article("Lead"), *led), (make_article("Gone", ends_at=now - hour), make_article("Lost"))])
    Article.objects.filter(title="Lost").update(published=False, heat=-1)

    listed = {}
    for state in State:
        query, rows = f"mark=all&state={state}", []
        while query:
            context = desk.get(f"{TRIAGE}?{query}").context
            rows += [card.article for card in context["cards"]]
            query = context["next"]
        assert {article.state for article in rows} <= {state}
        listed |= {article.pk: state for article in rows}
    shown = admin_client.get("/admin/articles/article/?all=1").content.decode()
    assert set(listed) == set(Article.objects.values_list("pk", flat=True))
    assert set(listed.values()) == set(State)
    for state in State:
        assert shown.count(f"state-{state}") == list(listed.values()).count(state)
    assert articles


def test_an_imports_record_leads_to_the_articles_that_it_brought(desk):
    import_files([make_file("a", title="First")])
    import_files([make_file("a", title="First"), make_file("b", title="Second")])
    run = ImportRun.objects.first()
    page = desk.get(f"/admin/articles/importrun/{run.pk}/change/").content.decode()

    assert f"{TRIAGE}?mark=all&amp;run={run.pk}" in page
    assert titles(desk, mark="all", run=run.pk) == ["Second"]


def test_pages_of_the_list_follow_each_other_without_gaps(desk):
    articles = make_articles({"title": f"N{n:02}"} for n in range(45))
    Mark.objects.bulk_create(Mark(article=article) for article in articles)
    for mark in ("new", "all"):
        seen, query = [], {"mark": mark}
        while query:
            context = desk.get(f"{TRIAGE}?{urlencode(query) if isinstance(query, dict) else query}").context
            seen += [card.article.title for card in context["cards"]]
            query = context["next"]
        assert seen == [f"N{n:02}" for n in reversed(range(45))]


def test_a_page_looks_only_so_far_and_the_next_ones_find_the_rest(desk, monkeypatch):
    monkeypatch.setattr(filters, "LOOKED", 4)
    monkeypatch.setattr(filters, "FEW", 2)
    rows = make_articles({"title": f"N{n:02}", "published": n % 7 == 0, "heat": None} for n in range(30))
    Mark.objects.bulk_create(Mark(article=article) for article in rows[::2])
    index.refresh()
    for asked, found in (
        ({"state": "published"}, ["N28", "N14", "N00"]),
        ({"mark": "all", "state": "published"}, ["N28", "N21", "N14", "N07", "N00"]),
        ({"mark": "decided", "state": "published"}, ["N21", "N07"]),
        ({"mark": "decided", "outlet": "gazette.example", "state": "published", "story": "none"}, ["N21", "N07"]),
        ({"mark": "all", "q": "n21"}, ["N21"]),
    ):
        seen, pages, query = [], 0, urlencode(asked)
        while query:
            response = desk.get(f"{TRIAGE}?{query}")
            seen += [card.article.title for card in response.context["cards"]]
            assert ("Look further" in response.content.decode()) == bool(response.context["looked"])
            query, pages = response.context["next"], pages + 1
        assert (seen, pages > 1) == (found, "q" not in asked), asked


def test_a_person_saves_filters_and_sees_only_their_own(desk, django_user_model):
    SavedFilter.objects.create(user=django_user_model.objects.create_user("other"), name="Theirs", query="mark=all")
    for query in ("mark=seen&x=1&after=5", "mark=later&q=%3Cb%3E"):
        desk.post("/admin/desk/filters/", {"name": "<b>Mine", "query": query})
    page = desk.get(TRIAGE).content.decode()

    assert list(SavedFilter.objects.values_list("name", "query")) == [
        ("<b>Mine", "mark=later&q=%3Cb%3E"), ("Theirs", "mark=all"),
    ]  # fmt: skip
    assert "&lt;b&gt;Mine" in page
    assert "Theirs" not in page
    desk.post("/admin/desk/filters/", {"delete": SavedFilter.objects.get(name="Theirs").pk})
    assert SavedFilter.objects.count() == 2
    desk.post("/admin/desk/filters/", {"delete": SavedFilter.objects.get(name="<b>Mine").pk})
    assert SavedFilter.objects.count() == 1


def test_each_page_costs_at_most_fifteen_queries(desk, django_assert_max_num_queries):
    rows = [
        {"provider": make_provider(f"{n}.example"), "topics": [make_topic(f"T{n}")], "source": make_source(f"s{n}")}
        for n in range(30)
    ]
    leads = make_articles(rows)
    members = make_articles({"source": row["source"], "published_at": timezone.now()} for row in rows)
    make_stories(list(zip(leads, members, strict=True)))
    Mark.objects.bulk_create(Mark(article=article) for article in (*leads, *members))
    address = f"{TRIAGE}{leads[0].pk}/"
    for page in ("/admin/desk/", TRIAGE, f"{TRIAGE}?mark=all&topic=t1&outlet=1.example&since=24", address):
        with django_assert_max_num_queries(15):
            assert desk.get(page).status_code == 200


def test_what_a_story_may_take_in_is_what_was_suggested_or_what_a_search_finds(desk, new_articles):
    first, second, *_ = new_articles
    other = make_article("Ferry")
    Suggestion.objects.create(kind="story", article=first, other=second, confidence=0.9, evidence="words")
    address = f"{TRIAGE}{first.pk}/stories/"

    assert desk.get(address).context["found"] == [second]
    assert desk.get(address, {"q": "zzz"}).context["found"] == []
    assert "search" in desk.get(address, {"q": "fer"}, headers={"X-Desk": "1"}).content.decode() or other
