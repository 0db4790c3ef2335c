"""Whatever people do at the desk is recorded, and undone exactly as long as nothing was built on it."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from articles.models import Article
from articles.stories import deciding, editing, undo
from articles.stories.restoring import UndoError
from articles.sync.importer import import_files
from tests.factories import make_article, make_story, make_story_files
from tests.stories.desk import ACTS, Desk, tables, undo_all

pytestmark = pytest.mark.django_db


def check_sequences(number, length):
    @given(st.integers(0, 10**9), st.lists(st.sampled_from(ACTS), min_size=2, max_size=length))
    @settings(max_examples=number, phases=[Phase.generate])  # to shrink a failure takes minutes
    def check(seed, acts):
        with transaction.atomic():
            desk, done = Desk(seed), []
            for what in acts:
                before = tables()
                action = desk.act(what)
                if action:
                    done.append((action, before))
                else:
                    assert tables() == before, what
            undo_all(done, User.objects.first())
            transaction.set_rollback(True)

    check()


@pytest.mark.slow
def test_what_three_people_did_is_undone_in_reverse_order_to_the_last_cell():
    check_sequences(60, 12)


def test_an_undo_keeps_what_a_file_said_since():
    import_files(make_story_files("a", "b", published=True))
    article, user = Article.objects.get(stem="a"), User.objects.create_user("ed")
    done = deciding.go_on(deciding.plan("unpublish", Article.objects.filter(pk=article.pk), user))
    merged = editing.merge(make_story(make_article()), [article.story], user)

    import_files(make_story_files("a", "b", "c", published=True, title="The file's", quality=77))
    undo.undo(merged, user)
    undo.undo(done, user)

    article.refresh_from_db()
    assert (article.published, article.title, article.quality) == (True, "The file's", 77)
    assert set(Article.objects.filter(stem__in="abc").values_list("story", flat=True)) == {article.story_id}


def test_an_undo_names_the_last_action_that_built_on_it_and_works_after_that_is_undone():
    article, user = make_article(published=False), User.objects.create_user("ed")
    chosen = Article.objects.filter(pk=article.pk)
    one, two, three = (deciding.go_on(deciding.plan(kind, chosen, user)) for kind in ("publish", "unpublish", "remove"))

    with pytest.raises(UndoError, match=r"ed changed the same later, on .*: “Unpublished .*”. Undo that first.") as no:
        undo.undo(one, user)
    assert no.value.in_the_way == two

    again = undo.undo(undo.undo(two, user), user)  # which does it again
    with pytest.raises(UndoError) as no:
        undo.undo(one, user)
    assert no.value.in_the_way == again

    undo.undo(again, user)
    undo.undo(one, user)  # `removed` is another cell
    undo.undo(three, user)
    article.refresh_from_db()
    assert (article.published, article.removed) == (False, False)


def test_each_thing_that_people_do_is_recorded_and_undone():
    desk, done = Desk(1), []
    for what in ACTS:
        before = tables()
        if action := desk.act(what):
            done.append((action, before))
        else:
            assert tables() == before, what

    assert len(done) > len(ACTS) / 2
    undo_all(done, User.objects.first())
