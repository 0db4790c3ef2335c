"""Pictures from servers to readers: copies, renditions, placeholders, and what is thrown away."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image

from articles.models import Article, ArticleImage, ProviderImage
from articles.net.fetching import Limits
from articles.pictures import copies, imaging, renditions
from articles.sync import exporter
from articles.sync.importer import import_files
from newsroom.storage import WholeFileStorage
from tests.factories import make_article, make_file, make_provider
from tests.picture_server import BAD, good, no_pictures, serving
from tests.picture_server import pictures as pictures_of_all_kinds

pytestmark = pytest.mark.django_db
GOOD, NOT_GOOD = pictures_of_all_kinds(), no_pictures()
HEADERS = {"avif": "image/avif", "webp": "image/webp"}


@pytest.fixture(autouse=True)
def memory(settings):
    """All of it works with a storage that has no folders on a disk."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    cache.clear()


@pytest.fixture
def server(monkeypatch):
    with serving({"a.jpg": good()}) as server:
        monkeypatch.setattr(copies, "LIMITS", Limits(seconds=1, allowed=server.allowed))
        yield server


@pytest.fixture
def cached(capsys):
    """Runs the command; its exit code, and what it said on both ways."""

    def run(*arguments):
        code = 0
        try:
            call_command("cache_images", *arguments)
        except SystemExit as error:
            code = error.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def make_image(url, article=None, **fields):
    return ArticleImage.objects.create(article=article or make_article(), url=url, **fields)


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_a_picture_is_fetched_once_kept_and_shown(server, cached, client):
    first = make_image(f"{server.url}/a.jpg", width=9, height=9, is_cached=False)
    second = make_image(f"{server.url}/a.jpg")

    code, out, _ = cached()

    image = ArticleImage.objects.get(pk=first.pk)
    assert (code, server.asked) == (0, ["/a.jpg"])
    assert "2 images without a copy: 1 picture fetched, 0 failed; 4 renditions made, 0 copies deleted" in out
    assert (image.true_width, image.true_height, image.colour) == (400, 300, "#aa2224")
    assert (image.width, image.height, image.is_cached) == (9, 9, False)
    assert ArticleImage.objects.get(pk=second.pk).file == image.file
    for article in (first.article, second.article):
        assert 'width="400" height="300" class=" c833"' in client.get(article.get_absolute_url()).content.decode()


def test_a_second_run_does_nothing(server, cached):
    make_image(f"{server.url}/a.jpg")
    make_image(f"{server.url}/missing.jpg")
    assert cached()[0] == 2
    before = list(ArticleImage.objects.values())

    code, out, _ = cached()

    assert (code, len(server.asked)) == (0, 2)
    assert "0 images without a copy: 0 pictures fetched, 0 failed; 0 renditions made" in out
    assert list(ArticleImage.objects.values()) == before


def test_a_new_image_of_a_known_address_takes_the_copy_that_is_there(server, cached):
    make_image(f"{server.url}/a.jpg")
    cached()
    new = make_image(f"{server.url}/a.jpg")

    cached()

    assert server.asked == ["/a.jpg"]
    assert ArticleImage.objects.get(pk=new.pk).true_width == 400


def test_what_fails_is_told_and_tried_again_later(server, cached, tmp_path):
    image = make_image(f"{server.url}/missing.jpg")

    code, _, err = cached("--report", str(tmp_path / "report.json"))

    reason = "The server answered with status 404."
    assert (code, err) == (2, f"{image.url}: {reason}\n")
    assert json.loads((tmp_path / "report.json").read_text())["failed"] == [{"address": image.url, "reason": reason}]
    image.refresh_from_db()
    assert image.failure == reason
    assert timedelta(hours=23) < image.retry_at - timezone.now() < timedelta(hours=25)
    assert cached()[0] == 0
    assert cached("--retry")[0] == 2
    image.refresh_from_db()
    assert timedelta(hours=47) < image.retry_at - timezone.now() < timedelta(hours=49)
    server.answers["missing.jpg"] = good()
    ArticleImage.objects.update(retry_at=timezone.now())
    assert cached()[0] == 0
    image.refresh_from_db()
    assert (image.failure, image.failures, image.retry_at, image.true_width) == ("", 0, None, 400)


