"""What a page's head tells machines, and the picture that stands for it where it is shared."""

import io
import json
import re

import extruct
import pytest
from lxml import html
from PIL import Image

from articles.models import Article, ArticleImage
from articles.pictures import share_cards
from tests.factories import make_article, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
REQUIRED = {"headline", "datePublished", "dateModified", "image", "author", "publisher", "mainEntityOfPage", "url"}
ATTACK = '</script><script>alert("x")</script> <!-- & \u2028'


@pytest.fixture
def lead():
    harbour = make_topic("Harbour", slug="harbour")
    tides = make_topic("Tides", slug="tides", parent=harbour)
    post = make_provider("post.example", name="The Post")
    lead = make_article("Ferries", topics=[harbour, tides], provider=post, excerpt="They sail.")
    make_story(lead, make_article())
    return lead


def head(client, address):
    return html.fromstring(client.get(address).content).find("head")


def data(client, address):
    """The page's data by type, as an independent reader finds it."""
    text = client.get(address).content.decode()
    found = extruct.extract(text, base_url=SITE, syntaxes=["json-ld"])["json-ld"]
    return {item["@type"]: item for item in found}


def properties(client, address):
    metas = head(client, address).iter("meta")
    return {meta.get("property") or meta.get("name"): meta.get("content") for meta in metas}


def test_an_articles_structured_data_describes_the_report_of_its_outlet(client, lead):
    address = lead.get_absolute_url()
    article = data(client, address)["NewsArticle"]

    assert {name for name, value in article.items() if value} >= REQUIRED
    assert article["publisher"] == {
        "@type": "NewsMediaOrganization",
        "name": "The Post",
        "url": "https://post.example/",
    }
    assert article["url"] == lead.web_url
    assert article["mainEntityOfPage"]["@id"] == SITE + address
    assert article["datePublished"].endswith("Z")


def test_a_storys_structured_data_describes_the_report_of_its_lead(client, lead):
    assert data(client, lead.story.get_absolute_url())["NewsArticle"]["headline"] == "Ferries"


@pytest.mark.parametrize("address", ["/", "/topics/tides/", "/providers/post.example/", "/archive/2026/11/"])
def test_a_lists_structured_data_names_its_cards_in_order(client, lead, address):
    items = data(client, address)["ItemList"]["itemListElement"]

    assert items[0]["position"] == 1
    assert SITE + lead.story.get_absolute_url() in [item["url"] for item in items]
    assert all(client.get(item["url"].removeprefix(SITE)).status_code == 200 for item in items)


def test_the_second_page_of_a_list_continues_the_positions(client):
    for _ in range(31):
        make_article()

    (item,) = data(client, "/?page=2")["ItemList"]["itemListElement"]

    assert item["position"] == 31


def test_breadcrumbs_lead_from_the_front_page_to_the_page(client, lead):
    crumbs = data(client, lead.story.get_absolute_url())["BreadcrumbList"]["itemListElement"]

    assert [crumb["name"] for crumb in crumbs] == ["Newsroom", "Tides", "Ferries"]
    assert crumbs[1]["item"] == f"{SITE}/topics/tides/"
    above = data(client, "/topics/tides/")["BreadcrumbList"]["itemListElement"]
    assert [crumb["name"] for crumb in above] == ["Newsroom", "Harbour", "Tides"]


def test_no_text_ends_the_script_element_of_structured_data(client):
    article = make_article(ATTACK, excerpt=ATTACK, provider=make_provider("x.example", name=ATTACK))

    text = client.get(article.get_absolute_url()).content.decode()

    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert len(blocks) == text.count("<script") == 2
    assert json.loads(blocks[0])["headline"].startswith('</script><script>alert("x")')


def test_a_page_has_the_metadata_of_its_share_card(client, lead):
    found = properties(client, lead.story.get_absolute_url())

    assert found["og:title"] == "Ferries"
    assert found["og:description"] == "They sail."
    assert found["og:type"] == "article"
    assert found["og:url"] == SITE + lead.story.get_absolute_url()
    assert found["og:site_name"] == "Newsroom"
    assert found["og:image"].startswith(f"{SITE}/stories/{lead.story_id}/picture.png?v=")
    assert found["og:image:alt"] == "Ferries (The Post, on Newsroom)"
    assert found["twitter:card"] == "summary_large_image"
    assert properties(client, "/")["og:type"] == "website"


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/", "/"),
        ("/?order=heat&period=year", "/"),
        ("/?page=2&order=latest", "/?page=2"),
        ("/topics/tides/?order=hot", "/topics/tides/"),
        ("/providers/post.example/", "/providers/post.example/"),
    ],
)
def test_a_list_has_the_same_canonical_address_in_every_order(client, lead, address, canonical):
    for _ in range(40):
        make_article()

    found = head(client, address).xpath('link[@rel="canonical"]/@href')

    assert found == [SITE + canonical]


