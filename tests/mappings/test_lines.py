"""Line editors of the dialects: one key gets another value, and all other lines stay."""

import json
import tomllib
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from articles.frontmatter import FrontMatterError
from articles.mappings import meta_lines, rest_lines, tables, toml_lines, yaml_lines

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)
LINES = WORDS.map(lambda text: text.strip().replace("\ufeff", "")).filter(lambda text: text and text.isprintable())
ENDINGS = st.sampled_from(["\n", "\r\n"])
BODIES = st.sampled_from(["", "\n", "\nBody\n---\nmore", "\n+++\nx: y\n", "\r\nMixed\n{{< x >}}\r\n"])
KEYS = ["title", "link", "mood", "Weather", "x-y"]


def in_yaml(text, style):
    if style == "'":
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)


@st.composite
def yaml_files(draw):
    """Draw a file in YAML with a few keys in different styles, and the keys."""
    ending = draw(ENDINGS)
    lines, keys = ["---"], draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    for key in keys:
        value = in_yaml(draw(LINES), draw(st.sampled_from("'\"")))
        lines += draw(
            st.sampled_from(
                [
                    [f"{key}: {value}"],
                    [f"{key}:   {value}   # a comment"],
                    [f"{key}: plain words"],
                    [f"{key}: >-", "  folded", "", "  words", "# outside"],
                    [f"{key}: |", "  # not a comment", "  words", ""],
                    [f"{key}:"],
                    [f'"{key}": {value}'],
                ]
            )
        )
    return ending.join([*lines, "---", ""]) + draw(BODIES), keys


@given(yaml_files(), st.data(), LINES)
def test_an_edit_of_a_yaml_key_leaves_all_other_keys_and_the_body(file, data, value):
    text, keys = file
    key = data.draw(st.sampled_from([*keys, "new"]))
    before = yaml_lines.read(text)

    after = yaml_lines.read(yaml_lines.write(text, key, value, False))

    assert after.entries[key.lower()].value == value
    assert after.body == before.body
    others = [(k, e.value) for k, e in before.entries.items() if k != key.lower()]
    assert [(k, e.value) for k, e in after.entries.items() if k != key.lower()] == others


@given(yaml_files(), st.data(), LINES)
def test_an_edit_of_a_yaml_key_keeps_every_line_that_is_not_its_own(file, data, value):
    text, keys = file
    key = data.draw(st.sampled_from(keys))
    place = yaml_lines.read(text).entries[key.lower()].line - 1

    written = yaml_lines.write(text, key, value, False)

    old, new = text.split("\n"), written.split("\n")
    assert new[:place] == old[:place]
    assert new[place + 1 :] == old[len(old) - (len(new) - place - 1) :]
    assert yaml.safe_load(new[place])[key] == value


@given(
    st.lists(LINES.filter(lambda text: "," not in text), max_size=4),
    st.sampled_from(["- ", "  - ", "    -   "]),
    ENDINGS,
    st.sampled_from(["", "'", '"']),
)
def test_an_edit_of_a_yaml_list_keeps_the_lines_of_items_that_stay(items, dash, ending, style):
    old = ["sea", "two words", "trams"]
    raw = [f"{dash}{style}{item}{style}" for item in old]
    text = ending.join(["---", "tags:", *raw, "title: x", "---", "body"])

    written = yaml_lines.write(text, "tags", [*items, "trams", "sea"], False)

    assert yaml_lines.read(written).entries["tags"].value == [*items, "trams", "sea"]
    assert written.startswith(f"---{ending}tags:{ending}")
    assert written.endswith(ending.join([raw[2], raw[0], "title: x", "---", "body"]))


@st.composite
def toml_files(draw):
    ending = draw(ENDINGS)
    lines, keys = ["+++"], draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True))
    for key in keys:
        value = json.dumps(draw(LINES), ensure_ascii=False).replace("\x7f", "\\u007f")
        lines += draw(
            st.sampled_from(
                [
                    [f"{key} = {value}"],
                    [f'  "{key}"={value} # a comment'],
                    [f"{key} = '#literal = [x'"],
                    [f'{key} = """', "several", 'lines = "x"', '"""'],
                    [f"# {key} = 1", f"{key} = 2019-08-29T00:00:00.000Z"],
                ]
            )
        )
    lines += draw(st.sampled_from([[], ["", "[params]", "link = 'x'  # in a table"], ["[[list]]", "title = 'not it'"]]))
    return ending.join([*lines, "+++", ""]) + draw(BODIES), keys


