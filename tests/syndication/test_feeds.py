"""Feeds: what they list, what an entry is, and what a client is told that comes again."""

from datetime import UTC, datetime, timedelta

import atoma
import feedparser
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from lxml import etree

from articles.models import Article, ArticleImage, Story
from articles.pictures import renditions
from articles.search import index as search_index
from articles.stories import editing
from articles.sync.importer import import_files
from articles.syndication import feeds
from articles.syndication.entries import ENTRIES
from tests.factories import make_article, make_file, make_provider, make_story, make_topic
from tests.feed_rules import FAULTS

pytestmark = pytest.mark.django_db

NAMES = ["rss.xml", "atom.xml", "feed.json"]
ADDRESSES = [
    folder + name
    for folder in ("/feeds/", "/topics/tides/", "/providers/gazette.example/", "/search/")
    for name in NAMES
]
ATTACKS = [
    "]]><script>alert(1)</script>",
    "a \x01\x0b\x1b b \ufffe\uffff",
    "=1+1",
    "&lt;b&gt; &amp; &#0; &#x1F600; <BRN.X>",
    "\u202eright to left\u202c",
    "\"quotes\" 'and' \\",
    "\U0001f600 \u0130stanbul \u4e2d\u6587",
    "%00 {{ title }} {% url %}",
]


@pytest.fixture
def tides():
    return make_topic("Tides", slug="tides")


@pytest.fixture
def editor():
    return User.objects.create_user("editor")


def items(client, address="/feeds/feed.json", **query):
    return client.get(address, query).json()["items"]


def read(data):
    return feedparser.parse(data)


def guids(client):
    return [item["id"] for item in items(client)]


def test_the_newest_are_listed_first_and_no_more_than_fifty(client):
    for n in range(ENTRIES + 3):
        make_article(f"Article {n}", published_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n))

    titles = [item["title"] for item in items(client)]

    assert titles == [f"Article {n}" for n in range(ENTRIES + 2, 2, -1)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "hidden",
    [{"published": False}, {"removed": True}, {"published_at": datetime(2999, 1, 1, tzinfo=UTC)}],
    ids=["not published", "removed", "in the future"],
)
def test_what_the_public_may_not_see_is_in_no_feed(client, tides, hidden, name):
    make_article("Ferries in secret", topics=[tides], **hidden)

    for folder in ("/feeds/", "/topics/tides/", "/providers/gazette.example/", "/search/"):
        assert "Ferries in secret" not in client.get(f"{folder}{name}", {"q": "Ferries"}).content.decode()


