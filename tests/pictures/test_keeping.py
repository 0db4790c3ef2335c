"""A media folder that is absent, another one, or in pieces: no copy is forgotten or deleted for that."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError
from django.utils import timezone

from articles.models import ArticleImage
from articles.pictures import copies, keeping, renditions, volume
from newsroom.unavailable import is_unavailable
from tests.factories import make_article, make_image
from tests.picture_server import good

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path, monkeypatch):
    """A media folder as in production, in which every file is old enough to go."""
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "newsroom.storage.WholeFileStorage"}}
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(keeping, "MIN_AGE", timedelta(0))
    monkeypatch.setattr(renditions, "missing", list)  # they take long to make
    return tmp_path / "media"


def fill(number, uploads=0):
    """Images with copies, of which some are an editor's."""
    article = make_article()
    for place in range(number + uploads):
        data = good(40 + place, 30)
        make_image(f"https://i.invalid/{place}.jpg", article, **copies.store(data, uploaded=place >= number))


def files(folder):
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != volume.MARKER
    }


def rows():
    return list(ArticleImage.objects.order_by("pk").values_list("file", "failures"))


@pytest.mark.parametrize("absence", ["empty", "missing", "another site's"])
def test_nothing_is_forgotten_or_stored_while_the_media_folder_is_absent(folder, cached, absence):
    fill(20, uploads=3)
    cached()
    before, kept = rows(), files(folder)
    folder.rename(folder.with_name("away"))
    if absence != "missing":
        folder.mkdir()
    if absence == "another site's":
        (folder / "pictures").mkdir()
        (folder / "pictures" / "theirs.jpg").write_bytes(good())

    with pytest.raises(CommandError, match=r"neither newsroom-media.txt .* is its volume mounted.*Nothing was done"):
        cached()
    with pytest.raises(OSError, match="is its volume mounted") as refused:
        default_storage.save("pictures/new.jpg", ContentFile(good()))

    assert is_unavailable(refused.value)
    assert rows() == before
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name("away").rename(folder)
    assert cached()[0] == 0
    assert (rows(), files(folder)) == (before, kept)


def test_a_media_folder_whose_pictures_are_lost_for_good_is_begun_anew_by_force(folder, cached):
    fill(2, uploads=1)
    shutil.rmtree(folder)

    code, _, err = cached("--force")

    assert (code, err.count("could not be talked to") + err.count("no server named")) == (2, 3)
    assert (folder / volume.MARKER).exists()
    assert [file for file, _ in rows()] == ["", "", ""]


def test_a_new_site_and_one_of_an_older_version_get_the_marker(folder, cached):
    volume.check()
    assert (folder / volume.MARKER).exists()

    fill(3)
    (folder / volume.MARKER).unlink()
    cached()
    assert (folder / volume.MARKER).exists()


def test_more_than_a_few_lost_files_are_not_forgotten_without_force(folder, cached):
    fill(30)
    for name in copies.files_in(copies.FOLDER)[:11]:
        (folder / copies.FOLDER / name).unlink()
    before = rows()

    code, _, err = cached()

    assert (code, rows()) == (2, before)
    assert "11 copies have lost their files. Nothing was done about them" in err
    assert cached("--force")[0] == 2  # they cannot be fetched here
    assert [file for file, _ in rows()].count("") == 11


def test_an_upload_that_is_lost_is_told_again_and_again_and_never_forgotten(folder, cached):
    fill(1, uploads=1)
    make_image("/only/here.jpg", file=default_storage.save("pictures/own.jpg", ContentFile(good(90, 90))))
    cached()
    shutil.rmtree(folder / copies.FOLDER)
    before = rows()

    for _ in range(2):
        code, _, err = cached()
        assert (code, err.count("this file is lost, and was an editor's")) == (2, 2)

    assert rows()[1:] == before[1:]
    assert rows()[0] == ("", 1)  # this one is fetched again: here, in vain


def test_more_than_a_few_unused_files_are_not_deleted_without_force(folder, cached):
    fill(12)
    kept = files(folder)
    ArticleImage.objects.all().delete()  # or the command is told of another database

    code, _, err = cached()

    assert (code, files(folder)) == (2, kept)
    assert "12 of 12 files are used by no image. Nothing was done about them" in err
    assert "12 copies deleted" in cached("--force")[1]


def test_an_unused_file_is_in_the_trash_for_a_month_and_comes_back_if_it_is_needed(folder, cached, monkeypatch):
    fill(2, uploads=1)
    cached()
    kept = {name for name in files(folder) if name.startswith(copies.FOLDER)}
    images = list(ArticleImage.objects.all())
    ArticleImage.objects.all().delete()
    assert "3 copies deleted" in cached()[1]
    today = f"{keeping.TRASH}/{timezone.now().date()}"
    assert files(folder) == {f"{today}/{Path(name).name}" for name in kept}

    ArticleImage.objects.bulk_create(images)
    assert cached()[0] == 0
    assert kept <= files(folder)

    ArticleImage.objects.all().delete()
    cached()
    monkeypatch.setattr(keeping, "TRASH_AGE", timedelta(0))
    cached()
    assert files(folder) == set()


def test_a_storage_that_takes_nothing_loses_no_unused_file(folder, cached, monkeypatch):
    fill(2)
    kept = files(folder)
    ArticleImage.objects.all().delete()

    def refuse(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("newsroom.storage.WholeFileStorage._save", refuse)
    assert "0 copies deleted" in cached()[1]
    assert files(folder) == kept


def test_what_was_being_written_when_the_power_went_is_swept(folder, cached):
    fill(1)
    kept = files(folder)
    (folder / copies.FOLDER / f"{'a' * 32}.part").write_bytes(b"half")

    cached()

    assert {name for name in files(folder) if not name.startswith(copies.RENDITIONS)} == kept
