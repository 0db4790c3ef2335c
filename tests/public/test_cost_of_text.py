"""What a page costs grows with its text and no faster, whatever the text is."""

from time import process_time

import pytest
from django.db import connection, models

from articles.models import (
    Article,
    ArticleImage,
    ArticleTag,
    Provider,
    ProviderImage,
    RelatedLink,
    Source,
    Story,
    Topic,
)
from articles.search import index
from articles.search.query import parse
from articles.templatetags.articles import snippet
from articles.text.plain import plain
from tests.public.odd_rows import plant
from tests.public.test_odd_rows import make_set

SHORT, LONG = 25_000, 100_000  # characters
MOST_GROWTH, LEAST = 6, 0.03  # for four times the text; seconds that are too few to compare
SECONDS = 1.0  # for 100 kB in every column of a page at once, a page has some twenty
TEXTS = {
    "marks-out-of-order": "\u0300\u0316",
    "marks-on-letters": "a\u0300\u0316\u0323",
    "src": ' src="https://www.youtube.com/embed/abcdefgh?',
    "frames": "<iframe ",
    "quotes": '"',
    "references": "&#9",
    "long-references": "&" + "a" * 31,
    "one-reference": "9",
    "turning": "\u202e\u2066",
    "joiners": "\u200d",
    "apostrophes": "a\u02bc'",
    "korean": "\ud55c\u1100\u1161",
    "blanks": " \n",
    "words": "ferries ",
}
TEXT_COLUMNS = [
    (model, field)
    for model in (Article, Provider, Topic, Story, RelatedLink, ArticleImage, ProviderImage, ArticleTag, Source)
    for field in model._meta.concrete_fields
    if isinstance(field, models.CharField | models.TextField)
    and not isinstance(field, models.FileField)
    and field.name not in ("stem", "file_name", "name", "slug", "type", "category", "domain", "colour")
] + [(Topic, Topic._meta.get_field("name")), (Provider, Provider._meta.get_field("name"))]


def long_text(name, size):
    start = {"frames": '<iframe src="', "src": "<iframe", "one-reference": "&#"}.get(name, "")
    return (start + TEXTS[name] * (size // len(TEXTS[name]) + 1))[:size]


@pytest.fixture
def pages(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    rows, own = make_set("long")
    make_set("other")
    index.refresh()
    lists = ["/", "/search/?q=ferries+a", "/feeds/atom.xml", "/api/news/", "/sitemap.xml", "/topics/", "/providers/"]
    return rows, [*lists, *own[:4], own[4], own[10], *[page for page in own if page.endswith("picture.png")]]


def cost(client, rows, pages, text):
    """Return the seconds of this process for each page, when each text column has this text."""
    assert sum(plant(rows[model], field, text) for model, field in TEXT_COLUMNS) > 20
    found = {}
    for page in pages:
        begun = process_time()
        assert client.get(page).status_code < 500
        found[page] = process_time() - begun
    return found


@pytest.mark.slow
@pytest.mark.attack(12)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores no text that is longer than its column")
@pytest.mark.parametrize("name", TEXTS)
def test_a_page_costs_no_more_than_its_text_is_long(client, pages, name):
    rows, addresses = pages
    short = cost(client, rows, addresses, long_text(name, SHORT))
    most = {page: min(SECONDS, MOST_GROWTH * max(seconds, LEAST)) for page, seconds in short.items()}

    long = cost(client, rows, addresses, long_text(name, LONG))
    slow = [page for page in addresses if long[page] > most[page]]
    again = cost(client, rows, slow, long_text(name, LONG))  # garbage of other pages may have been collected meanwhile

    assert {page: (short[page], again[page]) for page in slow if again[page] > most[page]} == {}


def seconds(function, *arguments):
    begun = process_time()
    function(*arguments)
    return process_time() - begun


@pytest.mark.attack(12)
@pytest.mark.parametrize("name", TEXTS)
def test_plain_text_and_its_snippet_cost_under_100_ms_for_100_kb(name):
    text, context = long_text(name, LONG), {"asked": parse("ferries a")}

    assert min(seconds(plain, text) for _ in range(3)) < 0.1
    assert min(seconds(snippet, context, plain(text)) for _ in range(3)) < 0.1


@pytest.mark.attack(12)
@pytest.mark.parametrize("name", TEXTS)
def test_a_query_costs_under_100_ms_whatever_is_typed(name):
    assert min(seconds(parse, long_text(name, LONG)) for _ in range(3)) < 0.1


QUERIES = ['provider:"' * 500, '"' * 5_000, "quality:" * 900, "after:9999-99-99 " * 400, "topic:x " * 900, "a " * 5_000,
           "'" * 5_000, '"a b" ' * 900, "before:0 after:0 " * 300, "\u5b57" * 5_000]  # fmt: skip


@pytest.mark.attack(11)
@pytest.mark.parametrize("text", QUERIES, ids=lambda text: text[:8].strip())
def test_no_search_syntax_fails_or_costs_much(client, db, text):
    begun = process_time()

    assert client.get("/search/", {"q": text}).status_code == 200
    assert process_time() - begun < 1
