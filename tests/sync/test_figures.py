"""Weight and thresholds of a site, taken from its files at import."""

import tarfile

import pytest
from django.core.management import call_command

from articles import ranking
from articles.models import Article, Change, Source
from articles.sync.figures import evidence, observe
from articles.sync.files import find
from articles.sync.importer import import_files
from articles.sync.score_check import deviations
from tests.factories import make_file, make_related
from tests.paths import SEED, needs_seed

pytestmark = pytest.mark.django_db


def lead(stem, weight, *others):
    related = [make_related(other, quality=10) for other in others]
    return make_file(stem, quality=80, heat=80 + weight * len(others), published=True, related=related or None)


def site():
    return Source.objects.get(name="harbour")


def test_an_import_takes_the_weight_from_the_leads_of_its_files():
    import_files([lead("a", 10, "x"), lead("b", 10, "y", "z")])

    assert site().heat_weight == 10
    assert next(evidence(site())) == "weight 10: agrees with 2 of 2 leads in its files"
    assert not list(deviations(site()))


def test_one_lead_is_too_little_evidence_and_no_deviation():
    import_files([lead("a", 10, "x")])

    assert site().heat_weight == 20
    assert "weight not known yet: 10 agrees with 1 of 1 lead in its files, too few to tell" in list(evidence(site()))
    assert not list(deviations(site()))


def test_a_heat_that_no_weight_gives_is_a_deviation_of_one_lead():
    import_files([make_file("a", quality=80, heat=75, published=True, related=[make_related("x", quality=10)])])

    assert [(one.kind, one.found) for one in deviations(site())] == [("heat", 75)]


def test_versions_that_an_import_replaces_are_evidence():
    import_files([lead("a", 10, "x")])
    import_files([lead("a", 10, "x", "y", "z")])

    assert site().heat_weight == 10


def test_figures_that_a_person_set_stay():
    Source.objects.create(name="harbour", heat_weight=30)

    import_files([lead("a", 10, "x"), lead("b", 10, "y", "z")])

    assert (site().heat_weight, site().fits_figures) == (30, False)
    assert {one.kind for one in deviations(site())} == {"heat"}


def test_a_site_that_changes_its_weight_is_followed():
    import_files([lead("a", 10, "x"), lead("b", 10, "y", "z")])

    import_files([lead(stem, 20, "x", "y") for stem in ("a", "b", *(f"n{n}" for n in range(20)))])

    assert site().heat_weight == 20


def test_scores_follow_a_weight_that_was_found():
    import_files([lead("a", 10, "x"), lead("b", 10, "y", "z")])

    article = Article.objects.select_related("source", "story").get(stem="b")
    assert article.hot_score == ranking.score("hot", article.facts, ranking.Rules(weight=10))


def test_articles_that_an_editor_changed_are_no_evidence():
    import_files([lead("a", 10, "x"), lead("b", 10, "y", "z")])
    Change.objects.create(article=Article.objects.get(stem="a"), deltas={"quality": [80, 90]})

    assert observe(site()).total() == 1


@needs_seed
def test_the_states_of_one_file_are_one_article_and_no_deviation(tmp_path, capsys):
    with tarfile.open(SEED / "ai-seed-story.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    for state in sorted(tmp_path.rglob("_news")):
        import_files(find(str(state)), "ai")

        call_command("check_scores", "--source", "ai")
        assert "0 deviations" in capsys.readouterr().out
    assert Article.objects.count() == 1
