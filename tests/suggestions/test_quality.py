"""Suggestions agree with the stories of a real site."""

import pytest

from articles.suggestions.similarity import AUTOMATIC, SUGGESTED
from tests import clustering
from tests.paths import AZURE, needs_corpus

SOME = 800  # articles: enough to judge by, and few enough for every run


def test_a_grouping_is_scored_by_article_and_by_pair():
    scores = clustering.scores("aaabb", "xxyxx")

    assert scores.precision == pytest.approx((2 * 2 / 3 + 1 / 3 + 2) / 5)
    assert scores.recall == pytest.approx((2 * 2 / 4 + 1 + 2 * 2 / 4) / 5)
    assert (scores.pair_precision, scores.pair_recall, scores.pairs) == (2 / 4, 2 / 6, 4)


@pytest.mark.slow
@needs_corpus
@pytest.mark.django_db
def test_suggestions_agree_with_the_stories_of_a_real_site():
    """Articles that join unasked are right 9 times of 10; all suggestions are better than the baselines."""
    items = clustering.load(str(AZURE), SOME)

    automatic = clustering.measured(items, clustering.joined(items, AUTOMATIC))
    assert automatic.precision >= 0.99
    assert automatic.pair_precision >= 0.9
    suggested = clustering.measured(items, clustering.joined(items, SUGGESTED))
    for baseline in (clustering.by_title(items), clustering.by_overlap(items)):
        scores = clustering.measured(items, baseline)
        assert suggested.f1 > scores.f1
        assert suggested.pair_f1 > scores.pair_f1
