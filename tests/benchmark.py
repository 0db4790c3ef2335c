"""How fast an import is: python -m tests.benchmark ARCHIVE [--files N] [--rounds N] [--no-straightforward]

Imports the same files into empty databases, in turn on one core: with `manage.py import_articles`; with the
straightforward importer beside it; and with the least that any importer does, which is to parse the files and to
insert the same rows, and nothing else. Then imports them again, unchanged, against reading and hashing them.
Prints times, processor times, peak memory and ratios. Needs `pip install .[benchmark]`. All files of a large site take
the straightforward importer minutes; --files takes some.
"""

import argparse
import os
import pickle
import random
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from pathlib import Path


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("archive")
    arguments.add_argument("--files", type=int, help="only so many, by chance (always the same)")
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--no-straightforward", action="store_true")
    options = arguments.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        print(f"{unpack(options.archive, Path(folder) / '_news', options.files)} files")
        least = Path(folder) / "least.sqlite3"
        times = defaultdict(list)
        for _ in range(options.rounds):
            database = Path(folder) / "ours.sqlite3"
            for path in Path(folder).glob("ours.sqlite3*"):
                path.unlink()
            site = ("manage.py", "import_articles", folder, "--source", "a")
            run(database, "manage.py", "migrate", "-v0")
            times["newsroom, first"].append(measure("newsroom, first", database, *site))
            rows(database, least)
            times["parse and insert"].append(measure("parse and insert", least, "-m", "tests.least", "first", folder))
            times["newsroom, again"].append(measure("newsroom, again", database, *site))
            times["read and hash"].append(measure("read and hash", least, "-m", "tests.least", "again", folder))
            if not options.no_straightforward:
                load = ("-m", "tests.straightforward.load", f"{folder}/_news")
                times["straightforward"].append(measure("straightforward", Path(folder) / "theirs.sqlite3", *load))
                (Path(folder) / "theirs.sqlite3").unlink()
        print(f"database: {database.stat().st_size / 1e6:.1f} MB")
    pairs = [
        ("straightforward", "newsroom, first"),
        ("newsroom, first", "parse and insert"),
        ("newsroom, again", "read and hash"),
    ]
    for one, other in pairs:
        for place, what in enumerate(("wall", "processor")):
            if one in times:
                ratios = [a[place] / b[place] for a, b in zip(times[one], times[other], strict=True)]
                print(f"{one} / {other}, {what} time: {statistics.median(ratios):.2f}")


def rows(database, copy):
    """The same database without rows, and the rows beside it, as plain tuples."""
    copy.unlink(missing_ok=True)
    with sqlite3.connect(database) as ours, sqlite3.connect(copy) as least:
        made = "name NOT LIKE 'sqlite_%' AND name NOT LIKE 'articles_searchwords_%'"  # not by SQLite itself
        # Tables before the triggers on them.
        schema = f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND {made} ORDER BY type <> 'table'"  # noqa: S608
        for (statement,) in ours.execute(schema):
            least.execute(statement)
        tables = [name for (name,) in ours.execute(f"SELECT name FROM sqlite_master WHERE type = 'table' AND {made}")]  # noqa: S608
        content = {}
        for table in tables:
            names = [column[1] for column in ours.execute(f"PRAGMA table_info({table})")]
            if table.startswith("articles_"):
                listed = ", ".join(f'"{name}"' for name in names)
                content[table] = (names, ours.execute(f"SELECT {listed} FROM {table}").fetchall())  # noqa: S608
    copy.with_suffix(".rows").write_bytes(pickle.dumps(content))


def unpack(archive, folder, limit):
    folder.mkdir()
    with tarfile.open(archive) as tar:
        members = [m for m in tar if m.isfile() and "/_news/" in m.name and m.name.endswith(".md")]
        if limit:
            members = random.Random(0).sample(members, limit)  # noqa: S311 (a sample, not a secret)
        for member in members:
            (folder / Path(member.name).name).write_bytes(tar.extractfile(member).read())
    return len(members)


def environment(database):
    return {**os.environ, "DATABASE_URL": f"sqlite:///{database}"}


def run(database, *command):
    subprocess.run([sys.executable, *command], env=environment(database), check=True)


def measure(name, database, *command):
    """Wall and processor seconds of one process, start-up included."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], env=environment(database), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall, processor = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} failed with {process.returncode}")
    print(f"{name:16} {wall:7.2f} s wall, {processor:7.2f} s processor, {usage.ru_maxrss // 1024} MiB peak", flush=True)
    return wall, processor


if __name__ == "__main__":
    main()
