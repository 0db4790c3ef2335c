"""Digests are stored in databases and in addresses: these are what earlier versions stored."""

import pytest

from articles.text.digests import digest, hex_digest, number


def test_digests_stay_what_databases_hold():
    assert hex_digest(b"lighthouse") == "bf8d9434e4c9ea5f2f4c8b5a2d960be9"
    assert hex_digest("lighthouse", 6) == "ebbca9e65c8d"
    assert digest("lighthouse").hex() == hex_digest("lighthouse") == hex_digest(b"lighthouse")


@pytest.mark.parametrize(("text", "expected"), [("", -1970711489451281740), ("lighthouse", 2621458200557603233)])
def test_the_number_of_a_text_fits_a_databases_64_bits(text, expected):
    assert number(text) == expected
    assert -(2**63) <= number(text) < 2**63
