"""Fixtures for tests of pages."""

import pytest

from tests.factories import make_provider


@pytest.fixture
def ours():
    return make_provider("ours.example", name="Ours")


@pytest.fixture
def theirs():
    return make_provider("theirs.example", name="Theirs")
