"""/media/: our copies of pictures, for who may see them in a form."""

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from articles.models import ArticleImage, ProviderImage
from tests.admin.effects import staff
from tests.factories import make_article, make_provider

pytestmark = pytest.mark.django_db
NAME = "pictures/upload-0123456789abcdef.png"


@pytest.fixture
def copy(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    name = default_storage.save(NAME, ContentFile(b"\x89PNG"))
    ArticleImage.objects.create(article=make_article(), url="https://i.example/a", file=name, true_width=9)
    return f"/media/{name}"


def status(user, address):
    client = Client()
    if user:
        client.force_login(user)
    return client.get(address).status_code


@pytest.mark.attack(15)
@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ([], 403),
        (["view_article"], 403),
        (["view_providerimage"], 404),
        (["view_articleimage"], 200),
        (["change_articleimage"], 200),
        (["add_articleimage", "delete_articleimage"], 403),
    ],
    ids=["none", "the article", "logos", "to look", "to change", "all others"],
)
def test_a_copy_is_shown_to_who_may_see_its_image(copy, rights, expected):
    assert status(staff(*rights), copy) == expected


@pytest.mark.attack(15)
def test_a_copy_is_not_shown_to_readers(copy):
    assert [status(user, copy) for user in (None, User.objects.create_user("reader"))] == [302, 302]


@pytest.mark.attack(10)
def test_a_copy_does_nothing_in_a_browser(copy, admin_client):
    answer = admin_client.get(copy)

    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.attack(10)
@pytest.mark.parametrize("row", ["nobody's", "not encoded by us"])
def test_a_file_that_we_did_not_encode_is_not_served(copy, admin_client, row):
    name = default_storage.save("pictures/raw.png", ContentFile(b"GIF89a<script>"))
    if row == "not encoded by us":
        ProviderImage.objects.create(provider=make_provider(), url="https://i.example/p", file=name)

    assert admin_client.get(f"/media/{name}").status_code == 404


@pytest.mark.attack(3)
@pytest.mark.parametrize(
    "path",
    [
        "pictures/..", "pictures/../db.sqlite3", "../newsroom/settings.py", "pictures/%2e%2e/%2e%2e/db.sqlite3",
        "pictures/a%00.png", "pictures/" + "a" * 5000 + ".png", "pictures/" + "a" * 200 + ".png", "pictures/",
        "pictures/.hidden", "pictures//etc/passwd", "pictures/a.png/", "pictures/%F0%9F%98%80.png", "", "db.sqlite3",
        "pictures/a\\..\\b.png", "pictures/con.png",
    ],
)  # fmt: skip
def test_an_odd_path_is_not_found(copy, admin_client, path):
    assert admin_client.get(f"/media/{path}").status_code == 404
