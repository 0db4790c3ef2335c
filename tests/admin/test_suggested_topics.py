"""Topics that an article's form offers because its title names them."""

import pytest
from django.urls import reverse

from articles.models import Article, Topic
from tests.admin.forms import form_data
from tests.factories import make_article, make_provider, make_source, make_topic


@pytest.fixture
def taxonomy(db):
    root = make_topic("Harbour", slug="harbour", menu_order=0)
    return [
        root,
        make_topic("Boats", slug="boats", parent=root, keywords=["ferry"], menu_order=2),
        make_topic("Tides", slug="tides", parent=root, keywords=["tide"], menu_order=1),
    ]


def test_named_topics_follow_their_parent_in_menu_order(taxonomy):
    assert [topic.name for topic in Topic.objects.named_in("The ferry and the tide")] == ["Harbour", "Tides", "Boats"]
    assert list(Topic.objects.named_in("Nothing of that")) == []


def topics_of(article):
    return [link.tag.name for link in article.topic_links.order_by("position")]


@pytest.mark.parametrize(("find_topics", "topics"), [({"find_topics": "on"}, ["Harbour", "Boats"]), ({}, [])])
def test_a_new_article_gets_the_topics_its_title_names_if_the_editor_asks(admin_client, taxonomy, find_topics, topics):
    address = reverse("admin:articles_article_add")
    data = form_data(admin_client.get(address))
    assert data.pop("find_topics") == "on"
    data |= {"title": "A ferry", "published_at_0": "2026-11-01", "published_at_1": "12:00:00"}

    response = admin_client.post(
        address, data | find_topics | {"source": make_source().pk, "provider": make_provider().pk}
    )

    assert response.status_code == 302, response.context["errors"]
    assert topics_of(Article.objects.get()) == topics


def test_a_form_suggests_missing_topics_and_adds_the_selected_ones(admin_client, taxonomy):
    article = make_article("The ferry and the tide", topics=[taxonomy[1]])
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = admin_client.get(address)
    offered = page.context["adminform"].form.fields["suggested_topics"].queryset
    assert {topic.name for topic in offered} == {"Harbour", "Tides"}

    response = admin_client.post(address, form_data(page) | {"suggested_topics": [taxonomy[2].pk]})

    assert response.status_code == 302, response.context["errors"]
    assert topics_of(article) == ["Boats", "Tides"]
