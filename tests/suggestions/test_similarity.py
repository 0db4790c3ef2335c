"""Two articles are compared by the words of their titles, and pages by their addresses."""

import pytest

from articles.suggestions.similarity import (
    AUTOMATIC,
    WINDOW,
    compare,
    duplicate_keys,
    features,
    words,
)

FERRY = "Night ferry to Skarholm stops for winter"
COUNCIL = "The council of Skarholm voted on Monday to end the ferry that crossed the sound every night since the war"


def confidence(one, other, days=0.0):
    return compare(features(one), features(other), days).confidence


def evidence(one, other, days=0.0):
    return str(compare(features(one), features(other), days))


def copied(one, other, days=0.0):
    return compare(features(*one), features(*other), days).copied


# Words


def test_words_have_at_least_four_letters_and_no_capitals():
    assert words("The FERRY to Skarholm™ is not for sale") == ("ferry", "skarholm", "sale")


def test_a_word_counts_once():
    assert words("Ferry, ferry, Ferry!") == ("ferry",)


# Confidence


def test_the_same_title_on_the_same_day_is_sure_enough_to_join_a_story():
    assert confidence(FERRY, FERRY) == 1 >= AUTOMATIC


def test_confidence_is_the_share_of_words_that_both_titles_have():
    assert confidence("Night ferry stops", "Night ferry sails again") == pytest.approx(2 / 5)


def test_a_single_shared_word_gives_no_confidence():
    assert confidence("Ferry news", "Ferry news") > confidence("Ferry", "Ferry") == 0


def test_titles_without_words_give_no_confidence():
    assert confidence("", "") == 0


def test_confidence_is_the_same_both_ways():
    assert confidence(FERRY, "Skarholm loses its night ferry") == confidence("Skarholm loses its night ferry", FERRY)


def test_confidence_falls_evenly_to_nothing_at_the_end_of_the_window():
    assert confidence(FERRY, FERRY, WINDOW.days / 2) == pytest.approx(0.5)
    assert confidence(FERRY, FERRY, WINDOW.days) == confidence(FERRY, FERRY, WINDOW.days + 1) == 0


def test_evidence_lists_the_shared_words_and_the_days_between():
    assert (
        evidence("Lighthouse closed by dredging", "Dredging near the lighthouse", 2.2)
        == "shares: lighthouse, dredging; 2 days apart"
    )


def test_evidence_of_one_day_and_of_the_same_day_has_its_own_words():
    assert evidence(FERRY, "Oysters", 1.1) == "shares: nothing; 1 day apart"
    assert evidence(FERRY, "Oysters", 0.4) == "shares: nothing; the same day"


# Copies


def test_a_title_of_the_same_words_at_another_outlet_is_a_copy():
    ours = (FERRY, "", "https://tidings.example/1")

    assert copied(ours, (FERRY.upper(), "", "https://harbourpost.example/2"), 3)
    assert not copied(ours, (FERRY, "", "https://tidings.example/2"), 3)
    assert not copied(ours, (FERRY, "", "https://harbourpost.example/2"), 15)


def test_a_short_title_alone_is_no_copy():
    assert not copied(("Ferry news", "", "https://a.example"), ("Ferry news", "", "https://b.example"))


def test_an_excerpt_that_is_nearly_the_same_is_a_copy():
    assert copied(("Ferry ends", COUNCIL), ("Council votes", COUNCIL + " to be"))
    assert not copied(("Ferry ends", COUNCIL), ("Council votes", COUNCIL[:40]))
    assert not copied(("Ferry ends", ""), ("Council votes", ""))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ferry timetable for Skarholm North", "Ferry timetable for Port Harbour"),
        ("Harbour radio 2.1 is out", "Harbour radio 2.0 is out"),
        ("Storms of the century, part 1 of 2", "Storms of the century, part 2 of 2"),
        ("Tidal alerts are now available in Norway", "Tidal alerts are now available in Denmark"),
        ("New alerts for the Skarholm China 21Lines", "New alerts for the Skarholm Government Lines"),
        ("Why the EU fines a shipping line", "Why the UK fines a shipping line"),
    ],
)
def test_titles_with_another_name_number_or_place_are_of_different_news(one, other):
    for outlets in (("tidings.example", "tidings.example"), ("tidings.example", "harbourpost.example")):
        first, second = (
            (title, COUNCIL, f"https://{host}/x") for title, host in zip((one, other), outlets, strict=True)
        )
        assert not copied(first, second)
        assert not copied(second, first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ferry line to carry 1.5 million", "Ferry Line To Carry 1.5 Million"),
        ("Tide's end: Skarholm loses its ferry", "Tides end: Skarholm loses ferry"),
        ("Storm hits the United Islands", "Storm hits the UI"),
        ("Skarholm loses its ferry", "EXCLUSIVE: Skarholm loses its ferry | The Harbour Post"),
        ("Port Authority of Skarholm ends ferry", "Council votes against the ferry"),
    ],
)
def test_a_copy_at_another_outlet_may_have_another_headline(one, other):
    assert copied((one, COUNCIL, "https://tidings.example/1"), (other, COUNCIL, "https://harbourpost.example/2"))


def test_an_outlet_that_adds_a_place_to_a_title_tells_other_news():
    here = "https://tidings.example/"
    one, other = "Tidal alerts are now available", "Tidal alerts are now available in Norway"

    assert not copied((one, COUNCIL, here + "1"), (other, COUNCIL, here + "2"))
    assert copied((one, COUNCIL, here + "1"), (one.replace("now ", ""), COUNCIL, here + "2"))


def test_articles_with_a_broken_address_can_be_compared():
    assert features(FERRY, "", "http://[").outlet == ""


# Pages


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
def test_a_page_has_one_key_under_all_its_addresses(url):
    assert duplicate_keys(url) == duplicate_keys("https://tidings.example/ferry")


def test_a_query_that_chooses_the_page_is_part_of_its_key():
    assert duplicate_keys("https://tidings.example/?id=2&a=1") == duplicate_keys("https://tidings.example/?a=1&id=2")
    assert duplicate_keys("https://tidings.example/?id=2").isdisjoint(duplicate_keys("https://tidings.example/?id=3"))


def test_empty_and_broken_addresses_have_no_key():
    assert duplicate_keys("", "http://[", "ferry") == frozenset()
