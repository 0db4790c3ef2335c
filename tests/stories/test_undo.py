"""Whatever people do at the desk is recorded, and undone exactly as long as nothing was built on it."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stories.desk import ACTS, Desk, tables, undo_all

pytestmark = pytest.mark.django_db


def check_sequences(number, length):
    @given(st.integers(0, 10**9), st.lists(st.sampled_from(ACTS), min_size=2, max_size=length))
    @settings(max_examples=number)
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
