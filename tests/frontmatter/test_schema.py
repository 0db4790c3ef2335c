"""Every key of every kind of file: read, written, bounded, and refused by its path."""

from datetime import UTC, datetime

import pytest

from articles.frontmatter import FrontMatterError, Kind, parse, schema, serialise, template
from articles.frontmatter.schema import Flag, List, Map, Number, Scalar, Timestamp

ARTICLE = r"""---
category: news
title: "Ferries \"late\" again "
excerpt: "One.\r\n\r\nTwo\\three\t\u2028"
publishedDateTime: 2026-11-01T12:00:00Z
originalUrl: "https://gazette.example/ferries late"
webUrl: "https://gazette.example/ferries"
ampWebUrl: "http://amp.gazette.example/ferries"
cdnAmpWebUrl: "https://amp-gazette-example.cdn.example/c/amp.gazette.example/ferries"
type: video
quality: 0
heat: -1
removed: true
published: false

featuredContent: "<iframe src=\"https://video.example/1\"></iframe>"

provider:
  name: The Gazette
  domain: gazette.example
  images:
    - url: "https://harbour.example/gazette.jpg"
      width: 50
      height: 50
      isCached: false
      title: "Logo"
      attribution: "The Gazette"

topics:
  - Harbour
  - 2026

tags:
  - US
  - US-HI

images:
  - url: "https://i.example/1.jpg "
    width: 640
    height: 480
    isCached: true
    title: "A ferry"
    attribution: "Ida"

related:
  - title: "Ferries"
    excerpt: ""
    publishedDateTime: 2026-10-31T23:59:59Z
    webUrl: "https://wire.example/1"
    ampWebUrl: "https://amp.wire.example/1"
    cdnAmpWebUrl: "https://cdn.example/1"
    type: article
    provider:
      name: Wire
      domain: wire.example
    quality: 49
    images:
      - url: "https://i.example/2.jpg"
        width: 1
        height: 2
        isCached: true
        title: "T"
        attribution: "B"

secured: "c2VjcmV0;aXY="
---

"""
TOPIC = """taxonomy: topic
_id: tides
name: Tides
shortname: T
parent: Harbour
keywords:
  - high tide
hashtags:
  - "#Tides"
images:
  - /assets/tides.jpg
services:
  news: https://harbour.example/api/news/tides
"""
ORGANIZATION = """---
taxonomy: organization
_id: gazette.example
name: The Gazette
otherNames:
  - Gazette
domain: gazette.example
description: A paper.
images:
  - url: /assets/gazette.jpg
    width: 50
    height: 50
    title: Logo
    attribution: Ida
---
"""
IMAGE = {"width": 640, "height": 480, "is_cached": True}
ARTICLE_VALUES = {
    "category": "news",
    "title": 'Ferries "late" again ',
    "excerpt": "One.\r\n\r\nTwo\\three\t\u2028",
    "published_at": datetime(2026, 11, 1, 12, tzinfo=UTC),
    "original_url": "https://gazette.example/ferries late",
    "web_url": "https://gazette.example/ferries",
    "amp_web_url": "http://amp.gazette.example/ferries",
    "cdn_amp_web_url": "https://amp-gazette-example.cdn.example/c/amp.gazette.example/ferries",
    "type": "video",
    "quality": 0,
    "heat": -1,
    "removed": True,
    "published": False,
    "featured_content": '<iframe src="https://video.example/1"></iframe>',
    "provider": {
        "name": "The Gazette",
        "domain": "gazette.example",
        "images": [
            {
                "url": "https://harbour.example/gazette.jpg",
                "width": 50,
                "height": 50,
                "is_cached": False,
                "title": "Logo",
                "attribution": "The Gazette",
            }
        ],
    },
    "topics": ["Harbour", "2026"],
    "tags": ["US", "US-HI"],
    "images": [{"url": "https://i.example/1.jpg ", **IMAGE, "title": "A ferry", "attribution": "Ida"}],
    "related": [
        {
            "title": "Ferries",
            "excerpt": "",
            "published_at": datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
            "web_url": "https://wire.example/1",
            "amp_web_url": "https://amp.wire.example/1",
            "cdn_amp_web_url": "https://cdn.example/1",
            "type": "article",
            "provider": {"name": "Wire", "domain": "wire.example"},
            "quality": 49,
            "images": [
                {
                    "url": "https://i.example/2.jpg",
                    "width": 1,
                    "height": 2,
                    "is_cached": True,
                    "title": "T",
                    "attribution": "B",
                }
            ],
        }
    ],
    "secured": "c2VjcmV0;aXY=",
}
TOPIC_VALUES = {
    "taxonomy": "topic",
    "slug": "tides",
    "name": "Tides",
    "shortname": "T",
    "parent": "Harbour",
    "keywords": ["high tide"],
    "hashtags": ["#Tides"],
    "images": ["/assets/tides.jpg"],
    "services": {"news": "https://harbour.example/api/news/tides"},
}
ORGANIZATION_VALUES = {
    "taxonomy": "organization",
    "slug": "gazette.example",
    "name": "The Gazette",
    "other_names": ["Gazette"],
    "domain": "gazette.example",
    "description": "A paper.",
    "images": [{"url": "/assets/gazette.jpg", "width": 50, "height": 50, "title": "Logo", "attribution": "Ida"}],
}
WHOLE = {
    Kind.ARTICLE: (ARTICLE, ARTICLE_VALUES),
    Kind.TOPIC: (TOPIC, TOPIC_VALUES),
    Kind.ORGANIZATION: (ORGANIZATION, ORGANIZATION_VALUES),
}


