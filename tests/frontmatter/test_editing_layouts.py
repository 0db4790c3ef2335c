"""Edits of files in any style: only the lines of the edited key differ."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.frontmatter import edit, join, parse, read
from tests.frontmatter.layouts import KEYS, blocks, braces

IMAGE = {"url": "https://i.example/a.jpg", "width": 2}
NEW = {
    "title": [
        "New",
        "2021",
        "null",
        'An "odd": title',
        "Two\nlines",
        "It's #1",
        "A\u2028B",
        " blank ",
        "~",
        "a: b",
        "[x]",
    ],
    "excerpt": [None, "New.", "Two\nlines.\n", "\n", "Two\n\nparagraphs", "tab\tinside", "{}", "a, b", "x" * 2000],
    "quality": [None, 0, 85],
    "type": [None, "video"],
    "removed": [True],
    "published_at": [datetime(2026, 1, 2, 3, tzinfo=UTC)],
    "tags": [["New", "b: c"]],
    "web_url": ["https://e.example/a?b=c#d", None],
    "provider": [{"name": "New", "domain": "example.org"}, {"domain": "new.example"}],
    "topics": [[], ["Sea"], ["Weather", "Sea"], ["Sea", "Weather", "null"], ["A", "Sea", "B", "Weather"], ["x, y"]],
    "images": [[], [IMAGE | {"width": 3}], [IMAGE, {"url": "https://i.example/b.jpg"}], [IMAGE | {"title": 'T: "q"'}]],
}
EDITS = st.one_of([st.tuples(st.just(name), st.sampled_from(values)) for name, values in NEW.items()])


def shared_start(one, other):
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def check(layout, name, value):
    """Edit one key of a file. Only that key's piece may differ, and all must read as wanted."""
    text = layout.text
    before = parse(text).values

    edited = join(edit(read(text)[1], {name: value})).decode()

    wanted = {key: found for key, found in (before | {name: value}).items() if found not in (None, [])}
    assert parse(edited).values == wanted
    if around := layout.around(KEYS[name]):
        start, end = around
        if value in (None, []):
            start, end = start.rstrip("\r\n, "), end.lstrip(", \r\n")  # a blank line or comma goes with its key
        assert edited.startswith(start)
        assert edited.endswith(end)
    else:
        start = shared_start(text, edited)
        assert start + shared_start(text[::-1], edited[::-1]) >= len(text)


@pytest.mark.hypothesis
@given(blocks(), EDITS)
def test_f_an_edit_of_a_file_in_lines_changes_only_the_lines_of_its_key(layout, change):
    check(layout, *change)


@pytest.mark.hypothesis
@given(braces(), EDITS)
def test_f_an_edit_of_a_file_in_braces_changes_only_its_key(layout, change):
    check(layout, *change)


@pytest.mark.hypothesis
@given(st.one_of(blocks(), braces()), st.lists(EDITS, min_size=2, max_size=6))
def test_f_several_edits_at_once_keep_all_other_keys_and_comments(layout, edits):
    changes = dict(edits)
    before = parse(layout.text).values

    edited = join(edit(read(layout.text)[1], changes)).decode()

    wanted = {name: value for name, value in (before | changes).items() if value not in (None, [])}
    assert parse(edited).values == wanted
    others = [text.strip(", \r\n") for key, text in layout.pieces if key not in {KEYS[name] for name in changes}]
    assert [text for text in others if text not in edited] == []


REQUIRED = "title: A\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider: {domain: a.example}\n"


def edited_matter(matter, **changes):
    """Edit a file that has these lines, and those that every file needs."""
    text = f"---\n{REQUIRED}{matter}---\n"
    edited = join(edit(read(text)[1], changes)).decode()
    wanted = {name: value for name, value in (parse(text).values | changes).items() if value not in (None, [])}
    assert parse(edited).values == wanted
    return edited.removeprefix(f"---\n{REQUIRED}").removesuffix("---\n")


