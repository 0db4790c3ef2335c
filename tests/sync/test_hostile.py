"""A hundred good files among hostile ones: the good are in, each hostile one is told in one line."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter

import pytest

from articles.frontmatter import MAX_BYTES, FrontMatterError, parse, printable
from articles.sync import archives as sync_archives
from articles.sync.files import find
from articles.sync.found import Rejection
from tests import hostile
from tests.factories import make_file
from tests.paths import ROOT

LINE = re.compile(r"(.+?):\d+: [^:]*: expected .+, found.+")
# Runs a command and prints its peak memory in KiB after what it prints itself.
MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
    " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def test_the_set_of_hostile_things_does_not_shrink():
    assert (len(hostile.FILES), len(hostile.TAXONOMY), len(hostile.ARCHIVES)) == (86, 4, 36)


@pytest.mark.parametrize("name", hostile.FILES, ids=lambda name: printable(name)[:40])
def test_a_hostile_text_is_refused_and_nothing_else_happens(name):
    if hostile.FILES[name] == hostile.matter():
        parse(hostile.FILES[name])  # only its name is hostile
        return
    started = time.monotonic()

    with pytest.raises(FrontMatterError) as error:
        parse(hostile.FILES[name])

    assert len(str(error.value)) < 300
    assert str(error.value).isprintable()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", hostile.ARCHIVES)
def test_a_hostile_archive_is_told_in_so_many_lines_and_its_good_files_are_read(name, tmp_path, monkeypatch):
    monkeypatch.setattr(sync_archives, "MAX_INFLATED", 2**25)
    monkeypatch.setattr(sync_archives, "MAX_RATIO", 0)
    path = hostile.write_archive(tmp_path, name)
    _, lines, good = hostile.ARCHIVES[name]
    started = time.monotonic()

    found = list(find(str(path)))

    told = [str(item) for item in found if isinstance(item, Rejection)]
    assert (len(told), len(found) - len(told)) == (lines, good)
    assert [line for line in told if not line.startswith(str(path)) or len(line) > 400 or not line.isprintable()] == []
    assert time.monotonic() - started < 5


def test_what_is_no_file_is_told_and_never_waited_for(tmp_path):
    for path in [*hostile.write_specials(tmp_path), *hostile.write_paths(tmp_path)]:
        if path.name.startswith("bytes") or path.is_dir():
            continue
        (told,) = find(str(path))

        assert isinstance(told, Rejection), path


def test_folders_that_are_named_like_files_use_up_nothing(tmp_path):
    for n in range(50):
        (tmp_path / f"{n}.md").mkdir()
    before = len(os.listdir("/dev/fd"))

    found = list(find(str(tmp_path)))

    assert len(found) == 50
    assert len(os.listdir("/dev/fd")) == before


def run(paths, tmp_path):
    """Import into a new database in a process of its own: its result, report, seconds and peak memory in MiB."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-c", MEASURED, *manage, "import_articles", *paths]
    command += ["--report", tmp_path / "report.json"]
    started = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    seconds = time.monotonic() - started
    assert (tmp_path / "report.json").exists(), result.stderr.decode()[-2000:]
    report = json.loads((tmp_path / "report.json").read_text())
    return result, report, seconds, int(result.stdout.split()[-1]) // 1024


def owner(path, archives):
    """The archive that a path is in, or else the path itself."""
    return next((str(archive) for archive in archives if path.startswith(f"{archive}/")), path)


@pytest.mark.slow
def test_the_good_are_in_the_hostile_are_told_and_the_process_is_well(tmp_path):
    site = tmp_path / "site"
    (site / "_news").mkdir(parents=True)
    for n in range(100):
        (site / "_news" / f"good-{n}.md").write_bytes(make_file(f"good-{n}").data)
    alone = [*hostile.write_files(site), *hostile.write_specials(site / "_news"), *hostile.write_paths(tmp_path)]
    archives = {hostile.write_archive(tmp_path, name): counts for name, (_, *counts) in hostile.ARCHIVES.items()}
    expected = Counter(printable(str(path)) for path in alone)
    expected += Counter({str(path): lines for path, (lines, _) in archives.items()})

    result, report, seconds, peak = run(
        [site, *archives, *(path for path in alone if path.parent == tmp_path)], tmp_path
    )

    told = result.stderr.decode().splitlines()
    print(f"{len(told)} of {expected.total()} lines for {len(expected)} hostile things, {seconds:.1f} s, {peak} MiB")
    assert [line for line in told if not LINE.fullmatch(line)] == []
    by_path = Counter(owner(LINE.fullmatch(line)[1], archives) for line in told)
    assert by_path == expected
    assert (result.returncode, report["created"]) == (2, 100 + sum(good for _, good in archives.values()))
    assert report["created"] + report["updated"] + report["unchanged"] + len(report["rejected"]) == report["files"]
    assert peak < 300
    assert seconds < 10


@pytest.mark.slow
def test_files_of_the_largest_size_are_not_held_by_the_hundred(tmp_path):
    news = tmp_path / "site" / "_news"
    news.mkdir(parents=True)
    for n in range(100):
        with open(news / f"large-{n}.md", "wb") as file:
            file.truncate(MAX_BYTES)

    _, report, _, peak = run([tmp_path / "site"], tmp_path)

    print(f"{peak} MiB")
    assert len(report["rejected"]) == 100
    assert peak < 300
