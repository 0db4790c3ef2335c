"""What is secured in a file, in the admin."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles.models import Article, ImportRun
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.frontmatter.test_secrets import CANARY
from tests.sync.test_secrets import secretive

pytestmark = pytest.mark.django_db


@pytest.mark.attack(21)
def test_the_admin_shows_what_is_secured_to_those_with_the_right_only(editor_client, admin_client):
    file = secretive()
    import_files([file])
    article = Article.objects.get()
    names = ["change", "history"]
    addresses = [reverse(f"admin:articles_article_{name}", args=[article.pk]) for name in names]
    addresses += [
        reverse("admin:articles_article_values", args=[article.pk]),
        reverse("admin:articles_article_changelist"),
        reverse("admin:articles_importrun_change", args=[ImportRun.objects.get().pk]),
        reverse("admin:articles_story_change", args=[article.story_id]),
        reverse("admin:articles_provider_change", args=[article.provider_id]),
    ]

    for address in addresses:
        response = editor_client.get(address)
        assert response.status_code == 200
        assert CANARY not in response.content.decode(), address
    shown = admin_client.get(addresses[0]).content.decode()
    assert shown.count(CANARY) >= 5
    assert User.objects.get(username="admin").has_perm("articles.view_secured")
    assert dict(exporter.files(article.source))["a"] == file.data
