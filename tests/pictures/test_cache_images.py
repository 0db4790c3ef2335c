"""cache_images fetches pictures once, retries what failed, and deletes copies that nothing uses."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.utils import timezone

from articles.models import Article, ArticleImage, ProviderImage
from articles.pictures import copies, keeping, renditions
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_image, make_provider
from tests.picture_server import BAD, decoded, good, no_pictures, pictures

pytestmark = pytest.mark.django_db
GOOD, NOT_GOOD = pictures(), no_pictures()


def test_a_picture_of_two_articles_is_fetched_once_and_shown_in_both(server, cached, client):
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


def test_a_second_run_of_cache_images_does_nothing(server, cached):
    make_image(f"{server.url}/a.jpg")
    make_image(f"{server.url}/missing.jpg")
    assert cached()[0] == 2
    before = list(ArticleImage.objects.values())

    code, out, _ = cached()

    assert (code, len(server.asked)) == (0, 2)
    assert "0 images without a copy: 0 pictures fetched, 0 failed; 0 renditions made" in out
    assert list(ArticleImage.objects.values()) == before


def test_a_new_image_of_a_known_address_gets_the_existing_copy(server, cached):
    make_image(f"{server.url}/a.jpg")
    cached()
    new = make_image(f"{server.url}/a.jpg")

    cached()

    assert server.asked == ["/a.jpg"]
    assert ArticleImage.objects.get(pk=new.pk).true_width == 400


def test_a_failed_picture_is_reported_and_retried_later(server, cached, tmp_path):
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


def test_the_reason_of_a_failure_has_no_control_characters(server, cached):
    server.answers["a.jpg"] = lambda handler: handler.wfile.write(b"\x00\x1b[31mred\r\n\r\n")
    make_image(f"{server.url}/a.jpg")

    _, _, err = cached()

    assert "??[31mred" in err
    assert "??[31mred" in ArticleImage.objects.get().failure


def test_a_copy_whose_file_was_lost_is_fetched_again(server, cached, client):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    default_storage.delete(image.file.name)

    code, out, _ = cached()

    assert (code, server.asked) == (0, ["/a.jpg", "/a.jpg"])
    assert "1 image without a copy: 1 picture fetched" in out
    assert client.get(renditions.address(image)).status_code == 200


def test_a_lost_copy_that_cannot_be_fetched_again_is_reported(server, cached):
    image = make_image(f"{server.url}/a.jpg")
    cached()
    image.refresh_from_db()
    default_storage.delete(image.file.name)
    del server.answers["a.jpg"]

    code, _, err = cached()

    image.refresh_from_db()
    assert (code, err) == (2, f"{image.url}: {image.failure}\n")
    assert (image.file.name, image.true_width, image.failures) == ("", None, 1)


def test_cache_images_reports_a_rendition_that_cannot_be_stored(server, cached, full_storage):
    make_image("https://i.example/a.jpg", **copies.store(good()))
    full_storage()

    code, out, err = cached()

    assert (code, "0 renditions made" in out) == (0, True)
    assert "No space left on device" in err


def test_unused_copies_are_deleted_once_they_are_old(server, cached, monkeypatch):
    make_image(f"{server.url}/a.jpg")
    server.answers["b.jpg"] = good(500, 500)
    kept = make_image(f"{server.url}/b.jpg")
    cached()
    ArticleImage.objects.exclude(pk=kept.pk).delete()

    assert "0 copies deleted" in cached()[1]
    monkeypatch.setattr(keeping, "MIN_AGE", timedelta(0))
    assert "1 copies deleted" in cached()[1]

    name = Path(ArticleImage.objects.get().file.name).name
    assert copies.files_in(copies.FOLDER) == [name]
    assert len(copies.files_in(f"{copies.RENDITIONS}/{name}")) == 4


def test_only_pictures_that_readers_see_are_fetched(server, cached):
    make_image(f"{server.url}/a.jpg", make_article(published=False, heat=-1))
    make_image(f"{server.url}/a.jpg", make_article(removed=True))
    ProviderImage.objects.create(provider=make_provider(), url=f"{server.url}/logo.jpg")
    shown = make_image(f"{server.url}/shown.jpg")

    cached("--source", shown.article.source.name)
    assert server.asked == ["/shown.jpg"]
    cached()
    assert server.asked == ["/shown.jpg", "/logo.jpg"]


def test_an_image_without_a_web_address_is_ignored(cached):
    ProviderImage.objects.create(provider=make_provider(), url="/assets/logo.png")

    assert "0 images without a copy" in cached()[1]
    assert ProviderImage.objects.get().failure == ""


def test_cache_images_fetches_no_more_than_its_limit(server, cached):
    for name in "abcd":
        make_image(f"{server.url}/{name}.jpg")

    cached("--limit", "2")

    assert len(server.asked) == 2
    with pytest.raises(CommandError, match="--limit: expected 1 or more, found 0"):
        cached("--limit", "0")


def test_copies_change_neither_exports_nor_imports(server, cached):
    files = [make_file("a", images=[{"url": f"{server.url}/a.jpg", "width": 9, "height": 9}], published=True, heat=90)]
    import_files(files)
    cached()

    again = import_files(files)

    assert again.unchanged == 1
    article = Article.objects.get()
    assert dict(exporter.files(article.source))["a"] == files[0].data
    assert article.images.get().true_width == 400


def test_a_copy_of_an_older_version_is_examined(cached):
    name = default_storage.save("pictures/old.png", io.BytesIO(good(200, 100, "PNG")))
    make_image("https://i.example/a.png", file=name)

    cached()

    image = ArticleImage.objects.get()
    assert (image.true_width, image.true_height, image.failure) == (200, 100, "")


@pytest.mark.slow
def test_every_answer_of_a_server_ends_as_a_picture_or_a_placeholder(server, cached, client):
    server.answers |= GOOD | NOT_GOOD
    for name, (answer, _) in BAD.items():
        server.answers[f"bad {name}"] = answer
    images = {name: make_image(f"{server.url}/{name.replace(' ', '%20')}") for name in server.answers}
    server.answers |= {name.replace(" ", "%20"): answer for name, answer in server.answers.items()}

    code, _, _ = cached()

    for image in images.values():
        image.refresh_from_db()
    shown = {name: client.get(renditions.address(image, "320.webp")) for name, image in images.items()}
    assert code == 2
    assert {response.status_code for response in shown.values()} == {200}
    assert {decoded(response.content).width for name, response in shown.items() if name in GOOD} <= {300, 320}
    bad = [name for name in images if name.startswith("bad") or name in NOT_GOOD]
    assert len(bad) == len(BAD) + len(NOT_GOOD)
    assert {decoded(shown[name].content).size for name in bad} == {(32, 18)}
    assert {shown[name]["Cache-Control"] for name in bad} == {"public, max-age=60"}
    assert ArticleImage.objects.exclude(failure="").count() == len(bad)
    for name in bad:
        page = client.get(images[name].article.get_absolute_url()).content.decode()
        assert "<img" not in page
