"""Pictures that editors upload."""

import errno
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from tests.admin.forms import form_data
from tests.factories import (
    make_article,
    make_provider,
)

pytestmark = pytest.mark.django_db


def upload(width, height, name="a.png"):
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), "image/png")


def test_an_uploaded_picture_is_kept_until_it_is_cleared(opened, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    article = make_article()
    new = {"images-TOTAL_FORMS": "1", "images-0-url": "https://i.example/a.jpg", "images-0-id": ""}

    opened(article)(**new, **{"images-0-file": upload(9, 9)})
    kept = article.images.get().file.name
    opened(article)(**{"images-0-title": "Edited"})

    assert (article.images.get().title, article.images.get().file.name) == ("Edited", kept)
    opened(article)(**{"images-0-file-clear": "on"})
    assert article.images.get().file.name == ""


@pytest.mark.parametrize("name", ["a" * 300 + ".png", "東" * 80 + ".png"], ids=["long", "of letters of three bytes"])
def test_a_picture_may_have_any_name(opened, tmp_path, settings, name):
    settings.MEDIA_ROOT = tmp_path
    article = make_article()

    new = {"images-TOTAL_FORMS": "1", "images-0-url": "https://i.example/a.jpg", "images-0-id": ""}
    opened(article)(**new, **{"images-0-file": upload(9, 9, name)})

    assert article.images.get().true_width == 9


@pytest.mark.parametrize("make", [make_article, make_provider])
def test_an_upload_that_cannot_be_shown_is_refused(editor_client, make):
    row = make()
    address = reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])
    sent = form_data(editor_client.get(address)) | {"images-TOTAL_FORMS": "1", "images-0-file": upload(16_001, 8)}

    page = editor_client.post(address, sent | {"images-0-url": "https://i.example/a.jpg", "images-0-id": ""})

    assert "Expected at most" in page.content.decode()
    assert not row.images.exists()


def test_a_logo_keeps_our_copy_until_its_address_changes(opened):
    provider = make_provider()
    copy = {"file": "pictures/a.png", "true_width": 9, "true_height": 9, "colour": "#aa2222"}
    provider.images.create(url="https://i.example/a.png", **copy)

    opened(provider)(**{"images-0-title": "Edited"})
    logo = provider.images.get()
    assert (logo.title, logo.file.name, logo.true_width) == ("Edited", "pictures/a.png", 9)

    opened(provider)(**{"images-0-url": "https://i.example/b.png"})
    logo = provider.images.get()
    assert (logo.file.name, logo.true_width, logo.colour) == ("", None, "")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENODEV])
def test_an_upload_that_the_disk_does_not_take_changes_nothing(editor_client, monkeypatch, error):
    article = make_article("Before")
    address = reverse("admin:articles_article_change", args=[article.pk])
    new = {"images-TOTAL_FORMS": "1", "images-0-file": upload(9, 9), "images-0-id": ""}
    sent = form_data(editor_client.get(address)) | new | {"images-0-url": "https://i.example/a.jpg", "title": "After"}
    editor_client.raise_request_exception = False

    def save(*arguments, **named):
        raise OSError(error, "It takes nothing")

    monkeypatch.setattr("newsroom.storage.WholeFileStorage._save", save)
    answer = editor_client.post(address, sent)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    article.refresh_from_db()
    assert (article.title, article.images.exists()) == ("Before", False)
