"""Feeds as a client reads them, for the tests of feeds."""

NAMES = ["rss.xml", "atom.xml", "feed.json"]

ADDRESSES = [
    folder + name
    for folder in ("/feeds/", "/topics/tides/", "/providers/gazette.example/", "/search/")
    for name in NAMES
]


def items(client, address="/feeds/feed.json", **query):
    return client.get(address, query).json()["items"]
