"""A site that is used without a break: python -m tests.soak [--minutes 30]

Serves the samples as shipped, on SQLite or on the PostgreSQL server that DATABASE_URL names. Four readers read, an
editor saves forms of the admin, imports of changed files follow each other, and issues of the newsletter are built and
sent. Prints a line a minute: what was done, errors, and the server's memory, open files and connections. Exits with 1
if there was an error, or if memory, files or connections grew after the first sixth of the time.
"""

import argparse
import contextlib
import itertools
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

from lxml import html

from tests.browser.server import add_samples, new_site, served
from tests.paths import SAMPLES
from tests.post_office import opened

READERS = 4
SUBSCRIBERS = """
import django
django.setup()
from articles.models import Subscriber
from django.utils import timezone
for number in range(20):
    Subscriber.objects.create(email=f"reader{number}@example.org", state="confirmed", confirmed_at=timezone.now())
"""
PAGES = ["/", "/?order=hot", "/?order=latest&period=week", "/topics/", "/providers/", "/archive/", "/search/?q=ferry"]
PAGES += [
    "/feeds/rss.xml",
    "/feeds/atom.xml",
    "/feeds/feed.json",
    "/sitemap.xml",
    "/api/news/index.json",
    "/robots.txt",
]
FORMS = ("login-form", "article_form")
GROWTH = {"memory": (1.15, 20), "files": (1.1, 15), "connections": (1.1, 15)}  # a share, and so much more


