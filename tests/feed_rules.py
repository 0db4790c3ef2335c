"""What feeds must be: each rule of RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 that applies, by its name.

A checker returns the names of the rules that a document breaks. Feeds with what a rule forbids are in
`test_feed_rules.py`, so that each rule is known to see something.
"""

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml import etree

A = "{http://www.w3.org/2005/Atom}"
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:\S+")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def is_address(text):
    """Whether it is an absolute address of ASCII characters, as IRIs in feeds are safest."""
    return bool(text and text.isascii() and not re.search(r"\s", text) and urlsplit(text).scheme and ":" in text)


def is_web_address(text):
    return is_address(text) and urlsplit(text).scheme in ("http", "https") and bool(urlsplit(text).netloc)


def is_rfc3339(text):
    return bool(text and RFC3339.fullmatch(text) and datetime.fromisoformat(text))


def is_rfc822(text):
    try:
        return bool(text) and parsedate_to_datetime(text).tzinfo is not None
    except ValueError:
        return False


def texts(parent, name):
    return [(child.text or "") for child in parent.findall(name)]


def one(parent, name):
    """Whether there is exactly one such element, and something in it."""
    found = texts(parent, name)
    return len(found) == 1 and bool(found[0].strip())


def unique(values):
    return len(values) == len(set(values))


def links(parent, rel):
    return [link for link in parent.findall(f"{A}link") if link.get("rel", "alternate") == rel]


def _atom_author(feed, entry):
    return bool(entry.findall(f"{A}author") or feed.findall(f"{A}author"))


ATOM_FEED = {
    "the root is atom:feed (4.1.1)": lambda feed: feed.tag == f"{A}feed",
    "one id (4.1.1)": lambda feed: one(feed, f"{A}id"),
    "the id is an absolute IRI (4.2.6)": lambda feed: all(map(is_address, texts(feed, f"{A}id"))),
    "one title (4.1.1)": lambda feed: one(feed, f"{A}title"),
    "one updated (4.1.1)": lambda feed: one(feed, f"{A}updated"),
    "at most one subtitle (4.1.1)": lambda feed: len(feed.findall(f"{A}subtitle")) <= 1,
    "a link to itself (4.1.1)": lambda feed: len(links(feed, "self")) == 1,
    "one alternate link a type (4.1.1)": lambda feed: unique([link.get("type") for link in links(feed, "alternate")]),
    "dates are RFC 3339 (3.3)": lambda feed: all(
        is_rfc3339(node.text) for node in feed.iter(f"{A}updated", f"{A}published")
    ),
    "links have an href (4.2.7.1)": lambda feed: all(
        is_web_address(link.get("href")) for link in feed.iter(f"{A}link")
    ),
    "persons have one name (3.2.1)": lambda feed: all(one(person, f"{A}name") for person in feed.iter(f"{A}author")),
    "a person's uri is an IRI (3.2.2)": lambda feed: all(
        is_address(uri.text) for person in feed.iter(f"{A}author") for uri in person.findall(f"{A}uri")
    ),
    "categories have a term (4.2.2.1)": lambda feed: all(node.get("term") for node in feed.iter(f"{A}category")),
    "text has a known type (3.1.1)": lambda feed: all(
        node.get("type", "text") in ("text", "html", "xhtml")
        for node in feed.iter(f"{A}title", f"{A}summary", f"{A}subtitle")
    ),
    "no two entries have one id and updated (4.1.1)": lambda feed: unique(
        [(entry.findtext(f"{A}id"), entry.findtext(f"{A}updated")) for entry in feed.findall(f"{A}entry")]
    ),
    "text of type html or text has no elements (3.1.1)": lambda feed: all(
        len(node) == 0 for node in feed.iter(f"{A}title", f"{A}summary", f"{A}subtitle") if node.get("type") != "xhtml"
    ),
}
ATOM_ENTRY = {
    "one id an entry (4.1.2)": lambda feed, entry: one(entry, f"{A}id"),
    "an entry's id is a tag (RFC 4151)": lambda feed, entry: bool(TAG.fullmatch(entry.findtext(f"{A}id") or "")),
    "one title an entry (4.1.2)": lambda feed, entry: one(entry, f"{A}title"),
    "one updated an entry (4.1.2)": lambda feed, entry: one(entry, f"{A}updated"),
    "at most one published (4.1.2)": lambda feed, entry: len(entry.findall(f"{A}published")) <= 1,
    "at most one summary (4.1.2)": lambda feed, entry: len(entry.findall(f"{A}summary")) <= 1,
    "an entry without content has an alternate link (4.1.2)": lambda feed, entry: bool(links(entry, "alternate")),
    "one alternate link an entry (4.1.2)": lambda feed, entry: len(links(entry, "alternate")) <= 1,
    "an entry or its feed has an author (4.1.2)": _atom_author,
}


