"""The texts that each type of scalar reads, and the sentences in which it rejects others."""

from datetime import UTC, datetime

import pytest

from articles.frontmatter import schema
from articles.frontmatter.schema import BIG, Choice, Flag, Number, Text, Timestamp, Url

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
TAKEN = [
    (Text(), "", ""),
    (Text(), " 2021 ", " 2021 "),
    (Text(maximum=3), "ééé", "ééé"),
    (Text(), "\u202e\x1b", "\u202e\x1b"),
    (Number(), "0", 0),
    (Number(), "010", 10),
    (Number(), "+5", 5),
    (Number(), str(BIG), BIG),
    (Number(minimum=-BIG), str(-BIG), -BIG),
    (Flag(), "true", True),
    (Flag(), "False", False),
    (Flag(), "TRUE", True),
    (Choice(words=("a", "b")), "b", "b"),
    (Timestamp(), "2026-11-01T12:00:00Z", MOMENT),
    (Timestamp(), "2026-11-01T12:00:00+00:00", MOMENT),
    (Timestamp(), "2026-11-01T14:30:00+02:30", MOMENT),
    (Timestamp(), "2026-11-01T12:00:00.999999999Z", MOMENT),
    (Timestamp(), "1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
    (Timestamp(), "2999-12-31T23:59:59Z", datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    (Timestamp(), "2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    *(
        (schema.DOMAIN, text, text)
        for text in [
            "a.example",
            "A.Example.",
            "a_b.example",
            "localhost",
            "192.0.2.1",
            "bücher.example",
            "xn--bcher-kva.example",
            "उदाहरण.भारत",
            "ตัวอย่าง.ไทย",
            "i❤.example",
            "a.example:8080",
            "a.example/x",
            "a.example/us/live/x?_amp=true&y=1",
        ]
    ),
    (schema.DOMAIN, "https://a.example/", "a.example"),
    *(
        (schema.SLUG, text, text)
        for text in ["tides", "Tides_2-b", "मौसम", "อากาศ", "погода", "天気", "می\u200cروم", "cafe\u0301"]
    ),
    (schema.DOMAIN, "HTTP://a.example/b/", "a.example/b/"),
    *(
        (schema.IMAGE_URL, text, text)
        for text in [
            "/assets/a-50x50.jpg",
            "assets/a.jpg",
            "../a b.jpg",
            "//cdn.example/a.jpg",
            "https://i.example/a",
            "?id=1",
        ]
    ),
    (Url(), "HTTP://a.example", "HTTP://a.example"),
    (Url(), "https://a.example/a b\u2028", "https://a.example/a b\u2028"),
    (Url(), "https://é.example/" + "x" * 2029, "https://é.example/" + "x" * 2029),
]


@pytest.mark.parametrize(("type_", "text", "value"), TAKEN, ids=lambda value: repr(value)[:40])
def test_a_text_means_what_its_type_says(type_, text, value):
    assert type_.read(text) == value


REFUSED = [
    (Text(), "\x00", r"text without NUL characters, found '\x00'"),
    (Text(), "a\udfff", "Unicode text, found half of a surrogate pair"),
    (Text(maximum=3), "aaaa", "at most 3 characters, found 4"),
    (Text(visible=True, what="a name"), "", "a name, found ''"),
    (Number(), "", "a whole number from 0 to 1000000000000, found ''"),
    (Number(), "-1", "a whole number from 0 to 1000000000000, found '-1'"),
    (Number(maximum=5), "6", "a whole number from 0 to 5, found '6'"),
    (Number(), str(BIG + 1), f"a whole number from 0 to {BIG}, found '{BIG + 1}'"),
    (Number(), "9" * 5000, f"a whole number from 0 to {BIG}, found '{'9' * 60}'…"),
    (Number(), "1_000", f"a whole number from 0 to {BIG}, found '1_000'"),
    (Number(), "٣", f"a whole number from 0 to {BIG}, found '٣'"),
    (Number(), "1e3", f"a whole number from 0 to {BIG}, found '1e3'"),
    (Number(), "12:30", f"a whole number from 0 to {BIG}, found '12:30'"),
    (Flag(), "yes", "true or false, found 'yes'"),
    (Flag(), "1", "true or false, found '1'"),
    (Choice(words=("a", "b")), "A", "a or b, found 'A'"),
    (Url(), "ftp://a.example/", "an address that starts with http:// or https://, found 'ftp://a.example/'"),
    (Url(), " https://a.example/", "an address that starts with http:// or https://, found ' https://a.example/'"),
    (Url(), "https:///x", "an address that starts with http:// or https://, found 'https:///x'"),
    (Url(), "//a.example/", "an address that starts with http:// or https://, found '//a.example/'"),
    (Url(), "javascript:x//https://a", "an address that starts with http:// or https://, found 'javascript:x//https://a'"),
    (Url(), "https://é.example/" + "x" * 2030, "at most 2048 bytes, found 2049"),
    *(
        (Timestamp(), text, f"a date and time with its zone, such as 2022-11-14T17:30:00Z, found '{text}'")
        for text in [
            "2026-11-01", "2026-11-01T12:00:00", "2026-11-01 12:00:00Z", "2026-11-01T12:00Z", "2024-99-99T12:00:00Z",
            "2026-02-29T12:00:00Z", "2026-11-01T24:00:00Z", "2026-11-01T12:00:60Z", "0000-01-01T00:00:00Z",
            "2026-11-01T12:00:00+25:00", "2026-11-01T12:00:00z", "٢٠٢٦-11-01T12:00:00Z", "9999-12-31T23:59:59-14:00",
            "20261101T120000Z", "now",
        ]
    ),
    (Timestamp(), "1899-12-31T23:59:59Z", "a year from 1900 to 2999, found '1899-12-31T23:59:59Z'"),
    (Timestamp(), "3000-01-01T00:00:00Z", "a year from 1900 to 2999, found '3000-01-01T00:00:00Z'"),
    (schema.DOMAIN, "../../etc", "a domain name such as example.org, found '../../etc'"),
    (schema.DOMAIN, "a..b", "a domain name such as example.org, found 'a..b'"),
    *((schema.DOMAIN, text, f"a domain name such as example.org, found {text!r}") for text in [
        "a b.example", "a.example/x y", "https://", "/news/", "a.example:port", "mailto:a@b.example", "\u202ea.example",
        "a.example/\x1b[2J", "a.example?x", "“a.example”", ".example",
    ]),
    *((schema.IMAGE_URL, text, f"an address that starts with http://, https:// or /, found {text!r}") for text in [
        "javascript:alert(1)", "data:image/png;base64,AAAA", "file:///etc/passwd", "https://", " ", "JavaScript:x",
    ]),
    (schema.SLUG, "a b", "letters, digits, '-' or '_', found 'a b'"),
    *((schema.SLUG, text, f"letters, digits, '-' or '_', found {text!r}") for text in [
        "a/b", "a.b", "“a”", "\u202ea", "😀", "a?",
    ]),
    (schema.SLUG, "a\n", r"letters, digits, '-' or '_', found 'a\n'"),
]  # fmt: skip


@pytest.mark.attack(1)
@pytest.mark.parametrize(("type_", "text", "sentence"), REFUSED, ids=lambda value: repr(value)[:40])
def test_a_text_that_its_type_does_not_allow_is_rejected_in_a_sentence(type_, text, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        type_.read(text)

    assert str(error.value) == f"expected {sentence}"
