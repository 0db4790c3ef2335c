"""What the tests of pictures share: a storage in memory, a server of pictures, and the command that fetches them."""

import errno
import os
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from articles.net.fetching import Limits
from articles.pictures import copies, renditions
from tests.picture_server import good, serving


@pytest.fixture(autouse=True)
def storage_in_memory(settings):
    """Everything works with a storage that has no folders on a disk."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }


@pytest.fixture
def server(monkeypatch):
    with serving({"a.jpg": good()}) as server:
        monkeypatch.setattr(copies, "LIMITS", Limits(seconds=1, allowed=server.allowed))
        yield server


@pytest.fixture
def cached(capsys):
    """Run cache_images. Return its exit code, and what it printed on standard output and standard error."""

    def run(*arguments):
        code = 0
        try:
            call_command("cache_images", *arguments)
        except SystemExit as error:
            code = error.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def full_storage(monkeypatch):
    """Make the storage of renditions refuse to store anything more."""

    def fill():
        def save(name, content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        methods = {name: getattr(default_storage, name) for name in ("exists", "open", "delete")}
        monkeypatch.setattr(renditions, "default_storage", SimpleNamespace(save=save, **methods))

    return fill
