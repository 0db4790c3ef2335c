"""`manage.py demo`: a newsroom to look at."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import override_settings

from articles.models import Article, ArticleImage

pytestmark = pytest.mark.django_db


def run():
    """Run the demo without its server and return what it prints."""
    out = StringIO()
    call_command("demo", "--no-server", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def printed(module_db, tmp_path_factory):
    """What the first run prints. Its rows and pictures are there for the whole module."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield run()


def test_the_demo_stores_the_sample_articles(printed):
    assert Article.objects.count() >= 60
    assert Article.objects.published().count() >= 30


def test_an_editor_can_log_in_with_the_password_that_the_demo_prints(printed):
    password = re.search(r"Password \(shown this once\): (\S+)", printed)[1]

    assert authenticate(username="editor", password=password).is_staff


def test_a_second_demo_changes_nothing_and_shows_no_password(printed):
    before = list(Article.objects.values().order_by("pk")), list(ArticleImage.objects.values().order_by("pk"))

    again = run()

    assert "Password (" not in again
    assert "0 created, 0 updated" in again
    assert (list(Article.objects.values().order_by("pk")), list(ArticleImage.objects.values().order_by("pk"))) == before


def test_the_demo_draws_every_sample_image(printed):
    assert ArticleImage.objects.count() >= 30
    assert not ArticleImage.objects.filter(file="").exists()
