"""Topics that a title names."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from articles.frontmatter import Kind, parse
from articles.models import Article, Topic
from articles.sync.files import find
from articles.text.keywords import named
from tests.admin.forms import form_data
from tests.factories import make_article, make_provider, make_source, make_topic
from tests.paths import AZURE, POWERAPPS, needs_corpus

KEYWORDS = {"Tides": ["tide", "high water"], "Boats": ["ferry", "C++ boat", "AI"], "Nothing": []}


@pytest.mark.parametrize(
    ("title", "topics"),
    [
        ("The tide turns", ["Tides"]),
        ("TIDE and Ferry", ["Tides", "Boats"]),
        ("Tides turn", []),
        ("A tide-table", ["Tides"]),
        ("High water, again", ["Tides"]),
        ("A C++ boat", ["Boats"]),
        ("It said so again", []),
        ("", []),
    ],
)
def test_a_topic_is_named_by_a_keyword_as_a_whole_word(title, topics):
    assert named(title, KEYWORDS) == topics


@pytest.fixture
def taxonomy(db):
    root = make_topic("Harbour", slug="harbour", menu_order=0)
    return [
        root,
        make_topic("Boats", slug="boats", parent=root, keywords=["ferry"], menu_order=2),
        make_topic("Tides", slug="tides", parent=root, keywords=["tide"], menu_order=1),
    ]


def test_topics_that_are_named_come_after_the_one_above_them_in_the_menus_order(taxonomy):
    assert [topic.name for topic in Topic.objects.named_in("The ferry and the tide")] == ["Harbour", "Tides", "Boats"]
    assert list(Topic.objects.named_in("Nothing of that")) == []


def topics_of(article):
    return [link.tag.name for link in article.topic_links.order_by("position")]


@pytest.mark.parametrize(("find_topics", "topics"), [({"find_topics": "on"}, ["Harbour", "Boats"]), ({}, [])])
def test_a_new_article_gets_the_topics_that_its_title_names_if_asked(admin_client, taxonomy, find_topics, topics):
    address = reverse("admin:articles_article_add")
    data = form_data(admin_client.get(address))
    assert data.pop("find_topics") == "on"
    data |= {"title": "A ferry", "published_at_0": "2026-11-01", "published_at_1": "12:00:00"}

    response = admin_client.post(
        address, data | find_topics | {"source": make_source().pk, "provider": make_provider().pk}
    )

    assert response.status_code == 302, response.context["errors"]
    assert topics_of(Article.objects.get()) == topics


def test_a_form_offers_the_topics_that_are_missing_and_adds_those_ticked(admin_client, taxonomy):
    article = make_article("The ferry and the tide", topics=[taxonomy[1]])
    address = reverse("admin:articles_article_change", args=[article.pk])
    page = admin_client.get(address)
    offered = page.context["adminform"].form.fields["suggested_topics"].queryset
    assert {topic.name for topic in offered} == {"Harbour", "Tides"}

    response = admin_client.post(address, form_data(page) | {"suggested_topics": [taxonomy[2].pk]})

    assert response.status_code == 302, response.context["errors"]
    assert topics_of(article) == ["Boats", "Tides"]


def figures(articles, keywords):
    """Precision, recall and the share of exact sets, the site's own topic left out."""
    right = told = there = exact = 0
    for values in articles:
        wanted = {name for name in values.get("topics", ()) if name in keywords}
        found = set(named(values["title"], keywords))
        right, told, there = right + len(wanted & found), told + len(found), there + len(wanted)
        exact += wanted == found
    return round(right / told, 3), round(right / there, 3), round(exact / len(articles), 3)


def site(archive):
    files = list(find(str(archive)))
    topics = sorted((file.name, parse(file.data, Kind.TOPIC).values) for file in files if file.kind is Kind.TOPIC)
    keywords = {topic["name"]: topic.get("keywords", []) for _, topic in topics if topic.get("parent")}
    return [parse(file.data).values for file in files if file.kind is Kind.ARTICLE], keywords


@pytest.mark.slow
@needs_corpus
def test_the_rule_gives_the_topics_that_the_real_sites_gave():
    articles, keywords = site(POWERAPPS)
    precision, recall, _ = figures(articles, keywords)
    assert precision == 1
    assert recall >= 0.96  # 51 of the 53 that its 192 articles have

    articles, keywords = site(AZURE)
    assert figures(articles, keywords) == (0.678, 0.780, 0.836)
    late = [values for values in articles if values["published_at"] >= datetime(2021, 1, 1, tzinfo=UTC)]
    blog = [v for v in late if v["provider"]["domain"] == "microsoft.com" and "/blog/" in v.get("web_url", "")]
    assert figures([v for v in late if v not in blog], keywords) == (1, 1, 1)
    assert figures(blog, keywords)[0] == 1
