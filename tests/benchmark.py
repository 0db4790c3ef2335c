"""How fast an import is: python -m tests.benchmark ARCHIVE [--files N] [--rounds N]

Imports the same files into empty databases with `manage.py import_articles` and with the straightforward
importer beside it, in turn on one core, and prints each one's time, processor time and peak memory, and
their ratio. Needs `pip install .[benchmark]`. All files of a large site take minutes; --files takes some.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("archive")
    arguments.add_argument("--files", type=int, help="only so many, by chance (always the same)")
    arguments.add_argument("--rounds", type=int, default=1)
    options = arguments.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        print(f"{unpack(options.archive, Path(folder) / '_news', options.files)} files")
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(measure("newsroom", folder, "manage.py", "import_articles", folder, "--source", "a"))
            theirs.append(measure("straightforward", folder, "-m", "tests.straightforward.load", f"{folder}/_news"))
    for place, what in enumerate(("wall", "processor")):
        ratio = statistics.median(their[place] / our[place] for our, their in zip(ours, theirs, strict=True))
        print(f"straightforward / newsroom, {what} time: {ratio:.1f}")


def unpack(archive, folder, limit):
    folder.mkdir()
    with tarfile.open(archive) as tar:
        members = [m for m in tar if m.isfile() and "/_news/" in m.name and m.name.endswith(".md")]
        if limit:
            members = random.Random(0).sample(members, limit)  # noqa: S311 (a sample, not a secret)
        for member in members:
            (folder / Path(member.name).name).write_bytes(tar.extractfile(member).read())
    return len(members)


def measure(name, folder, *command):
    """Wall and processor seconds of one run into an empty database, start-up included."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".sqlite3") as database:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database.name}"}
        if name == "newsroom":
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall, processor = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} failed with {process.returncode}")
    print(f"{name:16} {wall:7.2f} s wall, {processor:7.2f} s processor, {usage.ru_maxrss // 1024} MiB peak")
    return wall, processor


if __name__ == "__main__":
    main()
