"""Files in parts, and edits of single keys."""

import difflib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.frontmatter import Document, FrontMatterError, Kind, edit, join, parse, read, serialise
from articles.frontmatter.schema import ARTICLE
from tests.factories import make_file, make_related
from tests.frontmatter.strategies import maps_of

FULL = make_file(
    "full",
    original_url="https://gazette.example/o",
    amp_web_url="https://gazette.example/amp",
    cdn_amp_web_url="https://gazette-example.cdn.example/c",
    removed=True,
    featured_content="<iframe></iframe>",
    images=[{"url": "https://i.example/a.jpg", "width": 2, "height": 1, "is_cached": True}],
    related=[make_related("b"), make_related("c")],
).data
BARE = make_file(
    "bare", excerpt=None, web_url=None, quality=None, heat=None, published=None, topics=None, secured=None
).data
OTHER_STYLE = b"""---
# Written by hand.
title:   'Ferries'
topics: [A, B]   # two
publishedDateTime: 2026-11-01T12:00:00Z

provider: {domain: gazette.example}
featuredContent: |
  <iframe>
  # not a comment

  </iframe>

# Below the line.
related:
  - {title: B, webUrl: "https://b.example/", provider: {domain: b.example}}
other: [1, 2]
---
"""
NEW = {
    "title": 'New "title"',
    "excerpt": "New\nexcerpt",
    "published_at": datetime(2026, 11, 2, tzinfo=UTC),
    "original_url": "https://n.example/o",
    "web_url": "https://n.example/",
    "amp_web_url": "https://n.example/amp",
    "cdn_amp_web_url": "https://n.example/cdn",
    "type": "video",
    "quality": 7,
    "heat": -1,
    "removed": True,
    "published": True,
    "featured_content": "<b>",
    "provider": {"name": "New", "domain": "new.example"},
    "topics": ["New", "Newer"],
    "images": [{"url": "https://i.example/n.jpg"}],
}
KEYS = {field.name: field.key for field in ARTICLE.fields}


def changed_lines(before, after):
    """The lines that one has and the other has not."""
    lines = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [line[2:] for line in lines if line[0] in "+-"]


def block(data, key):
    """The lines of a key of a file in the source's layout, and blank ones."""
    lines, inside = {""}, False
    for line in data.decode().splitlines():
        inside = line.startswith(f"{key}:") or (inside and line.startswith(" "))
        if inside:
            lines.add(line)
    return lines


DOCUMENTS = st.builds(Document, st.just(Kind.ARTICLE), maps_of(ARTICLE), st.booleans())


@given(DOCUMENTS)
def test_a_file_in_the_sources_layout_is_joined_to_the_byte(document):
    data = serialise(document).encode()

    assert join(read(data)[1]) == data


@pytest.mark.parametrize(
    "data",
    [
        FULL,
        BARE,
        OTHER_STYLE,
        OTHER_STYLE.replace(b"\n", b"\r\n"),
        OTHER_STYLE.replace(b"\n", b"\r\n", 3),
        FULL.replace(b"\n", b"\r\n"),
        FULL.replace(b"\n", b"\r\n", 4),
        FULL.rstrip(b"\n"),
        FULL + b"\n\n",
        FULL.replace(b'secured: "opaque;text"', b"secured: opaque;text"),
        FULL.replace(b'\nsecured: "opaque;text"\n', b""),
        FULL.replace(b"opaque;text", b'\\"\\\\\\\\'),
        FULL.replace(b"\n\nrelated:", b"\nrelated:"),
        FULL.replace(b"  - title:", b"  -\n    title:"),
    ],
)
def test_any_file_is_joined_to_the_byte(data):
    document, parts = read(data)

    assert join(parts) == data
    assert document.values == parse(data).values


def test_only_files_in_the_sources_layout_are_cut_into_parts():
    assert len(read(FULL)[1].related) == 2
    assert read(FULL)[1].secured == "opaque;text"
    assert "opaque" not in read(FULL)[1].text
    assert read(OTHER_STYLE)[1].related == ()


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize(
    "data", [FULL, BARE, FULL.replace(b"\n", b"\r\n"), OTHER_STYLE], ids=["full", "bare", "crlf", "other"]
)
def test_an_edit_changes_the_lines_of_its_key_only(data, name):
    edited = join(edit(read(data)[1], {name: NEW[name]}))

    assert parse(edited).values == parse(data).values | {name: NEW[name]}
    if data is not OTHER_STYLE:
        assert set(changed_lines(data, edited)) <= block(data, KEYS[name]) | block(edited, KEYS[name])
    else:
        assert len(changed_lines(data, edited)) <= 9
        assert b"# Below the line." in edited


@pytest.mark.parametrize("name", [name for name in NEW if name not in ("title", "provider", "published_at")])
def test_a_deleted_key_takes_its_lines_with_it(name):
    edited = join(edit(read(FULL)[1], {name: None}))

    assert name not in parse(edited).values
    assert set(changed_lines(FULL, edited)) <= block(FULL, KEYS[name])


@pytest.mark.parametrize("name", [name for name in NEW if name not in ("title", "provider", "published_at")])
def test_a_key_that_goes_and_comes_back_leaves_the_file_as_it_was(name):
    value = parse(FULL).values[name]

    assert join(edit(edit(read(FULL)[1], {name: None}), {name: value})) == FULL


@given(DOCUMENTS, st.sampled_from(sorted(NEW)))
def test_any_file_can_be_edited(document, name):
    data = serialise(document).encode()

    edited = join(edit(read(data)[1], {name: NEW[name]}))

    assert parse(edited).values == document.values | {name: NEW[name]}
    anew = serialise(Document(Kind.ARTICLE, document.values | {name: NEW[name]}, document.crlf)).encode()
    assert edited.replace(b'"', b"") == anew.replace(b'"', b"")  # a list keeps the quotes of its items


def test_a_second_list_of_related_items_is_rejected():
    place, end = FULL.index(b"related:\n"), FULL.index(b"secured:")

    with pytest.raises(FrontMatterError, match="related: expected each key once"):
        parse(FULL[:end] + FULL[place:end] + FULL[end:])


def test_related_items_are_replaced_by_texts_and_values():
    parts = read(FULL)[1]

    edited = join(edit(parts, {}, [make_related("new"), parts.related[1]]))

    assert parse(edited).values["related"] == [make_related("new"), make_related("c")]
    assert set(changed_lines(FULL, edited)) <= block(FULL, "related") | block(edited, "related")


def test_related_items_are_taken_out_and_put_in():
    without = edit(read(FULL)[1], {}, [])

    assert "related" not in parse(join(without)).values
    assert join(edit(without, {}, [make_related("b"), make_related("c")])) == FULL


def test_a_value_out_of_bounds_changes_only_its_own_line():
    edited = join(edit(read(OTHER_STYLE)[1], {"published_at": datetime(1800, 1, 1, tzinfo=UTC)}))

    assert edited == OTHER_STYLE.replace(b"2026-11-01T12", b"1800-01-01T00")
