"""Values to text: in the source's layout, and such that reading gives the same values back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.frontmatter import Document, Kind, parse, serialise
from tests.frontmatter.strategies import maps_of


@pytest.mark.hypothesis
@pytest.mark.parametrize("kind", Kind)
def test_any_document_is_read_back_as_it_was(kind):
    @given(maps_of(kind.schema), st.booleans())
    def check(values, crlf):
        document = Document(kind, values, crlf)

        assert parse(serialise(document), kind) == document

    check()


def organization(**values):
    return Document(Kind.ORGANIZATION, {"name": "A", "domain": "a.example", **values})


def line(document, key):
    """The line of a key."""
    (found,) = (line for line in serialise(document).splitlines() if line.startswith(key + ":"))
    return found


@pytest.mark.parametrize(
    "name", ["A", "A & B", "nullify", "2021", "a:b", "a#b", "é", "x - y", "-a", "no", "~a", "A\xa0B", r"a\b", 'The "A"']
)
def test_plain_text_is_left_plain(name):
    assert line(organization(name=name), "name") == f"name: {name}"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("null", '"null"'),
        ("~", '"~"'),
        ("a: b", '"a: b"'),
        ("a:", '"a:"'),
        ("a #b", '"a #b"'),
        ("#a", '"#a"'),
        ("- a", '"- a"'),
        ("-", '"-"'),
        ("?", '"?"'),
        (":", '":"'),
        (" a", '" a"'),
        ("a ", '"a "'),
        ("[a]", '"[a]"'),
        ("{a}", '"{a}"'),
        ("*a", '"*a"'),
        ("'a'", "\"'a'\""),
        ('"a"', r'"\"a\""'),
        ("a\nb", r'"a\nb"'),
        ("a\rb", r'"a\rb"'),
        ("a\tb", r'"a\tb"'),
        ("a\\b ", r'"a\\b "'),
        ("a\u2028b", r'"a\u2028b"'),
        ("a\x85b", r'"a\u0085b"'),
        ("\ufeffa", r'"\ufeffa"'),
        ("a\x7fb", r'"a\u007fb"'),
    ],
)
def test_text_that_would_mean_something_else_is_quoted(name, written):
    document = organization(name=name)

    assert line(document, "name") == f"name: {written}"
    assert parse(serialise(document), Kind.ORGANIZATION) == document


def test_absent_and_empty_values_are_not_written():
    document = organization(description=None, other_names=[], extra={})

    assert serialise(document) == "---\nname: A\ndomain: a.example\n---\n"


def test_unknown_keys_come_after_the_known_ones_as_json():
    extra = {"note": {"a": [1, 1.5, None, True, "x\u2028"]}, "two words": "é"}

    written = serialise(organization(extra=extra))

    assert written.splitlines()[3:-1] == [
        r'note: {"a": [1, 1.5, null, true, "x\u2028"]}',
        '"two words": "é"',
    ]


def test_line_ends_follow_the_document_but_not_within_text():
    written = serialise(Document(Kind.ORGANIZATION, {"name": "a\nb", "domain": "a.example"}, crlf=True))

    assert written == '---\r\nname: "a\\nb"\r\ndomain: a.example\r\n---\r\n'


@pytest.mark.parametrize(
    ("kind", "ends"), [(Kind.ARTICLE, "---\n\n"), (Kind.ORGANIZATION, "---\n"), (Kind.TOPIC, "name: T\n")]
)
def test_each_kind_of_file_ends_as_the_sources_files_do(kind, ends):
    texts = {
        Kind.ARTICLE: '---\ntitle: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n---\n',
        Kind.ORGANIZATION: "---\nname: A\ndomain: a.example\n---\n\n",
        Kind.TOPIC: "_id: t\nname: T\n\n",
    }

    assert serialise(parse(texts[kind], kind)).endswith(ends)
