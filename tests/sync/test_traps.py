"""Every trap found in the real files: survived here, or by the test that ELSEWHERE names."""

import ast
import json
from datetime import UTC, datetime, timedelta

import pytest

from articles.models import Article, Source
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_file, make_related, make_story_files
from tests.paths import ROOT, SHARED

pytestmark = pytest.mark.django_db

TRAPS = SHARED / "traps.jsonl"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LONG_URL = "https://gazette.example/" + "a" * 320
IFRAME = '<iframe width="800" src="https://www.youtube.com/embed/MeridianTid" allowfullscreen></iframe>'


def image(url="https://i.example/a.jpg", **values):
    return [{"url": url, "width": 640, "height": 480, "is_cached": True, **values}]


def related(url):
    return [{**make_related("other"), "web_url": url}]


# What a file may say: it is in the database, on its pages, and comes out in the same bytes.
VALUES = {
    r"YAML double-quoted escapes \n \r \t \u \\ must be decoded, not kept": {"excerpt": 'a\n\r\t\\ "b" \u2028'},
    "time stamp is a plain (unquoted) scalar: YAML turns it into a datetime object, not text": {"published_at": NOON},
    "file stem longer than 50 (SlugField default)": {"name": "2026-11-01-" + "a" * 50},
    "file stem longer than 100": {"name": "2026-11-01-" + "a" * 154},
    "heat is -1 (PositiveIntegerField rejects)": {"heat": -1},
    "images absent": {"images": None},
    "originalUrl absent (webUrl present)": {"original_url": None},
    "secured longer than 512": {"secured": "x" * 560 + ";" + "y" * 20},
    "title longer than 100": {"title": "t" * 120},
    "title longer than 150": {"title": "t" * 180},
    "title has leading/trailing whitespace": {"title": " Tides "},
    "title has double inner space": {"title": "Tides  and  ferries"},
    "no-break space in title/excerpt": {"title": "Tides\u00a0rise", "excerpt": "\u00a0"},
    "invisible/control character in title/excerpt": {"title": "Tides\u200b\u202frise"},
    "excerpt is the empty string": {"excerpt": ""},
    "excerpt under 30 chars": {"excerpt": "Short."},
    r"excerpt contains newline (\n or \r\n escape)": {"excerpt": "one\r\n\r\ntwo\n"},
    "HTML entity left in title/excerpt": {"title": "We&#8217;re here", "excerpt": "&amp;hellip;"},
    "angle-bracket tag in title/excerpt": {"title": "Brinehall <BRN.X> rises"},
    "mojibake (UTF-8 read as cp1252) in title/excerpt": {"title": "ï»¿ Tides â€œriseâ€"},
    "mojibake title gives an odd slug": {"title": "â€œTidesâ€", "name": "2026-11-01-atidesa"},
    "quality is 0 (falsy)": {"quality": 0, "heat": 0},
    "heat above 1000": {"heat": 3694},
    "date in file name is not the UTC publish date": {"name": "2026-11-02-a", "published_at": NOON},
    "django slugify(current title) differs from the file slug": {"title": "Tides: 2.0", "name": "2026-11-01-tides-2-0"},
    "slug contains an underscore": {"name": "2026-11-01-tide_table-v3"},
    "type video": {"type": "video"},
    "webUrl absent (originalUrl present, featuredContent)": {
        "web_url": None,
        "original_url": "https://youtube.com/watch?v=MeridianTid",
        "featured_content": IFRAME,
    },
    "featuredContent iframe on type article": {"featured_content": IFRAME, "type": "article"},
    "more than one image": {"images": image() + image("https://i.example/b.jpg")},
    "image without isCached": {"images": image(is_cached=None)},
    "provider name percent-encoded": {"provider": {"name": "Gazette%2c Inc.", "domain": "g.example"}},
    "provider name does not describe the domain": {"provider": {"name": "Tide fines", "domain": "ports.example"}},
    "provider domain with www. prefix": {"provider": {"name": "G", "domain": "www.g.example"}},
    "more than 100 related items": {"related": [make_related(f"r{n}") for n in range(179)]},
    "same title twice inside one related list": {
        "related": [make_related("r"), {**make_related("s"), "title": "Title of r"}]
    },
    "article's own title inside its related list": {"title": "Title of r", "related": [make_related("r")]},
    **{
        f"URL longer than 200 (URLField default) [{key}]": {name: LONG_URL}
        for key, name in (
            ("webUrl", "web_url"),
            ("originalUrl", "original_url"),
            ("cdnAmpWebUrl", "cdn_amp_web_url"),
            ("ampWebUrl", "amp_web_url"),
        )
    },
    "URL longer than 200 (URLField default) [images.url]": {"images": image(LONG_URL[:250])},
    "URL longer than 255 [images.url]": {"images": image(LONG_URL)},
    "URL longer than 200 (URLField default) [related.webUrl]": {"related": related(LONG_URL[:250])},
    "URL longer than 255 [related.webUrl]": {"related": related(LONG_URL)},
    "URL longer than 255 [webUrl]": {"web_url": LONG_URL},
    "URL longer than 255 [originalUrl]": {"original_url": LONG_URL},
    **{
        f"URL fails Django URLValidator [{key}]": {name: "https://-gazette.example/a b\u202f"}
        for key, name in (("webUrl", "web_url"), ("originalUrl", "original_url"))
    },
    "URL fails Django URLValidator [related.webUrl]": {"related": related("https://-other.example/a b")},
    "URL fails Django URLValidator [images.url]": {"images": image("https://-i.example/a b.jpg")},
    "URL with inner whitespace [related.webUrl]": {"related": related("https://other.example/PR Wire/1")},
    "URL with inner whitespace [webUrl]": {"web_url": "https://gazette.example/PR Wire/1"},
    "URL with inner whitespace [originalUrl]": {"original_url": "https://gazette.example/the long road/"},
    "URL with leading/trailing whitespace [images.url]": {"images": image("https://i.example/a.png ")},
    "URL with non-ASCII characters [webUrl]": {"web_url": "https://gazette.example/caf\u00e9\u2019s"},
    "URL with non-ASCII characters [originalUrl]": {"original_url": "https://gazette.example/\u2018tides\u2019"},
    "URL with non-ASCII characters [related.webUrl]": {"related": related("https://other.example/tides\u00ae")},
    "URL with fragment [images.url]": {"images": image("https://i.example/a.jpg?w=1&#038;ssl=1")},
    "URL with fragment [originalUrl]": {"original_url": "https://gazette.example/a/#!"},
    "URL with fragment [related.webUrl]": {"related": related("https://other.example/a/#!")},
    "URL with fragment [webUrl]": {"web_url": "https://gazette.example/a/#!"},
    "URL with tracking parameters [webUrl]": {"web_url": "https://gazette.example/a?source=feed"},
    "URL with tracking parameters [images.url]": {"images": image("https://i.example/a?source=amp&width=5")},
    "URL with tracking parameters [originalUrl]": {"original_url": "https://gazette.example/a&source=29"},
    "URL with tracking parameters [related.webUrl]": {"related": related("https://other.example/a?utm_source=x")},
    "http (not https) URL [images.url]": {"images": image("http://i.example/a.jpg")},
    "http (not https) URL [ampWebUrl]": {"amp_web_url": "http://amp.gazette.example/a?profile=1"},
    "Unicode line separator U+2028 inside a URL (str.splitlines() and YAML 1.1 treat it as a line break;"
    " unsafe in inline scripts)": {"web_url": "https://gazette.example/a\u2028/"},
    "file with CRLF line endings in some version": {"crlf": True},
}


