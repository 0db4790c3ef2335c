"""Tags of articles: from files to rows, merged with an editor's, and back to files."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import Article, ArticleTag, Change, Conflict, Source
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_file

pytestmark = pytest.mark.django_db

MANY = ["GB", "UK", "US-MT", "France", "no", "42", "é", "潮汐", "a b", "US", "US"]


def tags():
    return list(ArticleTag.objects.values_list("name", flat=True))


def exported():
    return {stem: data.decode() for stem, data in exporter.files(Source.objects.get())}


@pytest.mark.parametrize("names", [["US"], ["France", "FR"], MANY, ["x" * 100], [" US "], ['"', "- a: b #"]])
def test_tags_are_stored_in_order_and_written_back(names):
    file = make_file("a", tags=names)

    import_files([file])

    assert tags() == names
    assert exported() == {"a": file.data.decode()}


@pytest.mark.parametrize("after", [["US"], ["FR", "US"], [], ["US", "GB", "FR"], ["DE"]])
def test_an_import_replaces_the_tags_of_an_untouched_article(after):
    import_files([make_file("a", tags=["US", "FR"])])

    report = import_files([make_file("a", tags=after)])

    assert (report.updated, tags()) == (1, after)
    assert Change.objects.get().deltas == {"tags": ["US, FR", ", ".join(after)]}


def test_tags_of_an_editor_and_an_import_are_both_kept():
    import_files([make_file("a", tags=["US"])])
    Article.objects.get().tags.create(name="NYC", position=1)

    import_files([make_file("a", tags=["US", "CA"])])

    assert sorted(tags()) == ["CA", "NYC", "US"]
    assert not Conflict.objects.exists()


def test_an_editors_tag_changes_only_the_lines_of_tags_in_the_file():
    file = make_file("a", tags=["US"])
    import_files([file])

    Article.objects.get().tags.create(name="FR", position=1)

    assert exported() == {"a": file.data.decode().replace("tags:\n  - US\n", "tags:\n  - US\n  - FR\n")}


def test_files_without_tags_cost_the_import_no_statement_for_tags():
    with CaptureQueriesContext(connection) as queries:
        import_files([make_file("a"), make_file("b")])

    assert not [query for query in queries if "articletag" in query["sql"]]