class Soak:
    """What happened so far."""

    def __init__(self, site):
        self.site = site
        self.done = {"read": 0, "saved": 0, "imported": 0, "sent": 0}
        self.errors = []
        self.ends = threading.Event()
        self.lock = threading.Lock()

    def count(self, what):
        with self.lock:
            self.done[what] += 1

    def run(self, what, step):
        """Repeat a step until the end. What it raises is an error, and the next one follows."""
        while not self.ends.is_set():
            try:
                step()
                self.count(what)
            except Exception as error:  # whatever it is, it is what this program looks for
                with self.lock:
                    self.errors.append(f"{what}: {type(error).__name__}: {error}")
                self.ends.wait(1)

    def reader(self):
        """Read a page that a page before led to, or one of those that are always there."""
        chance = random.Random(threading.get_ident())  # noqa: S311 (a sample, not a secret)
        known = list(PAGES)

        def step():
            with urllib.request.urlopen(self.site.url + chance.choice(known), timeout=60) as answer:
                links = re.findall(r'href="(/(?:news|topics|providers|archive)/[^"]*)"', answer.read().decode())
            known.extend(chance.sample(links, min(3, len(links))))
            del known[len(PAGES) : -200]
            self.ends.wait(0.1)

        self.run("read", step)

    def editor(self):
        """Log in, and save one article's form after the other."""
        desk = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.send_form(desk, "/admin/login/?next=/admin/", {"username": "editor", "password": self.site.password})
        page = html.fromstring(self.get(desk, "/admin/articles/article/"))
        forms = itertools.cycle(re.findall(r"/admin/articles/article/\d+/change/", html.tostring(page).decode()))

        def step():
            self.send_form(desk, next(forms), {"excerpt": f"Edited at {datetime.now(UTC):%H:%M:%S}."})
            self.ends.wait(1)

        self.run("saved", step)

    def get(self, desk, path):
        with desk.open(self.site.url + path, timeout=60) as answer:
            return answer.read()

    def send_form(self, desk, path, values):
        """Fill in a page's form and send it. Raises ValueError if the form comes back."""
        (form,) = [form for form in html.fromstring(self.get(desk, path)).forms if form.get("id") in FORMS]
        data = {key: value for key, value in form.form_values() if not key.startswith("_")} | values
        request = urllib.request.Request(
            self.site.url + path,
            urllib.parse.urlencode(data).encode(),
            {"Referer": self.site.url + path, "Origin": self.site.url},
        )
        with desk.open(request, timeout=60) as answer:
            text = answer.read().decode()
        if "errornote" in text:
            raise ValueError(f"{path}: {html.fromstring(text).find_class('errornote')[0].text_content().strip()}")

    def importer(self, folder):
        """Change a tenth of the files, and import all."""
        shutil.copytree(SAMPLES, folder)
        files = sorted((folder / "_news").glob("*.md"))
        chance = random.Random(1)  # noqa: S311 (a sample, not a secret)

        def step():
            for path in chance.sample(files, len(files) // 10):
                text = path.read_text()
                path.write_text(re.sub(r"(?m)^quality: \d+", f"quality: {chance.randint(1, 100)}", text))
            self.site.manage("import_articles", str(folder), "--source", "meridian", "--no-progress")
            self.site.manage("tend")
            self.ends.wait(2)

        self.run("imported", step)

    def sender(self):
        """Build and send issues of days that are over, from yesterday back."""
        self.site.run("-c", SUBSCRIBERS)
        days = itertools.count(1)

        def step():
            day = datetime.now(UTC).date() - timedelta(days=next(days))
            self.site.manage("build_newsletter", "--date", str(day), "--period", "week", "--send", "--no-progress")
            self.ends.wait(10)

        self.run("sent", step)


def processes(parent):
    """A process and those that it started."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [str(parent), *children]


def measure(parent):
    """What a server holds: megabytes of memory of its own, open files, and of those connections."""
    found = {"memory": 0.0, "files": 0, "connections": 0}
    for process in processes(parent):
        with contextlib.suppress(OSError):  # it ended
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            found["memory"] += int(re.search(r"(?m)^Pss: +(\d+)", rollup)[1]) / 1024
            for file in Path(f"/proc/{process}/fd").iterdir():
                with contextlib.suppress(OSError):
                    found["files"] += 1
                    found["connections"] += os.readlink(file).startswith("socket:")
    return found


def grew(early, late):
    """What grew more than it may, by the medians of two lists of measurements."""
    found = []
    for name, (share, more) in GROWTH.items():
        before, after = (statistics.median(one[name] for one in several) for several in (early, late))
        print(f"{name}: {before:.0f} early, {after:.0f} late")
        if after > before * share + more:
            found.append(f"{name} grew from {before:.0f} to {after:.0f}")
    return found


def soak(site, minutes, folder):
    """Use a site for so many minutes, and return what was wrong."""
    state = Soak(site)
    work = [*[state.reader] * READERS, state.editor, lambda: state.importer(folder / "files"), state.sender]
    threads = [threading.Thread(target=one, daemon=True) for one in work]
    for thread in threads:
        thread.start()
    measured, started = [], time.monotonic()
    rounds = int(minutes * 6)
    for number in range(rounds):
        time.sleep(max(0, started + (number + 1) * 10 - time.monotonic()))
        measured.append(measure(site.pid))
        if number % 6 == 5:
            now = ", ".join(f"{name} {value:.0f}" for name, value in measured[-1].items())
            print(f"minute {(number + 1) // 6}: {state.done}, {len(state.errors)} errors, {now}", flush=True)
    state.ends.set()
    for thread in threads:
        thread.join(timeout=120)
    part = max(1, rounds // 6)
    idle = [f"nothing was {what}" for what, times in state.done.items() if not times]
    return state.errors + idle + grew(measured[part : 2 * part], measured[-part:])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--minutes", type=float, default=30)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-soak-") as folder, opened() as office:
        database = os.environ.get("DATABASE_URL", "")
        site = new_site(Path(folder), database if database.startswith("postgres") else "")
        site.environment["NEWSROOM_ACCESS_LOG"] = "0"
        site.environment["NEWSROOM_EMAIL_URL"] = f"smtp://127.0.0.1:{office.port}"
        add_samples(site)
        with served(site):
            wrong = soak(site, options.minutes, Path(folder))
        print(f"{len(office.taken)} mails arrived")
    print(*wrong[:20], f"{len(wrong)} problems", sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
