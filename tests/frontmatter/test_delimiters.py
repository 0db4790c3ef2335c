"""The lines `---` around front matter, and files that have none."""

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.frontmatter import FrontMatterError, Kind, edit, join, parse, read
from tests.factories import make_file, make_related

FULL = make_file("full", related=[make_related("b")]).data
HEAD = 'title: "A"\npublishedDateTime: 2026-11-01T12:00:00Z\nprovider:\n  domain: a.example\n'
OPENING = "expected a line ---, found "
CLOSING = "expected three dashes at the start of a line of their own, to close the front matter, found "
END = "expected a closing line ---, found the file's end"
MAP = "; import it with --map, which reads files with a body"
blanks = st.text(" \t", max_size=3)


@given(blanks, blanks, st.sampled_from(["", "\n", "\n\n", "\n \n\t\n"]), st.booleans(), st.booleans())
def test_harmless_blanks_beside_and_after_the_lines_are_kept(first, last, end, bom, crlf):
    text = FULL.decode().replace("---", "---" + first, 1).rstrip("\n") + last + end
    data = (b"\xef\xbb\xbf" if bom else b"") + text.replace("\n", "\r\n" if crlf else "\n").encode()

    document, parts = read(data)

    assert document.values == parse(FULL).values
    assert join(parts) == data
    edited = join(edit(parts, {"title": "Edited"}))
    assert edited == data.replace(b"Title of full", b"Edited")


@pytest.mark.parametrize("end", ["---", "---\n", "---\n\n", "---\n \n\t\n", "--- ", "---\t\n", "---  \r\n"])
def test_a_file_may_end_in_blanks(end):
    assert parse(f"---\n{HEAD}{end}").values == parse(f"---\n{HEAD}---\n").values


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"", 1, OPENING + "an empty file"),
        (b"\n \n", 1, OPENING + "an empty file"),
        (b"title: A\n", 1, OPENING + "keys without it; write --- above and below the keys"),
        (b" ---\ntitle: A\n---\n", 1, OPENING + "blanks before it; write --- at the start of the line"),
        (b"\n\n---\ntitle: A\n---\n", 1, OPENING + "blank lines above it; remove them"),
        (b"--- # a post\ntitle: A\n---\n", 1, OPENING + "a comment behind it; put the comment on the next line"),
        (b"--- title: A\n---\n", 1, OPENING + "text behind it; put the text on the next line"),
        (b"----\ntitle: A\n----\n", 1, OPENING + "other dashes; write exactly three plain ones"),
        (b"--\ntitle: A\n--\n", 1, OPENING + "other dashes; write exactly three plain ones"),
        ("—\ntitle: A\n".encode(), 1, OPENING + "other dashes; write exactly three plain ones"),
        (b"A text about ferries.\n", 1, OPENING + "'A text about ferries.'"),
        (b"<!-- lint off -->\n---\ntitle: A\n---\n", 1, OPENING + "a comment above it; remove the comment or"),
        (b"%YAML 1.2\n---\ntitle: A\n", 1, OPENING + "a YAML directive; remove the line"),
        (b"---", 1, END),
        (b"---\n", 2, END),
        (b"---\ntitle: A\n", 3, END),
        (b"---\ntitle: A\n ---\n", 3, CLOSING + "' ---'"),
        (b"---\ntitle: A\n...\n\nText.\n", 3, CLOSING + "'...'"),
        (b"---\ntitle: A\nx: 1\n----\n", 4, CLOSING + "'----'"),
        (b"---\ntitle: A\n--\n", 3, CLOSING + "'--'"),
        ("---\ntitle: A\n\u2014\n".encode(), 3, CLOSING + "'\u2014'"),
        (b"---\n---\n", 2, "expected keys and values, found nothing"),
        (b"---\n# nothing\n---\n", 2, "expected keys and values, found nothing"),
        (b"---\n- a\n---\n", 2, "expected keys and values, found 'a list'"),
        (b"---\ntext\n---\n", 2, "expected keys and values, found 'text'"),
        (b"---\na: b\n---\n\n\nA body.\n", 6, "expected nothing after the closing ---, found 'A body.'" + MAP),
        (b"---\na: b\n---\n\x1a", 4, "expected nothing after the closing ---, found '\\x1a'"),
        (b"---\ntitle: \xe9t\xe9\n---\n", 2, "expected UTF-8 text, found byte 0xe9; save the file as UTF-8"),
        (b"---\ntitle: A\nexcerpt: \xc3", 3, "expected UTF-8 text, found byte 0xc3"),
        (b"---\nexcerpt: \xed\xa0\x80\n---\n", 2, "expected UTF-8 text, found byte 0xed"),
        (b"---\n" + b"x" * (4 * 2**20), 1, "expected at most 4194304 bytes, found 4194308"),
        (b"---\r" + HEAD.replace("\n", "\r").encode() + b"---\r", 1, OPENING + "lines that end with CR alone; save"),
    ],
    ids=lambda value: str(value)[:25],
)  # fmt: skip
def test_an_error_says_what_is_wrong_with_the_line_that_was_meant(data, line, message):
    with pytest.raises(FrontMatterError) as error:
        parse(data)

    assert (error.value.line, error.value.key) == (line, "")
    assert error.value.message.startswith(message)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'<?xml version="1.0"?>\n<rss version="2.0"><channel>', "an RSS or Atom feed"),
        (b"<?xml version='1.0'?>\n<!-- made -->\n<feed xmlns='x'>", "an RSS or Atom feed"),
        (b"<rdf:RDF xmlns:rdf='x'>", "an RSS or Atom feed"),
        (b"<?xml version='1.0'?><urlset>", "XML"),
        (b"<!DOCTYPE html>\n<title>Not found</title>", "a web page"),
        (b"\n<html><body>", "a web page"),
        (b'{\n "title": "A"\n}\n', "JSON"),
        (b'[{"title": "A"}]', "JSON"),
        (b"+++\ntitle = 'A'\n+++\n", "TOML front matter; import it with --map"),
        (b"title,date,link\nA,2026-01-01,https://a.example/\n", "a table; import it with --map"),
        (b'"Title";"Date of it"\r\n"A; B";"x"\r\n', "a table; import it with --map"),
        (b"title\tdate\nA\t2026\n", "a table; import it with --map"),
        (b"# Ferries\n\nA text.\n", "Markdown without front matter"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"<<<<<<< HEAD\n---\n=======\n---\n", "an unresolved merge conflict"),
        (gzip.compress(b"---\n", mtime=0), "a gzip file; unpack it first"),
        (b"BZh91AY&SY\xff", "a bzip2 file; unpack it first"),
        (b"\xfd7zXZ\x00\xff", "an xz file; unpack it first"),
        (b"\x28\xb5\x2f\xfd\xff", "a zstd file; unpack it first"),
        (b"PK\x03\x04\xff", "a zip archive; name it .zip"),
        (b"a.md" + bytes(253) + b"ustar" + bytes(250), "a tar archive; name it .tar"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"%PDF-1.7\n", "a PDF file"),
        ("---\ntitle: A\n---\n".encode("utf-16"), "UTF-16 text; save the file as UTF-8"),
        ("---\ntitle: A\n---\n".encode("utf-16-le"), "UTF-16 text; save the file as UTF-8"),
        ("---\ntitle: A\n---\n".encode("utf-16-be"), "UTF-16 text; save the file as UTF-8"),
    ],
    ids=lambda value: str(value)[:25],
)
@pytest.mark.parametrize("kind", [Kind.ARTICLE, Kind.ORGANIZATION])
def test_a_file_of_another_format_is_called_what_it_is(data, what, kind):
    with pytest.raises(FrontMatterError) as error:
        parse(data, kind)

    assert error.value.line == 1
    assert f", found {what}" in error.value.message


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300), st.text("-—. \t\r\n\ufeff<{[+#,;a:\"'", max_size=40)))
def test_any_file_is_read_or_rejected_in_one_line(data):
    try:
        parse(data)
    except FrontMatterError as error:
        assert str(error).isprintable()  # noqa: PT017
        assert error.message.startswith("expected ")  # noqa: PT017


