"""Imports that are killed, and run again: python -m tests.kill ARCHIVE [--kills N] [--files N]

Half of the kills hit a first import, half the import of a changed copy of the site, at random moments. After each
the database must be sound and hold whole articles only, and the import, run again, must end in the same content
as one that was left alone. Needs an empty folder's room; on PostgreSQL (DATABASE_URL), databases of its own.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmark import unpack

PYTHON = sys.executable


class Sqlite:
    """Databases in files of a folder."""

    def __init__(self, folder):
        self.folder = folder

    def url(self, name):
        return f"sqlite:///{self.folder / name}.sqlite3"

    def create(self, name, template=None):
        for path in self.folder.glob(f"{name}.sqlite3*"):
            path.unlink()
        if template:
            shutil.copy(self.folder / f"{template}.sqlite3", self.folder / f"{name}.sqlite3")

    def problems(self, name):
        """What the database itself finds wrong."""
        with sqlite3.connect(self.folder / f"{name}.sqlite3") as database:
            sound = database.execute("PRAGMA integrity_check").fetchall()
            dangling = database.execute("PRAGMA foreign_key_check").fetchall()
        database.close()
        return ([] if sound == [("ok",)] else sound) + dangling


class Postgres:
    """Databases of a server. It keeps them sound itself, foreign keys included."""

    def __init__(self, url, prefix=""):
        self.server = urlsplit(url)
        self.prefix = prefix

    def url(self, name):
        return self.server._replace(path=f"/{self.prefix}{name}").geturl()

    def create(self, name, template=None):
        import psycopg  # noqa: PLC0415 (an extra, needed only here)

        with psycopg.connect(self.server.geturl(), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{self.prefix}{name}" WITH (FORCE)')
            like = f' TEMPLATE "{self.prefix}{template}"' if template else ""
            server.execute(f'CREATE DATABASE "{self.prefix}{name}"{like}')

    def problems(self, name):
        return []


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("archive")
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--files", type=int, help="only so many, by chance (always the same)")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(run(options, Path(folder)))


def run(options, folder):
    chance = random.Random(options.seed)  # noqa: S311 (a sample, not a secret)
    url = os.environ.get("DATABASE_URL", "")
    databases = Postgres(url) if url.startswith("postgres") else Sqlite(folder)
    first, changed = folder / "first", folder / "changed"
    first.mkdir()
    print(f"{unpack(options.archive, first / '_news', options.files)} files")
    change(first, changed, chance)
    databases.create("empty")
    manage(databases, "empty", "migrate", "-v0")
    cases = []
    for site, template in ((first, "empty"), (changed, "imported")):
        databases.create(site.name if template == "imported" else "imported", template)
        name = site.name if template == "imported" else "imported"
        started = time.monotonic()
        manage(databases, name, *importing(site))
        cases.append((site, template, time.monotonic() - started, content(databases, name)[0]))
    failures = 0
    for number in range(options.kills):
        site, template, seconds, expected = cases[number % 2]
        databases.create("killed", template)
        after = chance.uniform(0.3, seconds)
        ended = kill(databases, site, after)
        problems = databases.problems("killed")
        halves = content(databases, "killed")[1]
        manage(databases, "killed", *importing(site))
        same = content(databases, "killed")[0] == expected
        good = not problems and halves == 0 and same
        failures += not good
        print(
            f"{number + 1}: {site.name}, {'ended before' if ended else f'killed after {after:.2f} s'}: "
            f"{'good' if good else f'BAD: problems {problems}, halves {halves}, same content {same}'}",
            flush=True,
        )
    print(f"{options.kills - failures} of {options.kills} good")
    return int(failures > 0)


def change(site, copy, chance):
    """A copy of the site in which a tenth of the files differ in some way."""
    shutil.copytree(site, copy)
    paths = sorted(copy.glob("_news/*.md"))
    for path in chance.sample(paths, len(paths) // 10):
        text = path.read_text()
        edits = [
            lambda text: re.sub(r"^quality: (\d+)$", lambda m: f"quality: {int(m[1]) + 7}", text, count=1, flags=re.M),
            lambda text: text.replace('title: "', 'title: "Changed: ', 1),
            lambda text: text.replace("\ntopics:\n", "\ntopics:\n  - New\n", 1),
            lambda text: re.sub(r"\nimages:\n(?:  .*\n)+", "", text, count=1),
            lambda text: re.sub(r"\nrelated:\n(?:  .*\n)+", "", text, count=1),
        ]
        path.write_text(chance.choice(edits)(text))


def importing(site):
    return "import_articles", str(site), "--source", "site", "--no-progress"


def environment(databases, name):
    return {**os.environ, "DATABASE_URL": databases.url(name), "DJANGO_SETTINGS_MODULE": "newsroom.settings"}


def manage(databases, name, *arguments):
    command = [PYTHON, "manage.py", *arguments]
    subprocess.run(command, env=environment(databases, name), check=True, stdout=subprocess.DEVNULL)


def kill(databases, site, after):
    """Start an import and kill it; returns whether it had ended before."""
    command = [PYTHON, "manage.py", *importing(site)]
    process = subprocess.Popen(command, env=environment(databases, "killed"), stdout=subprocess.DEVNULL)
    time.sleep(after)
    ended = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return ended


def content(databases, name):
    command = [PYTHON, "-m", "tests.checksum"]
    found = subprocess.run(command, env=environment(databases, name), check=True, capture_output=True, text=True)
    whole, halves = found.stdout.split()
    return whole, int(halves)


if __name__ == "__main__":
    main()
