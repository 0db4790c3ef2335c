"""The rules for feeds, each held against a feed that breaks it."""

import json

import pytest

from tests import feed_rules

RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title>
<link>https://n.example/</link><description>All</description>
<atom:link rel="self" href="https://n.example/rss.xml"/><language>en</language>
<lastBuildDate>Tue, 24 Nov 2026 08:00:00 +0000</lastBuildDate>
<item><title>One</title><link>https://n.example/1</link><guid isPermaLink="false">tag:n.example,2026:1</guid>
<pubDate>Tue, 24 Nov 2026 08:00:00 +0000</pubDate><atom:updated>2026-11-24T08:00:00Z</atom:updated></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>tag:n.example,2026:feed</id>
<updated>2026-11-24T08:00:00Z</updated><subtitle>All</subtitle><link rel="self" href="https://n.example/atom.xml"/>
<entry><title>One</title><id>tag:n.example,2026:1</id><updated>2026-11-24T09:00:00Z</updated>
<published>2026-11-24T07:00:00Z</published><link rel="alternate" href="https://n.example/1"/>
<author><name>The Post</name><uri>https://p.example/</uri></author><summary type="html">Text</summary>
<category term="Harbour"/></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "home_page_url": "https://n.example/",
        "authors": [{"name": "News"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [
            {
                "id": "tag:n.example,2026:1",
                "url": "https://n.example/1",
                "content_html": "Text",
                "date_published": "2026-11-24T07:00:00Z",
                "authors": [{"name": "Post"}],
                "tags": ["Harbour"],
            }
        ],
    }
)
ITEM = RSS[RSS.index("<item>") : RSS.index("</channel>")]
ENTRY = ATOM[ATOM.index("<entry>") : ATOM.index("</feed>")]
NO_AUTHOR = "<author><name>The Post</name><uri>https://p.example/</uri></author>"

