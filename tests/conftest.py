"""What all tests share."""

from importlib.util import find_spec
from itertools import count

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings

from articles.db import serving
from newsroom import outbox

# The browser suite has an extra of its own; `pytest -m browser` without it finds no test, which is a failure.
collect_ignore = [] if find_spec("playwright") else ["browser"]

# Property tests try the same examples in every run: a few, or many with `--hypothesis-profile=full`.
settings.register_profile(
    "full",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=25)
settings.load_profile("quick")


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=5, help="How often a restore is killed.")
    parser.addoption("--rounds", type=int, default=40, help="How often two people save the same thing, in each test.")


MEDIA_FOLDERS = count()
DATABASE_FIXTURES = {"db", "transactional_db"}  # what pytest-django's other fixtures of rows ask for


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark the tests that use the database, before `-m` chooses; leave out those of another database."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(item.fixturenames):
            item.add_marker("database")
    if connection.vendor != "postgresql":
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("postgresql")])
        items[:] = [item for item in items if not item.get_closest_marker("postgresql")]


def pytest_xdist_auto_num_workers(config):
    """Run the browser suite in one process: a second browser makes it slower on two cores."""
    return 0 if config.option.markexpr == "browser" else None


@pytest.fixture(autouse=True)
def quick_settings(settings):
    """Skip slow work that changes no result: strong password hashes, and listing all static files for each client."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def no_server(monkeypatch):
    """Begin as a process that answers no requests: a test client makes it one until the test ends."""
    monkeypatch.setattr(serving, "requests", False)


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path_factory):
    """Give each test a media folder of its own, which is made when something is stored: not that of a site here."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / f"media-{next(MEDIA_FOLDERS)}"


@pytest.fixture
def mails_at_once(monkeypatch):
    """Send what somebody asks for on a page before its answer, not in a thread after it."""
    monkeypatch.setattr(outbox.sender, "start", lambda: None)
    noted = outbox.ask
    monkeypatch.setattr(outbox, "ask", lambda *request: (noted(*request), outbox.send_due()))


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """A transaction around a whole module, for rows that cost too much to store for each test.

    A fixture of the same scope stores them. Each test sees them and rolls back what it does itself, to a savepoint.
    All tests of the module see them from then on: keep those that count rows in another module.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