@pytest.mark.slow
def test_every_kind_of_answer_ends_as_a_picture_or_a_placeholder(server, client, settings):
    settings.NEWSROOM_FETCH_PICTURES = True
    server.answers |= GOOD | NOT_GOOD
    for name, (answer, _) in BAD.items():
        server.answers[f"bad {name}"] = answer
    images = {name: make_image(f"{server.url}/{name.replace(' ', '%20')}") for name in server.answers}
    server.answers |= {name.replace(" ", "%20"): answer for name, answer in server.answers.items()}

    shown = {name: client.get(renditions.address(image, "320.webp")) for name, image in images.items()}

    lasting = {name: client.get(renditions.address(image, "320.webp")) for name, image in images.items()}
    assert {response.status_code for response in shown.values()} == {200}
    assert {opened(response.content).width for name, response in shown.items() if name in GOOD} <= {300, 320}
    bad = [name for name in images if name.startswith("bad") or name in NOT_GOOD]
    assert len(bad) == len(BAD) + len(NOT_GOOD)
    assert {opened(lasting[name].content).size for name in bad} == {(32, 18)}
    assert {lasting[name]["Cache-Control"] for name in bad} == {"public, max-age=60"}
    assert ArticleImage.objects.exclude(failure="").count() == len(bad)
    for name in bad:
        page = client.get(images[name].article.get_absolute_url()).content.decode()
        assert "<img" not in page


