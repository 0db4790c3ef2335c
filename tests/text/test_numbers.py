"""The one reader of numbers and ids."""

import pytest

from articles.text.numbers import LARGEST_ID, read_id, read_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("-5", -5), ("10", 10)])
def test_a_whole_number_in_range_is_read(text, number):
    assert read_number(text, -5, 10) == number


@pytest.mark.parametrize(
    "text", [None, "", " 1", "1 ", "+1", "1.0", "1e3", "0x1", "1_000", "٣", "²", "11", "-6", "1\n", "\x00", "9" * 5_000]
)
def test_anything_else_is_no_number(text):
    assert read_number(text, -5, 10) is None


@pytest.mark.parametrize(("text", "found"), [("1", 1), (str(LARGEST_ID), LARGEST_ID), ("0", None), (str(2**63), None)])
def test_an_id_is_what_a_database_can_store(text, found):
    assert read_id(text) == found
