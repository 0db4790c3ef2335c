"""What is wrong in a part of an article leaves that part out with a warning, and the article is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.frontmatter import join, read

HEAD = 'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'
DATE = "2026-10-31T12:00:00Z"
GOOD = {"title": "C", "web_url": "https://c.example/", "provider": {"domain": "c.example"}}
GOOD_ITEM = "  - {title: C, webUrl: https://c.example/, provider: {domain: c.example}}\n"
RELATED = "related:\n  - title: B\n    webUrl: https://b.example/\n    provider: "
ADDRESS = "expected an address that starts with http:// or https://, found "
IMAGE = "expected an address that starts with http://, https:// or /, found "


def article(lines, head=HEAD):
    return read(f"---\n{head}{lines}\n---\n")[0]


# Lines after the head, whose first is line 6; then the line, key and sentence of the warning.
ODD = {
    "text for a list": ("topics: Harbour", 6, "topics", "expected a list, found 'Harbour'; it"),
    "map for a list": ("topics: {a: b}", 6, "topics", "expected a list, found 'keys and values'; it"),
    "list in a list": ("topics: [[a]]", 6, "topics[0]", "expected a single value, found 'a list'; it"),
    "blank topic": ('topics: ["A", " "]', 6, "topics[1]", "expected a topic's name, found nothing; it"),
    "long topic": (f"topics: [{'x' * 101}]", 6, "topics[0]", "expected at most 100 characters, found 101; it"),
    "101 topics": ("topics: [" + "a," * 101 + "]", 6, "topics", "expected at most 100 items, found 101; it"),
    "text for tags": ("tags: US, UK", 6, "tags", "expected a list, found 'US, UK'; it"),
    "list among tags": ("tags:\n  - US\n  - [UK]", 8, "tags[1]", "expected a single value, found 'a list'; it"),
    "101 images": ("images: [" + "{url: x}," * 101 + "]", 6, "images", "expected at most 100 items, found 101; it"),
    "text for an image": ("images: [/a.png]", 6, "images[0]", "expected keys and values, found '/a.png'; it"),
    "image without address": ("images:\n  - width: 1", 7, "images[0].url", "expected this key, found none; images[0]"),
    "width of an image": (
        "images:\n  - url: https://i.example/\n    width: wide", 8, "images[0].width",
        "expected a whole number from 0 to 1000000, found 'wide'; it",
    ),
    "script for an image": (
        "images:\n  - url: https://i.example/\n  - url: javascript:x", 8, "images[1].url",
        IMAGE + "'javascript:x'; images[1]",
    ),
    "list for a map": ("related: [[x]]", 6, "related[0]", "expected keys and values, found 'a list'; it"),
    "text for a provider": (
        RELATED + "B", 9, "related[0].provider", "expected keys and values, found 'B'; related[0]"
    ),
    "no provider": (RELATED + "{}", 9, "related[0].provider", "expected a value, found nothing; related[0]"),
    "no domain": (RELATED + "{name: B}", 9, "related[0].provider.domain", "expected this key, found none; related[0]"),
    "odd domain": (
        RELATED + "{domain: a b}", 9, "related[0].provider.domain",
        "expected a domain name such as example.org, found 'a b'; related[0]",
    ),
    "nothing to find it by": (
        "related:\n  - title: B\n    webUrl: ''\n    provider: {domain: b.example}", 7, "related[0]",
        "expected publishedDateTime or webUrl, found neither; it",
    ),
    "odd address and no date": (
        "related:\n  - {title: B, webUrl: /b, provider: {domain: b.example}}", 7, "related[0].webUrl",
        ADDRESS + "'/b'; it",
    ),
    "quality of a related item": (RELATED + "{domain: b.example}\n    quality: -1", 10, "related[0].quality",
        "expected a whole number from 0 to 1000000000000, found '-1'; it"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "key", "message"), ODD.values(), ids=ODD)
def test_what_is_wrong_in_a_part_is_left_out_with_a_warning(lines, line, key, message):
    document = article(lines)

    assert document.values["title"] == "A"
    warning = document.warnings[0]
    assert (warning.line, warning.key, warning.message) == (line, key, message + " is left out")


@pytest.mark.parametrize("lines", ["name: [x]", "name: {a: b}", f"name: {'x' * 256}", "images: x", "images: [{}, x]"])
def test_what_is_wrong_in_a_providers_optional_keys_does_not_cost_the_article(lines):
    document = article(f"  {lines}")

    assert document.values["provider"] == {"domain": "a.example"}
    assert document.warnings


@pytest.mark.parametrize(
    "lines",
    ["quality: -1", "heat: 10000000000000", "published: yes", "type: podcast", "webUrl: /a", "ampWebUrl: ftp://x"],
)
def test_what_is_wrong_in_the_article_itself_stays_an_error(lines):
    with pytest.raises(ValueError, match="expected"):
        article(lines)


WRONG = [
    "x",
    "[x]",
    "{title: B}",
    "{}",
    "{title: [x]}",
    "{title: B, webUrl: x, provider: x}",
    "'\\0'",
    "1",
    "[[]]",
    "null",
]


@given(st.lists(st.one_of(st.none(), st.sampled_from(WRONG)), min_size=1, max_size=8))
def test_items_around_a_wrong_one_are_read_whatever_it_is(items):
    lines = "".join(GOOD_ITEM if wrong is None else f"  - {wrong}\n" for wrong in items)
    data = f"---\n{HEAD}related:\n{lines}---\n".encode()

    document, parts = read(data)

    assert document.values.get("related", []) == [GOOD for wrong in items if wrong is None]
    assert {warning.line for warning in document.warnings} == {n + 7 for n, item in enumerate(items) if item}
    assert join(parts) == data


@pytest.mark.parametrize(("items", "told"), [(1, 1), (99, 99), (100, 100), (101, 101), (5000, 101)])
def test_a_file_with_many_mistakes_says_that_there_are_more(items, told):
    warnings = article("related:\n" + "  - x\n" * items).warnings

    assert len(warnings) == told
    assert (warnings[-1].message == "expected at most 100 mistakes, found more; they are left out") == (items > 100)


def test_a_related_item_without_an_address_is_known_by_its_title_and_date():
    lines = (
        f'related:\n  - title: "B"\n    publishedDateTime: {DATE}\n    webUrl: ""\n    provider: {{domain: b.example}}'
    )

    document = article(lines)

    assert document.warnings == []
    assert "web_url" not in document.values["related"][0]
    assert article(lines.replace('    webUrl: ""\n', "")).values == document.values
