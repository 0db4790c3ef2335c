"""Values written into files of other programs by a mapping: as wanted, or told and left alone."""

from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import mappings
from articles.mappings import tables
from tests.mappings.fiction import ARCHIVES

TEXTS = st.text(st.sampled_from("ab é港\"'\\:#,;[]{}&*!|>%@`-+=~\t\n\r\u2028\x85<>/ "), max_size=20)
VALUES = {
    "title": TEXTS.filter(str.strip),
    "excerpt": TEXTS,
    "webUrl": TEXTS.map(lambda text: f"https://x.example/{text}".strip()),
    "topics": st.lists(TEXTS.map(str.strip).filter(bool), max_size=4, unique=True),
    "published": st.booleans(),
    "removed": st.booleans(),
    "publishedDateTime": st.datetimes(datetime(1970, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    "quality": st.integers(0, 999),
    "provider.name": TEXTS.map(str.strip).filter(bool),
    "provider.domain": st.just("other.example"),
    "type": st.just("video"),
}


def mapping(kind):
    return mappings.read_mapping((mappings.READY / f"{kind}.yaml").read_text())


@cache
def texts(kind):
    """Return places and texts of an archive's files, or of a table's rows."""
    found = [
        (name, data.decode()) for name, data in ARCHIVES[kind]().items() if mapping(kind).place(PurePosixPath(name))
    ]
    if kind != "csv":
        return found
    table = tables.parse(found[0][1])
    return [(found[0][0], table.head + row.text) for row in table.rows if not row.is_empty]


@pytest.mark.parametrize("kind", ARCHIVES)
@given(st.data())
def test_any_value_is_written_or_told_and_nothing_else_changes(kind, data):
    place, text = data.draw(st.sampled_from(texts(kind)))
    field = data.draw(st.sampled_from(sorted(VALUES)))
    value = data.draw(VALUES[field])
    value = value.replace(microsecond=0) if field == "publishedDateTime" else value
    before = mappings.read(mapping(kind), place, text)

    written, problems = mappings.write(mapping(kind), place, text, {field: value})

    after = mappings.read(mapping(kind), place, written)
    assert after.matter.body == before.matter.body
    if problems:
        assert written == text
        assert problems[0].startswith(f"{field}: ")
    else:
        assert after.values[field].value == value if field in after.values else value in ("", [])
        changed = {
            key for key in before.matter.entries if before.matter.entries[key].value != after.matter.entries[key].value
        }
        assert len(changed) <= 1


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("title: One", "Two", "title: Two"),
        ("title: One  # why", "2024", 'title: "2024"  # why'),
        ("title: 'One'", "It's", "title: 'It''s'"),
        ('title: "One"', 'a "b"', 'title: "a \\"b\\""'),
        ("title: >-\n  One\n  more", "Two: three", 'title: "Two: three"'),
        ("'title':   One", "yes", "'title':   \"yes\""),
        ("title: One\r", "Two", "title: Two\r"),
    ],
)
def test_a_title_is_written_in_the_style_of_the_old_one(old, value, new):
    text = f"---\nlayout: x\n{old}\ndate: 2024-01-02\n---\nBody\n"

    written, problems = mappings.write(mapping("jekyll"), "_posts/a.md", text, {"title": value})

    assert (written, problems) == (text.replace(old, new), [])


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("tags: [sea, 'old words']", ["sea", "new words"], "tags: [sea, new words]"),
        ("tags: sea trams", ["sea", "books"], "tags: sea books"),
        ("tags: sea trams", ["sea", "old words"], "tags: [sea, old words]"),
        ("tags: sea,trams", ["sea", "old words"], "tags: sea,old words"),
        ("tags:\n  - sea # why\n  - trams", ["books", "sea"], "tags:\n  - books\n  - sea # why"),
        ("tags:\n- sea", [], "tags: []"),
        ("tags:", ["sea"], "tags: [sea]"),
        ("categories: [sea]", ["sea", "trams"], "categories: [sea, trams]"),
    ],
)
def test_topics_are_written_in_the_style_of_the_old_ones(old, value, new):
    text = f"---\ntitle: x\n{old}\ndate: 2024-01-02\n---\nBody\n"

    written, problems = mappings.write(mapping("jekyll"), "_posts/a.md", text, {"topics": value})

    assert (written, problems) == (text.replace(old, new), [])


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        ("Title: x\nDate: 2024-01-02\nStatus: draft\n", True, "Status: published"),
        ("Title: x\nDate: 2024-01-02\nStatus: Published\n", False, "Status: Draft"),
        ("Title: x\nDate: 2024-01-02\n", False, "Status: draft"),
        ("---\ntitle: x\ndate: 2024-01-02\ndraft: 'no'\n---\n", False, "draft: 'yes'"),
        ("+++\ntitle = 'x'\ndate = 2024-01-02\ndraft = false # yet\n+++\n", False, "draft = true # yet"),
        ("+++\ntitle = 'x'\ndate = 2024-01-02\n+++\n", False, "draft = true"),
    ],
)
def test_a_flag_is_written_in_the_words_of_its_file(text, value, wanted):
    kind = "pelican" if text.startswith("Title") else "hugo"

    written, problems = mappings.write(mapping(kind), "content/a.md", text, {"published": value})

    assert problems == []
    assert wanted in written.splitlines()


def test_an_empty_list_of_several_lines_can_be_filled():
    text = "+++\ntitle = 'x'\ndate = 2024-01-02\ntags = [\n]\n+++\n"

    written, problems = mappings.write(mapping("hugo"), "content/a.md", text, {"topics": ["sea"]})

    assert (written, problems) == (text.replace("[\n]", '["sea"]'), [])
