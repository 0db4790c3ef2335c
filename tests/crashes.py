"""What crashes leave behind: python -m tests.crashes [--rounds N] [--seed N] [--only NAME]

Each round breaks one thing at a random moment: `cache_images` is killed between writing a file and naming it; two
processes import the same site; an editor works while an import runs; the disk is full during an import (SQLite, as
root); the server ends an import's connection (PostgreSQL, named by DATABASE_URL). After each, the database must be
sound and hold whole articles only, and the command, run again, must end in the same content as one that was left alone.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.faults.breaking import small_disk
from tests.kill import Postgres, Sqlite, content, environment, importing, manage
from tests.picture_server import decoded, good, serving

FILES, PICTURES = 240, 10
ARTICLE = """---
title: "Ferry number {number} finds the island"
publishedDateTime: 2026-11-{day:02}T08:30:00Z
webUrl: "https://tidewaterpost.example/{number}"
quality: {quality}
published: true
provider:
  name: The Tidewater Post
  domain: tidewaterpost.example
topics:
  - Ferries
  - Number {topic}
images:
  - url: "{picture}"
---
"""
CACHE = """
import os, signal, sys
import django
django.setup()
from datetime import timedelta
from django.core.management import call_command
from articles.net.fetching import Limits
from articles.pictures import copies, keeping

left, replace = int(sys.argv[2]), os.replace

def dying(*arguments):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(*arguments)

os.replace = dying
copies.LIMITS = Limits(allowed=frozenset({("127.0.0.1", int(sys.argv[1]))}))
keeping.MIN_AGE = timedelta(0)
call_command("cache_images", no_progress=True)
"""
EDITOR = """
import json, sys, time
import django
django.setup()
from articles.models import Article

longest = 0
for stem in sys.argv[1:]:
    started = time.monotonic()
    article = Article.objects.get(stem=stem)
    article.title = f"Edited: {stem}"
    article.save(update_fields=["title", "updated_at"])
    longest = max(longest, time.monotonic() - started)
    time.sleep(0.1)