def written(source="harbour"):
    return {stem: data.decode() for stem, data in exporter.files(Source.objects.get(name=source))}


@pytest.mark.parametrize("trap", VALUES)
def test_every_value_of_the_real_files_is_imported_shown_and_exported(client, trap):
    values = {"published": True, "heat": 80, **VALUES[trap]}
    file = make_file(values.pop("name", "2026-11-01-a"), **values)

    report = import_files([file])

    assert (report.created, report.rejected) == (1, [])
    assert written() == {file.name: file.data.decode()}
    article = Article.objects.get()
    assert client.get("/").status_code == client.get(article.get_absolute_url()).status_code == 200
    assert client.get(f"/harbour/api/news/{file.name}/index.json").json()["title"] == article.title


PUBLISHER = {
    "web_url": "https://other.example/1",
    "provider": {"name": "The Other", "domain": "other.example"},
    "published_at": NOON - timedelta(hours=3),
    "excerpt": "As told elsewhere",
    "images": image("https://o.example/o.jpg"),
    "quality": 90,
}
# Versions of one file, in turn: after each the database has it whole, and the same again changes nothing.
VERSIONS = {
    "version returns byte-identical to an older version (hash-skip importers miss it)": [{}, {"title": "B"}, {}],
    "heat moves without quality (daily counter): an import per commit must overwrite heat": [
        {"heat": 89},
        {"heat": 90},
        {"heat": 89},
    ],
    "related key appears/disappears": [{}, {"related": [make_related("r")]}, {}],
    "images key appears and disappears": [{"images": image()}, {}, {"images": image()}],
    "published flips during life": [{"published": True}, {"published": False}],
    "published flips back and forth (2+)": [{"published": True}, {"published": False}, {"published": True}],
    "originalUrl of one file changes over history": [
        {"original_url": LONG_URL},
        {"original_url": "https://b.example/"},
    ],
    "webUrl of one file changes over history": [{}, {"web_url": "https://other.example/"}],
    "title of one file changes over history": [{"title": "Tides"}, {"title": "Tides™"}],
    "publishedDateTime of one file changes over history": [{}, {"published_at": NOON + timedelta(hours=1)}],
    "publishedDateTime moves backwards in a later version": [{}, {"published_at": NOON - timedelta(minutes=14)}],
    "provider domain of one file changes over history": [{}, {"provider": PUBLISHER["provider"]}],
    "one file alternates between two publishers week by week (url, provider, date, excerpt, image all swap)": [
        {},
        PUBLISHER,
        {},
        PUBLISHER,
    ],
}


