"""What a mapping makes of odd values, and which of them cost the article."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import mappings
from articles.frontmatter import FrontMatterError
from articles.mappings import bodies, dates


def ready(name):
    return mappings.read_mapping((mappings.READY / f"{name}.yaml").read_text())


def read(name, text, place="content/2024-01-02-post.md"):
    post = mappings.read(ready(name), place, text)
    return {key: value.value for key, value in post.values.items()}


def jekyll(*lines, body=""):
    return read("jekyll", "\n".join(["---", *lines, "---", body]))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-08-29", (2019, 8, 29)),
        ("2019-8-9", (2019, 8, 9)),
        ("2019-08-29 10:00", (2019, 8, 29, 10)),
        ("2019-08-29T10:00:01.999", (2019, 8, 29, 10, 0, 1)),
        ("2019-08-29 1:44:51 -0400", (2019, 8, 29, 5, 44, 51)),
        ("2019-08-29 10:00:00+05:30", (2019, 8, 29, 4, 30)),
        ("2019-08-29 10:00 +02", (2019, 8, 29, 8)),
        ("2019-08-29 10:00 UTC", (2019, 8, 29, 10)),
        ("2019/08/29 10:00", (2019, 8, 29, 10)),
        ("2019.08.29", (2019, 8, 29)),
        ("Thu, 05 Mar 2024 10:00:00 GMT", (2024, 3, 5, 10)),
        ("5 Mar 2024 10:00 -0100", (2024, 3, 5, 11)),
        ("29.08.2019", (2019, 8, 29)),
        ("2019-08-29 03:04 PM", (2019, 8, 29, 15, 4)),
        ("2019-08-29 10:00:00 +0000 UTC", (2019, 8, 29, 10)),
        ("9.8.2019 10:00", (2019, 8, 9, 10)),
        ("August 29, 2019", (2019, 8, 29)),
        ("29 August 2019 10:00:07", (2019, 8, 29, 10, 0, 7)),
    ],
)
def test_a_date_is_read_in_the_ways_that_blogs_write_it(text, moment):
    wanted = datetime(*moment, tzinfo=UTC)
    assert dates.read(text) == wanted
    assert dates.read(dates.write(wanted, text)) == wanted
    other = datetime(2001, 12, 3, 23, 59, 58, tzinfo=UTC)
    assert dates.read(dates.write(other, text)) == other


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2019-02-30", "2019", "29/08/2019", "2019-08-29 25:00", "1819-01-01", "2019-08-29 10:00 +99:99"],
)
def test_a_date_that_could_mean_anything_is_no_date(text):
    with pytest.raises(ValueError, match="expected a "):
        dates.read(text)


STYLES = [
    "2019-08-29 10:00",
    "2019-08-29T10:00:00Z",
    "2019-8-9 1:00:00 -0330",
    "Thu, 5 Mar 2024 10:00 +0200",
    "29.08.2019",
]


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2068, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([*STYLES, "24.11.26, 08:30"]),
)
def test_a_date_in_any_style_reads_as_what_was_written(moment, style):
    moment = moment.replace(microsecond=0)
    formats, zone = ["%d.%m.%y, %H:%M"], ZoneInfo("Europe/Berlin")

    written = dates.write(moment, style, formats, zone)

    if moment.astimezone(zone).fold == 0:
        assert dates.read(written, formats, zone) == moment


@pytest.mark.parametrize(
    ("line", "topics"),
    [
        ("tags: sea trams", ["sea", "trams"]),
        ("tags: sea, two words", ["sea", "two words"]),
        ("tags: sea; trams", ["sea", "trams"]),
        ("tags: [sea, 'two words', sea]", ["sea", "two words"]),
        ("tags:\n- sea\n-\n- 2024", ["sea", "2024"]),
        ("tags:\ncategories: [sea]", ["sea"]),
        ("Tags: sea", ["sea"]),
    ],
)
def test_topics_are_read_from_lists_and_texts(line, topics):
    assert jekyll("title: x", line)["topics"] == topics


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("published: false", False),
        ("published: No", False),
        ("published: 'true'", True),
        ("draft: true", False),
        ("draft: 0", True),
        ("mood: calm", True),
    ],
)
def test_a_flag_or_its_opposite_says_whether_a_post_is_published(line, published):
    assert jekyll("title: x", line)["published"] is published


def test_a_post_without_a_link_lives_on_the_site():
    found = jekyll("title: x")

    assert "webUrl" not in found
    assert (found["provider.domain"], found["provider.name"]) == ("this-site.invalid", "This site")


def test_the_outlet_of_a_link_is_its_host_without_www():
    found = jekyll("title: x", "link: HTTPS://WWW.Example.ORG:8080/a?b")

    assert found["provider.domain"] == "example.org"
    assert "provider.name" not in found


@pytest.mark.parametrize("title", ['"a: b"', "'it''s'", '"say \\"no\\""', "2021", "no", ">-\n  folded\n  words"])
def test_a_title_may_be_written_in_any_way(title):
    assert jekyll(f"title: {title}")["title"] in ("a: b", "it's", 'say "no"', "2021", "no", "folded words")


def test_a_name_gives_the_date_and_the_title_that_no_key_has():
    found = read("jekyll", "---\nlayout: post\n---\n", "_posts/2004-12-25-a-long-walk.md")

    assert (found["title"], found["publishedDateTime"]) == ("A long walk", datetime(2004, 12, 25, tzinfo=UTC))


def test_a_name_with_an_impossible_date_gives_none():
    with pytest.raises(
        FrontMatterError, match="expected a value, found none; the mapping looks for it in these keys: date"
    ):
        read("jekyll", "---\ntitle: x\n---\n", "_posts/2004-13-45-x.md")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("link: /about", "link"),
        ("quality: high", "quality"),
        ("tags: {a: b}", "tags"),
        ("published: perhaps", "published"),
        ("link: [https://a.example/, https://b.example/]", "link"),
        (f"tags: [{'x' * 101}]", "tags"),
    ],
)
def test_what_is_odd_in_an_optional_key_is_a_warning(line, key):
    post = mappings.read(ready("jekyll"), "_posts/2024-01-02-a.md", f"---\ntitle: x\n{line}\n---\n")

    assert [(warning.line, warning.key) for warning in post.warnings] == [(3, key)]
    assert post.values["title"].value == "x"


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("jekyll", "---\ntitle: x\ndate: soon\n---\n", 3, "expected a date such as 2024-03-05"),
        ("jekyll", "---\ntitle: [a, b]\n---\n", 2, "expected a single value, found a list"),
        ("jekyll", "---\ntitle: x\n", 3, "expected a closing line ---"),
        ("jekyll", "---\na: &x 1\nb: *x\n---\n", 2, "found an anchor or alias"),
        ("jekyll", "---\na: !!python/none\n---\n", 2, "expected values without tags"),
        ("jekyll", f"---\ntitle: {'[' * 40}{']' * 40}\n---\n", 2, "at most 20 levels"),
        ("hugo", "+++\ntitle = x\n+++\n", 2, "expected TOML, found an error"),
        ("hugo", f"+++\nx = {'[' * 40}{']' * 40}\n+++\n", 2, "at most 20 levels"),
        ("hugo", "+++\ntitle = 'x'\n", 3, "expected a closing line +++"),
        ("hugo", '{"title": "x"}', 1, "expected a line ---, a line +++"),
        ("pelican", ".. comment\n", 1, "expected a heading with a line of signs"),
        ("pelican", "Title: x\nno key\n", 2, "expected a line such as Title: Words"),
    ],
)
def test_an_error_says_where_it_is_and_what_was_expected(name, text, line, message):
    with pytest.raises(FrontMatterError, match="expected") as caught:
        read(name, text, "content/post.rst" if text[:2] == ".." else "content/post.md")

    assert caught.value.line == line
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("\nA *first* __paragraph__\nof `two` lines.\n\nSecond.", "A first paragraph of two lines."),
        ("# Heading\n\n![a](b.png)\n\n[Link](https://a.example/x_(y)) and [this][1].\n\n[1]: x", "Link and this."),
        ("{% include x %}\n\nText {{< x >}}with a shortcode.", "Text with a shortcode."),
        ("> Quoted\n> words\n\nMine.", "Quoted words"),
        ("```\ncode\n\nmore\n```\n\nProse &amp; more", "Prose & more"),
        ("Before<!--more-->after", "Before"),
        ("<p>In <b>HTML</b></p>", "In HTML"),
        ("See <https://a.example/x> and &lt;b&gt;", "See https://a.example/x and <b>"),
        ("A `link <https://a.example/>`_ and ``code``.", "A link and code."),
        ("snake_case_word and 2 * 3 * 4", "snake_case_word and 2 * 3 * 4"),
        ("\r\nCR LF\r\nlines\r\n\r\nnext", "CR LF lines"),
        ("---\n\n***\n", ""),
        ("", ""),
    ],
)
def test_the_first_paragraph_of_a_body_is_plain_text(body, text):
    assert bodies.first_paragraph(body) == text


@pytest.mark.parametrize(
    "body", ["**a " * 200_000, "[" * 300_000, "`" * 300_000 + "a", "<!--" * 100_000, "(" * 300_000, "_a " * 100_000]
)
def test_a_hostile_body_is_read_in_no_time(body):
    bodies.first_paragraph(body)
