"""What the tests of accounts share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.accounts.editors import editor, other  # noqa: F401 (fixtures)
from tests.sync.test_safety import database, databases  # noqa: F401 (fixtures)


@pytest.fixture
def clock(monkeypatch):
    """A function that moves the clock."""
    moved = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: moved[0])

    def move(**by):
        moved[0] += timedelta(**by)

    return move
