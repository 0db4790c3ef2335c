"""The logos of an item are those that its own file prints."""

import pytest

from articles.models import Article, ImportedFile, ProviderImage
from articles.sync.importer import import_files
from tests.factories import make_file, make_provider

pytestmark = pytest.mark.django_db
LOGO = {"url": "https://e.example/a-50x50.jpg", "width": 50, "height": 50}


def file(name, *logos):
    provider = {"name": "The Gazette", "domain": "gazette.example", **({"images": list(logos)} if logos else {})}
    return make_file(name, provider=provider, published=True)


def logos(client, address="/api/news/"):
    return {
        item["path"]: item["provider"]["images"] and [image["url"] for image in item["provider"]["images"]]
        for item in client.get(address).json()["value"]
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_files_that_print_other_logos_of_one_outlet_keep_their_own(client, order):
    files = [file("a", LOGO), file("b", {"url": "/assets/a-50x50.jpg"}), file("c")]

    import_files([files[place] for place in order])

    for address in ("/api/news/", "/harbour/api/news/page1/"):
        assert logos(client, address) == {
            "_news/a.md": ["https://e.example/a-50x50.jpg"],
            "_news/b.md": ["/assets/a-50x50.jpg"],
            "_news/c.md": None,
        }


def test_a_logo_that_is_kept_here_is_told_as_cached(client):
    import_files([file("a", LOGO)])
    ProviderImage.objects.update(file="pictures/a.jpg")

    (item,) = client.get("/api/news/").json()["value"]

    assert item["provider"]["images"] == [{**LOGO, "title": None, "attribution": None, "isCached": True}]


def test_the_logos_of_another_provider_are_those_of_the_site(client):
    import_files([file("a", LOGO)])
    other = make_provider("other.example")
    ProviderImage.objects.create(provider=other, source=Article.objects.get().source, url="https://o.example/l.jpg")
    Article.objects.update(provider=other)

    assert logos(client) == {"_news/a.md": ["https://o.example/l.jpg"]}


@pytest.mark.parametrize("text", ["", "no front matter"])
def test_a_file_that_cannot_be_read_leaves_the_logos_of_the_site(client, text):
    import_files([file("a", LOGO)])
    ImportedFile.objects.update(text=text)

    assert logos(client) == {"_news/a.md": [LOGO["url"]]}
