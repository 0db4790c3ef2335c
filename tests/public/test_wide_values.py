"""Pages of articles whose values only some of the source's sites have."""

from html import unescape

import pytest

from articles.models import Article
from articles.sync.importer import import_files
from tests.factories import make_file

pytestmark = pytest.mark.django_db

OUTLETS = ["a.example/us/live/x", "a.example/x?_amp=true&y=1", "a.example/b/", "a.example:8080", "a.example/rss.xml",
           "उदाहरण.भारत", "a.example/100%25"]  # fmt: skip


def shown(name, **values):
    """An imported article that readers see."""
    assert import_files([make_file(name, heat=90, quality=90, published=True, **values)]).rejected == []
    return Article.objects.get(stem=name)


@pytest.mark.parametrize("domain", OUTLETS)
def test_the_pages_of_an_outlet_with_a_path_work(client, domain):
    article = shown("a", provider={"name": "Gazette", "domain": domain})
    page = article.provider.get_absolute_url()

    assert article.provider.domain == domain
    assert "Title of a" in client.get(page).content.decode()
    assert page in unescape(client.get(article.get_absolute_url()).content.decode())
    assert client.get(f"{page}scorecard/").status_code == 200
    for feed in ("rss.xml", "atom.xml", "feed.json"):
        assert "Title of a" in client.get(page + feed).content.decode()
    assert page in unescape(client.get("/providers/").content.decode())


@pytest.mark.parametrize("domain", OUTLETS)
def test_the_list_prints_the_domain_as_its_file_does(client, domain):
    shown("a", provider={"name": "Gazette", "domain": domain})

    (item,) = client.get("/api/news/index.json").json()["value"]
    assert item["provider"]["domain"] == domain


@pytest.mark.parametrize("address", ["/", "/feeds/rss.xml", "/feeds/atom.xml", "/news/harbour/a/", "/topics/harbour/"])
def test_control_characters_are_not_on_pages_or_in_feeds(client, address):
    shown("a", title="Tide\x97high\x07", excerpt="a\x85\x1b[2J\x9d")

    page = client.get(address).content.decode()

    assert "Tide—high" in page
    assert not set(page) & set("\x07\x1b\x97\x9d\x85")


@pytest.mark.parametrize(
    "logo", ["/assets/a-50x50.jpg", "a.jpg", "//cdn.example/a.jpg", "https://i.example/a.jpg", "?a"]
)
def test_pages_work_with_images_of_the_sites_own(client, logo):
    article = shown(
        "a",
        provider={"name": "A", "domain": "a.example", "images": [{"url": logo, "width": 50, "height": 50}]},
        images=[{"url": logo, "width": 640, "height": 480}],
    )

    for address in (
        "/",
        article.get_absolute_url(),
        article.provider.get_absolute_url(),
        "/feeds/rss.xml",
        "/sitemap.xml",
    ):
        assert client.get(address).status_code == 200
    (item,) = client.get("/api/news/index.json").json()["value"]
    assert (item["images"][0]["url"], item["provider"]["images"][0]["url"]) == (logo, logo)
