"""What all tests share."""

from importlib.util import find_spec

import pytest

# The browser suite has an extra of its own; `pytest -m browser` without it finds no test, which is a failure.
collect_ignore = [] if find_spec("playwright") else ["browser"]


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password slowly is for production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
