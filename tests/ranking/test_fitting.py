"""A site's weight and thresholds from what its files say."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.ranking import Rules
from articles.ranking.fitting import Said, agrees, fit, is_possible


def observed(*rows):
    return Counter(Said(*row) for row in rows)


def leads(weight, *pairs):
    """Leads of these qualities and numbers of others, at a weight."""
    return [(quality, quality + weight * others, True, others) for quality, others in pairs]


@pytest.mark.parametrize(
    ("said", "weight"),
    [
        (leads(10, (61, 1), (104, 3)), 10),
        (leads(20, (61, 1), (104, 3)), 20),
        (leads(7, (80, 2), (90, 5), (77, 1)), 7),
        ([*leads(10, (61, 1), (104, 3), (90, 2)), (70, 83, True, 1)], 10),  # a counter of the day on one
        ([*leads(10, *[(60 + n, 1) for n in range(20)]), (60, 99, True, 1)], 10),
    ],
)
def test_the_weight_is_what_most_leads_say(said, weight):
    found = fit(observed(*said), Rules())["heat_weight"]

    assert (found.value, found.is_enough) == (weight, True)


@pytest.mark.parametrize(
    "said",
    [
        leads(10, (61, 1)),
        [*leads(10, (61, 1)), *leads(20, (61, 1))],
        [*leads(10, (61, 1), (70, 2), (75, 2)), *leads(20, (61, 1), (70, 2))],
    ],
)
def test_too_few_leads_or_leads_that_differ_are_not_enough(said):
    assert not fit(observed(*said), Rules())["heat_weight"].is_enough


def test_members_and_lone_articles_say_nothing_about_the_weight():
    assert "heat_weight" not in fit(observed((80, -1, False, 3), (80, 80, True, 0)), Rules())


@pytest.mark.parametrize(
    ("published", "kept_back", "threshold"),
    [
        ([70, 90], [69, 40], 70),
        ([72, 90], [60, 40], 70),  # the default, as it agrees
        ([100, 130], [99, 40], 100),
        ([104, 130], [93, 40], 100),
        ([57, 80], [52, 10], 55),
        ([33, 80], [31, 10], 33),
    ],
)
def test_the_threshold_is_the_roundest_that_agrees_with_most(published, kept_back, threshold):
    said = observed(*((heat, heat, True, 0) for heat in published), *((heat, heat, False, 0) for heat in kept_back))

    assert fit(said, Rules())["publish_threshold"].value == threshold


@given(
    st.integers(1, 60),
    st.integers(0, 120),
    st.integers(20, 150),
    st.lists(st.tuples(st.integers(0, 180), st.integers(0, 12)), min_size=1, max_size=60),
)
def test_files_that_keep_some_rules_agree_with_what_is_fitted(weight, threshold, publish, pairs):
    rules = Rules(weight, threshold, publish)
    said = observed(
        *((q, heat, rules.published(heat), others) for q, others in pairs for heat in [rules.heat(q, others)])
    )
    found = fit(said, Rules())
    fitted = Rules(
        *(
            found[name].value if name in found else default
            for name, default in zip(("heat_weight", "heat_threshold", "publish_threshold"), (20, 50, 70), strict=True)
        )
    )

    kept = {name for name, one in found.items() if one.agree == one.of}
    if kept == set(found):
        assert all(agrees(one, fitted) for one in said)
    assert all(is_possible(one) for one in said)
    assert {"heat_weight"} & found.keys() <= kept  # a threshold may be beyond all that the files show