@given(toml_files(), st.data(), LINES)
def test_an_edit_of_a_toml_key_leaves_all_other_keys_and_the_body(file, data, value):
    text, keys = file
    key = data.draw(st.sampled_from([*keys, "new", "params.link", "params.new", "other.new"]))
    before = toml_lines.read(text)

    written = toml_lines.write(text, key, value, False)

    after = toml_lines.read(written)
    assert after.entries[key.lower()].value == value
    assert after.body == before.body
    others = [(k, e.value) for k, e in before.entries.items() if k != key.lower()]
    assert [(k, e.value) for k, e in after.entries.items() if k != key.lower()] == others
    kept = [line for line in written.split("\n") if line in text.split("\n")]
    assert len(kept) >= len(text.split("\n")) - 4


@given(st.lists(LINES, max_size=4), st.booleans())
def test_an_edit_of_a_toml_list_keeps_its_style(items, is_long):
    old = "[\n  'sea',\n  'trams', # why\n]" if is_long else "['sea', 'trams']"
    text = f"+++\ntags = {old}  # topics\ntitle = 'x'\n+++\n"
    wanted = [*items, "sea"]

    try:
        written = toml_lines.write(text, "tags", wanted, False)
    except ValueError:
        assert is_long
        return

    assert tomllib.loads(written[4:-4])["tags"] == wanted
    assert written.startswith("+++\ntags = [\n  " if is_long else "+++\ntags = [")
    assert written.endswith("]  # topics\ntitle = 'x'\n+++\n")
    assert "'sea'" in written


@given(
    st.lists(st.tuples(st.sampled_from(KEYS), LINES), min_size=1, unique_by=lambda pair: pair[0]),
    ENDINGS,
    BODIES,
    LINES,
)
def test_an_edit_of_a_metadata_line_leaves_all_other_lines(pairs, ending, body, value):
    text = ending.join([*(f"{key}:  {words}" for key, words in pairs), "", ""]) + body
    key, _ = pairs[0]

    written = meta_lines.write(text, key, value, False)

    assert meta_lines.read(written).entries[key.lower()].value == value
    old, new = text.split(ending), written.split(ending)
    assert new[0] == f"{key}:  {value}"
    assert new[1:] == old[1:]


@given(
    st.lists(st.tuples(st.sampled_from(["date", "link", "mood", "x-y"]), LINES), unique_by=lambda pair: pair[0]),
    ENDINGS,
    st.booleans(),
    LINES,
    st.data(),
)
def test_an_edit_of_restructured_text_leaves_all_other_lines(pairs, ending, is_framed, value, data):
    frame = ["======="] if is_framed else []
    fields = [f":{key}:  {words}" for key, words in pairs]
    text = ending.join(
        [*frame, " A long walk", "#######" if not is_framed else "=======", "", *fields, "", "Body", "===="]
    )
    key = data.draw(st.sampled_from(["title", "new", *(key for key, _ in pairs)]))
    before = rest_lines.read(text)

    written = rest_lines.write(text, key, value, False)

    after = rest_lines.read(written)
    assert after.entries[key].value == value
    others = [(k, e.value) for k, e in before.entries.items() if k != key]
    assert [(k, e.value) for k, e in after.entries.items() if k != key] == others
    assert after.body.strip() == before.body.strip()
    kept = [line for line in written.split(ending) if line in text.split(ending)]
    assert len(kept) >= len(text.split(ending)) - (3 if key == "title" else 1)


CELLS = st.text(st.sampled_from("ab ;,\t\"'\r\n—é"), max_size=8)


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    CELLS,
)
def test_an_edit_of_a_cell_leaves_all_other_cells_as_they_are_written(rows, separator, ending, quotes_all, value):
    def cell(text):
        needs = quotes_all or text != text.strip() or any(sign in text for sign in f'{separator}"\r\n')
        return '"' + text.replace('"', '""') + '"' if needs else text

    head = separator.join(["a", "b", "c"]) + ending
    text = head + "".join(separator.join(map(cell, row)) + ending for row in rows)
    table = tables.parse(text)

    assert table.head + "".join(row.text for row in table.rows) == text
    assert [row.values for row in table.rows] == rows
    first = table.rows[0]
    written = tables.write(head + first.text, "b", value, False)
    row = tables.parse(written).rows[0]
    assert row.values == [rows[0][0], value, rows[0][2]]
    assert (row.cells[0], row.cells[2], row.ending) == (first.cells[0], first.cells[2], ending)


@pytest.mark.parametrize("module", [yaml_lines, toml_lines, meta_lines, rest_lines, tables])
@given(
    st.text(st.sampled_from("-+. :=[]{}'\"#ab\n\r,;&*!|>\t\ufeff"), max_size=60),
    st.sampled_from(["", "---\n", "+++\n"]),
)
def test_any_text_is_read_or_told_as_an_error(module, text, start):
    with suppress(FrontMatterError):
        module.read(start + text + start)
