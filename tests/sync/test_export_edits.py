"""Edits of files in any style, from import to export: only the lines of the edited key differ."""

import textwrap

import pytest

from articles.frontmatter import Kind, parse
from articles.models import Article, Source
from articles.sync import exporter
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.factories import make_topic

pytestmark = pytest.mark.django_db

BASE = """---
# desk note: checked by two people
category: news
title: "Good one"
excerpt: "A short text."
publishedDateTime: 2024-03-05T10:00:00Z
webUrl: "https://example.org/a"
type: article # fixed

# numbers below come from the ranker
quality: 80
heat: 80
published: true

provider:
  name: Example Gazette
  domain: example.org

topics:
  - Weather

secured: "x;y"
---

"""
REST = "publishedDateTime: 2024-03-05T10:00:00Z\nprovider:\n  name: Example\n  domain: example.org\n"
CASES = {
    "comments": (BASE, '"A short text."', '"New"'),
    "one CR LF": (BASE.replace("# fixed", "\r", 1), '"A short text."', '"New"'),
    "a raw line separator": (BASE.replace("Good one", "Good\u2028one"), '"A short text."', '"New"'),
    "a raw next line": (BASE.replace("quality:", 'byline: "A\x85B"\nquality:'), '"A short text."', '"New"'),
    "an indented map": (
        "---\n  # desk note\n  title: Good one\n  excerpt: A short text.\n" + textwrap.indent(REST, "  ") + "---\n",
        "A short text.",
        "New",
    ),
    "quoted keys": (
        "---\n\"title\": Good one\n'excerpt' : A short text.\n# note\n" + REST + "---\n",
        "A short text.",
        "New",
    ),
    "blocks": (
        f"---\ntitle: >-\n  Good\n  one\nexcerpt: |+\n  A short text.\n\n\n# note\n{REST}---\n",
        "|+\n  A short text.\n\n",
        "|-\n  New",
    ),
    "JSON": (
        '---\n{"title":"Good one","excerpt":"A short text.","publishedDateTime":"2024-03-05T10:00:00Z",'
        '"provider":{"name":"Example","domain":"example.org"},"id":12345678901234567890,"phone":"0123","v":1.10,'
        '"when":"2024-01-01"}\n---\n',
        '"A short text."',
        '"New"',
    ),
    "dots at the end": (BASE.replace("---\n\n", "# last note\n...\n---\n\n"), '"A short text."', '"New"'),
    "plain lines": (
        f"---\ntitle: Good\n  one # not now\nexcerpt: A short\n  text.\n{REST}topics:\n- A\n# between\n- B\n---\n",
        "A short\n  text.",
        "New",
    ),
    "explicit keys": (f"---\n? title\n: Good one\n? excerpt\n: A short text.\n{REST}---\n", "A short text.", "New"),
    "CR LF": (BASE.replace("\n", "\r\n"), '"A short text."', '"New"'),
    "no final line end": (BASE.rstrip("\n"), '"A short text."', '"New"'),
    "odd unknown values": (
        "---\ntitle: Good one\nexcerpt: A short text.\nid: 007\nflag: yes\nwhen: 2024-01-01\nempty:\n"
        f"nest: {{a: [1, 2.50, ~], b: 0x1F}}\n{REST}  country: no\n---\n",
        "A short text.",
        "New",
    ),
    "a comment on the line": (
        BASE.replace('text."', 'text." # shortened by hand, see mail'),
        '"A short text."',
        '"New"',
    ),
    "an indented comment": (BASE.replace('text."\n', 'text."\n  # local time\n'), '"A short text."', '"New"'),
    "CR LF in a block": (
        BASE.replace("publishedDate", "note: |\n  line one\r\n  line two\n# desk\npublishedDate", 1),
        '"A short text."',
        '"New"',
    ),
    # not from any list of known trouble
    "words that look like keys": (
        BASE.replace("quality:", "note: |\n  excerpt: no\n  ---\n  title: no\nquality:"),
        '"A short text."',
        '"New"',
    ),
    "keys out of order": (
        f"---\n{REST}x: 1e3\nexcerpt: 'A short text.'\n\n\n# c\ntitle: Good one\n---\n",
        "'A short text.'",
        "'New'",
    ),
    "JSON on many lines": (
        '---\n{\n  "title": "Good one",\n  "excerpt": "A short text.",\n  "big": 1E400,\n'
        '  "publishedDateTime": "2024-03-05T10:00:00Z",\n  "provider": {"domain": "example.org"}\n}\n---\n',
        '"A short text."',
        '"New"',
    ),
    "quotes over two lines": (
        f"---\ntitle: Good one\nexcerpt: \"A short\n\n  text.\" # c\nv: 1.10\n{REST}---\n",
        '"A short\n\n  text."',
        '"New"',
    ),
    "a value on the next line": (
        f"---\ntitle: Good one\nexcerpt:\n  # c\n  A short text.\n{REST}---\n",
        "A short text.",
        "New",
    ),
    "one next line between keys": (
        f"---\ntitle: Good one\x85excerpt: A short text.\x85{REST}---\n",
        "A short text.",
        "New",
    ),
    "lone CR between keys": (f"---\ntitle: Good one\rexcerpt: A short text.\r{REST}---\n", "A short text.", "New"),
}  # fmt: skip


def imported(text):
    report = import_files([FoundFile("_news/a.md", Kind.ARTICLE, "harbour", "a", text.encode())])
    assert not report.rejected
    assert exported() == text


def exported():
    ((_, data),) = exporter.files(Source.objects.get())
    return data.decode()


@pytest.mark.parametrize("case", CASES)
def test_f_an_edited_excerpt_changes_only_its_own_text(case):
    text, before, after = CASES[case]
    imported(text)

    Article.objects.update(excerpt="New")

    assert exported() == text.replace(before, after, 1)


@pytest.mark.parametrize("case", CASES)
def test_f_a_new_topic_adds_only_its_own_line(case):
    text = CASES[case][0]
    imported(text)
    article = Article.objects.get()

    article.topic_links.create(tag=make_topic("Sea"), position=99)

    after = exported()
    added = len(after) - len(text)
    place = next((n for n, (one, other) in enumerate(zip(text, after, strict=False)) if one != other), len(text))
    assert text == after[:place] + after[place + added :]
    assert parse(after).values["topics"][-1] == "Sea"


def test_f_an_added_image_leaves_the_lines_of_the_others_alone():
    text = f'---\ntitle: A\n{REST}images:\n  - url: "https://i.example/a.jpg"\n    title: ""\n    width: 2\n---\n'
    imported(text)

    Article.objects.get().images.create(url="https://i.example/b.jpg", position=99)

    assert exported() == text.replace("width: 2\n", 'width: 2\n  - url: "https://i.example/b.jpg"\n')


def test_f_an_edited_outlets_name_changes_only_the_line_of_the_name():
    text = f"---\ntitle: A\n{REST}  country: no # c\n---\n"
    imported(text)

    Article.objects.update(provider_name="New")

    assert exported() == text.replace("name: Example", "name: New")
