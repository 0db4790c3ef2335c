"""Ways to say nothing: null, `~`, nothing, an empty address, an empty list or map."""

import pytest

from articles.frontmatter import FrontMatterError, Kind, parse, serialise
from articles.frontmatter.schema import Scalar, Text, Url
from tests.frontmatter.test_schema import HEADS, WHOLE

NOTHING = ["", "null", "Null", "NULL", "~", "[]", "{}", "# nothing"]
OPTIONAL = [
    (kind, field)
    for kind in Kind
    for field in kind.schema.fields
    if not field.required and field.key not in HEADS[kind]
]
REQUIRED = [(kind, field) for kind in Kind for field in kind.schema.fields if field.required]


def read(kind, lines, without=""):
    head = "".join(line for key, line in HEADS[kind].items() if key != without)
    return parse(f"---\n{head}{lines}---\n" if kind.delimited else head + lines, kind)


def article(lines):
    return read(Kind.ARTICLE, lines)


@pytest.mark.parametrize("nothing", NOTHING)
@pytest.mark.parametrize(("kind", "field"), OPTIONAL, ids=lambda value: getattr(value, "key", str(value)))
def test_an_optional_key_that_says_nothing_is_absent(kind, field, nothing):
    document = read(kind, f"{field.key}: {nothing}\n")

    assert document.values == read(kind, "").values
    assert document.warnings == []


@pytest.mark.parametrize("nothing", NOTHING)
@pytest.mark.parametrize(("kind", "field"), REQUIRED, ids=lambda value: getattr(value, "key", str(value)))
def test_a_required_key_that_says_nothing_is_an_error(kind, field, nothing):
    with pytest.raises(FrontMatterError) as error:
        read(kind, f"{field.key}: {nothing}\n", without=field.key)

    line = "".join(each for key, each in HEADS[kind].items() if key != field.key).count("\n") + kind.delimited + 1
    assert (error.value.line, error.value.key) == (line, field.key)
    assert error.value.message.endswith(", found nothing")


@pytest.mark.parametrize("empty", ['""', "''", '" "'])
@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind, field in OPTIONAL if isinstance(field.type, Scalar) and not field.type.may_be_empty],
    ids=lambda value: getattr(value, "key", str(value)),
)
def test_an_empty_text_is_absent_where_it_means_nothing(kind, field, empty):
    assert read(kind, f"{field.key}: {empty}\n").values == read(kind, "").values


@pytest.mark.parametrize("word", ['"null"', "'null'", '"~"', "'Null'", '"NULL"'])
def test_a_quoted_null_is_a_word(word):
    values = read(
        Kind.ARTICLE, f"topics: [{word}]\nprovider: {{name: {word}, domain: a.example}}\nexcerpt: {word}\n", "provider"
    ).values

    assert values["topics"] == [word[1:-1]]
    assert values["provider"]["name"] == values["excerpt"] == word[1:-1]


@pytest.mark.parametrize("nothing", ["", "null", "~", '""', "''", "[]", "{}", " # none"])
def test_a_topic_that_says_nothing_keeps_its_place(nothing):
    document = article(f"topics:\n  - Sea\n  - {nothing}\n  - Fog\n")

    assert document.values["topics"] == ["Sea", None, "Fog"]
    (warning,) = document.warnings
    assert (warning.line, warning.key) == (8, "topics[1]")
    assert warning.message == "expected a topic's name, found nothing; it is left out"
    assert parse(serialise(document)) == document


@pytest.mark.parametrize("nothing", ["", "null", "~", "[]", "{}"])
@pytest.mark.parametrize(
    ("kind", "key", "item"),
    [
        (Kind.ARTICLE, "tags", "US"),
        (Kind.ARTICLE, "images", "{url: /a.png}"),
        (Kind.ARTICLE, "related", "{title: B, webUrl: 'https://b.example/', provider: {domain: b.example}}"),
        (Kind.TOPIC, "keywords", "sea"),
        (Kind.TOPIC, "hashtags", "'#sea'"),
        (Kind.TOPIC, "images", "/a.png"),
        (Kind.ORGANIZATION, "otherNames", "B"),
        (Kind.ORGANIZATION, "images", "{url: /a.png}"),
    ],
)
def test_an_item_that_says_nothing_is_left_out(kind, key, item, nothing):
    document = read(kind, f"{key}:\n  - {nothing}\n  - {item}\n  - {nothing}\n")
    alone = read(kind, f"{key}:\n  - {nothing}\n")

    assert document.values == read(kind, f"{key}: [{item}]\n").values
    assert [warning.key for warning in document.warnings] == [f"{key}[0]", f"{key}[2]"]
    assert alone.values == read(kind, "").values


@pytest.mark.parametrize("nothing", ["", "null", "~", '""', "[]"])
@pytest.mark.parametrize("key", ["name", "images"])
def test_a_providers_optional_keys_may_say_nothing(key, nothing):
    values = read(Kind.ARTICLE, f"provider:\n  domain: a.example\n  {key}: {nothing}\n", "provider").values

    assert values["provider"] == {"domain": "a.example"}


@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_a_service_that_says_nothing_is_absent(nothing):
    assert read(Kind.TOPIC, f"services:\n  news: {nothing}\n").values == read(Kind.TOPIC, "").values


@pytest.mark.parametrize("nothing", ["null", "~", "Null", "NULL"])
@pytest.mark.parametrize("kind", Kind)
def test_no_value_of_a_full_file_becomes_the_word_null(kind, nothing):
    """Each line with a value, one after the other, says nothing: neither reader takes that for a word."""
    lines = WHOLE[kind][0].splitlines(keepends=True)
    for place, line in enumerate(lines):
        start, colon, _ = line.partition(": ")
        if colon or line.startswith("  - "):
            changed = (start + ": " if colon else "  - ") + nothing + "\n"
            try:
                document = parse("".join([*lines[:place], changed, *lines[place + 1 :]]), kind)
            except FrontMatterError as error:
                assert ", found nothing" in str(error)  # noqa: PT017
            else:
                assert nothing not in texts(document.values)


def texts(value):
    """Every text in values, at any depth."""
    if isinstance(value, dict | list):
        return set().union(*(texts(child) for child in (value.values() if isinstance(value, dict) else value)))
    return {value} if isinstance(value, str) else set()


def test_only_text_without_bounds_may_be_empty():
    assert Text().may_be_empty
    assert not any(type_.may_be_empty for type_ in (Text(visible=True), Text(pattern="x"), Url()))
