"""The JSON lists over HTTP, from a server as in production, against those the source itself published."""

import json
import urllib.request

import pytest

from tests.paths import needs_corpus
from tests.test_corpus import LISTS, published_lists, same

pytestmark = [pytest.mark.browser, needs_corpus]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_the_source_published_is_served(site, name):
    lists = published_lists(name)
    different = []

    for path, theirs in lists.items():
        with urllib.request.urlopen(f"{site.url}/{name}/{path}") as response:
            if not same(theirs, json.load(response)):
                different.append(path)

    assert different == []
    assert len(lists) == LISTS[name]
