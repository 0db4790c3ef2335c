"""Hosts as readers see them."""
# ruff: noqa: RUF001 (letters that look like others are what this is about)

import pytest

from articles.text.hosts import shown_host

HOMOGRAPHS = {
    "аpple.example": "one Cyrillic letter",
    "аррӏе.example": "nothing but Cyrillic letters that look Latin",
    "gооgle.example": "two Cyrillic letters",
    "pаypаl.example": "Cyrillic vowels",
    "microsоft.example": "one of many",
    "ехаmрlе.example": "every other letter",
    "faceboοk.example": "a Greek omicron",
    "νικε.example": "nothing but Greek letters that look Latin",
    "ѕсоре.example": "Cyrillic dze, es, o, er, ie",
    "ɡuardian.exаmple": "in the domain above",
    "news.bbс.example": "in the middle",
    "օօօ.example": "Armenian",
    "ap\u200dple.example": "a joiner",
    "ap\u200bple.example": "a blank of no width",
    "apple․example.org": "a dot that is none",
    "apple⁄news.example": "a slash that is none",
    "bank\u202egro.example": "a sign that turns the text",
    "ｇoogle.example": "a wide letter",
    "gｏogle.example": "another one",
    "пример-latin.example": "two scripts in one label",
    "exаmple٣.example": "an Arabic digit",
    "𝐚pple.example": "a mathematical letter",
}
SOUND = ["example.org", "bücher.example", "пример.рф", "новости.example", "日本語.jp", "東京ニュースabc.example",
         "뉴스.한국", "उदाहरण.भारत", "παράδειγμα.ελ", "مثال.السعودية", "דוגמה.ישראל", "a-1.example:8080",
         "xn--bcher-kva.example",          "a.example/ü", "straße.example", "新闻.中国", "ไทย.ไทย"]  # fmt: skip


@pytest.mark.attack(7)
@pytest.mark.parametrize("host", HOMOGRAPHS, ids=ascii)
def test_a_host_that_looks_like_another_is_shown_in_punycode(host):
    shown = shown_host(host)

    assert shown.isascii()
    assert "xn--" in shown


@pytest.mark.parametrize("host", SOUND, ids=ascii)
def test_a_host_of_one_script_is_shown_as_it_is(host):
    assert shown_host(host) == host


def test_what_follows_the_host_stays():
    assert shown_host("аpple.example:80/аррӏе") == "xn--pple-43d.example:80/аррӏе"
