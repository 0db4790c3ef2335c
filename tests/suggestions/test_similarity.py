"""Which story a new article belongs to, by its words; and how often that is the source's own."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from articles.suggestions.similarity import (
    AUTOMATIC,
    LOOKED_AT,
    SUGGESTED,
    WINDOW,
    Index,
    confidence,
    copied,
    duplicate_keys,
    group,
    rarity,
    story_score,
    term_key,
    terms,
    without_outlet,
    words,
)
from tests import clustering
from tests.paths import AZURE, needs_corpus

NOON = datetime(2021, 5, 4, 12, tzinfo=UTC)
FERRY = "Night ferry to Skarholm stops for winter"


def even(word):
    """All words are equally rare."""
    return 1.0


def sure(one, other, days=0.0, idf=even):
    return confidence(terms(one), terms(other), days, idf).confidence


def filled(*titles):
    index = Index()
    for n, title in enumerate(titles):
        index.add(n, terms(title), NOON + timedelta(hours=n))
    return index


# Words


def test_words_have_neither_case_nor_accents_nor_trademark_signs():
    assert words("Café™ at the Øresund: Lighthouse(R) KEEPER") == [
        "cafe",
        "at",
        "the",
        "øresund",
        "lighthouse",
        "keeper",
    ]


def test_plural_and_possessive_endings_are_dropped():
    assert words("The ferries' captain's harbours") == words("the ferry captain harbour")


def test_words_that_end_in_s_themselves_keep_it():
    assert words("compass crisis bus gas") == ["compass", "crisis", "bus", "gas"]


def test_an_outlets_name_after_a_bar_is_dropped():
    assert without_outlet("Lighthouse of Tarvik sold again | The Harbour Post") == "Lighthouse of Tarvik sold again"


def test_after_a_dash_only_what_the_address_says_is_the_outlet():
    title = "Lighthouse of Tarvik sold again - Harbour Post"

    assert without_outlet(title, "https://www.harbourpost.example/tarvik") == "Lighthouse of Tarvik sold again"
    assert without_outlet(title, "https://tidings.example/tarvik") == title


def test_a_short_title_is_helped_out_by_its_address():
    assert "dredging" in terms("Again", "", "https://tidings.example/2021/dredging-of-tarvik.html").telling
    assert "dredging" not in terms(FERRY, "", "https://tidings.example/dredging").telling


def test_a_broken_address_is_none():
    assert terms(FERRY, "", "http://[").outlet == ""


# Confidence


def test_the_same_title_on_the_same_day_is_sure_enough_to_join():
    assert sure(FERRY, FERRY) >= AUTOMATIC


def test_titles_without_a_word_in_common_have_no_confidence():
    assert sure(FERRY, "Oyster beds reopened") == 0


def test_confidence_is_the_same_both_ways():
    one, other = FERRY, "Skarholm loses its night ferry"

    assert sure(one, other) == pytest.approx(sure(other, one))


def test_a_rare_word_counts_more_than_a_common_one():
    common = {"harbour": 0.7}

    def idf(word):
        return common.get(word, 5.0)

    assert sure("Harbour of Tarvik", "Tarvik dredging", idf=idf) > sure(
        "Harbour of Tarvik", "Harbour dredging", idf=idf
    )


def test_confidence_fades_with_the_days():
    assert sure(FERRY, FERRY, 0) > sure(FERRY, FERRY, 1) > sure(FERRY, FERRY, 10)


def test_more_shared_words_are_surer_than_one():
    assert sure("Tarvik", "Tarvik") < sure(FERRY, FERRY)


def test_words_in_the_same_order_are_surer():
    assert sure(FERRY, FERRY) > sure(FERRY, "Winter stops Skarholm night ferry")


def test_evidence_tells_what_is_shared_and_the_days_between():
    idf = {"lighthouse": 5.0, "dredging": 4.0}.get
    why = confidence(
        terms("Dredging near lighthouse"), terms("Lighthouse closed by dredging"), 2.2, lambda w: idf(w, 1.0)
    )

    assert str(why) == "shares: lighthouse, dredging; 2 days apart"


def test_evidence_tells_the_topics_that_it_was_given():
    assert confidence(terms(FERRY), terms(FERRY), 0, even, ["Ferries"]).topics == ("Ferries",)


def test_evidence_of_one_day_and_of_none_is_put_in_words():
    assert str(confidence(terms(FERRY), terms("Oysters"), 1.1, even)) == "shares: nothing; 1 day apart"
    assert str(confidence(terms(FERRY), terms("Oysters"), 0.4, even)) == "shares: nothing; the same day"


# Index


def test_the_likeliest_is_suggested_first():
    index = filled("Ferry timetable for spring", "Skarholm mourns its night ferry", "Oyster beds reopened")

    assert [key for key, _ in index.suggest(terms(FERRY), NOON)] == [1, 0]


def test_articles_outside_the_window_are_not_suggested():
    index = filled(FERRY)

    assert index.suggest(terms(FERRY), NOON + WINDOW) != []
    assert index.suggest(terms(FERRY), NOON + WINDOW + timedelta(seconds=1)) == []


def test_later_articles_are_suggested_to_one_that_comes_late():
    assert filled(FERRY).suggest(terms(FERRY), NOON - timedelta(days=2)) != []


def test_the_order_of_adding_does_not_matter():
    titles = [FERRY, "Skarholm mourns its night ferry", "Ferry timetable for spring"]
    there, back = Index(), Index()
    for n in range(3):
        there.add(n, terms(titles[n]), NOON + timedelta(days=n))
        back.add(2 - n, terms(titles[2 - n]), NOON + timedelta(days=2 - n))

    assert there.suggest(terms(FERRY), NOON) == back.suggest(terms(FERRY), NOON)


def test_words_are_as_rare_as_the_window_says():
    index = filled("Harbour news", "Harbour crane", "Harbour of Tarvik")
    idf = index.idf(NOON)

    assert idf("harbour") == rarity(3, 3) == pytest.approx(math.log(2))
    assert idf("tarvik") > idf("harbour")
    assert idf("never") > idf("tarvik")


def test_no_more_postings_are_read_than_the_cap():
    index = filled(*(f"Harbour ferry pier {n}" for n in range(1200)))
    index.looked_at = 0
    index.suggest(terms("Harbour ferry pier sold"), NOON + timedelta(days=14))

    assert index.looked_at == LOOKED_AT


def test_a_words_key_fits_a_database_column_and_stays():
    assert term_key("lighthouse") == term_key("lighthouse") != term_key("ferry")
    assert -(2**63) <= term_key("lighthouse") < 2**63


# Grouping


def test_an_article_joins_the_story_that_it_is_surest_of():
    arrivals = [("a", {}), ("b", {}), ("c", {"a": 0.85, "b": 0.9}), ("d", {"c": 0.9})]

    assert group(arrivals) == {"a": "a", "b": "b", "c": "b", "d": "b"}


def test_an_article_that_is_not_sure_enough_begins_a_story():
    assert group([("a", {}), ("b", {"a": AUTOMATIC - 0.01})]) == {"a": "a", "b": "b"}


def test_the_threshold_itself_is_sure_enough():
    assert group([("a", {}), ("b", {"a": 0.3})], 0.3) == {"a": "a", "b": "a"}


def test_a_story_is_scored_by_its_best_three():
    assert story_score([0.1, 0.5, 0.2, 0.3]) == pytest.approx(1.0)
    assert story_score([]) == 0


# Duplicates


@pytest.mark.parametrize(
    "url",
    [
        "http://www.tidings.example/ferry/",
        "https://tidings.example/ferry?utm_source=mail&fbclid=7#comments",
        "https://tidings.example/ferry/amp",
        "https://tidings.example/amp/ferry",
        "https://amp.tidings.example/ferry",
        "https://tidings.example/ferry?amp=1",
        "https://tidings-example.cdn.ampproject.org/c/s/tidings.example/ferry?amp=true",
        "https://www.google.com/amp/s/www.tidings.example/ferry",
    ],
)
def test_one_page_has_one_key_under_all_its_addresses(url):
    assert duplicate_keys(url) == duplicate_keys("https://tidings.example/ferry")


def test_a_query_that_chooses_the_page_is_part_of_its_key():
    assert duplicate_keys("https://tidings.example/?id=2&a=1") == duplicate_keys("https://tidings.example/?a=1&id=2")
    assert duplicate_keys("https://tidings.example/?id=2").isdisjoint(duplicate_keys("https://tidings.example/?id=3"))


def test_empty_and_broken_addresses_have_no_key():
    assert duplicate_keys("", "http://[", "ferry") == frozenset()


def test_the_same_title_at_another_outlet_is_a_copy():
    one = terms(FERRY, "", "https://tidings.example/1")

    assert copied(one, terms(FERRY.upper(), "", "https://harbourpost.example/2"), 3)
    assert not copied(one, terms(FERRY, "", "https://tidings.example/2"), 3)
    assert not copied(one, terms(FERRY, "", "https://harbourpost.example/2"), 15)


def test_a_short_title_alone_is_no_copy():
    assert not copied(terms("Ferry news", "", "https://a.example"), terms("Ferry news", "", "https://b.example"), 0)


def test_nearly_the_same_excerpt_is_a_copy():
    text = "The council of Skarholm voted on Monday to end the ferry that crossed the sound every night since the war"

    assert copied(terms("Ferry ends", text), terms("Council votes", text + " ended"), 0)
    assert not copied(terms("Ferry ends", text), terms("Council votes", "The council of Skarholm voted"), 0)


@pytest.mark.slow
@needs_corpus
def test_stories_of_the_archive_are_found_with_few_errors():
    """Joined unasked: 95 of 100 right, by both measures. As suggestions: closer to the source's than the baselines."""
    corpus, _, curve, groupings = clustering.evaluated(str(AZURE))
    baselines = [story for name, story in groupings.items() if name.startswith("baseline")]

    assert len(baselines) == 3
    for short in (False, True):
        joined, suggested = (clustering.measured(corpus, curve[t], short) for t in (AUTOMATIC, SUGGESTED))
        assert min(joined[0], joined[3]) >= 0.95
        for cubed, pairwise in (clustering.measured(corpus, story, short)[2:6:3] for story in baselines):
            assert suggested[2] > cubed + 0.01
            assert suggested[5] > pairwise + 0.01
