"""No ways to say nothing become the word null in the database, on pages or in files."""

import pytest

from articles.frontmatter import Kind
from articles.models import Article, Provider, ProviderImage, Source, Topic
from articles.sync import exporter
from articles.sync.found import FoundFile
from articles.sync.importer import import_files
from tests.factories import make_file

pytestmark = pytest.mark.django_db

NOTHING = ["null", "Null", "NULL", "~", ""]
ARTICLE = """---
title: "A"
excerpt: {0}
publishedDateTime: 2026-11-01T12:00:00Z
originalUrl: {0}
webUrl: "https://a.example/a"
ampWebUrl: {0}
cdnAmpWebUrl: {0}
type: {0}
quality: {0}
heat: {0}
removed: {0}
published: true
featuredContent: {0}
provider:
  name: {0}
  domain: a.example
  images:
    - url: {0}
topics:
  - {0}
  - Sea
tags:
  - {0}
images:
  - {0}
  - url: {0}
related: {0}
secured: {0}
---
"""
TOPIC = "_id: sea\nname: Sea\nshortname: {0}\nparent: {0}\nkeywords:\n  - {0}\nhashtags: {0}\nservices:\n  news: {0}\n"
ORGANIZATION = "---\nname: A\ndomain: a.example\notherNames:\n  - {0}\ndescription: {0}\nimages: {0}\n_id: {0}\n---\n"


def file(kind, name, text):
    return FoundFile(f"{name}.md", kind, "harbour", name, text.encode())


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_site_that_says_nothing_has_no_word_null(client, nothing):
    files = [
        file(Kind.TOPIC, "01-sea", TOPIC.format(nothing)),
        file(Kind.ORGANIZATION, "a.example", ORGANIZATION.format(nothing)),
        file(Kind.ARTICLE, "a", ARTICLE.format(nothing)),
    ]

    assert import_files(files).rejected == []

    assert list(Topic.objects.values_list("name", "shortname", "parent", "keywords", "hashtags", "services")) == [
        ("Sea", "", None, [], [], {})
    ]
    assert list(Provider.objects.values_list("name", "domain", "other_names", "description")) == [
        ("A", "a.example", [], "")
    ]
    assert ProviderImage.objects.count() == 0
    article = Article.objects.get()
    assert (article.excerpt, article.amp_web_url, article.type, article.provider_name) == ("", "", "article", "")
    assert (article.images.count(), article.featured_content, article.extra) == (0, "", {"topics": [0]})
    for address in ("/", article.get_absolute_url(), "/topics/", "/providers/", "/feeds/rss.xml"):
        assert f">{nothing or 'null'}<" not in client.get(address).content.decode()
    assert dict(exporter.files(Source.objects.get())) == {"a": files[2].data}


@pytest.mark.parametrize("word", ["null", "~", "Null", "NULL"])
def test_the_word_null_in_quotes_is_a_name(word):
    import_files([make_file("a", topics=[word], provider={"name": word, "domain": "a.example"}, excerpt=word)])

    assert (Topic.objects.get().name, Provider.objects.get().name, Article.objects.get().excerpt) == (word, word, word)


@pytest.mark.parametrize("nothing", NOTHING)
@pytest.mark.parametrize("line", ["title", "publishedDateTime", "  domain"])
def test_a_required_key_that_says_nothing_rejects_its_file_only(nothing, line):
    lines = make_file("a").data.decode().splitlines(keepends=True)
    text = "".join(f"{line}: {nothing}\n" if given.startswith(line + ":") else given for given in lines)

    report = import_files([file(Kind.ARTICLE, "a", text), make_file("b")])

    assert (report.created, len(report.rejected)) == (1, 1)
    assert report.rejected[0].message.endswith(", found nothing")
