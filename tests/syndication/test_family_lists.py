"""Lists that sites of the family published are reproduced value by value. Run by `pytest -m slow`."""

import json
import tarfile
from datetime import datetime
from functools import cache

import pytest
from django.core.management import call_command

from articles.sync.files import find
from articles.sync.importer import import_files
from tests.paths import CORPUS, needs_corpus

ARCHIVES = {site: CORPUS / f"{site}-2020-05-11.tar.xz" for site in ("gcp", "coronavirus")}
LISTS = {"gcp": 36, "coronavirus": 83}

pytestmark = [pytest.mark.slow, pytest.mark.django_db, needs_corpus]


@cache
def published_lists(site):
    """Return the lists in an archive by their folder. Other files there are pages of HTML, and single places."""
    with tarfile.open(ARCHIVES[site]) as archive:
        files = [member for member in archive if member.isfile() and "/api/news/" in member.name]
        read = {member.name.partition("/")[2]: json.load(archive.extractfile(member)) for member in files}
    return {name.removesuffix("index.json"): found for name, found in read.items() if "value" in found}


@pytest.fixture(scope="module", params=ARCHIVES)
def site(request, django_db_setup, django_db_blocker):
    """Return a site's name; its archive is imported once for all tests."""
    with django_db_blocker.unblock():
        import_files(find(str(ARCHIVES[request.param])), request.param)
        yield request.param
        call_command("flush", interactive=False, verbosity=0)


def in_utc(page):
    """Return a page whose times are moments: the source printed them in its own time."""
    return page | {"value": [item | {"publishedDateTime": moment(item["publishedDateTime"])} for item in page["value"]]}


def moment(text):
    return datetime.fromisoformat(text).timestamp()


def keys(page):
    return [list(item) for item in page["value"]]


def test_every_list_of_the_site_is_reproduced_with_its_keys_in_order(site, client):
    lists, different = published_lists(site), []

    for folder, theirs in lists.items():
        ours = client.get(f"/{site}/{folder}index.json").json()
        if (in_utc(ours), keys(ours)) != (in_utc(theirs), keys(theirs)):
            different.append(folder)

    assert len(lists) == LISTS[site]
    assert different == []


def test_a_reader_of_whole_lists_finds_what_the_site_listed(site, client):
    for first in (folder for folder in published_lists(site) if folder.endswith("/page1/")):
        ours, theirs, page = [], [], 1
        while page and (listed := published_lists(site).get(first.replace("page1/", f"page{page}/"))):
            theirs += [item["path"] for item in listed["value"]]
            found = client.get(f"/{site}/{first.removesuffix('page1/')}page/{page}", follow=True).json()
            ours += [item["path"] for item in found["value"]]
            page = found["nextPage"]
        assert ours == theirs, first
