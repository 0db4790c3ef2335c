"""SQLite that is locked, full, gone, read-only or another file: what only reads goes on, what writes says so."""

import shutil
import sqlite3
import subprocess

import pytest

from tests.browser.server import served
from tests.faults.breaking import Visitor, away, full, is_ours, locked, needs_root, reads, sample_site, small_disk

pytestmark = [pytest.mark.slow, needs_root]


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    with small_disk(tmp_path_factory.mktemp("faults") / "disk") as folder:
        yield folder


@pytest.fixture(scope="module")
def site(disk):
    with sample_site(disk) as site:
        assert reads(site) == {}
        yield site


@pytest.fixture(scope="module")
def editor(site):
    editor = Visitor(site)
    assert editor.log_in().status == 302
    return editor


FAULTS = {
    "locked": lambda disk: locked(disk / "db.sqlite3"),
    "full": full,
    "gone": lambda disk: away(disk / "db.sqlite3"),
}


def count(disk, table):
    with sqlite3.connect(disk / "db.sqlite3") as database:
        return database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_site_reads_on_and_says_503_to_what_must_write(site, disk, editor, fault):
    reader, stranger = Visitor(site), Visitor(site)
    stranger.get("/admin/login/")
    before = count(disk, "django_session")
    with FAULTS[fault](disk):
        bad = reads(site)
        admin = [editor.get(path).status for path in ("/admin/", "/admin/articles/article/", "/admin/articles/boost/add/")]
        writing = {
            "log-in": stranger.post("/admin/login/", username="editor", password=site.password, next="/admin/"),
            "save": editor.post("/admin/articles/topic/add/", name="A new topic", slug="new"),
            "sign-up": reader.post("/newsletter/", email="new@example.org"),
            "unsubscribe": reader.post("/newsletter/unsubscribe/a-token/"),
            "session": Visitor(site, dict(editor.cookies)).post("/admin/logout/"),
        }
        display = reader.post("/display/", theme="dark", next="/")

    assert bad == {}
    assert admin == [200, 200, 200]
    assert {name: answer.status for name, answer in writing.items() if not is_ours(answer)} == {}
    assert (display.status, reader.cookies["theme"]) == (302, "dark")
    assert reads(site) == {}
    assert (count(disk, "django_session"), count(disk, "articles_subscriber"), site.office.taken) == (before, 1, [])
    assert stranger.log_in().status == 302
    assert editor.get("/admin/").status == 200
