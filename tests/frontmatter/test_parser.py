"""Front matter in any YAML: what it means, and how it is refused."""

from datetime import UTC, datetime

import pytest
import yaml

from articles.frontmatter import FrontMatterError, Kind, parse, parser

HEAD = 'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'


def article(extra="", head=HEAD):
    return parse(f"---\n{head}{extra}---\n").values


@pytest.mark.parametrize("text", ["2021", "no", "12:30:45", "1e3", "~x", "null", "0x1f", "2021-01-01", "true"])
def test_a_title_is_text_whatever_it_looks_like(text):
    head = HEAD.replace('"A"', text)

    assert article(head=head)["title"] == text


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("quality: 010", "quality", 10),
        ('quality: "10"', "quality", 10),
        ("heat: -1", "heat", -1),
        ("heat: 2000000", "heat", 2_000_000),
        ("heat: -2147483648", "heat", -(2**31)),
        ("published: True", "published", True),
        ('removed: "false"', "removed", False),
        ("excerpt: plain: not", "excerpt", None),
        ("excerpt: |\n  one\n  two", "excerpt", "one\ntwo\n"),
        ("excerpt: >-\n  one\n  two", "excerpt", "one two"),
        ("excerpt: 'it''s'", "excerpt", "it's"),
        (r'excerpt: "\x41\t\u2028\U0001F600"', "excerpt", "A\t\u2028😀"),
        ("excerpt:", "excerpt", None),
        ("heat:", "heat", None),
        ("heat: null", "heat", None),
        ("topics: [One, Two]", "topics", ["One", "Two"]),
        ("topics:\n- One\n- 2", "topics", ["One", "2"]),
        ("topics:", "topics", None),
        ("images: [{url: https://i.example/a, width: 1}]", "images", [{"url": "https://i.example/a", "width": 1}]),
    ],
)
def test_a_value_means_what_its_keys_type_says(line, name, value):
    if value is None and "not" in line:
        with pytest.raises(FrontMatterError):
            article(line + "\n")
    else:
        assert article(line + "\n").get(name) == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T12:00:00Z", datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("2026-11-01T12:00:00+02:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ('"2026-11-01T12:00:00.25Z"', datetime(2026, 11, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_moment_is_kept_in_utc_to_the_second(text, moment):
    assert article(head=HEAD.replace("2026-11-01T12:00:00Z", text))["published_at"] == moment


def test_unknown_keys_are_kept_wherever_they_stand():
    values = article(
        "editor: Ida\nsize: {big: true, list: [1, 1.5, 1.50, x, ~]}\n"
        "images:\n  - url: https://i.example/\n    credit: 007\n"
    )

    assert values["extra"] == {"editor": "Ida", "size": {"big": True, "list": [1, 1.5, "1.50", "x", None]}}
    assert values["images"][0]["extra"] == {"credit": "007"}


BAD = [
    ("quality: many", 6, "quality", "expected a whole number from 0 to 9223372036854775807, found 'many'"),
    ("quality: -1", 6, "quality", "expected a whole number from 0 to 9223372036854775807, found '-1'"),
    ("quality: 1.5", 6, "quality", "expected a whole number from 0 to 9223372036854775807, found '1.5'"),
    ("heat: 99999999999999999999", 6, "heat", "found '99999999999999999999'"),
    ("published: yes", 6, "published", "expected true or false, found 'yes'"),
    ("type: podcast", 6, "type", "expected article or video, found 'podcast'"),
    ("category: people", 6, "category", "expected news, found 'people'"),
    ("webUrl: javascript:alert(1)", 6, "webUrl", "expected an address that starts with http"),
    ("webUrl: https://", 6, "webUrl", "expected an address that starts with http"),
    (f"webUrl: https://a.example/{'x' * 2048}", 6, "webUrl", "expected at most 2048 characters, found 2066"),
    (f"webUrl: https://a.example/{'é' * 2000}", 6, "webUrl", "expected at most 2048 bytes, found 4018"),
    ("topics: Harbour", 6, "topics", "expected a list, found 'Harbour'"),
    ("topics: {a: b}", 6, "topics", "expected a list, found 'keys and values'"),
    ("topics: [[a]]", 6, "topics[0]", "expected a single value, found 'a list'"),
    ("images:\n  - width: 1", 7, "images[0].url", "expected this key, found none"),
    ("images:\n  - url: https://i.example/\n    width: wide", 8, "images[0].width", "found 'wide'"),
    (
        "related:\n  - title: B\n    webUrl: https://b.example/\n    provider: B",
        9,
        "related[0].provider",
        "keys and values",
    ),
    ("secured: [1]", 6, "secured", "expected a single value, found 'a list'"),
    ('title: "B"', 6, "title", "expected each key once, found it again"),
    ("<<: {a: b}", 6, "<<", "expected keys written out, found a merge key"),
    ("x: &a 1", 6, "", "found an anchor or alias ('a')"),
    ("x: *a", 6, "", "found an anchor or alias ('a')"),
    ("x: !!python/object/apply:os.system [ls]", 6, "", "expected values without tags"),
    ("x: !!str 1", 6, "", "expected values without tags"),
    ("? [a]\n: b", 6, "", "expected a key of plain text"),
    ("x: " + "[" * 21 + "]" * 21, 6, "", "expected at most 20 levels of nesting, found more"),
    ("x: [" + "1," * 100_001 + "]", 6, "", "expected at most 100000 values, found more"),
    ("\tx: 1", 6, "", "expected YAML, found an error"),
    ('x: "open', 7, "", "expected YAML, found an error"),
    ("x: \x07", 6, "", "expected printable text"),
    (r'excerpt: "\0"', 6, "excerpt", "expected text without NUL characters"),
    (r'x: "\0"', 6, "x", "expected text without NUL characters"),
    (r'excerpt: "\ud800"', None, None, ""),
]


@pytest.mark.parametrize(("lines", "line", "key", "message"), BAD, ids=lambda value: str(value)[:30])
def test_what_is_wrong_is_told_by_line_key_and_finding(lines, line, key, message):
    with pytest.raises(FrontMatterError) as error:
        article(lines + "\n")

    assert message in error.value.message
    if line:
        assert (error.value.line, error.value.key) == (line, key)


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, "expected a line ---, found ''"),
        (b"title: A\n", 1, "expected a line ---, found 'title: A'"),
        (b"---\ntitle: A\n", 3, "expected a closing line ---, found the file's end"),
        (b"---\n---\n", 2, "expected keys and values, found nothing"),
        (b"---\n- a\n---\n", 2, "expected keys and values, found 'a list'"),
        (b"---\n" + HEAD.encode() + b"---\n\nA body.\n", 8, "expected nothing after the closing ---, found 'A body.'"),
        (b"\xef\xbb\xbf---\n---\n", 1, "found a byte-order mark"),
        ("---\ntitle: A\n---\n".encode("utf-16"), 1, "expected UTF-8 text, found byte 0xff"),
        (b"---\ntitle: \xe9t\xe9\n---\n", 2, "expected UTF-8 text, found byte 0xe9"),
        (b"---\ntitle: \xc3", 2, "expected UTF-8 text, found byte 0xc3"),
        (b"---\n" + b"x" * (4 * 2**20), 1, "expected at most 4194304 bytes, found 4194308"),
        (b"---\na: b\n...\nc: d\n---\n", None, ""),
        (b"---\r" + HEAD.replace("\n", "\r").encode() + b"---\r", 1, "expected a line ---"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_a_file_that_is_no_front_matter_is_told_so(data, line, message):
    with pytest.raises(FrontMatterError) as error:
        parse(data)

    assert message in error.value.message
    assert line is None or error.value.line == line


@pytest.mark.parametrize("missing", ["title", "publishedDateTime", "provider", "domain"])
def test_what_a_file_must_say(missing):
    head = "".join(line for line in HEAD.splitlines(True) if missing not in line)

    with pytest.raises(FrontMatterError, match="expected this key, found none"):
        article(head=head if missing != "provider" else head.replace("  domain: a.example\n", ""))


def test_topic_files_are_bare_yaml():
    text = '_id: tides\nname: Tides\nhashtags:\n  - "#Tides"\nservices:\n  news: https://a.example/\nkeywords:\n'

    values = parse(text, Kind.TOPIC).values

    assert values == {
        "slug": "tides",
        "name": "Tides",
        "hashtags": ["#Tides"],
        "services": {"news": "https://a.example/"},
    }


def test_organization_files_have_relative_logos():
    text = "---\nname: A\ndomain: a.example\nimages:\n  - url: /a.jpg\n    width: 50\n---\n"

    assert parse(text, Kind.ORGANIZATION).values["images"] == [{"url": "/a.jpg", "width": 50}]


@pytest.mark.parametrize(("lines", "line", "key", "message"), BAD, ids=lambda value: str(value)[:30])
def test_without_the_c_library_the_same_files_are_refused(monkeypatch, lines, line, key, message):
    monkeypatch.setattr(parser, "Loader", yaml.SafeLoader)

    with pytest.raises(FrontMatterError):
        article(lines + "\n")
