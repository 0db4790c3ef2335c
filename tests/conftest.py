"""What all tests share."""

from importlib.util import find_spec

import pytest
from django.db import transaction

# The browser suite has an extra of its own; `pytest -m browser` without it finds no test, which is a failure.
collect_ignore = [] if find_spec("playwright") else ["browser"]


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password slowly is for production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """A transaction around a whole module, for rows that cost too much to store for each test.

    A fixture of the same scope stores them. Each test sees them and rolls back what it does itself, to a savepoint.
    All tests of the module see them from then on: keep those that count rows in another module.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
