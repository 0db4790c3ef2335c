"""The lists of the admin."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from articles.admin import base
from articles.models import Article
from tests.factories import (
    make_article,
    make_story,
    make_topic,
)

pytestmark = pytest.mark.django_db
MODELS = ["article", "provider", "topic", "story", "relatedlink", "source"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add", "change"])
def test_every_list_and_form_opens(editor_client, one_of_each, model, page):
    arguments = [one_of_each[model].pk] if page == "change" else []

    assert editor_client.get(reverse(f"admin:articles_{model}_{page}", args=arguments), follow=True).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_every_list_can_be_searched(editor_client, one_of_each, model):
    address = reverse(f"admin:articles_{model}_changelist")

    assert editor_client.get(address, {"q": "harbour x"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"published__exact": "1"}, {"lead", "alone"}),
        ({"in_story": "lead"}, {"lead"}),
        ({"in_story": "member"}, {"member"}),
        ({"in_story": "none"}, {"alone"}),
        ({"q": "https://gazette.example/alone"}, {"alone"}),
    ],
)
def test_the_list_of_articles_is_filtered_and_searched(admin_client, query, expected):
    make_story(make_article("lead"), make_article("member"))
    make_article("alone", web_url="https://gazette.example/alone")

    response = admin_client.get(reverse("admin:articles_article_changelist"), query)

    assert {article.title for article in response.context["cl"].result_list} == expected


def test_the_list_of_articles_is_filtered_by_topic_and_period(admin_client):
    topic = make_topic("Tides")
    make_article("about it", topics=[topic])
    make_article("old", topics=[topic], published_at=datetime(2001, 1, 1, tzinfo=UTC))

    address = reverse("admin:articles_article_changelist")
    response = admin_client.get(address, {"topic": topic.pk, "period": "year"})

    assert [article.title for article in response.context["cl"].result_list] == ["about it"]


@pytest.mark.parametrize("query", [{"topic": "x"}, {"period": "x"}, {"in_story": "x"}])
def test_an_unknown_filter_value_filters_nothing(admin_client, query):
    make_article()

    response = admin_client.get(reverse("admin:articles_article_changelist"), query)

    assert len(response.context["cl"].result_list) == 1


def test_a_list_counts_no_further_than_its_limit(admin_client, monkeypatch):
    monkeypatch.setattr(base, "MAX_COUNT", 3)
    for _ in range(5):
        make_article()

    assert admin_client.get(reverse("admin:articles_article_changelist")).context["cl"].result_count == 3


def test_the_admin_does_not_list_taggits_own_tags(admin_client):
    assert "/taggit/" not in admin_client.get(reverse("admin:index")).content.decode()


def test_the_admin_shows_the_name_of_the_site(client, settings):
    assert settings.NEWSROOM_SITE_NAME in client.get("/admin/login/").content.decode().partition("<h1>")[0]


def test_articles_are_deleted_from_their_list(admin_client):
    article = make_article()
    chosen = {"action": "delete_selected", "_selected_action": [article.pk], "post": "yes", "index": "0"}

    admin_client.post(reverse("admin:articles_article_changelist"), chosen)

    assert not Article.objects.exists()
