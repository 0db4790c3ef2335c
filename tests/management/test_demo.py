"""`manage.py demo`: a newsroom to look at."""

import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from articles.models import Article, ArticleImage

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path, capsys):
    """Runs the demo without its server and returns what it prints."""
    settings.MEDIA_ROOT = tmp_path

    def run():
        call_command("demo", "--no-server")
        return capsys.readouterr().out

    return run


def test_the_demo_has_the_sample_articles(demo):
    demo()

    assert Article.objects.count() >= 60
    assert Article.objects.published().count() >= 30


def test_the_editor_of_the_demo_can_log_in_with_the_printed_password(demo):
    printed = demo()

    password = re.search(r"Password \(shown this once\): (\S+)", printed)[1]
    assert authenticate(username="editor", password=password).is_staff


def test_a_second_run_of_the_demo_changes_nothing_and_prints_no_password(demo):
    demo()
    before = list(Article.objects.values().order_by("pk")), list(ArticleImage.objects.values().order_by("pk"))

    printed = demo()

    assert "Password (" not in printed
    assert "0 created, 0 updated" in printed
    assert (list(Article.objects.values().order_by("pk")), list(ArticleImage.objects.values().order_by("pk"))) == before


def test_the_demo_draws_every_sample_picture(demo):
    demo()

    assert ArticleImage.objects.count() >= 30
    assert not ArticleImage.objects.filter(file="").exists()
