"""Which articles are new: those that an import brought for the first time, until somebody looks at them."""

import pytest
from django.utils import timezone

from articles.models import Action, Article, Mark
from articles.stories import deciding
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_story_files

pytestmark = pytest.mark.django_db


def marks():
    return dict(Mark.objects.values_list("article__stem", "state"))


def test_what_an_import_brings_is_new_and_what_was_here_or_was_written_here_is_not():
    make_article("Before the upgrade, or our own", stem="before")
    import_files([make_file("a"), make_file("b", published=True), *make_story_files("c", "d")])

    assert marks() == dict.fromkeys("abcd", "new")


def test_an_import_never_changes_a_mark(editor):
    import_files([make_file("a"), make_file("b"), make_file("c")])
    for stem, state in (("a", "seen"), ("b", "later"), ("c", "decided")):
        Mark.objects.filter(article__stem=stem).update(state=state, user=editor, at=timezone.now())
    import_files([make_file(name, title="Another", quality=90, published=True) for name in "abc"])

    assert marks() == {"a": "seen", "b": "later", "c": "decided"}


def test_a_dry_run_leaves_no_mark():
    import_files([make_file("a")], dry_run=True)

    assert marks() == {}


def test_deciding_about_many_at_once_marks_those_that_it_changes(editor):
    import_files([make_file("a"), make_file("b", published=True), make_file("c")])
    for kind, decided in ((Action.Kind.UNPUBLISH, {"b"}), (Action.Kind.REMOVE, {"a", "b", "c"})):
        deciding.go_on(deciding.plan(kind, Article.objects.all(), editor))

        assert {stem for stem, state in marks().items() if state == "decided"} == decided
