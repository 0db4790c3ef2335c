"""Newsroom served as in production: static files collected, compressed and named by their content."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass

from tests.paths import ROOT

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Site:
    """Where a site is served, and what leads to it."""

    url: str
    environment: dict[str, str]
    password: str = ""
    pid: int = 0  # of the server

    def manage(self, *arguments):
        return self.run("manage.py", *arguments)

    def run(self, *arguments):
        """Run Python with these arguments and return what it prints."""
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for(url, process, seconds=60):
    """Until something answers at `url`."""
    for _ in range(seconds * 5):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"Nothing answers at {url}.")


def new_site(folder, database=""):
    """An empty site, not yet served: all of it in `folder`, unless its database is elsewhere."""
    url = f"http://127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "DATABASE_URL": database or f"sqlite:///{folder}/db.sqlite3",
        "NEWSROOM_BASE_URL": url,
        "NEWSROOM_MEDIA_ROOT": f"{folder}/media",
        "NEWSROOM_SECRET_KEY": "only for the time of these tests",
        "NEWSROOM_STATIC_ROOT": f"{folder}/static",
    }
    site = Site(url, environment)
    site.manage("collectstatic", "--noinput")
    site.manage("migrate")
    return site


SAMPLES = """
import django
django.setup()
from articles.management import samples
samples.load()
print(samples.make_editor())
"""


def add_samples(site):
    """The samples, their pictures, and an editor."""
    site.password = site.run("-c", SAMPLES).strip()


@contextmanager
def served(site):
    """Serve a site until the end of the block."""
    address = site.url.removeprefix("http://")
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", address, "--workers", "2"]
    with subprocess.Popen(command, cwd=ROOT, env=site.environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"{site.url}/", process)
            site.pid = process.pid
            yield site
        finally:
            process.terminate()
