"""YAML at its edges: read as expected, or refused with a line, and soon."""

import time

import pytest

from articles.frontmatter import FrontMatterError, parse
from tests.hostile import HEAD

# Lines of an article's file, and what is read of them: values by key, or the number of the line that is refused.
VECTORS = {
    "a plain text": ("excerpt: a", {"excerpt": "a"}),
    "a text on two lines": ("excerpt: a\n  b", {"excerpt": "a b"}),
    "quotes on two lines": ('excerpt: "a\n  b"', {"excerpt": "a b"}),
    "an escaped line end": ('excerpt: "a\\\n  b"', {"excerpt": "ab"}),
    "a block": ("excerpt: |\n  a\n  b", {"excerpt": "a\nb\n"}),
    "a folded block": ("excerpt: >-\n  a\n  b", {"excerpt": "a b"}),
    "an indented block": ("excerpt: |2-\n    a", {"excerpt": "  a"}),
    "an escape of every length": (r'excerpt: "\x41\u0042\U00000043"', {"excerpt": "ABC"}),
    "a sign beyond Unicode": (r'excerpt: "\U00110000"', 6),
    "an escape that is none": (r'excerpt: "\q"', 6),
    "half an escape": (r'excerpt: "\x4"', 6),
    "two halves of a sign": (r'excerpt: "\ud83d\ude00"', 6),
    "a comment": ("excerpt: a # b", {"excerpt": "a"}),
    "a sign that is no comment": ("excerpt: a#b", {"excerpt": "a#b"}),
    "an empty quote": ('excerpt: ""', {"excerpt": ""}),
    "nothing": ("excerpt:", {}),
    "null": ("excerpt: null", {}),
    "a tilde": ("excerpt: ~", {}),
    "the word null": ('excerpt: "null"', {"excerpt": "null"}),
    "no for Norway": ("excerpt: no", {"excerpt": "no"}),
    "a sexagesimal": ("excerpt: 12:30:45", {"excerpt": "12:30:45"}),
    "an octal": ("quality: 010", {"quality": 10}),
    "a hexadecimal": ("quality: 0xA", 6),
    "an exponent": ("quality: 1e3", 6),
    "an underscore": ("quality: 1_000", 6),
    "a number in Arabic digits": ("quality: ٣", 6),
    "a plus": ("quality: +5", {"quality": 5}),
    "minus nothing": ("quality: -0", {"quality": 0}),
    "below zero": ("quality: -1", 6),
    "the largest number": ("quality: 1000000000000", {"quality": 10**12}),
    "beyond the largest number": ("quality: 1000000000001", 6),
    "beyond a database": ("quality: 9223372036854775808", 6),
    "not a number": ("heat: .nan", 6),
    "less than every number": ("heat: -.inf", 6),
    "the smallest heat of 32 bits": ("heat: -2147483648", {"heat": -(2**31)}),
    "below 64 bits": ("heat: -9223372036854775809", 6),
    "a list in brackets": ("topics: [a, b]", {"topics": ["a", "b"]}),
    "a list in brackets on lines": ("topics: [a,\n  b,\n  ]", {"topics": ["a", "b"]}),
    "a list without indent": ("topics:\n- a\n- b", {"topics": ["a", "b"]}),
    "a list that is not closed": ("topics: [a, b", 7),
    "a list closed by a brace": ("topics: [a}", 6),
    "two commas": ("topics: [a,,b]", 6),
    "a key in a list": ("topics: [a: b]", {}),
    "JSON": ('{"excerpt": "a", "quality": 5}', 7),
    "a duplicate key": ("excerpt: a\nexcerpt: b", 7),
    "a duplicate key in a map": ("x: {a: 1, a: 2}", 6),
    "a key in quotes twice": ("excerpt: a\n'excerpt': b", 7),
    "a complex key": ("? [a, b]\n: c", 6),
    "a key without a value": ("? excerpt", {}),
    "a key with a colon in it": ("a:b: c", {"extra": {"a:b": "c"}}),
    "a key of brackets": ("[]: c", 6),
    "an empty key": (": c", 6),
    "a tab after a colon": ("excerpt:\ta", {"excerpt": "a"}),
    "a tab as indent": ("x:\n\ta: b", 7),
    "wrong indent": ("x:\n  a: b\n c: d", 8),
    "a mapping in a text": ("excerpt: a: b", 6),
    "an at sign": ("excerpt: @a", 6),
    "a backtick": ("excerpt: `a`", 6),
    "a percent sign": ("excerpt: %a", 6),
    "a directive": ("%YAML 1.2", 7),
    "a document's end": ("...", {}),
    "a second document": ("...\n---\na: b", 8),
    "an alias to nothing": ("excerpt: *a", 6),
    "an anchor without alias": ("excerpt: &a b", 6),
    "a merge": ("<<: {excerpt: a}", 6),
    "a merge in a map": ("x: {<<: {a: b}}", 6),
    "a tag": ("excerpt: !!str a", 6),
    "a binary": ("excerpt: !!binary YQ==", 6),
    "a Python object": ("excerpt: !!python/name:os.system", 6),
    "an own tag": ("excerpt: !a b", 6),
    "a tag without a name": ("excerpt: ! a", 6),
    "a line separator": ("excerpt: a\u2028b", 7),
    "a next line": ("excerpt: a\x85b", 7),
    "a byte-order mark within": ('excerpt: "a\ufeffb"', {"excerpt": "a\ufeffb"}),
    "a character that is none": ("excerpt: a\ufffe", 6),
    "twenty levels": ("x: " + "[" * 18 + "]" * 18, None),
    "thirty levels": ("x: " + "[" * 30 + "]" * 30, 6),
    "a thousand brackets": ("x: " + "[" * 1000, 6),
    "ten thousand colons": ("x: " + "a:" * 10_000, None),
    "a hundred thousand dashes": ("x: " + "- " * 100_000, 6),
    "a hundred thousand quotes": ("x: " + "''" * 50_000, None),
    "a hundred thousand marks": ("x: " + "? " * 50_000, 6),
    "a hundred thousand blanks": ("x: " + " " * 100_000 + "a", None),
    "a hundred thousand comments": ("#\n" * 100_000, {}),
    "a long number": ("quality: " + "9" * 5000, 6),
    "a long unknown number": ("x: " + "9" * 5000, None),
    "a long plain key": ("k" * 2000 + ": a", 6),
    "a control character": ('excerpt: "a\x07b"', {"excerpt": "a\x07b"}),
    "an escape of a terminal": ('excerpt: "\\e[2J"', {"excerpt": "\x1b[2J"}),
}  # fmt: skip


@pytest.mark.attack(1)
@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_yaml_at_its_edges_is_read_as_expected_or_refused_with_its_line(name, ending):
    lines, expected = VECTORS[name]
    data = f"---\n{HEAD.decode()}{lines}\n---\n".replace("\n", ending).encode()
    base = parse(b"---\n" + HEAD + b"---\n").values
    started = time.process_time()

    try:
        found = {key: value for key, value in parse(data).values.items() if base.get(key) != value}
    except FrontMatterError as error:
        found = error.line if error.message.isprintable() else error.message

    assert time.process_time() - started < 2
    if expected is not None:
        assert found == expected
