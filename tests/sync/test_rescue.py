"""One file that the database or our own code refuses costs itself, never its batch: all others are in."""

import logging

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from articles.frontmatter import scalars, schema
from articles.models import Article, ImportRun, Provider, Source, Story, Topic
from articles.provenance import originals, values
from articles.stories import grouping
from articles.sync import articles as sync_articles
from articles.sync import creating, rescue, taxonomy
from articles.sync.importer import import_files
from articles.sync.wanted_topics import WantedTopics
from tests.factories import make_file, make_story_files
from tests.sync.test_importer import organization_file, topic_file

pytestmark = pytest.mark.django_db
ERRORS = [
    OverflowError("Python int too large to convert to SQLite INTEGER"),
    DataError('invalid input syntax for type json: "TOP SECRET"'),
    IntegrityError("NOT NULL constraint failed\nDETAIL: Failing row contains (TOP SECRET)"),
    ValueError("TOP SECRET"),
    RecursionError("maximum recursion depth exceeded"),
    KeyError("TOP SECRET"),
    AssertionError(),
]


def unbounded(monkeypatch):
    """Let every number through, as if its bound had been forgotten."""
    monkeypatch.setattr(scalars.Number, "read", lambda self, text: int(text))


@pytest.mark.attack(2)
@pytest.mark.parametrize("figure", [2**63 - 1, 2**63, -(2**63) - 1, 10**30])
def test_a_number_that_no_bound_caught_costs_its_own_file(monkeypatch, figure):
    unbounded(monkeypatch)
    bad = make_file("b", heat=5, quality=5)
    bad.data = bad.data.replace(b"quality: 5\n", f"quality: {figure}\n".encode())
    bad.data = bad.data.replace(b"heat: 5\n", f"heat: {figure}\n".encode())

    report = import_files([make_file("a"), bad, make_file("c")])

    assert [rejection.path for rejection in report.rejected] == ["_news/b.md"]
    assert (report.files, report.created) == (3, 2)
    assert "expected " in report.rejected[0].message
    assert "found" in report.rejected[0].message
    assert set(Article.objects.values_list("stem", flat=True)) == {"a", "c"}


@pytest.mark.attack(2)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_file_that_fails_to_be_stored_costs_itself_and_is_logged_without_its_words(monkeypatch, caplog, error):
    def fails(self, reading):
        if reading.file.name == "b":
            raise error
        return stored(self, reading)

    stored = sync_articles.ArticleFiles._file_row
    monkeypatch.setattr(sync_articles.ArticleFiles, "_file_row", fails)
    names = [f"n{n}" for n in range(20)]

    with caplog.at_level(logging.ERROR, "newsroom.imports"):
        report = import_files([*make_story_files("a", "b", "c", "d"), *map(make_file, names)])

    (rejection,) = report.rejected
    assert (rejection.path, report.created, report.files) == ("_news/b.md", 23, 24)
    assert Article.objects.count() == 23
    assert Article.objects.get(stem="a").story_id == Article.objects.get(stem="d").story_id is not None
    (record,) = caplog.records
    assert "_news/b.md" in record.getMessage()
    assert "articles/sync" in record.getMessage()
    assert "TOP SECRET" not in f"{record.getMessage()}{rejection}{ImportRun.objects.get().rejected}"


