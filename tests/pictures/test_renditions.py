"""Readers get renditions at signed addresses: made once, cached for good, and a placeholder where there is no copy."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from articles.models import Article, ArticleImage, ProviderImage
from articles.pictures import copies, imaging, renditions
from tests.factories import make_article, make_image, make_provider
from tests.picture_server import decoded, good

pytestmark = pytest.mark.django_db


def test_a_rendition_has_its_media_type_and_may_be_cached_for_good(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()

    for encoding, kind in (("avif", "image/avif"), ("webp", "image/webp")):
        response = client.get(renditions.address(image, f"320.{encoding}"))
        assert (response.status_code, response["Content-Type"]) == (200, kind)
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert decoded(response.content).size == (320, 240)
    whole = client.get(renditions.address(image))
    assert (whole["Content-Type"], decoded(whole.content).size) == ("image/jpeg", (400, 300))


def test_a_rendition_is_made_once(server, cached, client, monkeypatch):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    monkeypatch.setattr(renditions.imaging, "rendition", None)

    assert client.get(renditions.address(image, "320.avif")).status_code == 200
    assert client.get(renditions.address(image, "1280.avif")).status_code == 200  # no wider than the picture


@pytest.mark.parametrize("change", [("?s=", "?s=0"), ("s=", "t="), ("320", "321"), ("webp", "jpg"), ("/a/", "/p/")])
def test_a_picture_address_that_was_never_printed_is_not_found(server, cached, client, change):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()

    assert client.get(renditions.address(image, "320.webp").replace(*change)).status_code == 404


def test_a_new_copy_has_a_new_address_and_the_old_one_is_not_found(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    old = renditions.address(image, "320.webp")
    columns = copies.store(good(500, 500))
    ArticleImage.objects.update(**columns)
    image.refresh_from_db()

    assert renditions.address(image, "320.webp") != old
    assert client.get(old).status_code == 404


@pytest.mark.parametrize(
    "change", [{"removed": True}, {"published": False}, {"published_at": timezone.now() + timedelta(days=1)}]
)
def test_pictures_of_articles_that_are_not_public_are_not_served(server, cached, client, change):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    Article.objects.update(**change)

    assert client.get(renditions.address(image, "320.webp")).status_code == 404
    assert client.get(renditions.address(image)).status_code == 404
    assert client.get(f"/media/{image.file.name}").status_code == 302  # to the admin's log-in


def test_a_reader_who_asks_for_a_picture_without_a_copy_makes_no_request_and_writes_no_row(server, client):
    image = make_image(f"{server.url}/a.jpg")
    before = ArticleImage.objects.values().get()

    page = client.get("/").content.decode()
    response = client.get(renditions.address(image, "320.webp"))

    assert "<picture>" not in page
    assert decoded(response.content).size == (32, 18)
    assert response["Cache-Control"] == "public, max-age=60"
    assert (server.asked, ArticleImage.objects.values().get()) == ([], before)


def test_an_address_from_before_there_was_a_copy_shows_the_copy_and_is_cached_shortly(client):
    image = make_image("https://i.example/a.jpg")
    address = renditions.address(image, "320.webp")
    ArticleImage.objects.update(**copies.store(good()))

    response = client.get(address)

    assert decoded(response.content).size == (320, 240)
    assert response["Cache-Control"] == "public, max-age=60"


def test_a_rendition_that_cannot_be_stored_is_served_all_the_same(client, full_storage):
    image = make_image("https://i.example/a.jpg", **copies.store(good()))
    full_storage()

    response = client.get(renditions.address(image, "320.webp"))

    assert decoded(response.content).size == (320, 240)
    assert renditions_of(image) == []


def test_picture_addresses_are_signed_as_they_always_were(settings):
    settings.SECRET_KEY = "k" * 50

    image = ArticleImage(pk=7, url="https://i.example/a.jpg", file="pictures/0123.jpg")

    assert renditions.address(image, "320.webp") == "/pictures/a/7/320.webp?s=1785082703923989"


def test_a_picture_whose_files_are_lost_is_a_placeholder_of_its_shape_and_colour(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    for folder in (copies.FOLDER, f"{copies.RENDITIONS}/{Path(image.file.name).name}"):
        for name in copies.files_in(folder):
            default_storage.delete(f"{folder}/{name}")

    shown = decoded(client.get(renditions.address(image, "320.webp")).content)

    assert shown.size == (32, 24)
    red, green, blue = shown.convert("RGB").getpixel((9, 9))
    assert red > 150 > 60 > max(green, blue)


@pytest.fixture
def looked(monkeypatch):
    """Has a function answer whether the storage has a rendition's file."""

    def look(exists):
        methods = {name: getattr(default_storage, name) for name in ("open", "save", "delete")}
        monkeypatch.setattr(renditions, "default_storage", SimpleNamespace(exists=exists, **methods))

    return look


def renditions_of(image):
    return copies.files_in(f"{copies.RENDITIONS}/{Path(image.file.name).name}")


def test_simultaneous_requests_make_a_rendition_once(monkeypatch, looked):
    image = make_image("https://i.example/a.jpg", **copies.store(good(400, 300)))
    first_looks, all_looked, made, encode = iter(range(4)), Barrier(4), [], imaging.rendition

    def exists(name):
        found = default_storage.exists(name)
        if next(first_looks, None) is not None:
            all_looked.wait(10)
        return found

    looked(exists)
    monkeypatch.setattr(imaging, "rendition", lambda *asked: made.append(asked) or encode(*asked))
    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(lambda _: renditions.made(image, 320, "webp"), range(4)))

    assert (len(made), len(answers), renditions_of(image)) == (1, 1, ["320.webp"])


@pytest.mark.parametrize("last", [2, 3], ids=["while it was encoded", "while it was stored"])
def test_a_rendition_that_another_process_just_made_is_stored_once(looked, last):
    image = make_image("https://i.example/a.jpg", **copies.store(good(400, 300)))
    looks = []

    def exists(name):
        found = default_storage.exists(name)
        looks.append(name)
        if len(looks) == last:
            default_storage.save(name, io.BytesIO(b"theirs"))
        return found

    looked(exists)
    renditions.made(image, 320, "webp")

    assert renditions_of(image) == ["320.webp"]


def test_a_source_set_has_no_rendition_wider_than_the_picture():
    image = make_image("https://i.example/a.jpg", file="pictures/a.jpg", true_width=1200, true_height=600)

    named = renditions.source_set(image, "avif", [320, 640, 1280])
    assert [part.rpartition(" ")[2] for part in named.split(", ")] == ["320w", "640w", "1200w"]
    image.true_width = 200
    assert renditions.source_set(image, "avif", [320, 640]) == renditions.address(image, "320.avif")


def test_the_api_says_whether_a_picture_has_a_copy(server, cached, client):
    make_image(f"{server.url}/a.jpg", is_cached=False)

    def told():
        return client.get("/api/news/index.json").json()["value"][0]["images"][0]["isCached"]

    assert told() is False
    cached()
    assert told() is True


def test_an_outlets_logo_is_shown_as_a_rendition(client):
    provider = make_provider()
    make_article(provider=provider)
    logo = ProviderImage.objects.create(provider=provider, url="/logo.png", **copies.store(good(200, 200, "PNG")))

    page = client.get(provider.get_absolute_url()).content.decode()

    assert f'<img src="{renditions.address(logo, "160.webp")}" alt="" width="50" height="50">' in page
    assert decoded(client.get(renditions.address(logo, "160.webp")).content).size == (160, 160)
