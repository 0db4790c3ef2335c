"""What could slow down or mislead readers' pages: cut or left out where it is shown, told, and exported to the byte."""

import time

import pytest

from articles.models import Article, Provider, RelatedLink, Source, Topic
from articles.sync import exporter
from articles.sync.importer import import_files
from articles.text import signs
from articles.text.plain import plain
from tests.factories import make_file, make_related
from tests.sync.test_importer import organization_file, topic_file

PILES = {
    "acute": "\u0301" * 100,
    "above and below": "\u0316\u0301" * 5000,
    "enclosing": "\u20dd" * 31,
    "Arabic": "\u064b" * 400,
    "Hebrew": "\u05b0\u05b1" * 50,
    "Thai": "\u0e49" * 60,
    "Devanagari": "\u094d" * 40,
    "joined": "\u0301\u034f" * 40,
}
HIDING = {
    "right-to-left override": "\u202etpircs\u202c",
    "isolate": "\u2066a\u2069",
    "left-to-right mark": "a\u200e",
    "right-to-left mark": "\u200fa",
    "Arabic letter mark": "\u061ca",
    "zero-width blank": "a\u200bb",
    "soft hyphen": "a\xadb",
    "word joiner": "a\u2060b",
    "byte-order mark": "a\ufeffb",
    "joiner among Latin letters": "pay\u200dpal",
    "non-joiner among Latin letters": "pay\u200cpal",
    "tags": "a\U000e0041\U000e0042",
    "Hangul filler": "a\u3164b",
    "annotation": "\ufff9a\ufffab\ufffb",
    "invisible times": "a\u2062b",
    "override in an entity": "&#8238;a&#x202C;",
}
PLAIN = [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "क्\u200dष",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "❤\ufe0f",
    "Việt Nam",
    "Z\u0351\u0310a\u0327lgo",
    "葛\U000e0100城",
]


@pytest.mark.attack(7)
@pytest.mark.parametrize("name", HIDING)
def test_readers_do_not_see_signs_that_hide_or_turn_text(name):
    assert not signs.hiding(plain(f"Tide {HIDING[name]} high"))
    assert plain(HIDING[name]).isprintable()


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_script_or_an_emoji_needs_stays(text):
    assert signs.seen(text) == signs.stream_safe(text) == plain(text) == text


@pytest.mark.attack(12)
@pytest.mark.parametrize("name", PILES)
def test_marks_that_pile_up_are_cut_at_thirty(name):
    found = signs.stream_safe(f"a{PILES[name]} b{PILES[name]}")

    assert found.count(" ") == 1
    assert max(map(len, found.split())) <= 31
    assert signs.stream_safe(found) == found


@pytest.mark.attack(12)
@pytest.mark.parametrize("text", ["a" + "\u0301" * 100_000, "\u0301" * 100_000, "\u202e" * 100_000, "अ\u094d" * 50_000])
def test_a_text_of_100_000_signs_is_read_soon(text):
    started = time.process_time()

    plain(text)

    assert time.process_time() - started < 0.3


@pytest.mark.django_db
def test_marks_are_cut_where_they_are_stored_and_the_file_goes_out_as_it_came():
    pile = "e" + "\u0301" * 200
    related = [make_related("r") | {"title": f"R{pile}", "excerpt": pile}]
    file = make_file(
        "a",
        title=f"T{pile}",
        excerpt=pile,
        provider={"name": f"N{pile}", "domain": "n.example"},
        tags=[pile[:90]],
        topics=[pile[:90]],
        related=related,
    )

    report = import_files([file])

    article = Article.objects.get()
    link = RelatedLink.objects.get()
    stored = [article.title, article.excerpt, article.provider_name, article.tags.get().name, link.title, link.excerpt]
    assert [signs.stream_safe(text) for text in stored] == stored
    assert [(w.key, w.line) for w in report.warnings] == [
        ("title", 3), ("excerpt", 4), ("provider.name", 13), ("related[0].title", 22), ("related[0].excerpt", 22),
        ("topics[0]", 16), ("tags[0]", 19),
    ]  # fmt: skip
    assert dict(exporter.files(article.source))["a"] == file.data
    assert import_files([make_file("a", title="Other", related=related)]).conflicts == 0


@pytest.mark.django_db
@pytest.mark.attack(7)
def test_an_override_in_a_title_is_told_and_goes_out_as_it_came():
    file = make_file("a", title="Tide \u202ehgih", provider={"name": "Gaz\u200bette", "domain": "gazette.example"})

    report = import_files([file])

    assert [(w.key, "U+202E" in w.message or "U+200B" in w.message) for w in report.warnings] == [
        ("title", True),
        ("provider.name", True),
    ]
    assert all(str(warning).isprintable() for warning in report.warnings)
    assert Provider.objects.get().label == "Gazette"
    assert dict(exporter.files(Source.objects.get()))["a"] == file.data


@pytest.mark.django_db
def test_topics_and_outlets_are_cut_and_told_too():
    pile = "\u0301" * 60
    topic = topic_file(text=f"_id: tides\nname: Ti{pile}des\nkeywords:\n  - a{pile}\n")
    outlet = organization_file(text=f"---\nname: Ga{pile}z\u200bette\ndomain: gazette.example\n---\n")

    report = import_files([topic, outlet])

    assert [w.key for w in report.warnings] == ["name", "name", "name"]
    assert signs.stream_safe(Topic.objects.get().name) == Topic.objects.get().name
    assert signs.stream_safe(Provider.objects.get().name) == Provider.objects.get().name
    assert import_files([topic, outlet]).conflicts == 0


@pytest.mark.django_db
@pytest.mark.parametrize("length", [20_000, 20_001, 99_999])
def test_a_long_embed_code_is_kept_in_the_file_and_not_shown(length):
    embed = '<iframe src="https://www.youtube.com/embed/MeridianTid"></iframe>'
    file = make_file("a", featured_content=embed + " " * (length - len(embed)))

    report = import_files([file])

    article = Article.objects.get()
    assert (article.video_id is None) == (length > 20_000)
    assert [w.key for w in report.warnings] == ["featuredContent"] * (length > 20_000)
    assert dict(exporter.files(article.source))["a"] == file.data
    Article.objects.update(title="Edited")
    edited = dict(exporter.files(article.source))["a"]
    assert edited == file.data.replace(b'"Title of a"', b'"Edited"')


USERINFO = [
    "https://user:pass@a.example/",
    "https://google.com@evil.example",
    "https://@a.example/",
    "http:\\\\u@a.example",
]


@pytest.mark.django_db
@pytest.mark.attack(6)
@pytest.mark.parametrize("address", USERINFO)
def test_a_user_before_a_host_costs_a_link_but_not_the_article_that_lists_it(address):
    good = make_file("a", related=[make_related("r"), make_related("s", web_url=address)])
    images = make_file("b", images=[{"url": address}, {"url": "https://i.example/a.jpg"}])

    report = import_files([good, images, make_file("c", web_url=address), make_file("d", original_url=address)])

    assert [(r.path, r.key, r.line) for r in report.rejected] == [
        ("_news/c.md", "webUrl", 6),
        ("_news/d.md", "originalUrl", 6),
    ]
    assert [w.key for w in report.warnings] == ["related[1].webUrl", "images[0].url"]
    assert not [remark for remark in (*report.rejected, *report.warnings) if "pass@" in remark.message]
    assert "@" not in "".join(RelatedLink.objects.values_list("web_url", flat=True))