def test_stories_and_articles_have_canonical_addresses_of_their_own(client, lead):
    for address in (lead.get_absolute_url(), lead.story.get_absolute_url()):
        assert head(client, address).xpath('link[@rel="canonical"]/@href') == [SITE + address]


@pytest.mark.parametrize("address", ["/", "/topics/tides/", "/providers/post.example/", "/search/?q=a", "/topics/"])
def test_pages_link_to_their_feeds(client, lead, address):
    found = head(client, address).xpath('link[@rel="alternate"]')

    kinds = ["application/rss+xml", "application/atom+xml", "application/feed+json"]
    assert [link.get("type") for link in found[:3]] == kinds
    for link in found:
        response = client.get(link.get("href"))
        assert response.status_code == 200
        assert response["Content-Type"].startswith(link.get("type"))
    own = [link.get("href") for link in found[3:]]
    folder, mark, query = address.partition("?") if address.startswith(("/topics/t", "/pro", "/search/")) else [""] * 3
    assert own == ([folder + name + mark + query for name in ("rss.xml", "atom.xml", "feed.json")] if folder else [])


def test_a_share_card_is_drawn_and_may_be_cached_for_good(client, lead):
    address = properties(client, lead.story.get_absolute_url())["og:image"].removeprefix(SITE)

    response = client.get(address)

    assert Image.open(io.BytesIO(response.content)).size == (1200, 630)
    assert response["Content-Type"] == "image/png"
    assert "immutable" in response["Cache-Control"]
    assert "immutable" not in client.get(address.partition("?")[0])["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_address_of_a_share_card_changes_with_its_text(client, lead):
    before = properties(client, lead.story.get_absolute_url())["og:image"]

    Article.objects.filter(pk=lead.pk).update(title="Other")

    after = properties(client, Article.objects.get(pk=lead.pk).story.get_absolute_url())["og:image"]
    assert after != before
    assert after.partition("?")[0] == before.partition("?")[0]


@pytest.mark.parametrize("title", ["", "x" * 500, "A word " * 70, "\U0001f600 \u4e2d\u6587", "\u202eabc", "a" * 40])
def test_every_title_fits_in_a_share_card(title):
    picture = Image.open(io.BytesIO(share_cards.draw(title, title, title))).convert("RGB")

    right = picture.crop((share_cards.WIDTH - 60, 20, share_cards.WIDTH, share_cards.HEIGHT))
    low = picture.crop((0, 495, share_cards.WIDTH, 530))
    assert len(right.getcolors()) == 1
    assert len(low.getcolors()) == 1


def test_articles_that_are_not_public_have_no_share_card(client, lead):
    Article.objects.update(removed=True)

    assert client.get(f"/stories/{lead.story_id}/picture.png").status_code == 404
    assert client.get(f"{lead.get_absolute_url()}picture.png").status_code == 404


def test_a_share_card_costs_at_most_four_queries(client, lead, django_assert_max_num_queries):
    ArticleImage.objects.create(article=lead, url="https://i.example/a.jpg", file="pictures/a.webp")

    with django_assert_max_num_queries(4):
        client.get(f"/stories/{lead.story_id}/picture.png")


def test_a_share_card_of_an_impossible_primary_key_is_not_found(client):
    assert client.get("/stories/99999999999999999999/picture.png").status_code == 404


def test_a_search_links_to_its_feeds(client):
    page = client.get("/search/", {"q": 'ferry "a & b"'}).content.decode()

    addresses = html.fromstring(page).xpath('//link[@rel="alternate"][starts-with(@href, "/search/")]/@href')
    assert [client.get(address).status_code for address in addresses] == [200] * 3
    assert addresses[0] == "/search/rss.xml?q=ferry+%22a+%26+b%22"


@pytest.mark.parametrize("address", ["/topics/", "/providers/", "/archive/"])
def test_lists_of_topics_and_outlets_have_a_canonical_address(client, lead, address):
    assert head(client, f"{address}?from=elsewhere").xpath('//link[@rel="canonical"]/@href') == [
        f"http://localhost:8000{address}"
    ]


@pytest.mark.parametrize(
    ("excerpt", "description"), [("Write &amp;lt;b&gt;", "Write &lt;b>"), ("", "A & B"), ("&nbsp;", "A & B")]
)
def test_a_page_is_described_by_its_excerpt_decoded_once_or_by_its_title(client, excerpt, description):
    article = make_article("A &amp; B", excerpt=excerpt)

    assert properties(client, article.get_absolute_url())["description"] == description
