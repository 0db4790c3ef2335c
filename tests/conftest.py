"""What all tests share."""

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hashing a password slowly is for production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
