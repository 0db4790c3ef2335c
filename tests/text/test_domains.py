"""The normal form of domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.text.domains import normal_domain

SAME = {
    "example.org": ["example.org", "Example.ORG", "EXAMPLE.org", "example.org.", "EXAMPLE.ORG."],
    "bücher.example": [
        "bücher.example",
        "BÜCHER.example",
        "bu\u0308cher.example",
        "xn--bcher-kva.example",
        "XN--BCHER-KVA.Example.",
    ],
    "новости.example": ["Новости.example", "xn--b1amnebsh.example"],
    "straße.example": ["straße.example", "xn--strae-oqa.example", "XN--STRAE-OQA.EXAMPLE"],
    "a_b.example": ["A_B.example", "a_b.example."],
    "192.0.2.1": ["192.0.2.1", "192.0.2.1."],
    "localhost": ["localhost", "LOCALHOST."],
    "example.org:8080": ["Example.org:8080", "example.org.:8080"],
    "example.org/World/Live": ["Example.org/World/Live", "example.org./World/Live"],
    "समाचार.example": ["समाचार.example", "xn--61b3bh3a5ab.example"],
}
OTHERS = [
    "xn--",
    "xn--a",
    "xn--abc-",
    "xn--\N{LATIN SMALL LETTER U WITH DIAERESIS}",
    ".",
    "",
    "xn--99999999999.example",
]


@pytest.mark.parametrize("domain", SAME)
def test_spellings_of_one_domain_have_one_form(domain):
    assert {normal_domain(spelling) for spelling in SAME[domain]} == {domain}


@pytest.mark.parametrize("domain", OTHERS)
def test_what_is_no_punycode_stays(domain):
    assert normal_domain(domain) == domain


@given(st.text(max_size=260) | st.text("xn-.aAüÜßİ/:0", max_size=40).map("xn--".__add__))
def test_the_form_of_a_form_is_itself(domain):
    found = normal_domain(domain)

    assert normal_domain(found) == found
    assert len(found) <= 253
