"""Reading never writes: every public address answers from a database that takes no writes."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from articles.models import Boost, ReindexRequest
from articles.syndication import sitemaps
from tests.addresses import addresses, make_site, routes
from tests.factories import make_article


@pytest.fixture
def site(db, settings, tmp_path, monkeypatch):
    """A site on which much is due: boosts that are over, changes that are not indexed, renditions not made yet."""
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 10)  # so that the sitemap has parts
    settings.MEDIA_ROOT, settings.NEWSROOM_SENDS_MAIL = tmp_path, True
    made = make_site()
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert Boost.objects.due().exists()
    assert ReindexRequest.objects.exists()
    return made


@contextmanager
def read_only():
    """Let the database refuse to write, as a replica does."""
    sqlite = connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1" if sqlite else "SET LOCAL transaction_read_only = on")
        try:
            yield
        finally:
            if sqlite:
                cursor.execute("PRAGMA query_only = 0")
            transaction.set_rollback(True)


def test_every_public_address_answers_from_a_database_that_takes_no_writes(client, site):
    answers = {}
    for some in addresses(**site).values():
        for address in some:
            with read_only():
                answers[address] = client.get(address).status_code

    others = {address: status for address, status in answers.items() if status != 200}
    moved = f"/stories/{site['story'].pk}-old/"
    assert others == {moved: 301, "/display/": 405, "/newsletter/confirm/x/": 404}


def test_every_public_address_is_read(site):
    assert set(addresses(**site)) == set(routes())


def test_a_database_that_takes_no_writes_refuses_them(db):
    with pytest.raises(Exception, match="read"), read_only():
        make_article()
