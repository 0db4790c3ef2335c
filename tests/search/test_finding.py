"""What a search finds, the same on every database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.search import finding
from tests.factories import make_article, make_provider, make_topic
from tests.search.results import found

pytestmark = pytest.mark.django_db


def test_the_title_that_is_the_query_comes_first():
    make_article("Ferries late again", quality=9000)
    make_article("Férries: late!", quality=1)

    assert found("ferries late") == ["Férries: late!", "Ferries late again"]


def test_all_words_in_the_title_are_worth_500_points():
    long_ago = timezone.now() - timedelta(days=7 * 300)
    make_article("Harbour", excerpt="Ferries late", quality=100)
    make_article("All ferries late", quality=100, published_at=long_ago)
    make_article("Best", excerpt="Ferries late", quality=700)

    assert found("ferries late ") == ["Best", "All ferries late", "Harbour"]


@pytest.mark.parametrize("few", [100, 0], ids=["looked for in what some words find", "asked of the index"])
def test_every_word_of_a_long_query_counts(monkeypatch, few):
    monkeypatch.setattr(finding, "FEW_CANDIDATES", few)
    make_article("Harbour ferries captains passengers breakfast late so", quality=50)
    make_article("Harbour ferries captains passengers breakfast late", excerpt="so", quality=700)
    make_article("Sea", excerpt="So late: breakfast, passengers, captains, ferries, harbour", quality=300)
    make_article("Harbour ferries captains passengers breakfast late", quality=9000)
    in_titles_first = [
        "Harbour ferries captains passengers breakfast late",
        "Harbour ferries captains passengers breakfast late so",
        "Sea",
    ]

    assert found("so late harbour ferries captains passengers breakfast ") == in_titles_first
    assert found('so late harbour ferries "passengers captains" breakfast sea ') == ["Sea"]


def test_the_better_and_the_newer_comes_first():
    now = timezone.now()
    make_article("Tides one", quality=70, published_at=now - timedelta(days=1))
    make_article("Tides two", quality=90, published_at=now - timedelta(days=1))
    make_article("Tides three", quality=90, published_at=now - timedelta(days=400))

    assert found("tides") == ["Tides two", "Tides one", "Tides three"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("alpha", ["A", "B"]),
        ("alpha ", ["A"]),
        ('"gamma delta"', ["A"]),
        ('"delta gamma"', []),
        ('"A gamma" ', []),
        ("provider:herald", ["A"]),
        ('provider:"herald.example"', ["A"]),
        ("herald gamma ", ["A"]),
        ('topic:"sea life"', ["B"]),
        ("life", ["B"]),
        ("after:2021", ["B"]),
        ("before:2020-12", ["A"]),
        ("after:2020-05-03 before:2020-05-03", ["A"]),
        ("after:2020-05-04 before:2020-12-31", []),
        ("after:2022 before:2021", []),
        ("before:3000", ["A", "B"]),
        ("before:9999", ["A", "B"]),
        ("before:0999", []),
        ("after:3000", []),
        ("quality:81", ["B"]),
        ("quality:80", ["B", "A"]),
        ("alpha quality:99999", []),
        ("provider:nobody", []),
        ("", []),
    ],
)
def test_operators_and_phrases_narrow(text, titles):
    herald = make_provider("herald.example", name="Herald")
    made = {"provider": herald, "quality": 80, "published_at": datetime(2020, 5, 3, 12, tzinfo=UTC)}
    make_article("A", excerpt="Alpha, gamma delta", **made)
    there = {"topics": [make_topic("Sea Life")], "quality": 100, "published_at": datetime(2021, 5, 3, tzinfo=UTC)}
    make_article("B", excerpt="Alphabet gamma", **there)

    assert sorted(found(text)) == sorted(titles)


@pytest.mark.parametrize("text", ["after:0999", "after:1800 before:1985", "after:1985-06 before:9999"])
def test_a_range_of_dates_may_reach_beyond_what_is_indexed(text):
    make_article("Ferries", published_at=datetime(1985, 6, 1, tzinfo=UTC))

    assert found(text) == ["Ferries"]


@pytest.mark.parametrize("text", ["AT&T: cafés don\u2019t", '"AT&T"', "cafés", '"fish & chips"'])
def test_texts_are_found_as_readers_see_them(text):
    make_article("AT&amp;T: caf&eacute;s don&#8217;t", excerpt="Fish&nbsp;&amp; chips")

    assert found(text) == ["AT&amp;T: caf&eacute;s don&#8217;t"]


@pytest.mark.parametrize("text", ["amp", "eacute", "8217"])
def test_what_readers_do_not_see_is_not_found(text):
    make_article("AT&amp;T: caf&eacute;s don&#8217;t", excerpt="Fish&nbsp;&amp; chips")

    assert found(text) == []


def test_a_title_is_what_was_typed_if_readers_see_it_so():
    make_article("Caf&eacute;s &amp; ferries", quality=1)
    make_article("Ferries and cafés", quality=9000)

    assert found("cafés & ferries")[0] == "Caf&eacute;s &amp; ferries"


@pytest.mark.parametrize(
    ("excerpt", "text", "count"),
    [
        ("alpha " * 240 + "beta", '"alpha beta"', 1),
        ("alpha " * 251 + "beta", '"alpha beta"', 0),
        ("alpha " * 251 + "beta gamma", '"beta gamma"', 1),
        ("alpha " * 251 + "beta gamma", "alpha beta gamma ", 1),
        (" ".join(f"w{n}" for n in range(17_000)), '"w15000 w15001"', 1),
        (" ".join(f"w{n}" for n in range(17_000)), "w16001 ", 0),
        (" ".join(f"w{n}" for n in range(17_000)), "provider:gazette topic:harbour gazette harbour ", 1),
        (" ".join("ж" * 58 + f"{n:06}" for n in range(10_000)), "ж" * 58 + "000009 ", 1),
    ],
    ids=["often", "too often", "after it", "all words", "many", "too many", "outlet and topic", "long ones"],
)
def test_long_texts_are_indexed_as_far_as_every_database_can(excerpt, text, count):
    make_article("Ferries", excerpt=excerpt, topics=[make_topic("Harbour")])

    assert len(found(text)) == count
