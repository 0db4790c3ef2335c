"""Feeds follow the rules of RSS, Atom and JSON Feed, and other programs read them."""

import atoma
import feedparser
import pytest
from lxml import etree

from articles.search import index as search_index
from tests.factories import make_article, make_provider, make_topic
from tests.feed_rules import FAULTS
from tests.syndication.reading import ADDRESSES, NAMES

pytestmark = pytest.mark.django_db

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
def test_an_empty_feed_follows_every_rule_of_its_format(client, address, tides):
    make_provider()

    response = client.get(address)

    assert FAULTS[address.rpartition("/")[2]](response.content) == set()
    assert client.get(address).content == response.content


@pytest.mark.parametrize("address", [address for address in ADDRESSES if not address.endswith("json")])
def test_feedparser_reads_feeds_without_a_complaint(client, hostile, address):
    make_article("Ferries & <tides>", excerpt="A <b> tag", topics=[make_topic("Tides")])
    search_index.refresh()

    found = feedparser.parse(client.get(address, {"q": "ferries"}).content)

    assert found.bozo == 0
    assert found.entries[0].title == "Ferries & <tides>"
    assert "A &lt;b&gt; tag" in found.entries[0].summary


@pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")  # atoma, on Python 3.12
def test_atoma_reads_the_same_titles_in_all_formats(client, hostile):
    parsers = {
        "rss.xml": lambda data: atoma.parse_rss_bytes(data).items,
        "atom.xml": lambda data: atoma.parse_atom_bytes(data).entries,
        "feed.json": lambda data: atoma.parse_json_feed_bytes(data).items,
    }
    found = {name: parse(client.get(f"/feeds/{name}").content) for name, parse in parsers.items()}

    expected = [entry.id for entry in feedparser.parse(client.get("/feeds/rss.xml").content).entries]
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
def test_addresses_in_feeds_start_with_the_base_url_whatever_the_host_header(client, settings, name, tides):
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
def test_a_feed_has_the_media_type_of_its_format(client, name, kind):
    assert client.get(f"/feeds/{name}")["Content-Type"].startswith(kind)
