"""Rules that hold for every page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from articles.public import context_processors
from tests.factories import make_article, make_provider, make_topic
from tests.public.pages import all_pages, text

pytestmark = pytest.mark.django_db
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize(
    "hidden",
    [{"published": False}, {"removed": True}, {"published_at": datetime(2999, 1, 1, tzinfo=UTC)}],
    ids=["not published", "removed", "in the future"],
)
def test_no_page_shows_an_article_that_is_not_public(client, hidden):
    article = make_article("Ferries in secret", topics=[make_topic("Tides", slug="tides")], **hidden)

    for address in all_pages(article):
        assert "Ferries in secret" not in text(client.get(address)), address
    assert client.get(article.get_absolute_url()).status_code == 404


def test_a_missing_page_says_so_and_costs_little(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        response = client.get("/news/harbour/missing/")

    assert response.status_code == 404
    assert "There is no such page" in text(response)


def test_the_error_page_needs_no_database_or_context():
    page = render_to_string("500.html")

    assert "Something went wrong here" in page
    assert 'href="/static/site.css"' in page


@pytest.mark.parametrize(
    "address",
    [
        "/news/harbour/%00/",
        "/topics/%00/",
        "/providers/%00/",
        "/api/news/%00/index.json",
        "/harbour/api/news/%00/page/1/index.json",
    ],
)
def test_a_null_character_in_an_address_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_pages_refuse_post_requests(client):
    assert client.post("/").status_code == 405


def test_pages_carry_a_policy_without_inline_scripts(client):
    policy = client.get("/")["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_trust_no_text_and_hold_no_inline_scripts_or_styles(path):
    source = path.read_text()

    styles = "" if path.name == "issue.html" else "<style| style=|"  # a mail has no other
    assert not re.search(styles + r"\|safe|autoescape|\son\w+=|<script(?![^>]* src=)", source)
    assert "<script" not in source or path.relative_to(TEMPLATES).parts[0] in ("admin", "desk")


def test_text_is_shown_with_its_entities_decoded_and_its_markup_as_text(client):
    make_article("Today we&#8217;re &lt;b&gt; <BRN.X> & co", excerpt="a &amp; b")

    page = text(client.get("/"))

    assert "Today we\u2019re &lt;b&gt; &lt;BRN.X&gt; &amp; co" in page
    assert "a &amp; b" in page


def test_a_providers_name_is_shown_with_its_entities_decoded_everywhere(client):
    provider = make_provider("att.example", name="AT&amp;T\x0b", description="Calls\x0b &amp; more")
    article = make_article("A &amp; B", provider=provider)

    for address in (*all_pages(article), f"{provider.get_absolute_url()}scorecard/"):
        page = client.get(address).content.decode()
        assert "&amp;amp;" not in page, address
        assert "\x0b" not in page, address


def test_the_menu_has_topics_below_the_one_they_belong_to(client):
    site, other = make_topic("Site", menu_order=0), make_topic("Other", menu_order=5)
    make_topic("Unused", parent=site)
    make_article(topics=[make_topic("B", parent=site, menu_order=2), make_topic("A", parent=site, menu_order=1)])
    make_article(topics=[make_topic("C", parent=other, menu_order=6)])

    menu = client.get("/").context["menu"]

    assert [(above.name, [topic.name for topic in below]) for above, below in menu] == [
        ("Site", ["A", "B"]),
        ("Other", ["C"]),
    ]


def test_topics_that_are_in_no_tree_are_a_menu_too_the_largest_in_order(client, django_assert_max_num_queries):
    for number in range(15):
        topic = make_topic(f"T{number:02}", slug=f"t{number}", menu_order=100 - number)
        for _ in range(number):
            make_article(topics=[topic])
    make_article(topics=[make_topic("Hidden")], published=False)

    with django_assert_max_num_queries(2):
        menu = context_processors.menu()
    page = client.get("/topics/t14/")

    assert [(topic.name, below) for topic, below in menu] == [(f"T{number:02}", ()) for number in range(14, 2, -1)]
    assert '<a href="/topics/t14/" aria-current="page">' in page.content.decode()
    assert '<ul class="inline">\n</ul>' not in page.content.decode()


def test_the_list_of_topics_has_every_level(client):
    make_topic("Bollards", parent=make_topic("Quay", parent=make_topic("Harbour")))

    page = text(client.get("/topics/"))

    assert page.index(">Harbour</a>") < page.index(">Quay</a>") < page.index(">Bollards</a>")
