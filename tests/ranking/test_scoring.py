"""The stored scores: SQL gives what the rules in Python give, whatever the figures."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import ranking
from articles.models import ORDERS, Article, Pin, RelatedLink, Source, Story
from articles.ranking import scoring
from articles.sync.importer import import_files
from tests.factories import make_file, make_provider, make_story_files
from tests.ranking.stored import stored_score

pytestmark = pytest.mark.django_db


def make_random_site(chance, number):
    """Store articles, stories and links of any figures: removed, merged, without a lead, boosted, pinned."""
    source = Source.objects.create(
        name="random", heat_weight=7, heat_threshold=40, hot_day_points=11, hot_most_coverage=3
    )
    provider = make_provider()
    now = timezone.now().replace(microsecond=0)
    Article.objects.bulk_create(
        Article(
            source=source,
            stem=f"r{n}",
            title=f"R {n}",
            provider=provider,
            quality=chance.randrange(150),
            heat=chance.choice([-1, -7, 0, chance.randrange(400)]),
            heat_is_computed=chance.random() < 0.5,
            filed_quality=chance.choice([None, chance.randrange(150)]),
            boost=chance.choice([0, 0, chance.randrange(-90, 90)]),
            removed=chance.random() < 0.1,
            published_at=now - timedelta(seconds=chance.randrange(39 * 10**8)),
            published=True,
        )
        for n in range(number)
    )
    articles = list(Article.objects.order_by("pk"))
    make_random_stories(chance, source, articles)
    make_random_links(chance, number // 10, articles)
    for article in chance.sample(articles, 10):
        Pin.objects.create(article=article, position=chance.randrange(1, 99), reason="Because")
    scoring.rescore()


def make_random_stories(chance, source, articles):
    for _ in range(len(articles) // 20):
        members = chance.sample(articles, chance.randrange(1, 6))
        Story.objects.filter(lead__in=members).update(lead=None)
        story = Story.objects.create(source=source, lead=chance.choice([members[0], members[0], None]))
        Article.objects.filter(pk__in=[member.pk for member in members]).update(story=story)
    stories = list(Story.objects.order_by("pk"))
    for merged, into in zip(stories[::7], stories[1::7], strict=False):
        Article.objects.filter(story=merged).update(story=into)
        Story.objects.filter(pk=merged.pk).update(merged_into=into, lead=None)


def make_random_links(chance, number, articles):
    provider = make_provider()
    stories = list(Story.objects.order_by("pk"))
    RelatedLink.objects.bulk_create(
        RelatedLink(
            story=chance.choice(stories),
            web_url=f"https://o.example/{n}",
            title="Out",
            provider=provider,
            published_at=chance.choice([None, timezone.now().replace(microsecond=0)]),
            target=chance.choice([None, *chance.sample(articles, 3)]),
        )
        for n in range(number)
    )


def story_figures():
    """The coverage, newest time and boost of each story, counted in plain loops."""
    members = list(Article.objects.all())
    links = list(RelatedLink.objects.select_related("target", "story"))
    for story in Story.objects.all():
        own = [article for article in members if article.story_id == story.pk]
        shown = [article for article in own if not article.removed]
        here = [link for link in links if link.story_id == story.pk]
        coverage = len(shown) + sum(counts(link, story) for link in links)
        times = [found.published_at for found in (*shown, *here) if found.published_at]
        yield story, (coverage, max(times, default=None), sum(article.boost for article in own))


def counts(link, story):
    """Whether a link counts as coverage of a story: not one to a removed article, or to one of the story's own."""
    if story.pk not in (link.story_id, link.story.merged_into_id):
        return False
    return link.target is None or not (link.target.removed or link.target.story_id == story.pk)


def check_scores(articles):
    """Compare the stored scores with the rules, and the lists with a plain sort by these scores."""
    scores = {order: {a.pk: ranking.score(order, a.facts, a.source.rules) for a in articles} for order in ORDERS}
    for order in ORDERS:
        assert scores[order] == {article.pk: stored_score(article, order) for article in articles}, order
        ranked = list(Article.objects.filter(source=articles[0].source).ranked(order).values_list("pk", flat=True))
        keys = {
            "quality": lambda a: (-scores["quality"][a.pk], -scores["heat"][a.pk]),
            "heat": lambda a: (-scores["heat"][a.pk], -scores["quality"][a.pk]),
            "hot": lambda a: (-scores["hot"][a.pk], -scores["quality"][a.pk]),
            "latest": lambda a: (),
        }
        rest = [(*keys[order](a), -a.published_at.timestamp(), a.file_name, a.pk) for a in articles]
        assert len(set(rest)) == len(rest)
        assert ranked == [key[-1] for key in sorted(rest)]


@pytest.mark.parametrize("number", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_random_articles_are_stored_and_sorted_as_the_rules_say(number):
    make_random_site(random.Random(number), number)  # noqa: S311 (a sample, not a secret)

    check_scores(list(Article.objects.select_related("source", "story")))


def test_stories_store_the_figures_that_plain_loops_count():
    make_random_site(random.Random(9), 300)  # noqa: S311 (a sample, not a secret)

    for story, figures in story_figures():
        assert (story.coverage, story.newest_at, story.boost) == figures


def test_an_import_stores_the_scores_that_the_rules_give():
    import_files([*make_story_files("a", "b", "c", heat=130), make_file("d", heat=77), make_file("e", heat=None)])

    articles = list(Article.objects.select_related("source", "story"))
    check_scores(articles)
    assert {article.stem: article.heat_score for article in articles}["d"] == 77


@pytest.mark.parametrize("heat", [-1, -7, 0, 31, 400, None])
def test_an_import_scores_an_article_at_once_as_the_database_does(monkeypatch, heat):
    monkeypatch.setattr("articles.stories.grouping.regroup", lambda *arguments: 0)
    import_files([make_file(f"q{quality}", quality=quality, heat=heat) for quality in (0, 49, 50, 189)])
    scores = ("pk", "quality_score", "heat_score", "hot_score")
    stored = list(Article.objects.order_by("pk").values_list(*scores))

    scoring.rescore()

    assert stored == list(Article.objects.order_by("pk").values_list(*scores))
