"""Fixtures of the desk: articles that are new, and people who decide."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from articles.models import Article, Mark
from tests.factories import make_articles


@pytest.fixture
def editor(db):
    """Return an editor with every permission but the one for secured texts."""
    user = User.objects.create_user("ed", is_staff=True)
    of_news = Permission.objects.filter(content_type__app_label="articles")
    user.user_permissions.set(of_news.exclude(codename="view_secured"))
    return user


@pytest.fixture
def desk(editor):
    """Return a client of that editor."""
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def new_articles(db):
    """Store some articles as an import leaves them: new, and not published."""
    articles = make_articles({"published": False, "title": f"News {n}", "excerpt": "Words."} for n in range(5))
    Mark.objects.bulk_create(Mark(article=article) for article in articles)
    return articles


@pytest.fixture
def step(desk):
    """Return a function that takes a step on an article, as a script does, and returns the article then."""

    def take(article, do, **sent):
        response = desk.post(f"/admin/desk/triage/{article.pk}/", {"do": do, **sent}, headers={"X-Desk": "1"})
        assert response.status_code == 200, response
        take.card = response.context["card"]
        take.page = response.content.decode()
        return Article.objects.select_related("story", "mark").get(pk=article.pk)

    return take
