"""Topics and newsletters in the JSON API."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from articles.models import Article, Issue, Topic
from tests.factories import make_article, make_source, make_topic
from tests.newsletter.editions import DAY, build

pytestmark = pytest.mark.django_db


def names(response):
    return [topic["name"] for topic in response.json()["value"]]


def test_a_topic_is_listed_with_what_its_file_says(client):
    root = make_topic("Coronavirus", slug="coronavirus", menu_order=0)
    services = {"news": "https://e.example/api/news/asia/", "stats": "https://e.example/api/stats/asia/"}
    images = ["https://e.example/asia.jpg"]
    make_topic("In Asia", slug="asia", shortname="Asia", parent=root, menu_order=1, images=images, services=services)

    assert client.get("/api/topics/").json() == {
        "value": [
            {
                "name": "Coronavirus",
                "shortname": "Coronavirus",
                "id": "coronavirus",
                "parent": None,
                "images": None,
                "services": [],
            },
            {
                "name": "In Asia",
                "shortname": "Asia",
                "id": "asia",
                "parent": "Coronavirus",
                "images": images,
                "services": [{"name": name, "endpoint": endpoint} for name, endpoint in services.items()],
            },
        ]
    }


def test_topics_are_listed_in_the_order_of_menus_then_of_slugs(client):
    for order, slug, name in ((2, "a", "A"), (1, "z", "B"), (1, "y", "C"), (1000, "b", "0")):
        make_topic(name, slug=slug, menu_order=order)

    assert names(client.get("/api/topics/")) == ["C", "B", "A", "0"]


def test_a_site_lists_the_trees_that_its_published_articles_touch(client):
    trees = {}
    for root in ("One", "Two", "Three"):
        trees[root] = make_topic(root, slug=root.lower())
        trees[f"{root}a"] = make_topic(f"{root}a", slug=f"{root}a".lower(), parent=trees[root])
        trees[f"{root}b"] = make_topic(f"{root}b", slug=f"{root}b".lower(), parent=trees[f"{root}a"])
    make_article(topics=[trees["Onea"]])
    make_article(topics=[trees["Two"]], published=False)
    make_article(topics=[trees["Three"]], source=make_source("north"))

    assert names(client.get("/harbour/api/topics/")) == ["One", "Onea", "Oneb"]
    assert names(client.get("/north/api/topics/index.json")) == ["Three", "Threea", "Threeb"]
    assert len(names(client.get("/api/topics/"))) == 8  # all but the one of an article that readers do not see


def test_topics_in_a_circle_are_listed(client):
    one, other = make_topic("One", slug="one"), make_topic("Other", slug="other")
    Topic.objects.filter(pk=one.pk).update(parent=other)
    Topic.objects.filter(pk=other.pk).update(parent=one)
    make_article(topics=[one])

    assert "One" in names(client.get("/harbour/api/topics/"))


def test_the_list_of_topics_costs_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    for n in range(30):
        make_article(topics=[make_topic(f"{n}", parent=make_topic("Root"))])

    with django_assert_max_num_queries(3):
        client.get("/harbour/api/topics/")


# Newsletters


def send(day=DAY, source=None, period="day"):
    """Build an issue and mark it as sent."""
    build(day, period=period, **({"source": source} if source else {}))
    issue = Issue.objects.get(date=day, period=period, source__name=source)
    Issue.objects.filter(pk=issue.pk).update(state="sent", sent_at=timezone.now())
    return issue


def issues(client, address="/api/newsletters/"):
    return client.get(address).json()["value"]


def test_an_issue_is_listed_and_shows_its_articles(client):
    tides = make_topic("Tides")
    second = make_article("Ferries &amp; more", heat=80, topics=[tides], tags=["US"])
    first = make_article("Storm", heat=90, topics=[tides])
    send()

    (listed,) = issues(client)
    issue = client.get("/api/newsletters/2026-11-02/").json()

    assert (listed["title"], listed["type"]) == ("Newsroom (2026-11-02)", "article")
    assert listed["path"] == "_newsletters/day-2026-11-02.html"
    assert listed["excerpt"] == "Storm / Ferries & more"
    assert listed["topics"] == ["Tides"]
    assert {key: issue[key] for key in listed if key != "value"} == listed
    assert [item["path"] for item in issue["value"]] == [first.path, second.path]
    assert issue["value"][1]["tags"] == ["US"]
    assert listed["sourceUrl"] == "http://localhost:8000/api/newsletters/2026-11-02/?period=day"


def test_only_sent_issues_are_shown(client):
    make_article()
    build()

    for state in ("built", "sending"):
        Issue.objects.update(state=state)
        assert issues(client) == []
        assert client.get("/api/newsletters/2026-11-02/").status_code == 404


def test_an_article_that_is_no_longer_published_is_nowhere_in_its_issue(client):
    hidden, shown = make_article("Hidden", heat=90), make_article("Shown", heat=80)
    send()
    for columns in ({"published": False}, {"removed": True}):
        Article.objects.filter(pk=hidden.pk).update(**{"published": True, "removed": False, **columns})

        issue = client.get("/api/newsletters/2026-11-02/")
        assert [item["path"] for item in issue.json()["value"]] == [shown.path]
        assert "Hidden" not in issue.content.decode() + client.get("/api/newsletters/").content.decode()

    Article.objects.filter(pk=hidden.pk).delete()
    assert client.get("/api/newsletters/2026-11-02/").status_code == 200


def test_a_site_has_the_issues_of_its_own(client):
    make_article("Ours", source=make_source("north"))
    make_article("Theirs", source=make_source("south"))
    send(source="north")
    send()

    (listed,) = issues(client, "/north/api/newsletters/")
    assert listed["excerpt"] == "Ours"
    assert listed["sourceUrl"] == "http://localhost:8000/north/api/newsletters/2026-11-02/?period=day"
    assert client.get("/north/api/newsletters/2026-11-02/").json()["excerpt"] == "Ours"
    assert client.get("/api/newsletters/2026-11-02/").json()["excerpt"] == "Theirs"
    assert len(issues(client)) == 2
    assert client.get("/south/api/newsletters/2026-11-02/").status_code == 404


def test_the_issues_of_a_day_and_of_a_week_have_an_address_each(client):
    make_article("Daily")
    send()
    make_article("Weekly")
    send(period="week")

    assert client.get("/api/newsletters/2026-11-02/").json()["excerpt"] == "Daily"
    for listed in issues(client):
        address = listed["sourceUrl"].removeprefix("http://localhost:8000")
        assert client.get(address).json()["excerpt"] == listed["excerpt"]
    assert [listed["excerpt"] for listed in issues(client, "/api/newsletters/?period=week")] == ["Weekly"]
    assert client.get("/api/newsletters/?period=year").status_code == 400


@pytest.mark.parametrize("folder", ["page/2/", "page2/", "page/2/index.json", "page2/index.json"])
def test_issues_are_listed_25_a_page_the_latest_first(client, folder):
    for n in range(30):
        Issue.objects.create(date=date(2026, 10, 1 + n), state="sent", sent_at=timezone.now())

    first, second = (client.get(f"/api/newsletters/{page}").json() for page in ("", folder))

    assert [issue["title"][-11:-1] for issue in first["value"][:2]] == ["2026-10-30", "2026-10-29"]
    assert (len(first["value"]), first["nextPage"], len(second["value"]), second["nextPage"]) == (25, 2, 5, None)
    assert client.get("/api/newsletters/page/3/").status_code == 404


@pytest.mark.parametrize("address", ["/api/newsletters/", "/api/newsletters/2026-11-02/"])
def test_newsletters_cost_a_fixed_number_of_queries(client, address, django_assert_max_num_queries):
    for day in range(1, 8):
        for _ in range(3):
            make_article(published_at=datetime(2026, 11, day, 12, tzinfo=UTC), topics=[make_topic("Tides")])
        send(date(2026, 11, day + 1))

    with django_assert_max_num_queries(9):
        client.get(address)
