"""What the tests of syndication share."""

import pytest
from django.contrib.auth.models import User

from tests.factories import make_topic


@pytest.fixture
def tides():
    return make_topic("Tides", slug="tides")


@pytest.fixture
def editor():
    return User.objects.create_user("editor")
