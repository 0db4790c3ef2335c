"""The fast reader, the slow reader and the writer agree: on every document, and on every broken one."""

import contextlib
import random
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.frontmatter import Document, FrontMatterError, Kind, parse, parser, schema, serialise, template
from articles.frontmatter.schema import Choice, Flag, List, Map, Number, Text, Timestamp, Url
from tests.paths import SAMPLES

QUICK = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

text = st.text(
    st.one_of(
        st.sampled_from(
            [*" \n\r\t\"'\\:#-{}[]&*!|>%@`~,?=<", "\u2028", "\u2029", "\x85", "\xa0", "\ufeff", "😀", "\x1b"]
        ),
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
    ),
    max_size=30,
)
line = text.map(lambda value: " ".join(value.split()))


def values_of(type_):
    """Any value that a type may have."""
    if isinstance(type_, Url):
        return text.map(lambda value: "https://a.example/" + value)
    if isinstance(type_, Text) and type_.pattern:
        return st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True)
    if isinstance(type_, Text):
        return (text if type_.quoted else line).filter(lambda value: len(value) >= type_.minimum)
    if isinstance(type_, Number):
        return st.integers(max(type_.minimum, -(2**63) + 1), type_.maximum)
    if isinstance(type_, Flag):
        return st.booleans()
    if isinstance(type_, Choice):
        return st.sampled_from(type_.words)
    if isinstance(type_, Timestamp):
        moments = st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30))
        return moments.map(lambda moment: moment.replace(microsecond=0, tzinfo=UTC))
    if isinstance(type_, List):
        return st.lists(values_of(type_.item), min_size=1, max_size=3)
    assert isinstance(type_, Map)
    return maps_of(type_)


def maps_of(type_):
    if type_.open:
        return st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), line.filter(bool), min_size=1, max_size=3)
    required = {field.name: values_of(field.type) for field in type_.fields if field.required}
    optional = {field.name: values_of(field.type) for field in type_.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


articles = maps_of(schema.ARTICLE)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**50), 2**50), text), lambda inner: st.lists(inner, max_size=3)
)


def fast(matter):
    """What the fast reader reads; None if it leaves the text to the slow one."""
    try:
        return template.read(matter, schema.ARTICLE)
    except ValueError:
        return None


def slow(document_text):
    matter = document_text[4 : document_text.rindex("---\n")]
    return parser.read(matter, schema.ARTICLE, 2)


@QUICK
@given(articles)
def test_what_is_written_is_read_back_by_both_readers(values):
    written = serialise(Document(Kind.ARTICLE, values))

    assert slow(written) == values
    assert parse(written).values == values
    assert fast(written[4 : -len("---\n\n")]) in (values, None)


@QUICK
@given(articles, st.dictionaries(st.from_regex(r"x[a-z]{1,8}", fullmatch=True), json_values, min_size=1, max_size=3))
def test_unknown_keys_are_written_and_read_back(values, extra):
    document = Document(Kind.ARTICLE, {**values, "extra": extra}, crlf=True)

    assert parse(serialise(document)) == document


@pytest.mark.parametrize("kind", [Kind.TOPIC, Kind.ORGANIZATION])
def test_topics_and_organizations_are_written_and_read_back(kind):
    @QUICK
    @given(maps_of(kind.schema))
    def check(values):
        assert parse(serialise(Document(kind, values)), kind).values == values

    check()


SAMPLE_TEXTS = [path.read_text() for path in sorted(SAMPLES.glob("_news/*.md"))[:12]]


@settings(QUICK, max_examples=400)
@given(st.randoms(use_true_random=False))
def test_a_broken_file_is_refused_cleanly_and_never_means_two_things(chance):
    broken = mutate(chance.choice(SAMPLE_TEXTS), chance)
    matter = broken[4 : broken.rfind("---\n")]
    try:
        thorough = parser.read(matter, schema.ARTICLE, 2)
    except FrontMatterError:
        thorough = None

    assert fast(matter) in (thorough, None)
    with contextlib.suppress(FrontMatterError):
        parse(broken)


@settings(QUICK, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_pyyaml_means_the_same_with_and_without_its_c_library(chance):
    broken = mutate(chance.choice(SAMPLE_TEXTS), chance)
    matter = broken[4 : broken.rfind("---\n")]

    assert read_with(yaml.SafeLoader, matter) == read_with(yaml.CSafeLoader, matter)


def read_with(loader, matter):
    before, parser.Loader = parser.Loader, loader
    try:
        return parser.read(matter, schema.ARTICLE, 2)
    except FrontMatterError:
        return None
    finally:
        parser.Loader = before


def mutate(text_, chance):
    """A file with a few characters, lines or pieces changed."""
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(4, len(text_))
        piece = chance.choice(
            [
                '"',
                "\\",
                ": ",
                " #",
                "\n",
                "  ",
                "- ",
                "null",
                "~",
                "'",
                "{",
                "[",
                "&a ",
                "*a",
                "!x ",
                "\t",
                "|",
                "…",
                "%",
                "\u2028",
            ]
        )
        end = place + chance.choice([0, 0, 1, 3, 40])
        text_ = text_[:place] + piece + text_[end:]
    return text_


def test_the_samples_are_all_in_the_sources_own_layout(monkeypatch):
    monkeypatch.setattr(parser, "read", lambda *arguments: pytest.fail("read by the slow reader"))

    for path in SAMPLES.glob("_news/*.md"):
        parse(path.read_bytes())


def test_equal_items_are_read_once():
    random.seed(0)
    template.read_item.cache_clear()
    document = SAMPLE_TEXTS[0]

    for _ in range(3):
        parse(document)

    assert template.read_item.cache_info().hits >= 2 * template.read_item.cache_info().misses