RSS_BROKEN = {
    "well-formed XML": ("</channel>", ""),
    "rss has a version": (' version="2.0"', ""),
    "one channel": ("channel>", "chanel>"),
    "a channel has one title": ("<title>News</title>", ""),
    "a channel has one link": ("<link>https://n.example/</link>", ""),
    "a channel has one description": ("<description>All</description>", "<description> </description>"),
    "links are web addresses": ("<link>https://n.example/1<", "<link>/1<"),
    "dates are RFC 822": ("<pubDate>Tue, 24 Nov 2026 08:00:00 +0000", "<pubDate>2026-11-24"),
    "guids are unique": (ITEM, ITEM + ITEM),
    "a link to itself": ('<atom:link rel="self" href="https://n.example/rss.xml"/>', ""),
    "a language is a tag": ("<language>en<", "<language>English tongue<"),
    "an item has a title or a description": ("<title>One</title>", ""),
    "one of each in an item": ("<title>One</title>", "<title>One</title><title>One</title>"),
    "a guid that is no address says so": (' isPermaLink="false"', ""),
    "a guid has a text": ("tag:n.example,2026:1", ""),
    "an author is an e-mail address": ("<title>One</title>", "<title>One</title><author>The Post</author>"),
    "an updated item says so in RFC 3339": ("2026-11-24T08:00:00Z", "24 Nov 2026"),
}
ATOM_BROKEN = {
    "well-formed XML (2)": ("</feed>", ""),
    "the root is atom:feed (4.1.1)": ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
    "one id (4.1.1)": ("<id>tag:n.example,2026:feed</id>", ""),
    "the id is an absolute IRI (4.2.6)": ("tag:n.example,2026:feed", "feed"),
    "one title (4.1.1)": ("<title>News</title>", ""),
    "one updated (4.1.1)": ("<updated>2026-11-24T08:00:00Z</updated>", ""),
    "at most one subtitle (4.1.1)": ("<subtitle>", "<subtitle/><subtitle>"),
    "a link to itself (4.1.1)": ('<link rel="self" href="https://n.example/atom.xml"/>', ""),
    "one alternate link a type (4.1.1)": (
        "<subtitle>",
        '<link href="https://n.example/"/><link href="https://n.example/2"/><subtitle>',
    ),
    "dates are RFC 3339 (3.3)": ("2026-11-24T09:00:00Z", "2026-11-24 09:00"),
    "links have an href (4.2.7.1)": (' href="https://n.example/1"', ""),
    "persons have one name (3.2.1)": ("<name>The Post</name>", ""),
    "a person's uri is an IRI (3.2.2)": ("https://p.example/", "p example"),
    "categories have a term (4.2.2.1)": (' term="Harbour"', ""),
    "text has a known type (3.1.1)": ('type="html"', 'type="markdown"'),
    "no two entries have one id and updated (4.1.1)": (ENTRY, ENTRY + ENTRY),
    "text of type html or text has no elements (3.1.1)": (">Text<", "><b>Text</b><"),
    "one id an entry (4.1.2)": ("<id>tag:n.example,2026:1</id>", ""),
    "an entry's id is a tag (RFC 4151)": ("tag:n.example,2026:1", "https://n.example/1"),
    "one title an entry (4.1.2)": ("<title>One</title>", ""),
    "one updated an entry (4.1.2)": ("<updated>2026-11-24T09:00:00Z</updated>", ""),
    "at most one published (4.1.2)": ("<published>", "<published>2026-11-24T07:00:00Z</published><published>"),
    "at most one summary (4.1.2)": ("<summary", "<summary>x</summary><summary"),
    "an entry without content has an alternate link (4.1.2)": (
        '<link rel="alternate" href="https://n.example/1"/>',
        "",
    ),
    "one alternate link an entry (4.1.2)": ("<category", '<link href="https://n.example/2"/><category'),
    "an entry or its feed has an author (4.1.2)": (NO_AUTHOR, ""),
}
JSON_BROKEN = {
    "JSON": ("]}", "]"),
    "the version is 1.1": ("version/1.1", "version/1"),
    "a title": ('"title": "News", ', ""),
    "items are a list": ('"items"', '"entries"'),
    "the feed's addresses are web addresses": ('"https://n.example/"', '"/"'),
    "hubs have type and url": ('"type": "WebSub", ', ""),
    "the feed's authors have a name or an address": ('{"name": "News"}', "{}"),
    "ids are unique": ('"items": [{', '"items": [{"id": "tag:n.example,2026:1", "content_text": "x"}, {'),
    "nothing is null": ('"title": "News"', '"title": "News", "icon": null'),
    "an item has an id, a string": ('"tag:n.example,2026:1"', "1"),
    "an item has content": ('"content_html": "Text", ', ""),
    "an item's addresses are web addresses": ("https://n.example/1", "/1"),
    "dates are RFC 3339": ("2026-11-24T07:00:00Z", "2026-11-24"),
    "an item's authors have a name or an address": ('{"name": "Post"}', "{}"),
    "tags are a list of strings": ('["Harbour"]', '"Harbour"'),
}
BROKEN = [
    pytest.param(name, sound, rule, change, id=f"{name}: {rule}")
    for name, sound, table in (
        ("rss.xml", RSS, RSS_BROKEN),
        ("atom.xml", ATOM, ATOM_BROKEN),
        ("feed.json", JSON, JSON_BROKEN),
    )
    for rule, change in table.items()
]


@pytest.mark.parametrize(("name", "sound"), [("rss.xml", RSS), ("atom.xml", ATOM), ("feed.json", JSON)])
def test_a_correct_feed_breaks_no_rule(name, sound):
    assert feed_rules.FAULTS[name](sound) == set()


@pytest.mark.parametrize(("name", "sound", "rule", "change"), BROKEN)
def test_a_feed_that_breaks_a_rule_is_reported(name, sound, rule, change):
    broken = sound.replace(*change)

    assert broken != sound
    assert rule in feed_rules.FAULTS[name](broken)


def test_every_rule_has_a_feed_that_breaks_it():
    rules = {
        "rss.xml": {*feed_rules.RSS_CHANNEL, *feed_rules.RSS_ITEM},
        "atom.xml": {*feed_rules.ATOM_FEED, *feed_rules.ATOM_ENTRY},
        "feed.json": {*feed_rules.JSON_FEED, *feed_rules.JSON_ITEM},
    }
    tried = {name: {param.values[2] for param in BROKEN if param.values[0] == name} for name in rules}

    assert all(found <= tried[name] for name, found in rules.items())