def test_a_story_is_one_entry_its_lead(client):
    lead, member = make_article("lead"), make_article("member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    assert [item["title"] for item in items(client)] == ["lead"]


def test_a_topic_an_outlet_and_a_search_have_feeds_of_their_own(client, tides):
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
def test_feeds_of_nothing_are_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("query", ["", " ", "\x00", "%", "'", "\\", "😀", "\ud83d", "a" * 10_000, "]]>"])
@pytest.mark.parametrize("name", NAMES)
def test_no_search_is_an_error(client, name, query):
    make_article()

    response = client.get(f"/search/{name}", {"q": query.encode("utf-8", "surrogatepass")})

    assert response.status_code == 200
    assert FAULTS[name](response.content) == set()


def test_an_entry_leads_to_its_page_here_and_to_the_outlets(client):
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


# An entry's name


def test_an_entrys_name_is_a_tag_of_the_site(client):
    article = make_article()

    assert guids(client) == [f"tag:localhost,2026:article/{article.pk}"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"stem": "2026-01-01-other"},
        {"web_url": "https://other.example/"},
        {"excerpt": "Other"},
        {"published_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"quality": 99},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("name", NAMES)
def test_an_entrys_name_stays_when_its_article_is_edited(client, name, change):
    article = make_article()
    before = [entry.id for entry in read(client.get("/feeds/atom.xml").content).entries]
    for field, value in change.items():
        setattr(article, field, value)
    article.provider = make_provider("other.example")
    article.save()

    response = client.get(f"/feeds/{name}")

    after = [item["id"] for item in response.json()["items"]] if name == "feed.json" else None
    assert (after or [entry.id for entry in read(response.content).entries]) == before


def test_an_entrys_name_stays_when_the_site_moves(client, settings):
    make_article()
    before = guids(client)

    settings.NEWSROOM_BASE_URL = "https://moved.example"

    assert guids(client) == before


def test_an_entrys_name_stays_when_the_lead_changes(client, editor):
    lead, member = make_article("lead"), make_article("member")
    make_story(lead, member)
    before = guids(client)

    editing.set_lead(member, editor)

    assert [item["title"] for item in items(client)] == ["member"]
    assert guids(client) == before


def test_an_entrys_name_stays_when_another_article_joins_and_leads(client, editor):
    alone = make_article("alone", quality=70)
    before = guids(client)
    better = make_article("better", quality=90, published=False)

    editing.gather([alone, better], editor)
    better.refresh_from_db()
    editing.set_lead(better, editor)

    assert [item["title"] for item in items(client)] == ["better"]
    assert guids(client) == before


def test_of_merged_stories_the_older_entry_goes_on_and_both_are_back_when_that_is_undone(client, editor):
    older, newer = (make_story(make_article(), make_article()) for _ in range(2))
    before = guids(client)
    first = f"tag:localhost,2026:article/{older.lead_id}"

    for into, other in ((older, newer), (newer, older)):
        action = editing.merge(into, [other], editor)
        assert guids(client) == [first]
        editing.undo(action, editor)
        assert guids(client) == before


def test_what_is_split_from_a_story_has_a_name_of_its_own(client, editor):
    lead, *members = (make_article() for _ in range(3))
    make_story(lead, *members)
    before = guids(client)

    editing.split([members[1]], editor)

    assert len(set(guids(client))) == 2
    assert set(before) < set(guids(client))


# When it changed


def test_an_entry_is_updated_when_what_readers_see_changes(client):
    article = make_article()
    before = items(client)[0]["date_modified"]

    Article.objects.filter(pk=article.pk).update(updated_at=timezone.now() - timedelta(days=2))
    earlier = items(client)[0]["date_modified"]
    article.title = "Other"
    article.save()
    later = items(client)[0]["date_modified"]

    assert earlier < before <= later


def test_an_import_that_changes_figures_alone_updates_no_entry():
    import_files([make_file("a", heat=60)])
    Article.objects.update(updated_at=datetime(2026, 11, 2, tzinfo=UTC))

    import_files([make_file("a", heat=99, quality=90)])
    assert Article.objects.get().heat == 99
    assert Article.objects.get().updated_at == datetime(2026, 11, 2, tzinfo=UTC)

    import_files([make_file("a", heat=99, quality=90, title="Other")])
    assert Article.objects.get().updated_at > datetime(2026, 11, 3, tzinfo=UTC)


def test_an_entry_is_updated_when_its_storys_headline_is_written(client, editor):
    lead = make_article()
    story = make_story(lead, make_article())
    Article.objects.update(updated_at=lead.published_at)
    before = items(client)[0]["date_modified"]

    editing.write(story, "Our own", "", editor)

    assert items(client)[0]["date_modified"] > before
    assert items(client)[0]["title"] == "Our own"


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_the_feed_is_told_that_nothing_changed_and_nothing_is_written(client, tides, address, monkeypatch):
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
def test_whatever_a_feed_prints_changes_its_etag(client, change):
    lead = make_article()
    make_story(lead, make_article())
    before = client.get("/feeds/rss.xml")["ETag"]

    change(lead)

    assert client.get("/feeds/rss.xml")["ETag"] != before


def test_what_no_feed_prints_leaves_its_etag(client):
    article = make_article()
    before = client.get("/feeds/rss.xml")["ETag"]

    Article.objects.filter(pk=article.pk).update(quality=99, heat=120, featured_content="x")

    assert client.get("/feeds/rss.xml")["ETag"] == before


# Its form


@pytest.fixture
def hostile(tides):
    """Articles whose every text is an attack."""
    for n, text in enumerate(ATTACKS):
        provider = make_provider(f"{n}.example", name=text)
        make_article(text, excerpt=text, provider=provider, provider_name=text, topics=[tides, make_topic(text)])
    make_article("\x01", web_url="javascript:alert(1)", excerpt="")


@pytest.mark.parametrize("address", ADDRESSES)
def test_feeds_follow_every_rule_of_their_formats(client, hostile, address, settings):
    settings.NEWSROOM_WEBSUB_HUB = "https://hub.example/?a=1&b=2"
    settings.NEWSROOM_BASE_URL = "https://news.example.org"

    response = client.get(address, {"q": "a"})

    assert FAULTS[address.rpartition("/")[2]](response.content) == set()


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_empty_feed_follows_every_rule_too(client, address, tides):
    make_provider()

    response = client.get(address)

    assert FAULTS[address.rpartition("/")[2]](response.content) == set()
    assert client.get(address).content == response.content


@pytest.mark.parametrize("address", [address for address in ADDRESSES if not address.endswith("json")])
def test_feedparser_finds_nothing_wrong_and_reads_what_is_there(client, hostile, address):
    make_article("Ferries & <tides>", excerpt="A <b> tag", topics=[make_topic("Tides")])
    search_index.refresh()

    found = read(client.get(address, {"q": "ferries"}).content)

    assert found.bozo == 0
    assert found.entries[0].title == "Ferries & <tides>"
    assert "A &lt;b&gt; tag" in found.entries[0].summary


@pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")  # atoma, on Python 3.12
def test_a_second_reader_agrees_about_all_three(client, hostile):
    parsers = {
        "rss.xml": lambda data: atoma.parse_rss_bytes(data).items,
        "atom.xml": lambda data: atoma.parse_atom_bytes(data).entries,
        "feed.json": lambda data: atoma.parse_json_feed_bytes(data).items,
    }
    found = {name: parse(client.get(f"/feeds/{name}").content) for name, parse in parsers.items()}

    expected = [entry.id for entry in read(client.get("/feeds/rss.xml").content).entries]
    assert len(expected) == len(ATTACKS) + 1
    assert [item.guid for item in found["rss.xml"]] == expected
    assert [item.id_ for item in found["atom.xml"]] == expected
    assert [item.id_ for item in found["feed.json"]] == expected
    published = [item.pub_date for item in found["rss.xml"]]
    assert [item.published for item in found["atom.xml"]] == published
    assert [item.date_published for item in found["feed.json"]] == published
    titles = [item.title for item in found["rss.xml"]]
    assert [item.title.value for item in found["atom.xml"]] == titles
    assert [item.title for item in found["feed.json"]] == titles


@pytest.mark.parametrize("name", NAMES)
def test_own_addresses_start_with_the_base_address_whatever_the_host_is(client, settings, name, tides):
    settings.NEWSROOM_BASE_URL = "https://news.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    make_article(topics=[tides])

    text = client.get(f"/topics/tides/{name}", headers={"host": "evil.example"}).content.decode()

    assert "https://news.example.org/topics/tides/" in text
    assert "evil.example" not in text
    assert "localhost" not in text.replace("tag:localhost", "")


def test_a_feed_names_its_hub_if_there_is_one(client, settings):
    assert "hub" not in client.get("/feeds/feed.json").json().get("hubs", "")
    assert "Link" not in client.get("/feeds/rss.xml").headers
    settings.NEWSROOM_WEBSUB_HUB = "https://hub.example/"

    for name in ("rss.xml", "atom.xml"):
        response = client.get(f"/feeds/{name}")
        links = etree.fromstring(response.content).iter("{http://www.w3.org/2005/Atom}link")
        assert {link.get("rel"): link.get("href") for link in links}["hub"] == "https://hub.example/"
        assert response["Link"] == (
            f'<https://hub.example/>; rel="hub", <http://localhost:8000/feeds/{name}>; rel="self"'
        )
    assert client.get("/feeds/feed.json").json()["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    assert "hub.example" not in client.get("/search/feed.json").content.decode()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("rss.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml"), ("feed.json", "application/feed+json")],
)
def test_a_feed_says_what_it_is(client, name, kind):
    assert client.get(f"/feeds/{name}")["Content-Type"].startswith(kind)


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


def test_feeds_are_for_reading_only(client):
    assert client.post("/feeds/rss.xml").status_code == 405


def test_a_head_request_is_answered(client):
    response = client.head("/feeds/rss.xml")

    assert (response.status_code, response.content) == (200, b"")


def test_a_search_that_finds_more_than_it_tells_apart_has_the_latest(client, monkeypatch):
    monkeypatch.setattr("articles.search.finding.MAX_HITS", 3)
    monkeypatch.setattr(feeds, "MAX_HITS", 3)
    now = timezone.now()
    for days in range(10, 20):
        make_article("Ferry report", quality=99, published_at=now - timedelta(days=days))
    make_article("A ferry strike begins", quality=20, published_at=now - timedelta(hours=1))
    search_index.refresh()

    assert items(client, "/search/feed.json", q="ferry")[0]["title"] == "A ferry strike begins"
