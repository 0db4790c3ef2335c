"""The program that uses a site without a break notices what it looks for."""

import os

import pytest

from tests.soak import Soak, grew, measure


def several(**numbers):
    return [{"memory": 200, "files": 50, "connections": 10} | numbers] * 3


@pytest.mark.parametrize(("what", "late"), [("memory", 300), ("files", 90), ("connections", 40)])
def test_what_grows_is_told(what, late):
    assert grew(several(), several(**{what: late})) == [
        f"{what} grew from {several()[0][what]} to {late}",
    ]


def test_small_changes_are_not_told():
    assert grew(several(), several(memory=230, files=55, connections=14)) == []


def test_a_step_that_fails_is_counted_and_the_next_one_follows():
    state = Soak(None)
    steps = iter([None, OSError("503"), None])

    def step():
        if isinstance(found := next(steps, StopIteration), Exception):
            state.ends.wait = lambda seconds: None
            raise found
        if found is StopIteration:
            state.ends.set()

    state.run("read", step)

    assert state.errors == ["read: OSError: 503"]
    assert state.done["read"] == 3


def test_open_files_of_a_process_are_counted(tmp_path):
    before = measure(os.getpid())["files"]
    with (tmp_path / "one").open("w"), (tmp_path / "two").open("w"):
        assert measure(os.getpid())["files"] > before
