"""What the tests of the newsletter share: a mail server, an issue, and a database for other processes."""

from datetime import date

import pytest

from articles.newsletter import issues
from tests import post_office
from tests.factories import make_article
from tests.sync.test_safety import database, databases  # noqa: F401 (fixtures)


@pytest.fixture
def office(settings, monkeypatch):
    """A mail server that this site and its other processes send to."""
    with post_office.opened() as office:
        monkeypatch.setenv("NEWSROOM_EMAIL_URL", f"smtp://127.0.0.1:{office.port}")  # for other processes
        settings.NEWSROOM_SENDS_MAIL = True
        with post_office.mailer(host="127.0.0.1", port=office.port):
            yield office


@pytest.fixture
def issue(db):
    make_article("Ferry finds harbour — twice", excerpt="It had been there all along.")
    return issues.build(date(2026, 11, 2), "day")


@pytest.fixture
def open_newsletter(settings, mails_at_once):
    """A site where readers can sign up."""
    settings.NEWSROOM_SENDS_MAIL = True
