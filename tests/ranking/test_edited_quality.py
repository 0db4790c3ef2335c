"""A quality that an editor sets moves heat by the rules."""

import pytest
from django.urls import reverse

from articles.models import Article, Conflict
from articles.sync.importer import import_files
from tests.admin.forms import change
from tests.factories import make_article, make_file, make_story_files

pytestmark = pytest.mark.django_db


def heat(client, stem):
    """Return an article's stored heat, which must be what the explanation adds up to, and the terms of it."""
    article = Article.objects.get(stem=stem)
    page = client.get(reverse("admin:articles_article_values", args=[article.pk]))
    explained = next(order for order in page.context["orders"] if order.order == "heat")
    assert explained.score == article.heat_score
    return article.heat_score, {term.name: term.points for term in explained.terms}


def test_heat_follows_a_quality_that_an_editor_sets(admin_client):
    import_files([make_file("a", quality=69, heat=69), make_file("b", quality=69, heat=72)])

    for stem in "ab":
        change(admin_client, Article.objects.get(stem=stem), quality=79)

    assert heat(admin_client, "a") == (79, {"quality": 79})
    assert heat(admin_client, "b") == (82, {"quality": 79, "source": 3})


def test_coverage_counts_once_an_editor_rates_the_lead_highly(admin_client):
    import_files(make_story_files("a", "b", "c", quality=49, heat=49, published=True))

    change(admin_client, Article.objects.get(stem="a"), quality=55)
    assert heat(admin_client, "a") == (95, {"quality": 55, "coverage": 40})

    change(admin_client, Article.objects.get(stem="a"), quality=60)
    assert heat(admin_client, "a")[0] == 100


def test_later_files_move_heat_on_beside_an_editors_quality(admin_client):
    import_files([make_file("a", quality=69, heat=69)])
    change(admin_client, Article.objects.get(stem="a"), quality=79)

    import_files([make_file("a", quality=69, heat=71)])
    assert heat(admin_client, "a") == (81, {"quality": 79, "source": 2})

    import_files([make_file("a", quality=89, heat=91)])
    assert Conflict.objects.get().field == "quality"
    assert heat(admin_client, "a") == (81, {"quality": 79, "source": 2})

    admin_client.post(reverse("admin:articles_article_values", args=[Article.objects.get().pk]), {"field": "quality"})
    assert heat(admin_client, "a") == (91, {"quality": 89, "source": 2})
    assert Article.objects.get().filed_quality is None


def test_a_file_that_comes_to_say_an_editors_quality_is_taken_at_its_word(admin_client):
    import_files([make_file("a", quality=69, heat=69)])
    change(admin_client, Article.objects.get(), quality=79)

    import_files([make_file("a", quality=79, heat=83)])

    assert heat(admin_client, "a") == (83, {"quality": 79, "source": 4})
    assert Article.objects.get().filed_quality is None


def test_an_article_without_a_file_has_the_heat_of_its_quality(admin_client):
    article = make_article(heat_is_computed=True, stem="a")

    change(admin_client, article, quality=33)

    assert heat(admin_client, "a") == (33, {"quality": 33})
