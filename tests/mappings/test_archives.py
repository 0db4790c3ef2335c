"""Whole archives of other programs: in by the ready mappings, edited in the admin, and out again."""

import difflib
import io
import json

import pytest
from django.core.management import call_command

from articles.models import Article, Source
from tests.admin.forms import change
from tests.mappings.fiction import ARCHIVES, COUNTS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(params=ARCHIVES)
def kind(request):
    return request.param


@pytest.fixture
def folder(kind, tmp_path):
    """Return a folder named `blog` with one of the archives."""
    for name, data in ARCHIVES[kind]().items():
        path = tmp_path / "blog" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "blog"


def load(folder, kind, *options):
    """Import a folder by a ready mapping. Return the report and what was printed."""
    out, err, report = io.StringIO(), io.StringIO(), folder.parent / "report.json"
    call_command(
        "import_articles", str(folder), "--map", kind, "--report", str(report), *options, stdout=out, stderr=err
    )
    return json.loads(report.read_text()), out.getvalue(), err.getvalue()


def export(folder):
    err = io.StringIO()
    call_command("export_articles", str(folder), "--source", "blog", stdout=io.StringIO(), stderr=err)
    return err.getvalue()


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed_lines(before, after):
    """Return the lines that two files do not share, as pairs of a sign and a text."""
    lines = difflib.ndiff(before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True))
    return [(line[0], line[2:]) for line in lines if line[0] in "+-"]


def test_a_ready_mapping_takes_every_post_and_leaves_all_else(folder, kind):
    report, _, err = load(folder, kind)

    assert (report["created"], report["rejected"], err) == (COUNTS[kind], [], "")
    assert Source.objects.get().name == "blog"
    assert Article.objects.exclude(title="").exclude(provider__domain="").count() == COUNTS[kind]


def test_an_archive_without_edits_comes_out_to_the_byte(folder, kind, tmp_path):
    load(folder, kind)
    before = contents(folder)

    export(folder)
    export(tmp_path / "elsewhere")

    assert contents(folder) == before
    written = contents(tmp_path / "elsewhere")
    assert written == {name: before[name] for name in written}
    assert len(written) == (1 if kind == "csv" else COUNTS[kind])


def test_a_second_import_changes_nothing(folder, kind):
    load(folder, kind)

    report, _, _ = load(folder, kind)

    assert (report["unchanged"], report["files"]) == (COUNTS[kind], COUNTS[kind])


EDITS = {
    "title": 'An editor\'s "new" title: better',
    "excerpt": "Words of an editor, in one line.",
    "published_at_0": "2020-02-03",
    "published_at_1": "04:05:00",
}


def edited_articles():
    return [article for n, article in enumerate(Article.objects.order_by("published_at")) if n % 5 == 2][:12]


def test_an_export_changes_only_the_lines_of_what_an_editor_changed(folder, kind, admin_client):
    load(folder, kind)
    before = contents(folder)
    articles = edited_articles()
    for article in articles:
        change(admin_client, article, **EDITS)

    assert export(folder) == ""

    after = contents(folder)
    lines = [
        line for name in before if before[name] != after[name] for line in changed_lines(before[name], after[name])
    ]
    added = [text for sign, text in lines if sign == "+"]
    most = len(articles) if kind == "csv" else 3 * len(articles)
    assert after.keys() == before.keys()
    assert len(articles) <= len(added) <= most
    assert sum("better" in text for text in added) == len(articles)
    assert sum("Words of an editor, in one line." in text for text in added) == len(articles)
    if kind != "csv":
        keys = (
            "title",
            "date",
            "publishdate",
            "excerpt",
            "summary",
            "description",
            "    and another",
            "  folded",
            "  words",
        )
        assert all(text.lower().lstrip("\ufeff").startswith(keys) for _, text in lines)


def test_an_import_of_an_edited_export_changes_no_article(folder, kind, admin_client):
    load(folder, kind)
    for article in edited_articles():
        change(admin_client, article, **EDITS)
    export(folder)
    before = list(Article.objects.order_by("pk").values())

    report, _, _ = load(folder, kind)
    again, _, _ = load(folder, kind)

    assert (report["created"], report["rejected"], report["conflicts"]) == (0, [], 0)
    assert again["unchanged"] == COUNTS[kind]
    assert list(Article.objects.order_by("pk").values()) == before


def test_a_dry_run_shows_what_comes_of_the_first_files(folder, kind):
    _, out, _ = load(folder, kind, "--dry-run")

    first = next(line for line in out.splitlines() if line.startswith("  title"))
    assert first.lower().endswith("<- title")
    assert out.count("  stem ") == 5
    assert out.endswith("s\n")
    assert not Article.objects.exists()


def test_edits_of_topics_links_and_publication_come_back_as_they_were(folder, kind, admin_client):
    load(folder, kind)
    published = {} if kind == "csv" else {"published": None}  # the table has no column for it
    for n, article in enumerate(edited_articles()):
        link = {"web_url": f"{article.web_url}&more"} if article.web_url else {}
        change(admin_client, article, topics=("Sea life, trams", "", "weather")[n % 3], **link, **published)
    before = list(Article.objects.order_by("pk").values())
    topics = {article.pk: sorted(article.topics.names()) for article in Article.objects.all()}

    assert export(folder) == ""
    report, _, _ = load(folder, kind)
    again, _, _ = load(folder, kind)

    assert (report["created"], report["rejected"], report["conflicts"]) == (0, [], 0)
    assert (again["unchanged"], Article.objects.count()) == (COUNTS[kind], COUNTS[kind])
    assert list(Article.objects.order_by("pk").values()) == before
    assert {article.pk: sorted(article.topics.names()) for article in Article.objects.all()} == topics
