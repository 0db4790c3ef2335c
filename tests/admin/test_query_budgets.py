"""The admin's pages cost a fixed number of queries, however many rows there are."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import (
    Article,
    Change,
    Conflict,
    DeletedArticle,
    Delivery,
    ImportRun,
    Issue,
    RelatedLink,
    Story,
    Subscriber,
)
from tests.admin.newsletter import make_subscribers
from tests.factories import make_articles, make_provider, make_source, make_stories, make_topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]

LISTS = [
    *("article", "provider", "topic", "story", "relatedlink", "source"),
    *("importrun", "conflict", "deletedarticle"),
    *("issue", "subscriber", "delivery"),
]
SIZE = 60  # rows in each list: more than a page shows


@pytest.fixture(scope="module")
def site(module_db):
    """Store sixty rows for each list, which refer to different rows."""
    rows = [
        {"provider": make_provider(f"{n}.example"), "topics": [make_topic(f"T{n}")], "source": make_source(f"s{n}")}
        for n in range(SIZE)
    ]
    leads = make_articles(rows)
    stories = make_stories(list(zip(leads, make_articles({"source": row["source"]} for row in rows), strict=True)))
    RelatedLink.objects.bulk_create(
        RelatedLink(story=story, title="Out", web_url="https://o.example/", provider=story.lead.provider)
        for story in stories
    )
    runs = ImportRun.objects.bulk_create(ImportRun(sources=["harbour"]) for _ in range(SIZE))
    Conflict.objects.bulk_create(
        Conflict(article=lead, field="title", ours="a", theirs="b", run=run)
        for lead, run in zip(leads, runs, strict=True)
    )
    DeletedArticle.objects.bulk_create(DeletedArticle(source=lead.source, stem="gone", title="Gone") for lead in leads)
    issues = Issue.objects.bulk_create(Issue(date=date(2025, 1, 1) + timedelta(days=n)) for n in range(SIZE))
    make_subscribers(SIZE)
    Delivery.objects.bulk_create(
        Delivery(issue=issue, subscriber=subscriber, begun_at=timezone.now())
        for issue, subscriber in zip(issues, Subscriber.objects.all(), strict=True)
    )


@pytest.mark.parametrize("model", LISTS)
def test_a_list_costs_at_most_twelve_queries(admin_client, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        response = admin_client.get(reverse(f"admin:articles_{model}_changelist"))

    assert len(response.context["cl"].result_list) >= 50


def test_a_list_of_conflicts_about_stories_costs_at_most_twelve_queries(admin_client, django_assert_max_num_queries):
    stories = list(Story.objects.select_related("lead"))
    Conflict.objects.bulk_create(
        Conflict(article=story.lead, field="story", ours=story.pk, theirs=other.pk)
        for story, other in pairwise(stories)
    )

    with django_assert_max_num_queries(12):
        page = admin_client.get(reverse("admin:articles_conflict_changelist"), {"field": "story"}).content.decode()

    assert stories[-1].lead.title in page


def test_an_articles_form_costs_at_most_17_queries_however_many_topics_it_has(
    admin_client, django_assert_max_num_queries
):
    topics = [make_topic(f"T{n}") for n in range(9)]
    article, *others = make_articles([{"topics": topics}, *({} for _ in range(20))])
    make_stories([[article, *others]])

    with django_assert_max_num_queries(17):
        admin_client.get(reverse("admin:articles_article_change", args=[article.pk]))


def test_an_articles_history_of_stories_costs_at_most_twelve_queries(admin_client, django_assert_max_num_queries):
    article = Article.objects.first()
    stories = list(Story.objects.all())
    Change.objects.bulk_create(
        Change(article=article, deltas={"story": [story.pk, other.pk]}) for story, other in pairwise(stories)
    )

    with django_assert_max_num_queries(12):
        page = admin_client.get(reverse("admin:articles_article_history", args=[article.pk])).content.decode()

    assert str(stories[-1]) in page
