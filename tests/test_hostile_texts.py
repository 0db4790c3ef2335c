"""Hostile texts come out of every format as texts: each format can be read, and nothing of them is markup."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from articles.models import Article
from articles.search import index
from tests.factories import make_article, make_provider, make_story, make_topic
from tests.public.pages import text as shown

pytestmark = pytest.mark.django_db

TEXTS = {
    "script": "<script>alert(1)</script>",
    "script-end": "</script><script>alert(1)</script>",
    "title-end": "</title><svg onload=alert(1)>",
    "attribute": '" onmouseover="alert(1)',
    "attribute-single": "' autofocus onfocus='alert(1)",
    "comment": "--><img src=x onerror=alert(1)><!--",
    "cdata": "]]><script>alert(1)</script><![CDATA[",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "entity-twice": "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "doctype": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;',
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "formula-plus": "+cmd|' /C calc'!A0",
    "controls": "a\x07b\x1b[31mc\x08d\x7f",
    "c1": "a\x85b\x9bc\x97d",
    "not-characters": "a\ufffe\uffffb",
    "turning": "\u202egnp.exe\u202c \u2066x\u2069",
    "line-separators": "a\u2028b\u2029c",
    "json": '"},{"title":"x',
    "backslash": "\\u003cscript\\u003e \\",
    "mxss": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "base": '<base href="//evil.example/"><meta http-equiv=refresh content="0;url=//evil.example">',
    "half-tag": "<img src=x onerror=alert(1) ",
    "newlines": "a\r\nSet-Cookie: a=b\r\n\r\n<b>",
    "replacement": "\ufffd\u0000".replace("\u0000", ""),
    "emoji": "\U0001f3f4\U000e0067\U000e0062\U000e007f\u200d\U0001f4a9",
}
XML = ["/feeds/rss.xml", "/feeds/atom.xml", "/topics/{t}/rss.xml", "/providers/o.example/atom.xml", "/sitemap.xml",
       "/news-sitemap.xml", "/opensearch.xml", "/search/rss.xml?q=ferries"]  # fmt: skip
JSON = ["/feeds/feed.json", "/api/news/", "/api/topics/", "/harbour/api/topics/", "/api/news/{t}/", "/api/openapi.json"]
PAGES = ["/", "/topics/", "/topics/{t}/", "/providers/", "/providers/o.example/", "/providers/o.example/scorecard/",
         "/search/?q=ferries", "/archive/", "{a}", "{s}", "/why/{p}/"]  # fmt: skip


class Markup(HTMLParser):
    """What a page has that texts must not add: elements that run or load, and attributes of events."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        if (tag == "script" and own.get("type") != "application/ld+json") or tag in ("svg", "math", "base", "style"):
            self.found.append(tag)
        self.found += [name for name in own if name.startswith("on") or name in ("autofocus", "style")]
        if tag == "img" and not own.get("src", "").startswith("/pictures/"):
            self.found.append("img")


@pytest.fixture
def site(db):
    def store(text):
        topic, provider = make_topic("T", slug="t"), make_provider("o.example")
        fields = {"topics": [topic], "provider": provider, "web_url": ""}
        now = timezone.now()
        lead = make_article("ferries", published_at=now, featured_content=text, excerpt=f"{text} ferries", **fields)
        story = make_story(lead, make_article("member", published_at=now, excerpt=text, **fields))
        for row, names in (
            (lead, "title"),
            (topic, "name"),
            (provider, "name"),
            (story, "headline"),
            (story, "summary"),
        ):
            type(row).objects.filter(pk=row.pk).update(**{names: f"{text} x"})
        index.refresh()
        story.refresh_from_db()
        places = {"{t}": "t", "{a}": lead.get_absolute_url(), "{s}": story.get_absolute_url(), "{p}": str(lead.pk)}
        return lambda page: re.sub(r"\{\w\}", lambda place: places[place[0]], page)

    return store


@pytest.mark.attack(20)
@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_leaves_every_format_readable(client, site, name):
    at = site(TEXTS[name])

    for page in XML:
        response = client.get(at(page))
        assert response.status_code == 200, page
        ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    for page in JSON:
        response = client.get(at(page))
        assert response.status_code == 200, page
        json.loads(response.content, parse_constant=pytest.fail)
    for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown(client.get(at("{a}")))):
        json.loads(data)


@pytest.mark.attack(5)
@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_adds_no_markup_to_a_page(client, site, name):
    at = site(TEXTS[name])

    for page in PAGES:
        response = client.get(at(page))
        assert response.status_code == 200, page
        markup = Markup()
        markup.feed(response.content.decode())
        allowed = {"svg"} if "scorecard" in page else set()
        assert set(markup.found) <= allowed, page


URLS = [
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "vbscript:x"),
    *(" javascript:alert(1)", "\x01javascript:alert(1)", "&#106;avascript:alert(1)", "data:text/html,<script>"),
    *("//evil.example/", "\\\\evil.example", "/evil", "http:evil", "https:///evil", "https://", "https://["),
    *("https://user@evil.example/", "https://a:b@evil.example/", "http://\\@evil.example/", "http://a b/"),
    *("https://a.example\\@evil.example/", "file:///etc/passwd", "ftp://a.example/", "blob:x", "about:blank"),
    *("view-source:x", "mailto:a@b.example"),
]


@pytest.mark.attack(6)
@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_an_address_that_leads_elsewhere_than_the_web_is_no_link(client, site, url):
    at = site("x")
    Article.objects.filter(stem__contains="ferries").update(web_url=url)

    for page in ("/", "{a}", "{s}"):
        hrefs = re.findall(r'href="([^"]*)"', client.get(at(page)).content.decode())
        assert [href for href in hrefs if not href.startswith(("/", "?", "#", "http://localhost:8000"))] == [], page
