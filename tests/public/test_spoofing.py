"""What strangers wrote keeps to its place: its direction is its own, and its host misleads nobody."""
# ruff: noqa: RUF001 (letters that look like others are what this is about)

import re
import sys
import unicodedata

import pytest

from articles.search import index
from articles.text.signs import turns
from tests.factories import make_article, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db

TURNING = ["\u202e", "\u202d", "\u2066", "\u2067", "\u2068", "\u200f", "\u202b", "\u061c"]


@pytest.fixture
def lead():
    topic, provider = make_topic("שלום topic", slug="t"), make_provider("аpple.example", name="עיתון")
    fields = {"topics": [topic], "provider": provider}
    lead, member = make_article("כותרת lead", excerpt="טקסט", **fields), make_article("כותרת member", **fields)
    make_story(lead, member)
    index.refresh()
    return lead


PAGES = ["/", "/topics/", "/topics/t/", "/providers/", "/search/?q=lead", "{article}", "{story}", "/why/{pk}/"]


@pytest.mark.parametrize("page", PAGES)
def test_texts_of_strangers_have_a_direction_of_their_own(client, lead, page):
    page = page.format(article=lead.get_absolute_url(), story=lead.story.get_absolute_url(), pk=lead.pk)
    body = client.get(page).content.decode().partition("</head>")[2]

    bare = re.sub(r'<bdi>.*?</bdi>|<(\w+)[^>]* dir="auto">.*?</\1>|(title|alt)="[^"]*"', "", body)
    assert re.findall("[\u0590-\u05ff]+", bare) == []
    assert "כותרת" in body or "שלום" in body or "עיתון" in body


@pytest.mark.attack(7)
@pytest.mark.parametrize("sign", TURNING, ids=ascii)
def test_a_sign_that_turns_text_is_on_no_page_and_in_no_feed(client, sign):
    topic, provider = make_topic(f"a{sign}b", slug="t"), make_provider("o.example", name=f"c{sign}d")
    article = make_article(f"e{sign}f", excerpt=f"g{sign}h", topics=[topic], provider=provider)

    for page in (
        "/",
        "/feeds/rss.xml",
        "/feeds/feed.json",
        "/topics/",
        "/providers/o.example/",
        article.get_absolute_url(),
    ):
        assert sign not in client.get(page).content.decode().partition("<body")[2], page


@pytest.mark.attack(7)
def test_a_host_that_mixes_scripts_is_shown_in_punycode(client, lead):
    for page in ("", "scorecard/"):
        body = client.get(f"{lead.provider.get_absolute_url()}{page}").content.decode().partition("<main")[2]
        assert "xn--pple-43d.example" in body
        assert "<bdi>аpple" not in body


@pytest.mark.attack(17)
def test_every_link_that_leads_out_cannot_reach_back(client, lead):
    for page in ("/", lead.get_absolute_url(), lead.story.get_absolute_url(), "/search/?q=lead"):
        for link in re.findall(r"<a [^>]*>", client.get(page).content.decode()):
            if 'href="http' in link:
                assert 'rel="noopener"' in link


HOST_NAMES = ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "Forwarded", "X-Real-Host")
ODD_HEADERS = [
    *({name: "evil.example"} for name in HOST_NAMES),
    *({name: "/admin/"} for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Path")),
    *({"Host": host} for host in ("localhost:99", "127.0.0.1")),
    {"X-Forwarded-Port": "1"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Scheme": "gopher"},
    {"Origin": "https://evil.example"},
    {"Referer": "https://evil.example/<script>"},
    {"User-Agent": "<script>alert(1)</script>"},
    {"Accept-Language": "de,evil"},
    {"Accept": "application/xml"},
    {"X-HTTP-Method-Override": "POST"},
    {"Via": "evil\t"},
    {"X-Wap-Profile": "https://evil.example/"},
]


@pytest.mark.attack(13)
@pytest.mark.parametrize("headers", ODD_HEADERS, ids=lambda headers: "-".join(*headers.items())[:40])
def test_no_header_of_a_request_changes_a_page(client, lead, headers):
    for page in ("/", "/feeds/rss.xml", "/api/news/", "/sitemap.xml", lead.get_absolute_url(), "/robots.txt"):
        usual, odd = client.get(page), client.get(page, headers=headers)

        assert odd.content == usual.content, page
        names = ("Location", "Link", "ETag", "Vary", "Cache-Control", "Content-Security-Policy")
        assert [odd.get(name) for name in names] == [usual.get(name) for name in names]


def test_every_letter_that_is_written_from_right_to_left_has_a_direction_of_its_own():
    found = [chr(code) for code in range(sys.maxunicode) if unicodedata.bidirectional(chr(code)) in ("R", "AL", "AN")]
    turning = [sign for sign in found if sign not in TURNING]

    assert len(turning) > 1_000
    assert [ascii(sign) for sign in turning if not turns(sign)] == []
    assert not any(map(turns, ["ferry", "Fähre", "паром", "渡し船", "연락선", "₂½"]))
