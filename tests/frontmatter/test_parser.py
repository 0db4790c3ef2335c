"""Any YAML: what it means, and how it is refused."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.frontmatter import FrontMatterError, Kind, parse, parser, schema
from articles.frontmatter.controls import CONTROLS
from tests.frontmatter.strategies import matter_of, mutate
from tests.paths import SAMPLES

HEAD = 'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'
needs_c = pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML is without its C library")


@pytest.fixture(params=[pytest.param("CSafeLoader", marks=needs_c), "SafeLoader"])
def _both_loaders(request, monkeypatch):
    """PyYAML with and without its C library."""
    monkeypatch.setattr(parser, "Loader", getattr(yaml, request.param))


both_loaders = pytest.mark.usefixtures("_both_loaders")


def article(lines="", head=HEAD):
    return parse(f"---\n{head}{lines}---\n").values


TITLES = ["2021", "no", "12:30:45", "1e3", "~x", "'null'", "0x1f", "2021-01-01", "true", "'2021'", "=", ".5", "-1"]


@pytest.mark.attack(1)
@both_loaders
@pytest.mark.parametrize("text", TITLES)
def test_a_title_is_text_whatever_it_looks_like(text):
    assert article(head=HEAD.replace('"A"', text))["title"] == text.strip("'")


@both_loaders
@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        ("quality: 010", "quality", 10),
        ('quality: "10"', "quality", 10),
        ("quality: '010'", "quality", 10),
        ("heat: -1", "heat", -1),
        ("heat: 2000000", "heat", 2_000_000),
        ("heat: -2147483648", "heat", -(2**31)),
        ("published: True", "published", True),
        ('removed: "false"', "removed", False),
        ("excerpt: no", "excerpt", "no"),
        ("excerpt: 'it''s'", "excerpt", "it's"),
        ("excerpt: a # comment", "excerpt", "a"),
        ("excerpt: a\n  b\n\n  c", "excerpt", "a b\nc"),
        ("excerpt: |\n  one\n  two", "excerpt", "one\ntwo\n"),
        ("excerpt: |-\n  ---\n  two", "excerpt", "---\ntwo"),
        ("excerpt: >-\n  one\n  two", "excerpt", "one two"),
        ('excerpt: "a\\\n  b"', "excerpt", "ab"),
        (r'excerpt: "\x41\t\u2028\U0001F600\/"', "excerpt", "A\t\u2028😀/"),
        ("excerpt:", "excerpt", None),
        ('excerpt: ""', "excerpt", ""),
        ("heat:", "heat", None),
        ("heat: null", "heat", None),
        ("heat: ~", "heat", None),
        ("type: null", "type", None),
        ("topics: [One, Two]", "topics", ["One", "Two"]),
        ("topics: ['One', 2021, no]", "topics", ["One", "2021", "no"]),
        ("topics:\n- One\n- 2", "topics", ["One", "2"]),
        ("topics:", "topics", None),
        ("topics: []", "topics", None),
        ("images: [{url: https://i.example/a, width: 1}]", "images", [{"url": "https://i.example/a", "width": 1}]),
        ("? excerpt\n: a", "excerpt", "a"),
        ("'excerpt': a", "excerpt", "a"),
    ],
)
def test_a_value_means_what_its_keys_type_says(lines, name, value):
    assert article(lines + "\n").get(name) == value


@both_loaders
@pytest.mark.parametrize("moment", ["2026-11-01T12:00:00Z", '"2026-11-01T12:00:00Z"', "'2026-11-01T14:00:00+02:00'"])
def test_a_time_may_be_quoted_or_plain(moment):
    assert article(head=HEAD.replace("2026-11-01T12:00:00Z", moment)) == article()


@both_loaders
def test_unknown_keys_are_kept_wherever_they_are():
    values = article(
        "editor: Ida\nsize: {big: true, list: [1, 1.5, 1.50, 010, x, ~, 'true', []]}\n"
        "images:\n  - url: https://i.example/\n    credit: 007\n"
        "related: [{title: B, webUrl: https://b.example/, provider: {domain: b.example, city: X}}]\n"
    )

    size = {"big": True, "list": [1, 1.5, "1.50", "010", "x", None, "true", []]}
    assert values["extra"] == {"editor": "Ida", "size": size}
    assert values["images"][0]["extra"] == {"credit": "007"}
    assert values["related"][0]["provider"]["extra"] == {"city": "X"}


@both_loaders
@pytest.mark.parametrize("number", ["1e400", "nan", ".inf", "9007199254740993", "1_000", "0x1f", "0.10", "+1"])
def test_an_unknown_number_that_json_would_write_otherwise_stays_text(number):
    assert article(f"x: {number}\n")["extra"] == {"x": number}


@both_loaders
@pytest.mark.parametrize("key", ["a: b", "# a", "- a", "", "é", "null", "2021", "a\tb", "k" * 128])
def test_keys_of_services_and_unknown_keys_may_be_any_short_text(key):
    quoted = '"' + key.replace("\t", r"\t") + '"'

    values = parse(f"_id: a\nname: A\nservices: {{{quoted}: x}}\nother: {{{quoted}: y}}\n", Kind.TOPIC).values

    assert (values["services"], values["extra"]["other"]) == ({key: "x"}, {key: "y"})


@both_loaders
@pytest.mark.parametrize("style", ["{}", '"{}"', "'{}'", "|-\n  {}", "[1, {}]", "{{{}: 1}}"])
def test_control_characters_are_read_as_they_are(style):
    text = "a" + "b".join(map(chr, CONTROLS)) + "\U000f0097c"
    value = article("x: " + style.format(text) + "\n")["extra"]["x"]

    assert value in (text, [1, text], {text: 1})


NUL = r"expected text without NUL characters, found '\x00'"
BRACES = "; put a text with braces in quotes"
WHOLE = "expected a whole number from 0 to 1000000000000, found "
ADDRESS = "expected an address that starts with http:// or https://, found "
# Lines after the head, whose first is line 6; then the line, key and sentence of what is wrong.
BAD = {
    "word for a number": ("quality: many", 6, "quality", WHOLE + "'many'"),
    "number below": ("quality: -1", 6, "quality", WHOLE + "'-1'"),
    "fraction": ("quality: 1.5", 6, "quality", WHOLE + "'1.5'"),
    "text that is null": ('quality: "null"', 6, "quality", WHOLE + "'null'"),
    "yes": ("published: yes", 6, "published", "expected true or false, found 'yes'"),
    "more than scores have room for": ("quality: 9223372036854775807", 6, "quality", WHOLE + "'9223372036854775807'"),
    "other word": ("type: podcast", 6, "type", "expected article or video, found 'podcast'"),
    "other category": ("category: people", 6, "category", "expected news, found 'people'"),
    "script": ("webUrl: javascript:alert(1)", 6, "webUrl", ADDRESS + "'javascript:alert(1)'"),
    "no host": ("webUrl: https://", 6, "webUrl", ADDRESS + "'https://'"),
    "long address": (f"webUrl: http://a.b/{'x' * 2048}", 6, "webUrl", "expected at most 2048 characters, found 2059"),
    "wide address": (f"webUrl: https://a.example/{'é' * 2000}", 6, "webUrl", "expected at most 2048 bytes, found 4018"),
    "list for text": ("secured: [1]", 6, "secured", "expected a single value, found 'a list'"),
    "key twice": ('title: "B"', 6, "title", "expected each key once, found it again"),
    "key twice within": ("x: {a: {b: 1, b: 2}}", 6, "x.a.b", "expected each key once, found it again"),
    "merge key": ("<<: {a: b}", 6, "<<", "expected keys written out, found a merge key"),
    "merge key within": ("x:\n  <<: {a: b}", 7, "x.<<", "expected keys written out, found a merge key"),
    "anchor": ("x: &a 1", 6, "", "expected values written out, found an anchor or alias ('a')"),
    "alias": ("x: *a", 6, "", "expected values written out, found an anchor or alias ('a')"),
    "python tag": (
        "x: !!python/object/apply:os.system [ls]", 6, "",
        "expected values without tags, found '!!python/object/apply:os.system'",
    ),
    "text tag": ("x: !!str 1", 6, "", "expected values without tags, found '!!str'"),
    "own tag": ("x: !own 1", 6, "", "expected values without tags, found '!own'"),
    "list as key": ("? [a]\n: b", 6, "", "expected a key of plain text, found a list or mapping" + BRACES),
    "map as key": ("x: {{a: b}: c}", 6, "x", "expected a key of plain text, found a list or mapping" + BRACES),
    "Liquid": ("x: {{ a.b }}", 6, "x", "expected a key of plain text, found a list or mapping" + BRACES),
    "deep list": ("x: " + "[" * 20 + "]" * 20, 6, "", "expected at most 20 levels of nesting, found more"),
    "many values": ("x: [" + "1," * 2001 + "]", 6, "", "expected at most 2000 values, found more"),
    "raw NUL": ("x: é😀\x00", 6, "", r"expected printable text, found '\x00'"),
    "raw NUL far below": ("y: é😀\nz: 1\n\nx: \x00", 9, "", r"expected printable text, found '\x00'"),
    "no character": ("x: \uffff", 6, "", r"expected printable text, found '\uffff'"),
    "NUL in text": (r'excerpt: "\0"', 6, "excerpt", NUL),
    "NUL in unknown text": (r'x: "\0"', 6, "x", NUL),
    "NUL in a key": (r'x: {"\0": 1}', 6, r"x.\x00", NUL),
    "key of two lines": (r'"a\nb": "\0"', 6, r"a\nb", NUL),
    "key that clears the screen": (r'"\e[2J": "\0"', 6, r"\x1b[2J", NUL),
    "long key": (f"? {'k' * 129}\n: 1", 6, "k" * 80, "expected at most 128 characters, found 129"),
    "long unknown text": (f"x: {'a' * 100_001}", 6, "x", "expected at most 100000 characters, found 100001"),
    "second document": ("...\n--- #\na: b", 7, "", "expected one document, found another after it"),
}  # fmt: skip


@pytest.mark.attack(1)
@both_loaders
@pytest.mark.parametrize(("lines", "line", "key", "message"), BAD.values(), ids=BAD)
def test_an_error_says_line_key_and_what_was_found(lines, line, key, message, monkeypatch):
    monkeypatch.setattr(parser, "MAX_EVENTS", 2000)

    with pytest.raises(FrontMatterError) as error:
        article(lines + "\n")

    assert (error.value.line, error.value.key, error.value.message) == (line, key, message)


# What only the YAML library sees; its two readers name it differently.
NO_YAML = {
    "tab as indentation": ("images:\n\t- url: x", 7),
    "open quote": ('x: "open', 6),
    "open quote on the line before": ('x: "open\nexcerpt: "b"', 6),
    "open single quote": ("x: 'open\ny: 1\nz: 2", 6),
    "merge conflict": ("x: 1\n<<<<<<< HEAD\ny: 1\n=======\ny: 2\n>>>>>>> other", 7),
    "open list": ("x: [a", 7),
    "plain text with a colon": ("excerpt: plain: not", 6),
    "unknown escape": (r'x: "\q"', 6),
    "half of a surrogate pair": (r'excerpt: "\ud800"', 6),
    "surrogate pair": (r'excerpt: "\ud83d\ude00"', 6),
    "indented too little": ("images:\n  - url: x\n width: 1", 8),
    "list among keys": ("- a", 6),
    "text among keys": ("just text", 7),
    "reserved sign": ("x: @a", 6),
    "unknown directive": ("...\n%YAML 9.9\n--- #\na: b", 7),
    "undefined tag": ("x: !e!a b", 6),
}


@pytest.mark.attack(1)
@both_loaders
@pytest.mark.parametrize(("lines", "line"), NO_YAML.values(), ids=NO_YAML)
def test_an_error_in_yaml_says_its_line(lines, line):
    with pytest.raises(FrontMatterError) as error:
        article(lines + "\n")

    assert error.value.line == line
    assert error.value.message.startswith("expected ")
    assert ", found " in error.value.message
    assert str(error.value).isprintable()


def test_topic_files_are_bare_yaml():
    text = '_id: tides\nname: Tides\nhashtags:\n  - "#Tides"\nservices:\n  news: https://a.example/\nkeywords:\n'

    values = parse(text, Kind.TOPIC).values

    assert values == {
        "slug": "tides",
        "name": "Tides",
        "hashtags": ["#Tides"],
        "services": {"news": "https://a.example/"},
    }


def test_a_topic_files_lines_count_from_its_first():
    with pytest.raises(FrontMatterError) as error:
        parse("_id: a\nname: A\nservices:\n  news: [x]\n", Kind.TOPIC)

    assert (error.value.line, error.value.key) == (4, "services.news")


SAMPLE_TEXTS = [path.read_text() for path in sorted(SAMPLES.glob("_news/*.md"))[:12]]
FLOW = [
    f"---\n{HEAD}{lines}\n---\n" for lines in ("x: {a: [1, b: c], d: 'e'}", "excerpt: >-\n  a\n\n  b", "topics: [A, B]")
]


@pytest.mark.hypothesis
@needs_c
def test_pyyaml_means_the_same_with_and_without_its_c_library():
    """Where only one of them reads a text, it is for a tab, a question mark or U+FEFF outside of quotes, for a colon in
    a list in brackets, or for the escape of half a character."""
    read = []

    @settings(max_examples=4 * settings.default.max_examples)
    @given(st.randoms(use_true_random=False))
    def check(chance):
        matter = matter_of(mutate(chance.choice([*FLOW, chance.choice(SAMPLE_TEXTS)]), chance))
        ours, others = read_with(yaml.CSafeLoader, matter), read_with(yaml.SafeLoader, matter)
        if ours is None or others is None:
            odd = re.search(r"[\t?\ufeff]|\[.*:|\{.*:|\\u[dD][89a-fA-F]", matter)
            assert ours == others or odd
        assert ours == others or None in (ours, others)
        read.append(ours is not None)

    check()
    assert 0.05 < sum(read) / len(read) < 0.95


def read_with(loader, matter):
    """What the parser reads with one of PyYAML's loaders; None if it refuses the text."""
    before, parser.Loader = parser.Loader, loader
    try:
        return parser.read(matter, schema.ARTICLE, 2)
    except FrontMatterError:
        return None
    finally:
        parser.Loader = before
