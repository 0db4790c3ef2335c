"""SQLite that is locked, full, gone, read-only or another file: what only reads goes on, what writes says so."""

import shutil
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest

from tests.browser.server import Site, free_port, served
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


@contextmanager
def no_room(disk):
    """A full disk, and no room left in the files of the database."""
    with sqlite3.connect(disk / "db.sqlite3") as database:
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    with full(disk):
        yield


FAULTS = {
    "locked": lambda disk: locked(disk / "db.sqlite3"),
    "full": no_room,
    "gone": lambda disk: away(disk / "db.sqlite3"),
}


def count(disk, table):
    with sqlite3.connect(disk / "db.sqlite3") as database:
        return database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608 (names only)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_site_reads_on_and_says_503_to_what_must_write(site, disk, editor, fault):
    reader, stranger = Visitor(site), Visitor(site)
    stranger.get("/admin/login/")
    tables = ("django_session", "articles_subscriber", "articles_pin")
    before = [count(disk, table) for table in tables]
    with FAULTS[fault](disk):
        bad = reads(site)
        admin = [
            editor.get(path).status for path in ("/admin/", "/admin/articles/article/", "/admin/articles/boost/add/")
        ]
        writing = {
            "log-in": stranger.post("/admin/login/", username="editor", password=site.password, next="/admin/"),
            "save": editor.post("/admin/articles/pin/add/", article=1, position=1, reason="x"),
            "sign-up": reader.post("/newsletter/", email="new@example.org"),
            "unsubscribe": reader.post("/newsletter/unsubscribe/a-token/"),
            "session": Visitor(site, dict(editor.cookies)).post("/admin/logout/"),
        }
        display = reader.post("/display/", theme="dark", next="/")

    assert bad == {}
    assert admin == [200, 200, 200]
    assert {name: (answer.status, answer.seconds) for name, answer in writing.items() if not is_ours(answer)} == {}
    assert (display.status, reader.cookies["theme"]) == (302, "dark")
    assert reads(site) == {}
    assert ([count(disk, table) for table in tables], site.office.taken) == (before, [])
    assert stranger.log_in().status == 302
    assert editor.get("/admin/").status == 200


def test_a_restored_file_is_served_at_once(site, disk):
    file, restored = disk / "db.sqlite3", disk / "restored.sqlite3"
    with sqlite3.connect(file) as now, sqlite3.connect(restored) as other:
        now.backup(other)
        other.execute("UPDATE articles_article SET title = 'As it was restored'")
    other.close()
    now.close()
    reader = Visitor(site)
    assert "As it was restored" not in reader.get("/").text

    with sqlite3.connect(file) as now:
        assert now.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    with away(file):
        for beside in ("-wal", "-shm"):
            (disk / f"{file.name}{beside}").unlink()
        shutil.copy(restored, file)
        during = [reader.get("/") for _ in range(6)]
        file.unlink()

    assert [(answer.status, "As it was restored" in answer.text) for answer in during] == [(200, True)] * 6
    after = [reader.get("/") for _ in range(6)]
    assert [(answer.status, "As it was restored" in answer.text) for answer in after] == [(200, False)] * 6


def test_a_server_that_starts_without_a_database_makes_none_and_finds_it_when_it_comes(site, disk, tmp_path):
    other = Site(f"http://127.0.0.1:{free_port()}", dict(site.environment))
    file = tmp_path / "db.sqlite3"
    other.environment |= {"DATABASE_URL": f"sqlite:///{file}", "NEWSROOM_BASE_URL": other.url}
    with served(other):
        assert is_ours(Visitor(other).get("/"))
        assert not file.exists()
        with sqlite3.connect(disk / "db.sqlite3") as source, sqlite3.connect(file) as copy:
            source.backup(copy)
        copy.close()
        assert Visitor(other).get("/").status == 200


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_server_that_starts_on_a_disk_that_takes_nothing_reads(site, disk, tmp_path, fault):
    with small_disk(tmp_path / "other") as folder, sqlite3.connect(disk / "db.sqlite3") as source:
        with sqlite3.connect(folder / "db.sqlite3") as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = wal")
        copy.close()
        other = Site(f"http://127.0.0.1:{free_port()}", dict(site.environment), site.password)
        other.environment |= {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "NEWSROOM_BASE_URL": other.url}
        with read_only(folder) if fault == "read-only" else full(folder), served(other):
            assert reads(other) == {}
            assert is_ours(Visitor(other).log_in())
        with served(other):
            assert Visitor(other).log_in().status == 302


@contextmanager
def read_only(folder):
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
