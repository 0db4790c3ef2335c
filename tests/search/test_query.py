from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.search.query import Query, folded, parse, prefixes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ferries are LATE", ["ferries", "are", "late"]),
        ("Crème brûlée, Ångström", ["creme", "brulee", "angstrom"]),
        ("Don\u2019t stop: C# & node.js", ["dont", "stop", "c", "node", "js"]),
        ("Straße \ufb01ne \uff26\uff55\uff4c\uff4c", ["strasse", "fine", "full"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("don\u00b4t don`t", ["dont", "dont"]),
        ("micro\u00adsoft co\u2060op", ["microsoft", "coop"]),
        ("\u0645\u06cc\u200c\u0631\u0648\u062f", ["\u0645\u06cc\u0631\u0648\u062f"]),
        ("snake_case", ["snake", "case"]),
        ("x" * 100, ["x" * 64]),
        ("...", []),
    ],
)
def test_words_are_folded(text, words):
    assert folded(text) == words


@given(st.text())
def test_folded_words_stay_as_they_are(text):
    assert folded(" ".join(folded(text))) == folded(text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("late fer", Query(words=("late",), prefix="fer", title="late fer")),
        ("late ferry ", Query(words=("late", "ferry"), title="late ferry")),
        ('"late ferry" boats ', Query(words=("boats",), phrases=(("late", "ferry"),), title="late ferry boats")),
        ('"ferry"', Query(words=("ferry",), title="ferry")),
        ("provider:Gazette", Query(providers=("gazette",))),
        ('topic:"Sea Life" quality:60', Query(topics=("sea life",), quality=60)),
        ("after:2024 before:2024-02", Query(after=date(2024, 1, 1), before=date(2024, 2, 29))),
        ("before:2024", Query(before=date(2024, 12, 31))),
        ("before:2024-12", Query(before=date(2024, 12, 31))),
        ("after:2024-05-06", Query(after=date(2024, 5, 6))),
        ("before:9999", Query(before=date(9999, 12, 31))),
        ("before:2024-13 ", Query(words=("before", "2024", "13"), title="before 2024 13")),
        ("after:soon ", Query(words=("after", "soon"), title="after soon")),
        ("after:2024-13 ", Query(words=("after", "2024", "13"), title="after 2024 13")),
        ("quality:best ", Query(words=("quality", "best"), title="quality best")),
        ("colour:red ", Query(words=("colour", "red"), title="colour red")),
    ],
)
def test_queries_are_read(text, query):
    assert parse(text) == query


@given(st.text())
def test_no_query_fails(text):
    assert isinstance(parse(text), Query)


@given(st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999))
def test_beginnings_cover_a_range_and_nothing_else(low, high, number):
    covered = any(str(number).zfill(4).startswith(beginning) for beginning in prefixes(low, high, 4))

    assert covered == (low <= number <= high)
