"""Which articles are public, in which order, and at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles.models import ORDERS, Article, Provider, Topic
from tests.factories import make_article, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", ORDERS)
def test_a_list_is_read_from_its_index_without_sorting(order):
    for _ in range(50):
        make_article()
    if connection.vendor == "postgresql":  # which would rather read so small a table whole
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")

    plan = Article.objects.published().leads().ranked(order).for_cards()[:31].explain()

    assert f"article_by_{order}" in plan
    assert "TEMP B-TREE" not in plan


def test_published_articles_are_neither_removed_nor_in_the_future():
    shown = make_article()
    make_article(published=False)
    make_article(removed=True)
    make_article(published_at=timezone.now() + timedelta(minutes=1))

    assert list(Article.objects.published()) == [shown]


def test_a_story_without_a_lead_hides_none_of_its_articles():
    article = make_article()
    story = make_story(article)
    story.lead = None
    story.save()

    assert list(Article.objects.published().leads()) == [article]


def test_an_article_about_a_topic_is_found_once():
    topic = make_topic("Tides")
    article = make_article(topics=[make_topic("Harbour"), topic])

    assert list(Article.objects.about(topic)) == [article]


def test_the_first_articles_of_stories_are_the_best_and_carry_the_total():
    lead, *members = (make_article(quality=90 - n) for n in range(5))
    story = make_story(lead, *members)
    alone = make_story(make_article())

    first = Article.objects.first_of_stories([story.pk, alone.pk], 2).best_first()

    assert [(article.pk, article.total) for article in first.filter(story=story)] == [(lead.pk, 5), (members[0].pk, 5)]


def test_ensuring_providers_creates_the_missing_ones():
    make_provider("old.example", name="Old")

    found = Provider.objects.ensure({"old.example": "Renamed", "new.example": "New%2c Inc.", "bare.example": None})

    names = {domain: Provider.objects.get(pk=pk).name for domain, pk in found.items()}
    assert names == {"old.example": "Old", "new.example": "New, Inc.", "bare.example": "bare.example"}


def test_ensuring_a_topic_never_reuses_a_slug():
    assert [Topic.objects.ensure([name])[name].slug for name in ("Tides!", "Tides", "Tides!")] == [
        "tides",
        "tides-2",
        "tides",
    ]