OUTLET = {"name": "New", "domain": "b.example"}
A, B = {"url": "https://i.example/a.jpg", "width": 2}, {"url": "https://i.example/b.jpg"}


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("topics:\n- A\n- B # b\n", {"topics": ["A", "C", "B"]}, "topics:\n- A\n- C\n- B # b\n"),
        ("topics:\n    - 'A'\n", {"topics": ["A", "It's"]}, "topics:\n    - 'A'\n    - 'It''s'\n"),
        ("topics: [A, B] # two\n", {"topics": ["B"]}, "topics: [B] # two\n"),
        ("topics: [A]\n", {"topics": ["A", "b, c"]}, 'topics: [A, "b, c"]\n'),
        ('topics: ["A",\n  "B"]\n', {"topics": ["A", "B", "C"]}, 'topics: ["A",\n  "B",\n  "C"]\n'),
        ("topics: [] # none\n", {"topics": ["A"]}, "topics: [A] # none\n"),
        ("topics:\n- A\n# b\n- B\n", {"topics": ["B", "A"]}, "topics:\n- B\n- A\n# b\n"),
        ("images:\n  - url: https://i.example/a.jpg # a\n    width: 2\n    alt: 007\n",
         {"images": [A | {"width": 3, "extra": {"alt": "007"}}]},
         "images:\n  - url: https://i.example/a.jpg # a\n    width: 3\n    alt: 007\n"),
        ("images:\n  - width: 2\n    url: https://i.example/a.jpg\n", {"images": [{"url": A["url"]}]},
         "images:\n  - url: https://i.example/a.jpg\n"),
        ("images:\n  - {url: 'https://i.example/a.jpg', width: 2}\n", {"images": [A, B]},
         "images:\n  - {url: 'https://i.example/a.jpg', width: 2}\n  - {url: \"https://i.example/b.jpg\"}\n"),
        ("featuredContent: |\n  <b>\n\n# c\n", {"featured_content": "<i>\n\n  x\n"},
         "featuredContent: |\n  <i>\n\n    x\n\n# c\n"),
        ("featuredContent: >-\n   <b>\n", {"featured_content": "<i>"}, "featuredContent: >-\n  <i>\n"),
        ("heat: # none\nid: 1.10\n", {"heat": 5}, "heat: 5 # none\nid: 1.10\n"),
        ("? heat\n? id\n: 1.10\n", {"heat": 5}, "heat: 5\n? id\n: 1.10\n"),
        ("quality: null\n", {"quality": 0}, "quality: 0\n"),
        ("excerpt: ~ # later\n", {"excerpt": "Now"}, 'excerpt: "Now" # later\n'),
        ("excerpt: |\n  a\ntopics:\n  - B\n  # - C\nid: 007\n", {"topics": []}, "excerpt: |\n  a\nid: 007\n"),
    ],
)  # fmt: skip
def test_f_an_edit_keeps_the_style_and_the_comments_of_what_it_changes(before, changes, after):
    assert edited_matter(before, **changes) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("provider:\n  name: Old # n\n  # d\n  domain: b.example\n  id: 1.10\n",
         "provider:\n  name: New # n\n  # d\n  domain: b.example\n  id: 1.10\n"),
        ('provider: {"name":"Old","domain":"b.example","id":1.10}\n',
         'provider: {"name":"New","domain":"b.example","id":1.10}\n'),
        ("provider:\n    domain: b.example\n    id: 1.10\n",
         "provider:\n    name: New\n    domain: b.example\n    id: 1.10\n"),
    ],
)  # fmt: skip
def test_f_an_edited_name_of_an_outlet_changes_only_its_line(before, after):
    head = "---\ntitle: A\npublishedDateTime: 2026-11-01T12:00:00Z\n"
    provider = OUTLET | {"extra": parse(f"{head}{before}---\n").values["provider"]["extra"]}

    edited = join(edit(read(f"{head}{before}---\n")[1], {"provider": provider}))

    assert edited.decode() == f"{head}{after}---\n"


def test_f_a_file_that_cannot_be_edited_key_by_key_keeps_the_text_of_unknown_keys():
    text = (
        "---\n{quality: 80 # a, b\n , title: A, publishedDateTime: 2026-11-01T12:00:00Z,\n"
        " provider: {domain: a.example}, id: 12345678901234567890, v: 1.10, s: [2.50, ~]}\n---\n"
    )

    edited = join(edit(read(text)[1], {"quality": None})).decode()

    assert edited.endswith("  domain: a.example\nid: 12345678901234567890\nv: 1.10\ns: [2.50, ~]\n---\n\n")


ITEM_B = "- {title: B, webUrl: 'https://b.example/', provider: {domain: b.example}} # b\n"
ITEM_C = "-\n  # c\n  title: >-\n    C\n  webUrl: https://c.example/\n  provider: {domain: c.example}\n  id: 1.10\n"


@pytest.mark.parametrize(
    ("kept", "after"),
    [
        ([0, 1], f"related:\n{ITEM_B}{ITEM_C}"),
        ([0], f"related:\n{ITEM_B}"),
        ([1], f"related:\n{ITEM_C}"),
        ([1, 0], f"related:\n{ITEM_C}{ITEM_B}"),
        ([], ""),
    ],
)
def test_f_related_items_that_stay_keep_their_lines(kept, after):
    text = f"---\n{REQUIRED}related:\n{ITEM_B}{ITEM_C}# end\n---\n"
    items = parse(text).values["related"]

    edited = join(edit(read(text)[1], {}, [items[n] for n in kept])).decode()

    assert parse(edited).values.get("related", []) == [items[n] for n in kept]
    if kept != [1, 0]:  # one of them is written anew
        assert edited == f"---\n{REQUIRED}{after}# end\n---\n"


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("topics:\n- A\n- {odd: 1}\n- B\n", {"topics": ["A", "B", "C"]}, "topics:\n- A\n- {odd: 1}\n- B\n- C\n"),
        ("topics:\n- [odd]\n- A # a\n", {"topics": ["New"]}, "topics:\n- [odd]\n- New # a\n"),
        ("topics: [A, {odd: 1}, B]\n", {"topics": ["A"]}, "topics: [A, {odd: 1}]\n"),
        ("topics:\n- A\n-\n- B\n", {"topics": ["A", None, "B", "C"]}, "topics:\n- A\n-\n- B\n- C\n"),
        ("topics:\n- A\n- ~ # none\n- B\n", {"topics": ["A", None]}, "topics:\n- A\n- ~ # none\n"),
        ("images:\n- url: ftp://odd.example/\n- url: https://i.example/a.jpg\n", {"images": [B]},
         "images:\n- url: ftp://odd.example/\n- url: https://i.example/b.jpg\n"),
        ("images:\n- url: https://i.example/a.jpg\n  width: odd # w\n", {"images": [{"url": A["url"], "height": 2}]},
         "images:\n- url: https://i.example/a.jpg\n  width: odd # w\n  height: 2\n"),
    ],
)  # fmt: skip
def test_f_an_edit_keeps_the_items_that_are_not_understood(before, changes, after):
    assert edited_matter(before, **changes) == after
