"""Topics that an article's form offers because its title names them."""

import pytest
from django.urls import reverse

from articles.models import Article, Topic
from tests.admin import everything
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
    def named(title):
        return [topic.name for topic in Topic.objects.named_in(title, make_source())]

    assert named("The ferry and the tide") == ["Harbour", "Tides", "Boats"]
    assert named("Nothing of that") == []


@pytest.mark.parametrize("how", ["its file", "the file of the topic above it", "its articles"])
def test_a_topic_of_another_site_is_not_suggested(taxonomy, how):
    root, boats, _tides = taxonomy
    other, both = make_source("other"), make_source("both")
    if how == "its articles":
        make_article("A ferry elsewhere", source=other, topics=[boats])
    else:
        topic = boats if how == "its file" else root
        topic.file_site = "other"
        topic.save()
    make_article("A boat", source=both, topics=[boats])

    assert list(Topic.objects.named_in("A ferry", make_source())) == []
    assert boats in Topic.objects.named_in("A ferry", other)
    assert boats in Topic.objects.named_in("A ferry", both)


def topics_of(article):
    return [link.tag.name for link in article.topic_links.order_by("position")]


def test_a_new_article_gets_no_topic_that_its_editor_did_not_choose(admin_client, taxonomy):
    address = reverse("admin:articles_article_add")
    data = form_data(admin_client.get(address))
    data |= {"title": "A ferry", "published_at_0": "2026-11-01", "published_at_1": "12:00:00"}

    page = admin_client.post(
        address, data | {"source": make_source().pk, "provider": make_provider().pk, "_continue": ""}, follow=True
    )

    assert topics_of(Article.objects.get()) == []
    assert "Its title names Harbour and Boats. Nothing was added" in page.content.decode()
    assert 'name="suggested_topics"' in page.content.decode()
    assert "suggested_topics" not in everything.fields(page)  # none is ticked


def test_a_form_suggests_missing_topics_and_adds_the_selected_ones(admin_client, taxonomy):
    article = make_article("The ferry and the tide", topics=[taxonomy[1]])
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = admin_client.get(address)
    offered = page.context["adminform"].form.fields["suggested_topics"].queryset
    assert {topic.name for topic in offered} == {"Harbour", "Tides"}

    response = admin_client.post(address, form_data(page) | {"suggested_topics": [taxonomy[2].pk]})

    assert response.status_code == 302, response.context["errors"]
    assert topics_of(article) == ["Boats", "Tides"]
