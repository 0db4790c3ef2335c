"""Each thing around a site is broken in turn: no page fails but those that say so, and nothing is lost."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser.server import Site, free_port, served
from tests.faults.breaking import Visitor, away, full, needs_root, reads, sample_site, small_disk
from tests.newsroom.test_caching import server as redis_server
from tests.paths import ROOT

pytestmark = [pytest.mark.slow, needs_root]
CLOCK = Path(__file__).with_name("clock")


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    with small_disk(tmp_path_factory.mktemp("faults") / "media") as folder:
        yield folder


@pytest.fixture(scope="module")
def site(tmp_path_factory, media):
    port, hub = free_port(), HTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=hub.serve_forever, daemon=True).start()
    variables = {
        "CACHE_URL": f"redis://127.0.0.1:{port}/0",
        "NEWSROOM_MEDIA_ROOT": str(media),
        "NEWSROOM_WEBSUB_HUB": f"http://127.0.0.1:{hub.server_port}/",
    }
    with redis_server(port) as redis, sample_site(tmp_path_factory.mktemp("site"), pictures=True, **variables) as site:
        site.redis, site.hub, site.static = redis, hub, Path(site.environment["NEWSROOM_STATIC_ROOT"])
        yield site
    hub.shutdown()


class Hub(BaseHTTPRequestHandler):
    status = 202

    def do_POST(self):
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@contextmanager
def frozen(process):
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextmanager
def read_only(disk):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def absent(disk):
    """A volume that is not mounted: its folder is there, and empty."""
    with small_disk(disk):
        yield


@contextmanager
def unreadable(file):
    kept = file.read_bytes()
    file.write_bytes(b"{")
    try:
        yield
    finally:
        file.write_bytes(kept)


@contextmanager
def mail(site, **how):
    """A mail server that does not do what it should."""
    before = {name: getattr(site.office, name) for name in how}
    site.office.__dict__.update(how)
    try:
        yield
    finally:
        site.office.__dict__.update(before)


COPIES = "SELECT id, file FROM articles_articleimage WHERE file > '' ORDER BY id"
FAULTS = {
    "volume absent": lambda site, media: absent(media),
    "volume full": lambda site, media: full(media),
    "volume read-only": lambda site, media: read_only(media),
    "pictures gone": lambda site, media: away(media / "pictures"),
    "Redis frozen": lambda site, media: frozen(site.redis),
    "mail server slow": lambda site, media: mail(site, delay=30),
    "mail server refuses": lambda site, media: mail(site, room=0),
    "mail server hangs up": lambda site, media: mail(site, room=0, does=""),
    "static file gone": lambda site, media: away(site.static / "site.css"),
    "list of static files gone": lambda site, media: away(site.static / "staticfiles.json"),
}


def pictures_of(reader):
    return re.findall(r'/pictures/[^" ,]+', reader.get("/").text.replace("&amp;", "&"))[:6]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_page_fails_when_something_around_the_site_does(site, media, fault):
    reader, editor = Visitor(site), Visitor(site)
    before = {path: path.read_bytes() for path in media.rglob("*") if path.is_file()}
    pictures = pictures_of(reader)
    assert len(pictures) == 6
    with FAULTS[fault](site, media):
        bad = reads(site)
        answered = {path: reader.get(path).status for path in pictures}
        signed_up = reader.post("/newsletter/", email=f"{fault.replace(' ', '.').lower()}@example.org")
        logged_in = editor.log_in()

    assert bad == {}
    assert set(answered.values()) == {200}
    assert (signed_up.status, signed_up.seconds < 5, logged_in.status) == (200, True, 302)
    assert {path: path.read_bytes() for path in before} == before
    assert reads(site) == {}


def test_no_page_fails_after_redis_was_killed(site):
    site.redis.kill()

    assert reads(site) == {}
    assert Visitor(site).post("/newsletter/", email="redis@example.org").status == 200


def run(site, *arguments, **variables):
    command = [sys.executable, "manage.py", *arguments]
    environment = site.environment | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)


def test_cache_images_forgets_no_copy_while_the_volume_is_absent(site, media):
    with sqlite3.connect(site.environment["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        before = database.execute(COPIES).fetchall()
        with absent(media):
            done = run(site, "cache_images")
            assert (done.returncode, list(media.iterdir())) == (1, [])
        after = database.execute(COPIES).fetchall()

    assert "is its volume mounted?" in done.stderr
    assert before == after


def test_a_hub_that_redirects_or_is_gone_is_told_later(site, monkeypatch):
    monkeypatch.setattr(Hub, "status", 302)
    assert run(site, "ping_hub").returncode == 2
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert "longer than 10 seconds" in run(site, "ping_hub", NEWSROOM_WEBSUB_HUB=address).stderr
    monkeypatch.undo()
    assert run(site, "ping_hub").returncode == 0
    assert reads(site) == {}


@pytest.mark.parametrize("broken", [away, unreadable])
def test_a_server_that_starts_without_its_list_of_static_files_shows_pages(site, broken):
    other = Site(f"http://127.0.0.1:{free_port()}", site.environment | {"NEWSROOM_BASE_URL": site.url})
    with broken(site.static / "staticfiles.json"), served(other):
        assert reads(other) == {}
        assert 'href="/static/site.css"' in Visitor(other).get("/").text


@pytest.mark.parametrize("offset", ["60", "-60"])
def test_a_clock_that_is_wrong_fails_no_page_and_loses_nothing(site, offset):
    clock = {"PYTHONPATH": f"{CLOCK}:{ROOT}", "CLOCK_OFFSET": offset}
    other = Site(f"http://127.0.0.1:{free_port()}", site.environment | clock, site.password)
    editor = Visitor(site)
    assert editor.log_in().status == 302
    with served(other):
        paths = {"/": 200, "/feeds/rss.xml": 200, "/api/news/": 200, "/search/?q=ferry": 200, "/archive/": 200}
        assert {path: Visitor(other).get(path).status for path in paths} == paths
        assert Visitor(other).log_in().status == 302
        away = parsedate_to_datetime(Visitor(other).get("/").headers["Date"]) - datetime.now(UTC)
        assert round(away.total_seconds() / 86_400) == int(offset)
    for command in ("tend", "suggest_stories", "ping_hub", "build_newsletter"):
        assert run(other, command).returncode in (0, 2), command

    assert reads(site) == {}
    assert editor.get("/admin/").status == 200
