"""Upgrade a site from every earlier version: python -m tests.versions [--last N] [COMMIT...]

A version is a commit that changed the tables, or a tag. Each one's own code makes a database and imports its sample
articles; then the code here migrates it. Every value of a column that both have must be as it was, but those that
DERIVED names. Then the code here imports the same articles again, and must find nothing new and no conflict. Exits with
1 if a version fails. SQLite, or the PostgreSQL server that DATABASE_URL names. `--last N` takes only the oldest version
and the newest N.
"""

import argparse
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from tests.kill import Postgres, Sqlite
from tests.paths import ROOT, SAMPLES

TABLES = ("articles_", "taggit_", "auth_")
FIRST = "0001_initial.py"
# What migrations make anew, by table: how far a file was read is no content. "" or "?" has it read again.
GONE = {"articles_move"}  # where articles stood in lists while they were ranked anew: cursors do without
DERIVED = {"articles_importedfile": {"digest", "content_digest", "grouped_key"}}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("commits", nargs="*")
    arguments.add_argument("--last", type=int)
    options = arguments.parse_args()
    commits = options.commits or chosen(versions(), options.last)
    with tempfile.TemporaryDirectory(prefix="newsroom-versions-") as folder:
        url = os.environ.get("DATABASE_URL", "")
        databases = Postgres(url) if url.startswith("postgres") else Sqlite(Path(folder))
        failed = sum(not passes(commit, Path(folder), databases) for commit in commits)
    print(f"{len(commits) - failed} of {len(commits)} versions upgrade")
    return int(failed > 0)


def versions() -> list[str]:
    """The commits that changed the tables, and those that have tags, from the oldest to the newest."""
    tags = git("for-each-ref", "--format=%(*objectname)%(objectname)", "refs/tags").split()
    tagged = [git("rev-parse", f"{tag[:40]}^{{commit}}").strip() for tag in tags]
    changed = git("log", "--format=%H", "--", "articles/migrations").split()
    order = git("rev-list", "--reverse", "--topo-order", "HEAD").split()
    return [commit for commit in order if commit in {*changed, *tagged} and migrates(commit)]


def migrates(commit: str) -> bool:
    """Whether a version's migrations are the beginning of those here. Some were renamed or written anew before a site
    could run them."""
    theirs, ours = migrations(commit), migrations("HEAD")
    return sorted(theirs) == sorted(ours)[: len(theirs)] and theirs.get(FIRST) == ours[FIRST]


def migrations(commit: str) -> dict[str, str]:
    """The digest of each migration, by name."""
    lines = git("ls-tree", commit, "articles/migrations/").splitlines()
    found = {line.rpartition("/")[2]: line.split()[2] for line in lines}
    return {name: digest for name, digest in found.items() if name[0] == "0"}


def chosen(found: list[str], last: int | None) -> list[str]:
    return found if last is None or len(found) <= last else [found[0], *found[-last:]]


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def passes(commit: str, folder: Path, databases: "Sqlite | Postgres") -> bool:
    """Upgrade from a version, and print what came of it."""
    started = time.monotonic()
    problems = upgraded(commit, folder, databases)
    subject = git("log", "-1", "--format=%h %ad %s", "--date=short", commit).strip()
    print(f"{'BAD' if problems else 'good'}: {subject} ({time.monotonic() - started:.0f} s)", *problems, sep="\n    ")
    sys.stdout.flush()
    return not problems


def upgraded(commit: str, folder: Path, databases: "Sqlite | Postgres") -> list[str]:
    """What is wrong after an upgrade from a version."""
    old = folder / commit
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(old, filter="data")
    samples = old / "articles" / "samples"
    samples = samples if samples.exists() else SAMPLES
    name = f"version_{commit[:8]}"
    databases.create(name)
    url = databases.url(name)
    report = folder / "report.json"
    try:
        run(old, url, "migrate", "-v0")
        run(old, url, "import_articles", str(samples), "--source", "meridian", "--no-progress")
    except subprocess.CalledProcessError as error:
        print(f"no site could run it: {error.stderr.strip()[-200:]}")
        return []
    try:
        before = rows(url)
        run(ROOT, url, "migrate", "-v0")
        after = rows(url)
        run(
            ROOT, url, "import_articles", str(samples), "--source", "meridian", "--no-progress", "--report", str(report)
        )
    except subprocess.CalledProcessError as error:
        return [f"{error.cmd[2]}: {error.stderr[-1500:]}"]
    found = json.loads(report.read_text())
    wrong = [f"imported again: {found[key]} {key}, expected 0" for key in ("created", "conflicts") if found[key]]
    if not before.get("articles_article"):
        wrong.append("the version imported no article")
    return wrong + differences(before, after)


def run(folder: Path, url: str, *command: str) -> None:
    """Run a command of the code in a folder. Exit code 2 is that of an import that rejected some files."""
    ours = ("NEWSROOM_", "CACHE_URL", "DJANGO_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"DATABASE_URL": url, "NEWSROOM_SECRET_KEY": "only for the time of these upgrades, 1234567890"}
    line = [sys.executable, "manage.py", *command]
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise subprocess.CalledProcessError(done.returncode, line, done.stdout, done.stderr)


Rows = dict[str, list[dict[str, str]]]


def rows(url: str) -> Rows:
    """All rows of the tables that hold content, in the order of their keys."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        listing = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    else:
        import psycopg  # noqa: PLC0415 (an extra, needed only here)

        connection = psycopg.connect(url)
        listing = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    found: Rows = {}
    for (table,) in connection.execute(listing).fetchall():
        if table.startswith(TABLES) and "search" not in table:
            cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 (names of tables)
            names = [column[0] for column in cursor.description]
            found[table] = [dict(zip(names, map(str, row), strict=True)) for row in cursor.fetchall()]
    connection.close()
    return found


def differences(before: Rows, after: Rows) -> list[str]:
    """What is not as it was, in the columns that both have."""
    found = []
    for table in sorted(before.keys() & after.keys()):
        old, new = before[table], after[table]
        if not old:
            continue
        if len(new) < len(old):
            found.append(f"{table}: {len(old)} rows before, {len(new)} after")
            continue
        kept = {row[next(iter(row))]: row for row in new}
        for column in old[0].keys() & kept[next(iter(kept))].keys() - DERIVED.get(table, set()):
            changed = [
                (row[column], kept.get(row[next(iter(row))], {}).get(column))
                for row in old
                if kept.get(row[next(iter(row))], {}).get(column) != row[column]
            ]
            if changed:
                found.append(f"{table}.{column}: {len(changed)} of {len(old)}, such as {changed[0]}"[:300])
    gone = [table for table in before.keys() - after.keys() - GONE if before[table]]
    return found + [f"{table} is gone, with {len(before[table])} rows" for table in gone]


if __name__ == "__main__":
    sys.exit(main())
