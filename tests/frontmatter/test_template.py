"""The fast reader and the slow one agree: on every document, on every broken one, on every real file."""

import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.frontmatter import Document, FrontMatterError, Kind, parse, parser, schema, serialise, template
from tests.factories import make_file, make_related
from tests.frontmatter.strategies import maps_of, matter_of, mutate, word
from tests.paths import AZURE, POWERAPPS, SAMPLES, needs_corpus

HEAD = 'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\n\nprovider:\n  name: {name}\n  domain: a.example\n'
SAMPLE_TEXTS = [path.read_text() for path in sorted(SAMPLES.glob("_news/*.md"))[:12]]


def fast(matter):
    """What the fast reader reads; None if it leaves the text to the slow one."""
    try:
        return template.read(matter, schema.ARTICLE)
    except ValueError:
        return None


def slow(matter):
    """What the slow reader reads; None if it refuses the text."""
    try:
        return parser.read(matter, schema.ARTICLE, 2)
    except FrontMatterError:
        return None


def problem(document):
    """What is said of a file; empty if it is read."""
    try:
        parse(document)
    except FrontMatterError as error:
        return str(error)
    return ""


@given(maps_of(schema.ARTICLE, plain=word, extra=False))
def test_the_fast_reader_reads_all_that_the_source_can_write(values):
    matter = matter_of(serialise(Document(Kind.ARTICLE, values)))

    assert fast(matter) == slow(matter) == values


@given(maps_of(schema.ARTICLE))
def test_the_fast_reader_agrees_with_the_slow_one(values):
    matter = matter_of(serialise(Document(Kind.ARTICLE, values)))

    assert slow(matter) == values
    assert fast(matter) in (values, None)


@pytest.mark.parametrize(
    "name",
    ["-", "?", ":", "- a", "? a", ": a", "-a", "?a", ":a", "--", "---", "...", "a:", "a: b", "a #b", "a#b", "a:b", "#a",
     "=", "<<", "~", "null", "%a", "@a", "`a", "|", ">", "[a", "{a", "]", "}", ",", "!a", "&a", "*a", "'a", "a'", 'a"',
     "a\tb", "a\xa0", "\xa0a", "-\xa0a", "\ufeffa", "a\x85b", "a\u2028b", "é", "😀", "2021", "012", "yes", "a\\nb"],
)  # fmt: skip
def test_plain_text_is_read_fast_only_if_yaml_means_the_same(name):
    in_map, in_list = HEAD.format(name=name), HEAD.format(name="N") + f"\ntopics:\n  - {name}\n"

    assert fast(in_map) in (slow(in_map), None)
    assert fast(in_list) in (slow(in_list), None)


@pytest.mark.parametrize(
    "excerpt",
    [
        r"\/",
        r"\x41",
        r"\u00",
        r"\ud83d\ude00",
        r"\ud800",
        r"\N",
        r"\_",
        r"\ ",
        r"\u2028",
        r"\\u2028",
        r"\"",
        "a\tb",
        "a\x85",
    ],
)
def test_quoted_text_is_read_fast_only_if_yaml_means_the_same(excerpt):
    matter = HEAD.format(name="N").replace("publ", f'excerpt: "{excerpt}"\npubl', 1)

    assert fast(matter) in (slow(matter), None)


@pytest.mark.hypothesis
def test_both_readers_agree_about_a_broken_file():
    read_fast = []

    @settings(max_examples=4 * settings.default.max_examples)
    @given(st.randoms(use_true_random=False))
    def check(chance):
        broken = mutate(chance.choice(SAMPLE_TEXTS), chance)
        matter = matter_of(broken)
        quick = fast(matter)
        assert quick in (slow(matter), None)
        read_fast.append(quick is not None)
        assert problem(broken).isprintable()

    check()
    assert 0.05 < sum(read_fast) / len(read_fast) < 0.95


def test_the_samples_are_all_in_the_sources_own_layout(monkeypatch):
    monkeypatch.setattr(parser, "read", lambda *arguments: pytest.fail("read by the slow reader"))

    for path in SAMPLES.glob("_news/*.md"):
        parse(path.read_bytes())


@pytest.fixture
def known():
    known = template.items(schema.RELATED_LIST, 2)
    known.clear()
    return known


def test_an_item_that_stands_in_several_files_is_parsed_once(known):
    text = make_file("a", related=[make_related("b"), make_related("c")]).data
    one, other = parse(text).values["related"], parse(text).values["related"]

    assert [id(item) for item in one] == [id(item) for item in other] == [id(item) for item in known.values()]


def test_the_number_of_items_in_memory_is_bounded(known, monkeypatch):
    monkeypatch.setattr(template, "MAX_SHARED", 3)
    related = [make_related(f"r{n}") for n in range(10)]

    assert parse(make_file("a", related=related).data).values["related"] == related
    assert len(known) == 1


def test_long_items_are_not_kept_in_memory(known):
    related = [{**make_related("b"), "excerpt": "x" * 20_000}, make_related("c")]

    assert parse(make_file("a", related=related).data).values["related"] == related
    assert len(known) == 1


@pytest.fixture(scope="module")
def real_files():
    """Every article's file of both archives."""
    files = []
    for path in (AZURE, POWERAPPS):
        with tarfile.open(path) as archive:
            members = (member for member in archive if "/_news/" in member.name and member.name.endswith(".md"))
            files += [archive.extractfile(member).read() for member in members]
    assert len(files) == 5150
    return files


@needs_corpus
@pytest.mark.slow
def test_every_real_file_is_read_fast_and_written_byte_for_byte(real_files, monkeypatch):
    monkeypatch.setattr(parser, "read", lambda *arguments: pytest.fail("read by the slow reader"))

    assert [data for data in real_files if serialise(parse(data)).encode() != data] == []


@needs_corpus
@pytest.mark.slow
def test_the_slow_reader_agrees_about_every_real_file(real_files):
    matters = [matter_of(data.decode().replace("\r\n", "\n")) for data in real_files]

    assert [matter for matter in matters if slow(matter) != fast(matter)] == []
