"""Fixtures for tests of the admin."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from articles.models import (
    Article,
    ArticleImage,
    Conflict,
    RelatedLink,
    Topic,
)
from articles.newsletter import issues
from articles.sync.importer import import_files
from tests.admin.forms import form_data
from tests.admin.newsletter import DAY
from tests.factories import (
    make_article,
    make_file,
    make_provider,
    make_story,
    make_topic,
)


@pytest.fixture
def editor_client(client):
    """Return a client of an editor with every permission but the one for secured texts."""
    user = User.objects.create_user("ed", is_staff=True)
    of_news = Permission.objects.filter(content_type__app_label="articles")
    user.user_permissions.set(of_news.exclude(codename="view_secured"))
    client.force_login(user)
    client.editor = user
    return client


@pytest.fixture
def one_of_each():
    article = make_article(topics=[make_topic("Harbour")])
    story = make_story(article, make_article())
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg")
    link = RelatedLink.objects.create(
        story=story, title="Out", web_url="https://o.example/", provider=make_provider("o.example")
    )
    return {
        "article": article,
        "provider": article.provider,
        "topic": Topic.objects.get(),
        "story": story,
        "relatedlink": link,
        "source": article.source,
    }


@pytest.fixture
def conflict():
    """Return a conflict: an article's title, changed by both an editor and its file."""
    import_files([make_file("a", title="Before")])
    Article.objects.update(title="The editor's")
    import_files([make_file("a", title="The file's", excerpt="New.")])
    return Conflict.objects.get()


@pytest.fixture
def opened(editor_client):
    """Return a function that opens a row's form and returns another one, which changes some values and saves it."""

    def open_form(row):
        address = reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])
        data = form_data(editor_client.get(address))

        def send(**values):
            sent = {key: value for key, value in (data | values).items() if value is not None}
            response = editor_client.post(address, sent)
            assert response.status_code == 302, response.context["errors"]

        return send

    return open_form


@pytest.fixture
def issue(settings):
    settings.NEWSROOM_SENDS_MAIL = True
    make_article("The news <b>", excerpt="Words.")
    return issues.build(DAY, "day")


@pytest.fixture
def issue_address(issue):
    return f"/admin/articles/issue/{issue.pk}/"


@pytest.fixture
def logged_in(client):
    """Return a function that logs in an editor with only the named permissions."""

    def log_in(*names):
        user = User.objects.create_user("ed", email="ed@example.org", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return log_in