@pytest.mark.parametrize("body", ["A text.", "# About\n\nThe Gazette.", "é", "1, 2 and 3", "---\n\nMore."])
def test_the_body_of_an_organization_belongs_in_its_description(body):
    with pytest.raises(FrontMatterError, match=r"5: expected nothing after the closing ---.*; write it as the key"):
        parse(f"---\nname: A\ndomain: a.example\n---\n{body}\n", Kind.ORGANIZATION)


@pytest.mark.parametrize("key", ["Title", "TITLE", "ti-tle", "title_"])
def test_a_key_in_another_spelling_is_told(key):
    with pytest.raises(FrontMatterError, match=f"write title, not {key}"):
        parse(f"---\n{HEAD.replace('title', key)}---\n")


@pytest.mark.parametrize("key", ["date", "pubDate", "published_at", "created", "Date"])
def test_a_key_of_another_program_is_told(key):
    with pytest.raises(FrontMatterError, match=f"{key} is a key of other programs: import their files with --map"):
        parse(f"---\n{HEAD.replace('publishedDateTime', key)}---\n")


@pytest.mark.parametrize("start", ["", "\ufeff", "---\n", "--- \n", "\ufeff---\n"])
@pytest.mark.parametrize("end", ["", "---\n", "---", "--- \n\n", "...\n"])
def test_a_topics_file_may_have_the_lines_too(start, end):
    if not start.strip("\ufeff"):
        end = end.replace("---", "...")

    assert parse(f"{start}_id: a\nname: A\n{end}", Kind.TOPIC).values == {"slug": "a", "name": "A"}


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ("images:\n\t- url: x", "; indent with blanks, not with tabs"),
        ("excerpt: plain: not", "; put the value in quotes"),
        ("x: @a", "; put the value in quotes"),
        ("x: `a`", "; put the value in quotes"),
        ("x: %a", "; put the value in quotes"),
        ('x: "a "b" c"', '; write \\" for a quote inside quotes'),
        (r'x: "\ud83d\ude00"', "; write the character itself, not its two halves"),
    ],
)
def test_an_error_in_yaml_says_what_to_do(lines, advice):
    with pytest.raises(FrontMatterError) as error:
        parse(f"---\n{HEAD}{lines}\n---\n")

    assert error.value.message.endswith(advice)


MANY = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "---\nx:" + " " * MANY + "@\n---\n",
        "---\nx:" + " a" * MANY + ": b\n---\n",
        '---\nx: "' + "a" * MANY + "\n---\n",
        '---\nx: "' + '\\"' * MANY + "\n---\n",
        "---\n" + "\n---x" * MANY,
        "---\n" + " " * MANY + "---",
        "---\n" + "-" * MANY + "x",
        "<!--" + "-->" * MANY,
        "<?xml" + " " * MANY,
        "a," * MANY + "\n" + "b," * MANY,
        " " * MANY + "x",
        "+" * MANY,
        "key" * MANY + ":",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_hostile_file_is_soon_rejected(text):
    started = time.process_time()

    with pytest.raises(FrontMatterError) as error:
        parse(text)

    assert len(str(error.value)) < 400
    assert time.process_time() - started < 5
