"""A hundred good files among hostile ones: the hundred are in, each hostile one is told in one line."""

import json
import os
import re
import subprocess
import sys
import time

import pytest

from articles.frontmatter import FrontMatterError, parse
from tests import hostile
from tests.factories import make_file
from tests.paths import ROOT

LINE = re.compile(r"[^\n]+?:\d+: [^\n:]*: [^\n]+")
# Runs a command and prints its peak memory in KiB after what it prints itself.
MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
    " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def test_there_are_at_least_forty():
    assert len(hostile.FILES) >= 70


@pytest.mark.parametrize("name", [name for name in hostile.FILES if not name.startswith("name") and len(name) < 200])
def test_a_hostile_text_is_refused_and_nothing_else_happens(name):
    started = time.monotonic()

    with pytest.raises(FrontMatterError) as error:
        parse(hostile.FILES[name])

    assert len(error.value.message) < 200
    assert "\n" not in str(error.value)
    assert time.monotonic() - started < 5


@pytest.fixture
def everything(tmp_path):
    """A site of 100 good files and all hostile ones, and hostile archives: paths, and lines to expect."""
    news = tmp_path / "site" / "_news"
    news.mkdir(parents=True)
    for n in range(100):
        (news / f"good-{n}.md").write_bytes(make_file(f"good-{n}").data)
    lines = hostile.write_files(news) + hostile.write_specials(news)
    good = [(f"archive/_news/good-{n}.md", make_file(f"good-{n}").data) for n in range(5)]
    archives = hostile.write_archives(tmp_path, good)
    return [tmp_path / "site", *archives], lines + sum(archives.values())


@pytest.mark.slow
def test_the_good_are_in_the_hostile_are_told_and_the_process_is_well(everything, tmp_path):
    paths, hostile_count = everything
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    command = [*manage, "import_articles", *paths, "--report", tmp_path / "report.json"]

    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    seconds = time.monotonic() - started

    told = result.stderr.decode().splitlines()
    assert (tmp_path / "report.json").exists(), result.stderr.decode()[-2000:]
    report = json.loads((tmp_path / "report.json").read_text())
    peak = int(result.stdout.split()[-1]) // 1024
    print(f"{len(told)} of {hostile_count} hostile files told, {seconds:.1f} s, {peak} MiB")
    assert [line for line in told if not LINE.fullmatch(line)] == []
    assert (result.returncode, len(told), report["created"]) == (2, hostile_count, 105)
    assert report["created"] + report["updated"] + report["unchanged"] + len(report["rejected"]) == report["files"]
    assert peak < 300
    assert seconds < 10
