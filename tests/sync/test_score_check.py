"""Stored scores against the source's rules."""

import json
import random
from itertools import islice
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from articles import ranking
from articles.models import Article, RelatedLink, Source, Story
from articles.sync import score_check
from articles.sync.files import find
from articles.sync.importer import import_files
from tests.factories import make_article, make_provider, make_source, make_story
from tests.paths import AZURE, POWERAPPS, needs_corpus

pytestmark = pytest.mark.django_db
RULES = ranking.Rules()


@pytest.mark.parametrize(
    ("quality", "others", "leads", "heat"),
    [(60, 0, True, 60), (60, 3, True, 120), (50, 1, True, 70), (49, 9, True, 49), (0, 0, True, 0), (90, 3, False, -1)],
)
def test_heat_is_quality_and_points_for_the_others_of_a_good_story(quality, others, leads, heat):
    assert RULES.heat(quality, others, leads) == heat


def test_articles_are_published_from_the_threshold_on():
    assert [RULES.published(heat) for heat in (-1, 69, 70, 71)] == [False, False, True, True]


def test_the_lead_has_the_highest_quality_then_the_first_name():
    assert ranking.lead([(80, "b.md"), (90, "d.md"), (90, "c.md")]) == (90, "c.md")
    assert ranking.lead([]) is None


def found(source="harbour"):
    return [(d.path, d.kind, d.expected, d.found) for d in score_check.deviations(Source.objects.get(name=source))]


def test_a_site_that_keeps_the_rules_has_no_deviation():
    make_article(quality=80, heat=80, published=True)
    make_story(make_article(quality=60, heat=80), make_article(quality=55))

    assert found() == []


def test_a_wrong_heat_is_one_deviation():
    article = make_article(stem="a", quality=80, heat=85)

    assert found() == [(article.path, "heat", 80, 85)]


def test_a_wrong_publication_is_one_deviation():
    article = make_article(stem="a", quality=20, heat=20, published=True)

    assert found() == [(article.path, "published", False, True)]


def test_a_wrong_lead_is_one_deviation():
    best, other = make_article(stem="a", quality=90, heat=110), make_article(stem="b", quality=60)
    story = make_story(best, other)
    Story.objects.filter(pk=story.pk).update(lead=other)

    assert found() == [(best.path, "lead", "a.md", "b.md")]


def test_links_count_as_coverage():
    story = make_story(make_article(quality=60, heat=80))
    RelatedLink.objects.create(story=story, title="Out", web_url="https://o.example/", provider=make_provider())

    assert found() == []


def test_the_figures_are_the_sites_own():
    make_source().delete()
    Source.objects.create(name="harbour", heat_weight=10, heat_threshold=70, publish_threshold=90)
    make_story(make_article(quality=80, heat=90), make_article(quality=55))
    make_article(quality=80, heat=80, published=False)

    assert found() == []


def run(*arguments):
    try:
        return call_command("check_scores", *arguments)
    except SystemExit as error:
        return error.code


def test_the_command_lists_each_deviation_and_exits_with_2(capsys, tmp_path):
    make_article(stem="a", quality=80, heat=85)

    code = run("--report", str(tmp_path / "report.json"))

    report = json.loads((tmp_path / "report.json").read_text())
    assert code == 2
    assert capsys.readouterr().out.startswith("harbour/_news/a.md: heat: expected 80, found 85\n1 article, 1 deviation")
    assert (report["heat"], report["published"], report["lead"]) == (1, 0, 0)
    assert report["deviations"] == [
        {"source": "harbour", "path": "_news/a.md", "kind": "heat", "expected": 80, "found": 85}
    ]


def test_the_command_exits_with_0_without_deviations(capsys):
    make_article()

    assert run() is None


def test_the_command_rejects_an_unknown_site():
    make_article()

    with pytest.raises(CommandError, match="expected the name of a site \\(harbour\\), found 'nowhere'"):
        run("--source", "nowhere")


@pytest.fixture
def sites():
    import_files(find(str(AZURE)), "azure")
    import_files(find(str(POWERAPPS)))
    return SimpleNamespace(azure=Source.objects.get(name="azure"))


@pytest.mark.slow
@needs_corpus
def test_the_real_sites_deviate_by_their_counter_and_one_edit(sites):
    kinds = [deviation.kind for deviation in score_check.deviations(sites.azure)]

    assert (kinds.count("heat"), kinds.count("published"), kinds.count("lead")) == (4, 1, 0)
    (removed,) = (d for d in score_check.deviations(sites.azure) if d.kind == "published")
    assert Article.objects.get(file_name=removed.path.removeprefix("_news/"), source=sites.azure).removed


@pytest.mark.slow
@needs_corpus
def test_a_hundred_planted_errors_are_the_ones_found(sites):
    before = set(score_check.deviations(sites.azure))
    planted = plant(random.Random(3), sites.azure)  # noqa: S311 (a sample, not a secret)

    new = set(score_check.deviations(sites.azure)) - before

    assert len(planted) == 100
    assert {deviation.path for deviation in new} == planted
    assert before <= set(score_check.deviations(sites.azure))


def plant(chance, source):
    """A hundred wrong values in as many articles and stories; returns the paths they are told by."""
    alone = list(Article.objects.filter(source=source, story=None).order_by("pk"))
    in_stories = Article.objects.filter(source=source, removed=False).exclude(story=None).order_by("pk")
    leads, members = list(in_stories.filter(leads__isnull=False)), list(in_stories.filter(leads=None))
    wrong = set()
    for number, article in enumerate(chance.sample(alone, 30) + chance.sample(leads, 20) + chance.sample(members, 20)):
        if number % 2:
            article.heat += chance.choice([-9, 7, 300])
        else:
            article.published = not article.published
        article.save()
        wrong.add(article.path)
    stories = list(Story.objects.filter(source=source, lead__isnull=False, lead__quality__gt=0).order_by("pk"))
    stories = [story for story in stories if story.lead.path not in wrong]
    chance.shuffle(stories)
    together = ((story, story.articles.exclude(pk=story.lead_id).order_by("pk").first()) for story in stories)
    for story, other in islice((pair for pair in together if pair[1]), 30):
        wrong.add(story.lead.path)
        story.lead = other
        story.save()
    return wrong
