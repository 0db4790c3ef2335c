"""Three versions of an article's values to one."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.provenance.merge import FILE_ONLY, Clash, merge
from articles.provenance.values import FIELDS

SCALARS = {
    "category": st.just("news"),
    "title": st.sampled_from("abc"),
    "excerpt": st.sampled_from(["", "x", "y"]),
    "published_at": st.sampled_from([None, *(datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3))]),
    **{
        name: st.sampled_from(["", "https://a.example/", "https://b.example/"])
        for name in ("original_url", "web_url", "amp_web_url", "cdn_amp_web_url")
    },
    "type": st.sampled_from(["article", "video"]),
    "quality": st.integers(0, 2),
    "heat": st.integers(-1, 2),
    "removed": st.booleans(),
    "published": st.booleans(),
    "featured_content": st.sampled_from(["", "<b>", "<i>"]),
    "provider": st.fixed_dictionaries(
        {"name": st.sampled_from("NM"), "domain": st.sampled_from(["n.example", "m.example"])}
    ),
    "extra": st.dictionaries(st.sampled_from("ab"), st.integers(0, 1)),
}
IMAGE = st.fixed_dictionaries(
    {"url": st.sampled_from("uvw")}, optional={"title": st.sampled_from("st"), "width": st.integers(1, 2)}
)
LISTS = {
    "topics": st.lists(st.sampled_from("ABCD"), unique=True),
    "tags": st.lists(st.sampled_from("ABCD")),
    "images": st.lists(IMAGE, max_size=3, unique_by=lambda image: image["url"]),
}
VALUES = st.fixed_dictionaries(SCALARS | LISTS)


def one(field, base, ours, theirs):
    merged, clashes = merge({field: base}, {field: ours}, {field: theirs})
    return merged[field], clashes


def test_the_files_change_is_merged():
    assert one("title", "a", "a", "b") == ("b", [])


def test_the_editors_change_stays():
    assert one("title", "a", "b", "a") == ("b", [])


def test_a_field_that_both_changed_stays_the_editors_and_clashes():
    assert one("title", "a", "b", "c") == ("b", [Clash("title", "a", "b", "c")])


def test_a_value_that_one_side_lacks_clashes_without_an_earlier_file():
    for ours, theirs in (("a", None), (None, "a")):
        assert merge(None, {"title": ours}, {"title": theirs}) == (
            {"title": ours},
            [Clash("title", None, ours, theirs)],
        )


def test_a_field_that_both_changed_alike_does_not_clash():
    assert one("title", "a", "b", "b") == ("b", [])


def test_heat_follows_the_file():
    assert one("heat", 1, 2, 3) == (3, [])


def test_every_difference_clashes_without_an_earlier_file():
    assert merge(None, {"title": "b"}, {"title": "c"}) == ({"title": "b"}, [Clash("title", None, "b", "c")])


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (["A", "B"], ["A", "B", "X"], ["A", "C"], ["A", "X", "C"]),
        (["A", "B"], ["B", "A"], ["A", "B", "C"], ["B", "C", "A"]),
        (["A"], ["X", "A"], ["A", "Y"], ["X", "A", "Y"]),
        (["A"], [], ["A", "Y"], ["Y"]),
        (["A"], ["X"], ["Y"], ["X", "Y"]),
    ],
)
def test_topics_are_merged_one_by_one(base, ours, theirs, merged):
    assert one("topics", base, ours, theirs) == (merged, [])


def test_an_order_that_both_changed_clashes():
    assert one("topics", ["A", "B", "C"], ["B", "A", "C"], ["C", "B", "A"])[1] != []


def test_an_image_that_both_replaced_clashes():
    base, ours, theirs = ([{"url": url}] for url in "uvw")

    assert one("images", base, ours, theirs) == (ours, [Clash("images", base, ours, theirs)])


def test_an_image_that_one_side_titles_and_the_other_measures_gets_both():
    ours, theirs = {"url": "u", "title": "t"}, {"url": "u", "width": 5}

    assert one("images", [{"url": "u"}], [ours], [theirs]) == ([{"url": "u", "title": "t", "width": 5}], [])


def test_an_image_that_both_title_differently_clashes():
    ours, theirs = [{"url": "u", "title": "s"}], [{"url": "u", "title": "t"}]

    assert one("images", [{"url": "u"}], ours, theirs) == (ours, [Clash("images", [{"url": "u"}], ours, theirs)])


def test_an_image_that_stands_twice_stays_twice():
    u, v, w = ({"url": url} for url in "uvw")

    assert one("images", [u, u], [u, u, v], [w, u, u]) == ([w, u, u, v], [])


def test_an_image_that_one_side_titles_and_the_other_drops_clashes():
    assert one("images", [{"url": "u"}], [{"url": "u", "title": "t"}], [])[1] != []


@given(st.none() | VALUES, VALUES, VALUES)
def test_no_field_is_lost(base, ours, theirs):
    merged, _ = merge(base, ours, theirs)

    assert merged.keys() == set(FIELDS)


@given(VALUES, VALUES)
def test_the_editors_values_stay_without_an_earlier_file(ours, theirs):
    merged, clashes = merge(None, ours, theirs)

    told = {clash.field: clash for clash in clashes}
    assert told.keys() >= {name for name in SCALARS if name not in FILE_ONLY and ours[name] != theirs[name]}
    for name, value in merged.items():
        assert value == (theirs if name in FILE_ONLY else ours)[name] or name in LISTS
        assert name not in told or (value, told[name]) == (ours[name], Clash(name, None, ours[name], theirs[name]))


@given(VALUES, VALUES, VALUES)
def test_one_change_wins_and_of_two_the_editors_stays(base, ours, theirs):
    merged, clashes = merge(base, ours, theirs)

    told = {clash.field: clash for clash in clashes}
    for field in SCALARS:
        if field in FILE_ONLY or ours[field] == base[field]:
            expected, clashing = theirs[field], False
        else:
            expected, clashing = ours[field], theirs[field] not in (base[field], ours[field])
        assert merged[field] == expected
        assert (field in told) == clashing
    for clash in clashes:
        assert merged[clash.field] == ours[clash.field]
        assert clash == Clash(clash.field, base[clash.field], ours[clash.field], theirs[clash.field])


@given(st.none() | VALUES, VALUES, VALUES)
def test_the_same_file_again_changes_nothing(base, ours, theirs):
    merged, _ = merge(base, ours, theirs)

    assert merge(theirs, merged, theirs) == (merged, [])


@given(VALUES, VALUES, VALUES)
def test_additions_and_removals_of_both_sides_take_effect(base, ours, theirs):
    merged, clashes = merge(base, ours, theirs)

    told = {clash.field for clash in clashes}
    sides = (base, ours, theirs, merged)
    keys = {"topics": str, "images": lambda image: image["url"]}
    for field, key in keys.items():
        was, live, incoming, result = ({key(item) for item in side[field]} for side in sides)
        if field in told:
            assert merged[field] == ours[field]
        else:
            assert result == (live | incoming) - (was - live) - (was - incoming)
        assert len(merged[field]) == len(result)


@given(VALUES, VALUES, VALUES)
def test_merging_does_not_change_its_arguments(base, ours, theirs):
    copies = deepcopy([base, ours, theirs])

    merge(base, ours, theirs)

    assert [base, ours, theirs] == copies
