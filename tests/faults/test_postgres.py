"""PostgreSQL that is stopped, kills connections, takes nothing, or has a table locked."""

import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import with_postgres
from tests.faults.breaking import Visitor, is_ours, needs_root, reads, sample_site

psycopg = pytest.importorskip("psycopg")
pytestmark = [
    pytest.mark.slow,
    needs_root,
    pytest.mark.skipif(with_postgres.system_binaries() is None, reason="It needs Debian's postgresql."),
]
API = "/api/news/"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with (
        tempfile.TemporaryDirectory(prefix="newsroom-postgres-") as name,  # the server runs as another account
        with_postgres.system_server(with_postgres.system_binaries(), Path(name)) as url,
        sample_site(tmp_path_factory.mktemp("site"), url) as site,
    ):
        site.folder, site.database = Path(name), url
        assert reads(site) == {}
        yield site


def execute(site, *statements):
    with psycopg.connect(site.database, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def pg_ctl(site, *arguments):
    program = with_postgres.system_binaries() / "pg_ctl"
    command = ["runuser", "-u", "postgres", "--", program, "-D", site.folder / "data", "-w", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=site.folder)


@contextmanager
def stopped(site):
    pg_ctl(site, "-m", "immediate", "stop")
    try:
        yield
    finally:
        options = f"-p {urlsplit(site.database).port} -k {site.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        pg_ctl(site, "-l", str(site.folder / "log"), "-o", options, "start")


@contextmanager
def read_only(site):
    """What a server says after a switch to its replica. Connections that are open keep what they had."""
    set_to = "ALTER DATABASE postgres SET default_transaction_read_only = {}"
    execute(site, set_to.format("on"), KILL)
    try:
        yield
    finally:
        execute(site, "SET default_transaction_read_only = off", set_to.format("off"), KILL)


@contextmanager
def locked(site, tables):
    with psycopg.connect(site.database) as other:
        other.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'newsroom'"


def test_a_site_says_503_while_its_server_is_stopped_and_goes_on_after(site):
    reader = Visitor(site)
    with stopped(site):
        pages = [reader.get(path) for path in ("/", "/search/?q=ferry", "/feeds/rss.xml", "/newsletter/confirm/x/")]
        api = reader.get(API)
        display = reader.post("/display/", theme="dark", next="/")
        signed_up = reader.post("/newsletter/", email="new@example.org")

    assert [page.status for page in pages if not is_ours(page)] == []
    assert (api.status, api.headers["Content-Type"], '"error"' in api.text) == (503, "application/json", True)
    assert (display.status, is_ours(signed_up), site.office.taken) == (302, True, [])
    assert reads(site) == {}


def test_a_site_goes_on_after_its_connections_were_killed(site):
    reader = Visitor(site)
    for _ in range(3):
        execute(site, KILL)
        assert [reader.get("/").status for _ in range(4)] == [200] * 4


def test_a_site_reads_on_while_its_server_takes_nothing(site):
    editor, stranger = Visitor(site), Visitor(site)
    assert editor.log_in().status == 302
    stranger.get("/admin/login/")
    with read_only(site):
        bad = reads(site)
        writing = {
            "log-in": stranger.post("/admin/login/", username="editor", password=site.password, next="/admin/"),
            "save": editor.post("/admin/articles/pin/add/", article=1, position=1, reason="x"),
            "unsubscribe": stranger.post("/newsletter/unsubscribe/a-token/"),
        }

    assert bad == {}
    assert {name: (answer.status, answer.seconds) for name, answer in writing.items() if not is_ours(answer)} == {}
    assert stranger.log_in().status == 302


def test_a_locked_table_holds_no_page_for_long(site):
    reader, editor = Visitor(site), Visitor(site)
    assert editor.log_in().status == 302
    with locked(site, "articles_article"):
        assert is_ours(reader.get("/"))
        assert reader.get(API).status == 503
        assert reader.get("/newsletter/").status in (200, 503)
    with locked(site, "django_session"):
        assert is_ours(editor.get("/admin/"))
        assert reader.get("/").status == 200
    with locked(site, "articles_pin, articles_subscriber"):
        assert is_ours(editor.post("/admin/articles/pin/add/", article=1, position=1, reason="x"))
        assert is_ours(reader.post("/newsletter/unsubscribe/a-token/"))

    assert reads(site) == {}
    assert editor.get("/admin/").status == 200
