"""Texts go out compressed, and nothing else does."""

import gzip

import pytest

from tests.factories import make_article

pytestmark = pytest.mark.django_db
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def article():
    return make_article(title="A long title " * 20)


@pytest.mark.parametrize(
    "address", ["/", "/feeds/atom.xml", "/feeds/feed.json", "/api/news/index.json", "/sitemap.xml"]
)
def test_texts_are_compressed_for_clients_that_can_read_it(client, article, address):
    plain = client.get(address)

    compressed = client.get(address, headers=GZIP)

    assert "Content-Encoding" not in plain
    assert compressed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in compressed["Vary"]
    assert len(gzip.decompress(compressed.content)) == len(plain.content)


def test_pictures_are_left_alone(client, article):
    response = client.get(f"{article.get_absolute_url()}picture.png", headers=GZIP)

    assert response["Content-Type"] == "image/png"
    assert "Content-Encoding" not in response


def test_the_same_page_has_not_always_the_same_length(client, article):
    lengths = {len(client.get("/", headers=GZIP).content) for _ in range(20)}

    assert len(lengths) > 1


@pytest.mark.parametrize("address", ["/feeds/atom.xml", "/feeds/feed.json"])
def test_a_reader_that_has_the_compressed_feed_is_told_so(client, article, address):
    tag = client.get(address, headers=GZIP)["ETag"]

    assert client.get(address, headers={**GZIP, "If-None-Match": tag}).status_code == 304
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