def test_a_rendition_has_its_type_and_may_be_kept_for_good(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()

    for encoding, kind in HEADERS.items():
        response = client.get(renditions.address(image, f"320.{encoding}"))
        assert (response.status_code, response["Content-Type"]) == (200, kind)
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert opened(response.content).size == (320, 240)
    whole = client.get(renditions.address(image))
    assert (whole["Content-Type"], opened(whole.content).size) == ("image/jpeg", (400, 300))


def test_a_rendition_is_made_once(server, cached, client, monkeypatch):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    monkeypatch.setattr(renditions.imaging, "rendition", None)

    assert client.get(renditions.address(image, "320.avif")).status_code == 200
    assert client.get(renditions.address(image, "1280.avif")).status_code == 200  # no wider than the picture


@pytest.mark.parametrize("change", [("?s=", "?s=0"), ("s=", "t="), ("320", "321"), ("webp", "jpg"), ("/a/", "/p/")])
def test_an_address_that_was_never_printed_is_none(server, cached, client, change):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()

    assert client.get(renditions.address(image, "320.webp").replace(*change)).status_code == 404


def test_the_address_changes_with_the_copy_and_the_old_one_ends(server, cached, client):
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
def test_pictures_of_what_the_public_may_not_see_are_not_served(server, cached, client, change):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    Article.objects.update(**change)

    assert client.get(renditions.address(image, "320.webp")).status_code == 404
    assert client.get(renditions.address(image)).status_code == 404
    assert client.get(f"/media/{image.file.name}").status_code == 302  # to the admin's log-in


def test_without_the_setting_nobody_asks_anybody(server, client):
    image = make_image(f"{server.url}/a.jpg")

    page = client.get("/").content.decode()
    response = client.get(renditions.address(image, "320.webp"))

    assert "<picture>" not in page
    assert (opened(response.content).size, server.asked) == ((32, 18), [])


def test_with_the_setting_the_picture_is_fetched_when_it_is_asked_for_and_not_before(server, client, settings):
    settings.NEWSROOM_FETCH_PICTURES = True
    image = make_image(f"{server.url}/a.jpg")

    page = client.get("/").content.decode()

    address = renditions.address(image, "320.webp")
    assert (address in page, server.asked) == (True, [])
    response = client.get(address)
    assert (opened(response.content).size, server.asked) == ((320, 240), ["/a.jpg"])
    assert response["Cache-Control"] == "public, max-age=60"  # the address was not yet of this copy
    client.get(address)
    assert server.asked == ["/a.jpg"]


def test_readers_make_three_fetches_at_once_at_most(server, client, settings):
    settings.NEWSROOM_FETCH_PICTURES = True
    image = make_image(f"{server.url}/a.jpg")
    for number in range(3):
        cache.add(f"picture-turn-{number}", 1)

    response = client.get(renditions.address(image, "320.webp"))

    assert (opened(response.content).size, server.asked) == ((32, 18), [])
    cache.delete("picture-turn-1")
    client.get(renditions.address(image, "320.webp"))
    assert server.asked == ["/a.jpg"]


def test_a_copy_that_is_gone_is_a_placeholder_of_its_shape_and_colour(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    for folder in (copies.FOLDER, f"{copies.RENDITIONS}/{Path(image.file.name).name}"):
        for name in copies.files_in(folder):
            default_storage.delete(f"{folder}/{name}")

    shown = opened(client.get(renditions.address(image, "320.webp")).content)

    assert shown.size == (32, 24)
    red, green, blue = shown.convert("RGB").getpixel((9, 9))
    assert red > 150 > 60 > max(green, blue)


def test_a_copy_whose_file_is_lost_is_fetched_again(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    default_storage.delete(image.file.name)

    code, out, _ = cached()

    assert (code, server.asked) == (0, ["/a.jpg", "/a.jpg"])
    assert "1 image without a copy: 1 picture fetched" in out
    assert client.get(renditions.address(image)).status_code == 200


def test_a_copy_that_is_lost_for_good_is_told(server, cached):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    default_storage.delete(image.file.name)
    del server.answers["a.jpg"]

    code, _, err = cached()

    image.refresh_from_db()
    assert (code, err) == (2, f"{image.url}: {image.failure}\n")
    assert (image.file.name, image.true_width, image.failures) == ("", None, 1)


@pytest.fixture
def looked(monkeypatch):
    """Has a function answer whether the storage has a rendition's file."""

    def look(exists):
        methods = {name: getattr(default_storage, name) for name in ("open", "save", "delete")}
        monkeypatch.setattr(renditions, "default_storage", SimpleNamespace(exists=exists, **methods))

    return look


def renditions_of(image):
    return copies.files_in(f"{copies.RENDITIONS}/{Path(image.file.name).name}")


def test_requests_at_once_make_a_rendition_once(monkeypatch, looked):
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
def test_what_another_process_made_meanwhile_is_stored_once(looked, last):
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


def test_copies_that_nothing_names_are_deleted_once_they_are_old(server, cached, monkeypatch):
    make_image(f"{server.url}/a.jpg")
    server.answers["b.jpg"] = good(500, 500)
    kept = make_image(f"{server.url}/b.jpg")
    cached()
    ArticleImage.objects.exclude(pk=kept.pk).delete()

    assert "0 copies deleted" in cached()[1]
    monkeypatch.setattr(copies, "YOUNG", timedelta(0))
    assert "1 copies deleted" in cached()[1]

    name = Path(ArticleImage.objects.get().file.name).name
    assert copies.files_in(copies.FOLDER) == [name]
    assert len(copies.files_in(f"{copies.RENDITIONS}/{name}")) == 4


def test_only_pictures_that_readers_see_are_fetched_and_of_the_site_that_is_named(server, cached):
    make_image(f"{server.url}/a.jpg", make_article(published=False, heat=-1))
    make_image(f"{server.url}/a.jpg", make_article(removed=True))
    ProviderImage.objects.create(provider=make_provider(), url=f"{server.url}/logo.jpg")
    shown = make_image(f"{server.url}/shown.jpg")

    cached("--source", shown.article.source.name)
    assert server.asked == ["/shown.jpg"]
    cached()
    assert server.asked == ["/shown.jpg", "/logo.jpg"]


def test_a_reason_never_repeats_what_a_terminal_or_a_database_would_choke_on(server, cached):
    server.answers["a.jpg"] = lambda handler: handler.wfile.write(b"\x00\x1b[31mred\r\n\r\n")
    make_image(f"{server.url}/a.jpg")

    _, _, err = cached()

    assert "??[31mred" in err
    assert "??[31mred" in ArticleImage.objects.get().failure


def test_what_is_no_address_is_left_alone(cached):
    ProviderImage.objects.create(provider=make_provider(), url="/assets/logo.png")

    assert "0 images without a copy" in cached()[1]
    assert ProviderImage.objects.get().failure == ""


def test_a_set_of_renditions_names_none_that_is_wider_than_the_picture():
    image = make_image("https://i.example/a.jpg", file="pictures/a.jpg", true_width=1200, true_height=600)

    named = renditions.source_set(image, "avif", [320, 640, 1280])
    assert [part.rpartition(" ")[2] for part in named.split(", ")] == ["320w", "640w", "1200w"]
    image.true_width = 200
    assert renditions.source_set(image, "avif", [320, 640]) == renditions.address(image, "320.avif")


def test_a_limit_is_a_limit(server, cached):
    for name in "abcd":
        make_image(f"{server.url}/{name}.jpg")

    cached("--limit", "2")

    assert len(server.asked) == 2
    with pytest.raises(CommandError, match="--limit: expected 1 or more, found 0"):
        cached("--limit", "0")


def test_exports_and_imports_do_not_notice_copies(server, cached):
    files = [make_file("a", images=[{"url": f"{server.url}/a.jpg", "width": 9, "height": 9}], published=True, heat=90)]
    import_files(files)
    cached()

    again = import_files(files)

    assert again.unchanged == 1
    article = Article.objects.get()
    assert dict(exporter.files(article.source))["a"] == files[0].data
    assert article.images.get().true_width == 400


def test_the_api_says_that_a_picture_is_kept_here(server, cached, client):
    make_image(f"{server.url}/a.jpg", is_cached=False)

    def told():
        return client.get("/api/news/index.json").json()["value"][0]["images"][0]["isCached"]

    assert told() is False
    cached()
    assert told() is True


def test_a_copy_from_before_is_examined(cached):
    name = default_storage.save("pictures/old.png", io.BytesIO(good(200, 100, "PNG")))
    make_image("https://i.example/a.png", file=name)

    cached()

    image = ArticleImage.objects.get()
    assert (image.true_width, image.true_height, image.failure) == (200, 100, "")


def test_an_outlets_logo_is_a_rendition(client):
    provider = make_provider()
    make_article(provider=provider)
    logo = ProviderImage.objects.create(provider=provider, url="/logo.png", **copies.store(good(200, 200, "PNG")))

    page = client.get(provider.get_absolute_url()).content.decode()

    assert f'<img src="{renditions.address(logo, "160.webp")}" alt="" width="50" height="50">' in page
    assert opened(client.get(renditions.address(logo, "160.webp")).content).size == (160, 160)


def test_files_on_a_disk_are_whole_or_not_there(tmp_path):
    storage = WholeFileStorage(tmp_path)

    class Interrupted(io.BytesIO):
        def read(self, *arguments):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.save("a/b.webp", Interrupted(b"x"))
    assert not storage.exists("a/b.webp")
    assert storage.save("a/b.webp", io.BytesIO(b"x")) == "a/b.webp"
    assert storage.open("a/b.webp").read() == b"x"


@pytest.mark.parametrize(
    "file",
    ["a" * 300 + ".jpg", "東" * 80 + ".jpg", "a." + "b" * 300, "a.b" * 90],
    ids=["long", "of letters of three bytes", "with a long suffix", "with many suffixes"],
)
def test_a_files_name_is_cut_to_what_a_disk_takes(tmp_path, file):
    storage = WholeFileStorage(tmp_path)

    first, second = (storage.save(f"pictures/{file}", io.BytesIO(data), max_length=255) for data in (b"x", b"y"))

    assert [storage.open(name).read() for name in (first, second)] == [b"x", b"y"]
    assert all(len(Path(name).name.encode()) <= 255 for name in (first, second))
