"""Topics that a title names."""

from datetime import UTC, datetime

import pytest

from articles.frontmatter import Kind, parse
from articles.sync.files import find
from articles.text.keywords import named
from tests.paths import AZURE, POWERAPPS, needs_corpus

KEYWORDS = {"Tides": ["tide", "high water"], "Boats": ["ferry", "C++ boat", "AI"], "Nothing": []}


@pytest.mark.parametrize(
    ("title", "topics"),
    [
        ("The tide turns", ["Tides"]),
        ("TIDE and Ferry", ["Tides", "Boats"]),
        ("Tides turn", []),
        ("A tide-table", ["Tides"]),
        ("High water, again", ["Tides"]),
        ("A C++ boat", ["Boats"]),
        ("It said so again", []),
        ("", []),
    ],
)
def test_a_topic_is_named_by_a_keyword_as_a_whole_word(title, topics):
    assert named(title, KEYWORDS) == topics


def figures(articles, keywords):
    """Return precision, recall and the share of exact sets, without the site's own topic."""
    right = told = there = exact = 0
    for values in articles:
        wanted = {name for name in values.get("topics", ()) if name in keywords}
        found = set(named(values["title"], keywords))
        right, told, there = right + len(wanted & found), told + len(found), there + len(wanted)
        exact += wanted == found
    return round(right / told, 3), round(right / there, 3), round(exact / len(articles), 3)


def site(archive):
    files = list(find(str(archive)))
    topics = sorted((file.name, parse(file.data, Kind.TOPIC).values) for file in files if file.kind is Kind.TOPIC)
    keywords = {topic["name"]: topic.get("keywords", []) for _, topic in topics if topic.get("parent")}
    return [parse(file.data).values for file in files if file.kind is Kind.ARTICLE], keywords


@pytest.mark.slow
@needs_corpus
def test_keywords_find_the_topics_that_real_sites_chose():
    articles, keywords = site(POWERAPPS)
    precision, recall, _ = figures(articles, keywords)
    assert precision == 1
    assert recall >= 0.96  # 51 of the 53 that its 192 articles have

    articles, keywords = site(AZURE)
    assert figures(articles, keywords) == (0.678, 0.780, 0.836)
    late = [values for values in articles if values["published_at"] >= datetime(2021, 1, 1, tzinfo=UTC)]
    blog = [v for v in late if v["provider"]["domain"] == "microsoft.com" and "/blog/" in v.get("web_url", "")]
    assert figures([v for v in late if v not in blog], keywords) == (1, 1, 1)
    assert figures(blog, keywords)[0] == 1
