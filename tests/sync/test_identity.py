"""No file of an import overwrites another: each name belongs to the first path that has it."""

import pytest

from articles.models import Article
from articles.sync.importer import import_files
from tests.factories import make_file

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_import_rejects_a_second_file_of_the_same_name(dry_run):
    report = import_files([make_file("a", title="One"), make_file("a", title="Two")], dry_run=dry_run)

    (told,) = report.rejected
    assert (report.files, report.created, told.key) == (2, 1, "file name")
    assert told.message == f"expected a name of its own, found one that {told.path} has already"
    assert [article.title for article in Article.objects.all()] == ([] if dry_run else ["One"])