print(longest)
"""
ROWS = """
import json
import django
django.setup()
from articles.models import Article, ArticleImage
rows = Article.objects.values_list("stem", "title", "quality")
print(json.dumps({
    "articles": {stem: [title, quality] for stem, title, quality in rows},
    "files": list(ArticleImage.objects.exclude(file="").values_list("file", flat=True)),
}))
"""


class Rounds:
    """A site, its databases, and what an import that was left alone makes of them."""

    def __init__(self, folder, chance, server):
        self.folder, self.chance, self.server = folder, chance, server
        url = os.environ.get("DATABASE_URL", "")
        self.databases = Postgres(url) if url.startswith("postgres") else Sqlite(folder)
        self.site, self.changed = self._write("site", 0), self._write("changed", 7)
        self.databases.create("empty")
        manage(self.databases, "empty", "migrate", "-v0")
        self.databases.create("imported", "empty")
        started = time.monotonic()
        manage(self.databases, "imported", *importing(self.site))
        self.seconds = time.monotonic() - started
        self.expected = content(self.databases, "imported")[0]

    def _write(self, name, more):
        folder = self.folder / name / "_news"
        folder.mkdir(parents=True)
        for number in range(FILES):
            picture = f"{self.server.url}/{number % PICTURES}.jpg"
            values = {"day": 1 + number % 24, "quality": 60 + number % 20 + more, "topic": number % 9}
            (folder / f"ferry-{number:03}.md").write_text(ARTICLE.format(number=number, picture=picture, **values))
        return folder.parent

    def start(self, *command, name="broken", **variables):
        """Run Python against a database."""
        return subprocess.Popen(
            [sys.executable, *command],
            env=environment(self.databases, name) | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command, **variables):
        process = self.start(*command, **variables)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def rows(self):
        return json.loads(self.run("-c", ROWS)[1])

    def faults(self, rerun=True):
        """Return what is wrong with the database, after an import that goes on where the broken one ended."""
        found = [*self.databases.problems("broken"), *(["halves"] * content(self.databases, "broken")[1])]
        if rerun:
            manage(self.databases, "broken", *importing(self.site))
        return found + (["other content"] if content(self.databases, "broken")[0] != self.expected else [])


def cache_images(rounds):
    """Kill `cache_images` between writing a file and naming it."""
    rounds.databases.create("broken", "imported")
    media = rounds.folder / "media"
    shutil.rmtree(media, ignore_errors=True)
    port, place = str(rounds.server.server_port), 1 + rounds.chance.randrange(3 * PICTURES)
    code, _, _ = rounds.run("-c", CACHE, port, str(place), NEWSROOM_MEDIA_ROOT=str(media))
    found = [f"exit code {code}"] if code not in (-9, 0) else []
    found += broken_pictures(rounds, media)
    code, _, err = rounds.run("-c", CACHE, port, "0", NEWSROOM_MEDIA_ROOT=str(media))
    found += [f"exit code {code}: {err}"] if code else []
    found += broken_pictures(rounds, media)
    kept = [path for path in media.rglob("*") if path.suffix in (".jpg", ".part") and path.parent.name == "pictures"]
    return found + ([f"{len(kept)} files"] if len(kept) != PICTURES else [])


def broken_pictures(rounds, media):
    """Return files that are no whole pictures, and rows whose file is missing."""
    found = []
    for path in media.rglob("*"):
        if path.suffix in (".jpg", ".webp", ".avif") and path.is_file():
            try:
                decoded(path.read_bytes())
            except OSError as error:
                found.append(f"{path.name}: {error}")
    return found + [name for name in rounds.rows()["files"] if not (media / name).exists()]


def two_importers(rounds):
    """Import the same site twice at once."""
    rounds.databases.create("broken", "empty")
    first = rounds.start("manage.py", *importing(rounds.site))
    time.sleep(rounds.chance.uniform(0, rounds.seconds))
    second = rounds.start("manage.py", *importing(rounds.site))
    told = [process.communicate(timeout=300)[1] for process in (first, second)]
    found = [text for process, text in zip((first, second), told, strict=True) if process.returncode not in (0, 1)]
    found += [text for text in told if "Traceback" in text]
    return found + rounds.faults(rerun=False)


def importer_and_editor(rounds):
    """Let an editor work while an import changes the same articles."""
    rounds.databases.create("broken", "imported")
    stems = [f"ferry-{number:03}" for number in rounds.chance.sample(range(FILES), 15)]
    importer = rounds.start("manage.py", *importing(rounds.changed))
    time.sleep(rounds.chance.uniform(0, rounds.seconds / 2))
    code, out, err = rounds.run("-c", EDITOR, *stems)
    importer.communicate(timeout=300)
    found = [err] if code else []
    found += [f"an edit took {float(out):.1f} s"] if not code and float(out) > 5 else []
    articles = rounds.rows()["articles"]
    found += [f"{stem}: lost edit" for stem in stems if articles[stem][0] != f"Edited: {stem}"]
    expected = {f"ferry-{number:03}": 67 + number % 20 for number in range(FILES)}
    return found + [f"{stem}: lost import" for stem, quality in expected.items() if articles[stem][1] != quality]


def full_disk(rounds):
    """Fill the disk during an import."""
    with small_disk(rounds.folder / "disk") as disk:
        home, rounds.databases.folder = rounds.databases.folder, disk
        try:
            shutil.copy(home / "empty.sqlite3", disk / "broken.sqlite3")
            size = (disk / "broken.sqlite3").stat().st_size + rounds.chance.randrange(100_000, 900_000)
            subprocess.run(["mount", "-o", f"remount,size={size // 1024}k", str(disk)], check=True)
            code, _, err = rounds.run("manage.py", *importing(rounds.site))
            subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
            found = [] if (code, "Free some" in err, "Traceback" in err) == (1, True, False) else [f"{code}: {err}"]
            return found + rounds.faults()
        finally:
            rounds.databases.folder = home


def ended_connection(rounds):
    """Let the server end an import's connection."""
    import psycopg  # noqa: PLC0415 (an extra, needed only here)

    rounds.databases.create("broken", "empty")
    importer = rounds.start("manage.py", *importing(rounds.site))
    time.sleep(rounds.chance.uniform(0.3, rounds.seconds))
    with psycopg.connect(rounds.databases.server.geturl(), autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'broken'")
    err = importer.communicate(timeout=300)[1]
    return ([err] if importer.returncode not in (0, 1) or "Traceback" in err else []) + rounds.faults()


def crashes():
    """Return the crashes that can be tried here."""
    postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    return [cache_images, two_importers, importer_and_editor, ended_connection if postgres else full_disk]


def run(rounds_, seed=0, only=None):
    """Try each crash so many times. Return how many were not survived."""
    failures = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pictures = {f"{number}.jpg": good(60 + number, 40) for number in range(PICTURES)}
        server = stack.enter_context(serving(pictures))
        rounds = Rounds(folder, random.Random(seed), server)  # noqa: S311 (a sample, not a secret)
        for crash in crashes():
            if only not in (None, crash.__name__):
                continue
            bad = 0
            for number in range(1, rounds_ + 1):
                found = crash(rounds)
                bad += bool(found)
                print(f"{crash.__name__} {number}: {f'BAD: {found}' if found else 'good'}", flush=True)
            failures += bad
            print(f"{crash.__name__}: {rounds_ - bad} of {rounds_} good", flush=True)
    return failures


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--only")
    options = arguments.parse_args()
    sys.exit(int(run(options.rounds, options.seed, options.only) > 0))


if __name__ == "__main__":
    main()