def keys_of(type_, path=()):
    """Every key below a type, by its path; items of lists as `[0]`."""
    if isinstance(type_, List):
        yield from keys_of(type_.item, (*path, "[0]"))
    if isinstance(type_, Map):
        for field in type_.fields:
            yield (*path, field.key), field.type
            yield from keys_of(field.type, (*path, field.key))


def names_of(value):
    """Every name in values, at any depth."""
    if isinstance(value, list):
        return set().union(*map(names_of, value))
    return set(value).union(*map(names_of, value.values())) if isinstance(value, dict) else set()


@pytest.mark.parametrize("kind", Kind)
def test_every_key_is_read_and_written_in_the_sources_layout(kind):
    text, values = WHOLE[kind]

    document = parse(text, kind)

    assert document.values == values
    assert serialise(document) == text


@pytest.mark.parametrize("kind", Kind)
def test_this_module_has_every_key_of_the_schema(kind):
    known = {field.name for fields in _maps(kind.schema) for field in fields}

    assert names_of(WHOLE[kind][1]) - {"news"} == known


def _maps(type_):
    if isinstance(type_, List):
        yield from _maps(type_.item)
    if isinstance(type_, Map):
        yield type_.fields
        for field in type_.fields:
            yield from _maps(field.type)


def test_an_article_with_every_key_is_read_fast():
    assert template.read(ARTICLE[4 : -len("---\n\n")], schema.ARTICLE) == ARTICLE_VALUES


@pytest.mark.parametrize("kind", [Kind.ARTICLE, Kind.ORGANIZATION])
def test_a_file_with_cr_lf_means_the_same(kind):
    text, values = WHOLE[kind]

    document = parse(text.replace("\n", "\r\n"), kind)

    assert (document.values, document.crlf) == (values, True)
    assert serialise(document) == text.replace("\n", "\r\n")


WRONG = [(kind, path, type_) for kind in Kind for path, type_ in keys_of(kind.schema)]
HEADS = {
    Kind.ARTICLE: {
        "title": 'title: "A"\n',
        "publishedDateTime": "publishedDateTime: 2026-11-01T12:00:00Z\n",
        "provider": "provider:\n  domain: a.example\n",
    },
    Kind.TOPIC: {"_id": "_id: a\n", "name": "name: A\n"},
    Kind.ORGANIZATION: {"name": "name: A\n", "domain": "domain: a.example\n"},
}


@pytest.mark.parametrize(
    ("kind", "path", "type_"), WRONG, ids=lambda value: ".".join(value) if value.__class__ is tuple else ""
)
def test_an_error_in_a_values_kind_says_line_and_path_of_its_key(kind, path, type_):
    head = "".join(lines for key, lines in HEADS[kind].items() if key != path[0])
    wrong, found = ("[x]", "a list") if isinstance(type_, Scalar) else ("x", "x")
    text, indent = head, ""
    for step, following in zip(path, [*path[1:], None], strict=True):
        if step == "[0]":
            text += f"{indent}- "
            indent += "  "
        else:
            text += (
                (indent if text.endswith("\n") else "") + f"{step}:" + (f" {wrong}\n" if following is None else "\n")
            )
            indent += "" if following == "[0]" else "  "
    line = text.count("\n") + (1 if kind.delimited else 0)

    if path[0] == "provider" and path[1:2] != ("domain",) and len(path) > 1:
        text += "  domain: a.example\n"

    problem = problems(f"---\n{text}---\n" if kind.delimited else text, kind)[0]

    assert (problem.line, problem.key) == (line, ".".join(path).replace(".[0]", "[0]"))
    assert problem.message.partition(";")[0].endswith(f"found {found!r}")


def problems(text, kind):
    """What is said of a file: its error or its warnings."""
    try:
        return parse(text, kind).warnings
    except FrontMatterError as error:
        return [error]


REQUIRED = [(kind, key) for kind in Kind for key in HEADS[kind]]


@pytest.mark.parametrize(("kind", "key"), REQUIRED)
def test_a_missing_required_key_is_an_error(kind, key):
    text = "".join(lines for other, lines in HEADS[kind].items() if other != key)

    with pytest.raises(FrontMatterError) as error:
        parse(f"---\n{text}---\n" if kind.delimited else text, kind)

    assert (error.value.key, error.value.message) == (key, "expected this key, found none")


def test_this_module_has_every_required_key():
    required = {(kind, field.key) for kind in Kind for field in kind.schema.fields if field.required}

    assert required == set(REQUIRED)


@pytest.mark.parametrize("kind", Kind)
def test_every_scalar_writes_what_it_reads(kind):
    for _, type_ in keys_of(kind.schema):
        if isinstance(type_, Number):
            assert type_.read(type_.write(type_.maximum)) == type_.maximum
        elif isinstance(type_, Flag):
            assert [type_.write(value) for value in (True, False)] == ["true", "false"]
        elif isinstance(type_, Timestamp):
            assert type_.write(datetime(2026, 11, 1, 12, tzinfo=UTC)) == "2026-11-01T12:00:00Z"