def atom_faults(data):
    try:
        feed = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return {"well-formed XML (2)"}
    faults = {name for name, holds in ATOM_FEED.items() if not holds(feed)}
    entries = feed.findall(f"{A}entry")
    return faults | {name for name, holds in ATOM_ENTRY.items() if not all(holds(feed, entry) for entry in entries)}


RSS_CHANNEL = {
    "rss has a version": lambda rss, channel: rss.tag == "rss" and rss.get("version") == "2.0",
    "one channel": lambda rss, channel: len(rss.findall("channel")) == 1,
    "a channel has one title": lambda rss, channel: one(channel, "title"),
    "a channel has one link": lambda rss, channel: one(channel, "link"),
    "a channel has one description": lambda rss, channel: one(channel, "description"),
    "links are web addresses": lambda rss, channel: all(is_web_address(link.text) for link in channel.iter("link")),
    "dates are RFC 822": lambda rss, channel: all(
        is_rfc822(node.text) for node in channel.iter("pubDate", "lastBuildDate")
    ),
    "guids are unique": lambda rss, channel: unique([node.text for node in channel.iter("guid")]),
    "a link to itself": lambda rss, channel: len(links(channel, "self")) == 1,
    "a language is a tag": lambda rss, channel: all(
        re.fullmatch("[A-Za-z]{2}(-[A-Za-z]+)*", text) for text in texts(channel, "language")
    ),
}
RSS_ITEM = {
    "an item has a title or a description": lambda item: one(item, "title") or one(item, "description"),
    "one of each in an item": lambda item: all(
        len(item.findall(name)) <= 1 for name in ("title", "link", "description", "guid", "pubDate", "author")
    ),
    "a guid that is no address says so": lambda item: all(
        is_web_address(guid.text) or guid.get("isPermaLink") == "false" for guid in item.findall("guid")
    ),
    "a guid has a text": lambda item: one(item, "guid"),
    "an author is an e-mail address": lambda item: all("@" in text for text in texts(item, "author")),
    "an updated item says so in RFC 3339": lambda item: all(map(is_rfc3339, texts(item, f"{A}updated"))),
}


def rss_faults(data):
    try:
        rss = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return {"well-formed XML"}
    channel = rss.find("channel")
    if channel is None:
        return {"one channel"}
    faults = {name for name, holds in RSS_CHANNEL.items() if not holds(rss, channel)}
    return faults | {name for name, holds in RSS_ITEM.items() if not all(map(holds, channel.findall("item")))}


def _people(value):
    people = value.get("authors", [])
    return isinstance(people, list) and all(person.get("name") or person.get("url") for person in people)


def _addresses(value, *names):
    return all(is_web_address(value[name]) for name in names if name in value)


JSON_FEED = {
    "the version is 1.1": lambda feed: feed.get("version") == "https://jsonfeed.org/version/1.1",
    "a title": lambda feed: isinstance(feed.get("title"), str) and bool(feed["title"]),
    "items are a list": lambda feed: isinstance(feed.get("items"), list),
    "the feed's addresses are web addresses": lambda feed: _addresses(feed, "home_page_url", "feed_url", "icon"),
    "hubs have type and url": lambda feed: all(hub.get("type") and hub.get("url") for hub in feed.get("hubs", [])),
    "the feed's authors have a name or an address": _people,
    "ids are unique": lambda feed: unique([item.get("id") for item in feed.get("items") or []]),
    "nothing is null": lambda feed: "null" not in re.sub(r'"(\\.|[^"\\])*"', "", json.dumps(feed)),
}
JSON_ITEM = {
    "an item has an id, a string": lambda item: isinstance(item.get("id"), str) and bool(item["id"]),
    "an item has content": lambda item: bool(item.get("content_html") or item.get("content_text")),
    "an item's addresses are web addresses": lambda item: _addresses(item, "url", "external_url", "image"),
    "dates are RFC 3339": lambda item: all(
        is_rfc3339(item[name]) for name in ("date_published", "date_modified") if name in item
    ),
    "an item's authors have a name or an address": _people,
    "tags are a list of strings": lambda item: (
        isinstance(item.get("tags", []), list) and all(isinstance(tag, str) for tag in item.get("tags", []))
    ),
}


def json_faults(data):
    try:
        feed = json.loads(data)
    except ValueError:
        return {"JSON"}
    faults = {name for name, holds in JSON_FEED.items() if not holds(feed)}
    items = feed.get("items") or []
    return faults | {name for name, holds in JSON_ITEM.items() if not all(map(holds, items))}


FAULTS = {"rss.xml": rss_faults, "atom.xml": atom_faults, "feed.json": json_faults}
