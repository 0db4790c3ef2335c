"""The search page."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from articles.search import index
from articles.text.signs import seen
from tests.factories import make_article, make_provider, make_topic
from tests.public.pages import text, titles

pytestmark = pytest.mark.django_db


def test_search_finds_articles_with_every_word(client):
    make_article("Ferries and tides")
    make_article("Ferries", excerpt="The tides")
    make_article("Ferries")
    index.refresh()

    assert len(titles(client.get("/search/?q=ferries+tides"))) == 2


@pytest.mark.parametrize("word", ["Don\u2019t", "don't", "micro\u00adsoft", "snake_case", "Ferries"])
def test_a_search_marks_whole_words(client, word):
    make_article(f"Today: \u2018{word}\u2019, it says")
    index.refresh()

    page = unescape(text(client.get("/search/", {"q": f"{word} "})))

    assert f"\u2018<mark>{seen(word)}</mark>\u2019" in page


@pytest.mark.parametrize("query", ["micros", "microservices ", 'late "micros', '"late microservices"', "micro "])
def test_the_counts_beside_a_search_match_the_articles_they_link_to(client, query):
    topic, outlet = make_topic('The "big" topic'), make_provider("herald.example")
    for title in ("Late microservices", "Microservices late", "Late micros", "Late micro"):
        make_article(title, topics=[topic], provider=outlet)
        make_article(title)
    index.refresh()

    page = text(client.get("/search/", {"q": query}))

    counts = re.findall(r'<a href="(\?q=[^"]*)" rel="nofollow">[^<]*</a> (\d+)', page)
    assert len(counts) == 3
    for address, number in counts:
        assert len(titles(client.get(f"/search/{unescape(address)}"))) == int(number)


@pytest.mark.parametrize(
    "query", ["", " ", "\x00", "%", "_", "'", '"', "\\", "😀", "a" * 10_000, "<script>alert(1)</script>"]
)
def test_any_search_is_answered_and_its_query_is_shown_as_text(client, query):
    response = client.get("/search/", {"q": query})

    assert response.status_code == 200
    assert "<script" not in text(response)


@pytest.mark.parametrize(("address", "hidden"), [("/search/", False), ("/search/?q=a", False), ("/search/?q=b", True)])
def test_only_a_search_that_finds_nothing_is_hidden_from_search_engines(client, address, hidden):
    make_article(title="A")
    index.refresh()

    page = text(client.get(address))

    assert ('<meta name="robots" content="noindex">' in page) is hidden
    assert '<link rel="canonical" href="http://localhost:8000/search/">' in page


def test_browsers_are_told_how_to_search_here(client):
    assert '<link rel="search" href="/opensearch.xml"' in text(client.get("/"))

    response = client.get("/opensearch.xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    names = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    page = root.find("o:Url[@type='text/html']", names).get("template")

    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    assert page == "http://localhost:8000/search/?q={searchTerms}"
