"""Sitemaps and robots.txt."""

import urllib.robotparser
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from lxml import etree

from articles.models import Article, ArticleImage
from articles.pictures import renditions
from articles.syndication import sitemaps
from tests.factories import make_article, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db

SCHEMA = etree.XMLSchema(file=str(Path(__file__).parent / "schemas" / "sitemap.xsd"))
SITE = "http://localhost:8000"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def read(client, address="/sitemap.xml"):
    """A valid sitemap's root."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    root = etree.fromstring(response.content)
    SCHEMA.assertValid(root)
    return root


def paths(root):
    """The addresses of pages in it, without the site's."""
    found = [loc.text for loc in root.iter(f"{SITEMAP}loc")]
    assert all(address.startswith(f"{SITE}/") for address in found)
    return [address.removeprefix(SITE) for address in found]


def test_the_sitemap_has_all_pages_and_each_can_be_opened(client):
    make_story(make_article(topics=[make_topic("Tides", slug="tides")]), make_article())
    make_article("Ünïcödé & <tags>", stem="2026-11-01-ünïcödé")

    found = paths(read(client))

    assert len(found) == 4 + 2 + 2 + 1  # lists; a topic and an outlet; articles; a story
    assert {client.get(path).status_code for path in found} == {200}


@pytest.mark.parametrize(
    "hidden",
    [{"published": False}, {"removed": True}, {"published_at": datetime(2999, 1, 1, tzinfo=UTC)}],
    ids=["not published", "removed", "in the future"],
)
def test_articles_that_are_not_public_are_in_no_sitemap(client, hidden, monkeypatch):
    article = make_article("Secret", topics=[make_topic("Hidden", slug="hidden")], stem="a-secret", **hidden)
    make_story(article)
    Article.objects.filter(pk=article.pk).update(**hidden)

    assert paths(read(client)) == ["/", "/topics/", "/providers/", "/archive/"]
    assert b"<url>" not in client.get("/news-sitemap.xml").content
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 0)
    assert paths(read(client)) == ["/sitemap-lists.xml"]


def test_the_sitemap_lists_pictures_that_have_a_copy(client):
    article = make_article()
    ArticleImage.objects.create(article=article, url="https://i.example/remote.jpg")
    image = ArticleImage.objects.create(article=article, url="https://i.example/a.jpg", file="pictures/a.webp")

    root = read(client)

    assert [loc.text for loc in root.iter(f"{IMAGE}loc")] == [f"{SITE}{renditions.address(image)}"]


def test_a_site_with_too_many_addresses_for_a_sitemap_has_an_index(client, monkeypatch):
    for n in range(9):
        make_story(make_article(provider=make_provider(f"{n}.example")), make_article())
    whole = paths(read(client))
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 20)
    monkeypatch.setattr(sitemaps, "PART_SIZE", 10)

    root = read(client)
    parts = [paths(read(client, part)) for part in paths(root)]

    assert root.tag == f"{SITEMAP}sitemapindex"
    assert len(parts) >= 3
    assert max(map(len, parts)) <= 20
    assert sorted(path for part in parts for path in part) == sorted(whole)


@pytest.mark.parametrize("number", ["0", "7", str(2**63), "9" * 40])
def test_an_empty_part_of_the_sitemap_is_not_found(client, number):
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


def test_the_news_sitemap_has_the_articles_of_the_last_two_days_newest_first(client):
    now = timezone.now()
    make_article("Old", web_url="", published_at=now - timedelta(hours=49))
    older = make_article("Older & <b>", web_url="", published_at=now - timedelta(hours=47))
    newer = make_article("Newer", web_url="", published_at=now - timedelta(minutes=1))

    root = read(client, "/news-sitemap.xml")

    assert paths(root) == [newer.get_absolute_url(), older.get_absolute_url()]
    assert [title.text for title in root.iter(f"{NEWS}title")] == ["Newer", "Older & <b>"]
    assert {name.text for name in root.iter(f"{NEWS}name")} == {"Newsroom"}


def test_the_news_sitemap_has_no_articles_of_outlets(client):
    make_article(web_url="https://gazette.example/a", published_at=timezone.now())

    assert list(etree.fromstring(client.get("/news-sitemap.xml").content)) == []


def test_the_news_sitemap_has_a_thousand_articles_at_most(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "MAX_NEWS", 2)
    for _ in range(3):
        make_article(web_url="", published_at=timezone.now())

    assert len(paths(read(client, "/news-sitemap.xml"))) == 2


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        (f"<loc>{SITE}/topics/</loc>", "<loc>/topics/</loc>"),
        (f"<loc>{SITE}/topics/</loc>", f"<loc>{SITE}/</loc>"),
        ("<lastmod>", "<lastmod>yesterday "),
        ("</lastmod>", "</lastmod><priority>2</priority>"),
        ("<url>", "<link>"),
    ],
)
def test_the_schema_refuses_a_broken_sitemap(client, sound, broken):
    make_article()
    text = client.get("/sitemap.xml").content.decode()
    changed = text.replace(sound, broken, 1)

    assert changed != text
    try:
        assert not SCHEMA.validate(etree.fromstring(changed.encode()))
    except etree.XMLSyntaxError:
        assert sound == "<url>"


def test_robots_txt_names_the_sitemaps_and_forbids_the_admin(client, settings):
    settings.NEWSROOM_BASE_URL = "https://news.example.org"
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(client.get("/robots.txt").content.decode().splitlines())

    assert rules.site_maps() == ["https://news.example.org/sitemap.xml", "https://news.example.org/news-sitemap.xml"]
    allowed = {path: rules.can_fetch("anyone", path) for path in ("/", "/topics/a/", "/admin/login/", "/search/")}
    assert allowed == {"/": True, "/topics/a/": True, "/admin/login/": False, "/search/": True}


@pytest.mark.parametrize("address", ["/sitemap.xml", "/news-sitemap.xml", "/sitemap-lists.xml", "/robots.txt"])
def test_sitemaps_cost_a_fixed_number_of_queries(client, address, django_assert_max_num_queries):
    for n in range(20):
        lead = make_article(provider=make_provider(f"{n}.example"), topics=[make_topic(f"T{n}", slug=f"t{n}")])
        make_story(lead, make_article())
        ArticleImage.objects.create(article=lead, url="https://i.example/a.jpg", file="pictures/a.webp")
        make_article(published_at=timezone.now())

    with django_assert_max_num_queries(6):
        assert client.get(address).status_code == 200


def test_an_empty_site_has_a_sitemap(client):
    assert paths(read(client)) == ["/", "/topics/", "/providers/", "/archive/"]
    assert client.get("/news-sitemap.xml").status_code == 200
