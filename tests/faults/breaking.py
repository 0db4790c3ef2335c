"""A site served as in production, the ways to break what is around it, and what its pages answer meanwhile."""

import contextlib
import http.client
import http.cookies
import os
import re
import shutil
import sqlite3
import subprocess
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest

from tests import post_office
from tests.browser.server import Site, add_samples, new_site, served
from tests.paths import SAMPLES

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="It needs root, to mount a small disk.")
READING = [
    "/",
    "/?order=hot&period=year",
    "/?page=2",
    "/topics/",
    "/topics/ferries/",
    "/providers/",
    "/providers/tidewaterpost.example/",
    "/providers/tidewaterpost.example/scorecard/?period=all",
    "/archive/",
    "/archive/2026/11/",
    "/search/?q=ferry",
    "/feeds/rss.xml",
    "/topics/ferries/atom.xml",
    "/api/news/",
    "/meridian/api/news/",
    "/sitemap.xml",
    "/newsletter/",
    "/admin/login/",
    "/robots.txt",
    "/no/such/page/",
]
ROWS = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from articles.models import Article, Boost, Subscriber
Boost.objects.create(article=Article.objects.published().first(), points=5, reason="x", until=timezone.now())
Boost.objects.update(ended=False, until=timezone.now() - timedelta(hours=1))
Subscriber.objects.create(email="reader@example.org", token="a-token", state=Subscriber.State.CONFIRMED)
"""


EDITOR = """
import django; django.setup()
from articles.management import samples
print(samples.make_editor())
"""


@dataclass
class Answer:
    status: int
    text: str
    headers: dict[str, str]
    seconds: float
    cookies: dict[str, str] = field(default_factory=dict)


@dataclass
class Visitor:
    """A reader or an editor with a browser's cookies."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path):
        return self._ask("GET", path, None)

    def post(self, path, **data):
        """Send a form, with the token that the site's cookie has."""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **data}))

    def log_in(self):
        self.get("/admin/login/")
        return self.post("/admin/login/", username="editor", password=self.site.password, next="/admin/")

    def _ask(self, method, path, body):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.site.url}
        link = http.client.HTTPConnection(urlsplit(self.site.url).netloc, timeout=60)
        started = time.monotonic()
        try:
            link.request(method, path, body, headers)
            response = link.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            link.close()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(response.status, text, dict(response.headers), time.monotonic() - started)


def reads(site, paths=READING):
    """Visit pages that only read; return those that fail or take more than 2 seconds."""
    visitor, bad = Visitor(site), {}
    for path in paths:
        answer = visitor.get(path)
        if answer.status != (404 if "no/such" in path else 200) or answer.seconds > 2:
            bad[path] = answer.status, round(answer.seconds, 1)
    return bad


def is_ours(answer):
    """Return whether an answer is our page of 503, given at once."""
    return (
        (answer.status, answer.headers.get("Retry-After")) == (503, "30")
        and "This cannot be done right now" in answer.text
        and answer.seconds < 3
    )


@contextlib.contextmanager
def small_disk(folder, size="48m"):
    """A disk of its own, mounted at a folder."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def full(disk):
    """A disk without a byte left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65_536, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass
    assert shutil.disk_usage(disk).free == 0
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def locked(file):
    """A database that another process writes to and does not end."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None, timeout=5)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def away(path):
    """A file or folder that is not where it was."""
    elsewhere = path.with_name(f"{path.name}.away")
    path.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(path)


@contextlib.contextmanager
def sample_site(folder, database="", pictures=False, **variables):
    """The samples, an editor, a subscriber and a boost that is due, served, with a mail server: `site.office`.

    Without their pictures, which take long to draw, unless `pictures`.
    """
    with post_office.opened() as office:
        site = new_site(folder, database)
        site.office = office
        site.environment |= {"NEWSROOM_EMAIL_URL": f"smtp://127.0.0.1:{office.port}", **variables}
        if pictures:
            add_samples(site)
        else:
            site.manage("import_articles", str(SAMPLES), "--source", "meridian")
            site.password = site.run("-c", EDITOR).strip()
        site.run("-c", ROWS)
        with served(site):
            yield site


def article_in(page):
    return re.search(r"/news/meridian/[^/\"]+/", page)[0]