def test_a_known_article_whose_new_file_fails_stays_as_it_was(monkeypatch):
    files = [make_file(name) for name in "abc"]
    import_files(files)
    monkeypatch.setattr(values, "upsert", lambda articles, seen=True: 1 // 0 if articles else None)

    report = import_files([make_file("a", title="New"), make_file("d"), *files[1:]])

    assert (report.created, report.updated, report.unchanged, len(report.rejected)) == (1, 0, 2, 1)
    assert Article.objects.get(stem="a").title == "Title of a"
    monkeypatch.undo()
    assert import_files([make_file("a", title="New")]).updated == 1


def test_what_a_batch_took_for_stored_is_stored_again(monkeypatch):
    first = True

    def fails_once(source, readings):
        nonlocal first
        first, was = False, first
        create(source, readings)
        if was:
            raise ValueError

    create = creating.create
    monkeypatch.setattr(sync_articles, "create", fails_once)

    report = import_files(make_story_files("a", "b", "c"))

    assert (report.created, report.rejected) == (3, [])
    assert len(originals.texts(article.file for article in Article.objects.all())) == 3


@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError("gone"), OSError(28, "full")])
def test_a_database_that_fails_stops_the_import_and_is_no_files_fault(monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(sync_articles, "create", fails)

    with pytest.raises(type(error)):
        import_files([make_file("a")])

    run = ImportRun.objects.get()
    assert (run.state, run.rejected) == ("failed", [])
    assert type(error).__name__ in run.problem


def test_a_row_that_is_too_large_for_postgresql_is_its_files_fault():
    error = OperationalError("index row size 3000 exceeds btree version 4 maximum 2704")
    error.__cause__ = type("ProgramLimitExceeded", (Exception,), {"sqlstate": "54000"})()

    assert rescue.is_a_files_fault(error)


def test_a_file_whose_reading_fails_costs_itself(monkeypatch):
    bad = make_file("b")
    monkeypatch.setattr(bad, "read", lambda: 1 // 0)

    report = import_files([make_file("a"), bad])

    assert (report.created, report.files, [r.path for r in report.rejected]) == (1, 2, ["_news/b.md"])
    assert "ZeroDivisionError in" in report.rejected[0].message


@pytest.mark.attack(2)
def test_a_topic_or_an_outlet_that_fails_costs_its_own_file(monkeypatch):
    write, outlets = WantedTopics.write, taxonomy.organizations.write

    def topics_fail(self, run):
        if "Tides" in {one.said["name"] for one in self.wanted}:
            raise DataError("integer out of range")
        return write(self, run)

    def outlet_fails(site, files, run):
        if "bad.example" in files:
            raise OverflowError
        return outlets(site, files, run)

    monkeypatch.setattr(WantedTopics, "write", topics_fail)
    monkeypatch.setattr(taxonomy.organizations, "write", outlet_fails)
    other = topic_file("03-fog", "_id: fog\nname: Fog\n")

    report = import_files(
        [topic_file(), other, organization_file("bad.example"), organization_file("good.example"), make_file("a")]
    )

    assert [r.path for r in report.rejected] == ["_data/topics/02-tides.yaml", "_data/organizations/bad.example.md"]
    assert report.created == 1
    assert Topic.objects.filter(slug="fog").exists()
    assert Provider.objects.get(domain="good.example").is_organization
    assert not Provider.objects.filter(domain="bad.example").exists()


def test_a_story_that_cannot_be_made_is_told_and_the_other_stories_are_made(monkeypatch):
    regroup = grouping.regroup

    def fails(source, ids, run=None):
        if Article.objects.filter(pk__in=ids, stem="a").exists():
            raise DataError("smallint out of range")
        return regroup(source, ids, run)

    monkeypatch.setattr(grouping, "regroup", fails)

    report = import_files([make_file("a"), *make_story_files("c", "d")])

    assert report.created == 3
    assert [(w.path, w.key) for w in report.warnings] == [("harbour/_news/a.md", "related")]
    assert Story.objects.count() == 1
    monkeypatch.undo()
    assert import_files([make_file("a")]).warnings == []
    assert Article.objects.get(stem="a").file.grouped_key == Article.objects.get(stem="a").file.story_key


def test_a_dry_run_tells_the_same_and_keeps_nothing(monkeypatch):
    unbounded(monkeypatch)
    bad = make_file("b", quality=2**70)

    report = import_files([make_file("a"), bad], dry_run=True)

    assert (report.created, [r.path for r in report.rejected]) == (1, ["_news/b.md"])
    assert not Article.objects.exists()


def test_figures_that_a_column_cannot_hold_are_not_taken_from_files():
    rows = [(f"h{n}", 10**12 - n, True) for n in range(5)] + [(f"l{n}", 10**12 - 100 - n, False) for n in range(5)]

    report = import_files(make_file(name, quality=heat, heat=heat, published=p) for name, heat, p in rows)

    assert (report.created, report.rejected) == (10, [])
    assert Source.objects.get().publish_threshold == 70


@pytest.mark.parametrize("field", ["quality", "heat"])
def test_the_bounds_of_files_are_those_of_the_models(field):
    bounds = {"quality": schema.QUALITY, "heat": schema.HEAT}[field]
    validators = Article._meta.get_field(field).validators

    assert {bounds.minimum, bounds.maximum} <= {validator.limit_value for validator in validators}
