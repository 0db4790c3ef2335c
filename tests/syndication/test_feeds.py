"""Feeds list the newest public stories, and tell a client that comes again what changed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from articles.models import Article, ArticleImage, Story
from articles.pictures import renditions
from articles.search import index as search_index
from articles.sync.importer import import_files
from articles.syndication import feeds
from articles.syndication.entries import MAX_ENTRIES
from tests.factories import make_article, make_file, make_provider, make_story, make_topic
from tests.feed_rules import FAULTS
from tests.syndication.reading import ADDRESSES, NAMES, items

pytestmark = pytest.mark.django_db


def test_a_feed_lists_the_newest_fifty_stories(client):
    for n in range(MAX_ENTRIES + 3):
        make_article(f"Article {n}", published_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n))

    titles = [item["title"] for item in items(client)]

    assert titles == [f"Article {n}" for n in range(MAX_ENTRIES + 2, 2, -1)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "hidden",
    [{"published": False}, {"removed": True}, {"published_at": datetime(2999, 1, 1, tzinfo=UTC)}],
    ids=["not published", "removed", "in the future"],
)
def test_articles_that_are_not_public_are_in_no_feed(client, tides, hidden, name):
    make_article("Ferries in secret", topics=[tides], **hidden)

    for folder in ("/feeds/", "/topics/tides/", "/providers/gazette.example/", "/search/"):
        assert "Ferries in secret" not in client.get(f"{folder}{name}", {"q": "Ferries"}).content.decode()


def test_a_story_is_one_entry_with_the_title_of_its_lead(client):
    lead, member = make_article("lead"), make_article("member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    assert [item["title"] for item in items(client)] == ["lead"]


def test_topics_outlets_and_searches_have_feeds_of_their_own(client, tides):
    make_article("Ferries", topics=[tides], provider=make_provider("post.example", name="The Post"))
    make_article("Other")
    search_index.refresh()

    for address, query in (
        ("/topics/tides/", {}),
        ("/providers/post.example/", {}),
        ("/search/", {"q": "ferries"}),
    ):
        assert [item["title"] for item in items(client, f"{address}feed.json", **query)] == ["Ferries"]


@pytest.mark.parametrize("address", ["/topics/none/rss.xml", "/providers/none.example/atom.xml", "/feeds/other.xml"])
def test_feeds_of_unknown_topics_and_outlets_are_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("query", ["", " ", "\x00", "%", "'", "\\", "😀", "\ud83d", "a" * 10_000, "]]>"])
@pytest.mark.parametrize("name", NAMES)
def test_a_feed_of_any_search_is_answered(client, name, query):
    make_article()

    response = client.get(f"/search/{name}", {"q": query.encode("utf-8", "surrogatepass")})

    assert response.status_code == 200
    assert FAULTS[name](response.content) == set()


def test_an_entry_links_to_its_page_here_and_to_the_outlets_page(client):
    article = make_article(web_url="https://gazette.example/a b")
    lead = make_article("Lead")
    make_story(lead, make_article())

    of_story, alone = items(client)

    assert alone["url"] == settings.NEWSROOM_BASE_URL + article.get_absolute_url()
    assert alone["external_url"] == "https://gazette.example/a%20b"
    assert "Read it at gazette" in alone["content_html"]
    assert of_story["url"] == settings.NEWSROOM_BASE_URL + lead.story.get_absolute_url()


def test_an_entry_shows_our_copy_of_a_picture_and_no_other(client):
    article = make_article()
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg")
    assert "image" not in items(client)[0]

    image = ArticleImage.objects.create(article=article, url="https://i.example/b.jpg", file="pictures/b.webp")

    assert items(client)[0]["image"] == f"{settings.NEWSROOM_BASE_URL}{renditions.address(image)}"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_client_that_has_the_feed_gets_304_and_no_entry_is_written(client, tides, address, monkeypatch):
    article = make_article("Ferries", topics=[tides])
    search_index.refresh()
    first = client.get(address, {"q": "ferries"})
    assert first.status_code == 200
    monkeypatch.setattr(feeds, "html", None)  # whatever writes an entry fails

    for header in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = client.get(address, {"q": "ferries"}, headers=header)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])

    monkeypatch.undo()
    Article.objects.filter(pk=article.pk).update(title="Ferries again")
    assert client.get(address, {"q": "ferries"}, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda article: Article.objects.filter(pk=article.pk).update(removed=True),
        lambda article: Article.objects.filter(pk=article.pk).update(excerpt="Other"),
        lambda article: type(article.provider).objects.update(name="Other"),
        lambda article: ArticleImage.objects.create(article=article, url="https://i.example/", file="pictures/b.webp"),
        lambda article: Story.objects.update(headline="Other"),
        lambda article: make_article(),
    ],
    ids=["removed", "excerpt", "outlet's name", "picture", "headline", "new"],
)
def test_every_change_that_a_feed_prints_changes_its_etag(client, change):
    lead = make_article()
    make_story(lead, make_article())
    before = client.get("/feeds/rss.xml")["ETag"]

    change(lead)

    assert client.get("/feeds/rss.xml")["ETag"] != before


def test_a_change_that_no_feed_prints_keeps_its_etag(client):
    article = make_article()
    before = client.get("/feeds/rss.xml")["ETag"]

    Article.objects.filter(pk=article.pk).update(quality=99, heat=120, featured_content="x")

    assert client.get("/feeds/rss.xml")["ETag"] == before


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_feed_costs_a_fixed_number_of_queries(client, tides, address, django_assert_max_num_queries):
    for _ in range(12):
        make_story(make_article(topics=[tides, make_topic("Harbour")]), make_article())

    search_index.refresh()  # as the importer leaves it

    with django_assert_max_num_queries(6 if "search" in address else 4):
        client.get(address, {"q": "Article"})


def test_secured_is_in_no_feed(client):
    import_files([make_file("a", published=True)])

    for name in NAMES:
        assert "secured" not in client.get(f"/feeds/{name}").content.decode()
        assert "opaque" not in client.get(f"/feeds/{name}").content.decode()


def test_feeds_refuse_post(client):
    assert client.post("/feeds/rss.xml").status_code == 405


def test_feeds_answer_head_requests(client):
    response = client.head("/feeds/rss.xml")

    assert (response.status_code, response.content) == (200, b"")


def test_the_feed_of_a_search_with_too_many_hits_has_the_latest_article(client, monkeypatch):
    monkeypatch.setattr("articles.search.finding.MAX_HITS", 3)
    monkeypatch.setattr(feeds, "MAX_HITS", 3)
    now = timezone.now()
    for days in range(10, 20):
        make_article("Ferry report", quality=99, published_at=now - timedelta(days=days))
    make_article("A ferry strike begins", quality=20, published_at=now - timedelta(hours=1))
    search_index.refresh()

    assert items(client, "/search/feed.json", q="ferry")[0]["title"] == "A ferry strike begins"