@pytest.mark.parametrize("trap", VERSIONS)
def test_every_version_of_a_file_is_imported_completely(trap):
    for values in VERSIONS[trap]:
        file = make_file("a", **values)

        import_files([file])

        assert written() == {"a": file.data.decode()}
        assert import_files([file]).unchanged == 1


# Several files at once: all are in, apart, and come out in the same bytes.
SETS = {
    "several articles share one publishedDateTime second: list order needs a second sort key"
    " (the peer uses path ascending)": [make_file("a"), make_file("b"), make_file("a-b")],
    "same slug under different dates (date prefix must stay in the key)": [
        make_file("2026-11-01-tides"),
        make_file("2026-11-08-tides"),
    ],
    "same title at two or more paths in one snapshot": [make_file("a", title="Tides"), make_file("b", title="Tides")],
    "same webUrl at two or more paths in one snapshot": [
        make_file("a", web_url=LONG_URL),
        make_file("b", web_url=LONG_URL),
    ],
    "same originalUrl at two or more paths in one snapshot": [
        make_file("a", original_url=LONG_URL),
        make_file("b", original_url=LONG_URL),
    ],
    "one provider name with several domains": [
        make_file("a", provider={"name": "PR Wire", "domain": "wire.example"}),
        make_file("b", provider={"name": "PR Wire", "domain": "wire.co.example"}),
    ],
    "one provider domain with several names": [
        make_file("a", provider={"name": "Wire, Inc.", "domain": "wire.example"}),
        make_file("b", provider={"name": "Wire%2c Inc.", "domain": "wire.example"}),
    ],
    "same webUrl twice inside one related list": [
        make_file("a", web_url=LONG_URL, related=[{**make_related("b"), "web_url": LONG_URL}, make_related("c")]),
        make_file("b", web_url=LONG_URL, related=[{**make_related("a"), "web_url": LONG_URL}, make_related("c")]),
        make_file(
            "c",
            related=[{**make_related("a"), "web_url": LONG_URL}, {**make_related("b"), "web_url": LONG_URL}],
        ),
    ],
    "related list contains the article's own webUrl": [
        make_file("a", web_url=LONG_URL, related=[{**make_related("b"), "web_url": LONG_URL}]),
        make_file("b", web_url=LONG_URL, related=[{**make_related("a"), "web_url": LONG_URL}]),
    ],
    "one new article rewrites the related list of every cluster member in the same commit": make_story_files(
        *(f"a{n:03}" for n in range(60))
    ),
}


@pytest.mark.parametrize("trap", SETS)
def test_similar_files_stay_separate_articles(trap):
    report = import_files(SETS[trap])

    assert report.created == len(SETS[trap])
    assert written() == {file.name: file.data.decode() for file in SETS[trap]}


STEPS = "tests/sync/test_trap_steps.py::"
IMPORTER = "tests/sync/test_importer.py::"
ELSEWHERE = {
    "secured changes while nothing else does (new IV at each save): an importer that compares raw text reports an update": IMPORTER
    + "test_only_secured_changed_leaves_the_article_alone_and_keeps_the_new_text",
    "related item carries a stale copy: title differs from the target file": STEPS
    + "test_a_stale_copy_in_a_related_list_does_not_change_the_article",
    "related item carries a different publishedDateTime from the target file": STEPS
    + "test_a_stale_copy_in_a_related_list_does_not_change_the_article",
    "related item carries a different quality from the target file": STEPS
    + "test_a_stale_copy_in_a_related_list_does_not_change_the_article",
    "the same path exists in two sites with different related/topics/provider images (site must be part of the key)": IMPORTER
    + "test_importing_one_site_changes_nothing_of_another",
    "organization file has the .md suffix but only front matter; topic file is bare YAML without delimiters": "tests/frontmatter/"
    "test_parser.py::test_topic_files_are_bare_yaml",
    "relative provider/affiliation image URL (leading slash) in people, events, samples, organizations": IMPORTER
    + "test_organization_files_fill_providers",
    "file changes CRLF to LF in history": IMPORTER + "test_only_line_ends_changed_leaves_the_article_alone",
    "format-only version (CRLF to LF) with equal data": IMPORTER
    + "test_only_line_ends_changed_leaves_the_article_alone",
    'trademark sign dropped by the source, turned into "tm" by NFKD slugifiers': IMPORTER
    + "test_a_document_without_a_name_is_named_by_date_and_title",
    "slug truncated at a word boundary (no fixed limit; longest kept 154, cut ones 134-148)": "tests/text/test_addresses.py::"
    "test_a_long_title_is_cut_at_a_word",
    "published lead demoted to heat -1 member": STEPS
    + "test_a_lead_that_becomes_a_member_is_no_longer_on_the_front_page",
    "non-content files inside content folders (.keep, hidden) must be skipped": "tests/sync/test_files.py::"
    "test_hidden_files_and_what_systems_leave_behind_are_left_out",
    "a version lacks quality, heat and published": IMPORTER
    + "test_a_version_without_scores_is_published_and_has_no_heat",
    "removed: true": STEPS + "test_a_removed_article_is_hidden_keeps_its_link_and_leaves_the_story",
    "published cannot be recomputed as heat>=70 when removed is set": STEPS
    + "test_a_removed_article_is_hidden_keeps_its_link_and_leaves_the_story",
    "one-way related edge to/from a removed article": STEPS
    + "test_a_removed_article_is_hidden_keeps_its_link_and_leaves_the_story",
    "heat is INT32_MIN or close to it (overflow of a rating with no votes) in another content type": "tests/frontmatter/"
    "test_parser.py::test_a_value_means_what_its_keys_type_says",
}
NOT_NEWS = {
    "newsletter body is HTML wrapped in Liquid raw/endraw tags": "newsletters are not imported",
    "sample bodies hold Markdown/HTML after the front matter (news never has a body)": "samples are not imported",
    "heat is an ordinary negative other than -1 in another content type": "learning content is not imported",
    "removed: true with heat >= 70 must not be listed (learning files)": "learning content is not imported",
    "api page folders of two generations coexist (page1/ frozen, page/1/ live)": "the lists are computed, not files",
}


@pytest.mark.skipif(not TRAPS.exists(), reason="../shared/traps.jsonl is not there")
def test_every_trap_is_covered_once():
    traps = [json.loads(line)["trap"] for line in TRAPS.read_text().splitlines()]
    tables = [*VALUES, *VERSIONS, *SETS, *ELSEWHERE, *NOT_NEWS]

    assert sorted(tables) == sorted(traps)
    assert len(traps) == 116


@pytest.mark.parametrize("test", sorted(set(ELSEWHERE.values())))
def test_the_tests_named_elsewhere_exist(test):
    path, _, name = test.partition("::")

    names = {node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)}
    assert name in names
