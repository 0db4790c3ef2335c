"""Good files among hostile ones: the good are imported, each hostile one is rejected in one line."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter

import pytest

from articles.frontmatter import MAX_BYTES, FrontMatterError, parse, printable
from articles.sync import allowance
from articles.sync.files import find
from articles.sync.found import Rejection
from tests import hostile, hostile_archives
from tests.factories import make_file
from tests.paths import ROOT

MANY = 40  # files
LINE = re.compile(r"(.+?):\d+: (?:[^:]*: )?expected .+, found.+")
# Runs a command and prints its peak memory in KiB after what it prints itself.
MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
    " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def test_the_number_of_hostile_things_does_not_shrink():
    assert (len(hostile.FILES), len(hostile.ODD), len(hostile.TAXONOMY), len(hostile_archives.ARCHIVES)) == (
        78,
        9,
        4,
        38,
    )


@pytest.mark.attack(1)
@pytest.mark.parametrize("name", hostile.FILES, ids=lambda name: printable(name)[:40])
def test_the_parser_soon_rejects_a_hostile_text(name):
    if hostile.FILES[name] == hostile.matter():
        parse(hostile.FILES[name])  # only its name is hostile
        return
    started = time.process_time()

    with pytest.raises(FrontMatterError) as error:
        parse(hostile.FILES[name])

    assert len(str(error.value)) < 300
    assert str(error.value).isprintable()
    assert time.process_time() - started < 2


@pytest.mark.attack(1)
@pytest.mark.parametrize("name", hostile.ODD)
def test_the_parser_soon_reads_an_odd_text(name):
    started = time.process_time()

    warnings = parse(hostile.ODD[name]).warnings

    assert all(len(str(warning)) < 300 and str(warning).isprintable() for warning in warnings)
    assert bool(warnings) == (name not in ("byte-order-mark", "control-characters"))
    assert time.process_time() - started < 2


@pytest.mark.attack(4)
@pytest.mark.parametrize("name", hostile_archives.ARCHIVES)
def test_the_good_files_of_a_hostile_archive_are_read_and_the_others_rejected(name, tmp_path, monkeypatch):
    monkeypatch.setattr(allowance, "CONTENT", (2**25, 0))
    path = hostile_archives.write_archive(tmp_path, name)
    _, lines, good = hostile_archives.ARCHIVES[name]
    started = time.process_time()

    found = list(find(str(path)))

    told = [str(item) for item in found if isinstance(item, Rejection)]
    assert (len(told), len(found) - len(told)) == (lines, good)
    assert [line for line in told if not line.startswith(str(path)) or len(line) > 400 or not line.isprintable()] == []
    assert time.process_time() - started < 2


@pytest.mark.attack(3)
def test_pipes_links_and_devices_are_rejected_without_waiting(tmp_path):
    for path in [*hostile.write_specials(tmp_path), *hostile.write_paths(tmp_path)]:
        if path.name.startswith("bytes") or path.is_dir() or (path.is_symlink() and path.is_file()):
            continue  # a link that the user names is read
        (told,) = find(str(path))

        assert isinstance(told, Rejection), path


def test_folders_that_are_named_like_files_leave_no_descriptor_open(tmp_path):
    for n in range(50):
        (tmp_path / f"{n}.md").mkdir()
    before = len(os.listdir("/dev/fd"))

    found = list(find(str(tmp_path)))

    assert len(found) == 50
    assert len(os.listdir("/dev/fd")) == before


def run(paths, tmp_path):
    """Import into a new database in another process. Return its result, its report and its peak memory in MiB."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-c", MEASURED, *manage, "import_articles", *paths]
    command += ["--report", tmp_path / "report.json"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (tmp_path / "report.json").exists(), result.stderr.decode()[-2000:]
    report = json.loads((tmp_path / "report.json").read_text())
    return result, report, int(result.stdout.split()[-1]) // 1024


def write_good_files(site, number):
    (site / "_news").mkdir(parents=True)
    for n in range(number):
        (site / "_news" / f"good-{n}.md").write_bytes(make_file(f"good-{n}").data)


def rejections_by_path(lines, archives):
    """Return the number of rejections of each path; those of files in an archive count for the archive."""
    paths = [LINE.fullmatch(line)[1] for line in lines]
    return Counter(next((f"{a}" for a in archives if path.startswith(f"{a}/")), path) for path in paths)


@pytest.mark.attack(2)
@pytest.mark.slow
def test_an_import_takes_the_good_files_and_rejects_every_hostile_one(tmp_path):
    site = tmp_path / "site"
    write_good_files(site, 100)
    alone = [*hostile.write_files(site), *hostile.write_specials(site / "_news"), *hostile.write_paths(tmp_path)]
    archives = {hostile_archives.write_archive(tmp_path, name): name for name in hostile_archives.ARCHIVES}
    counts = {path: hostile_archives.ARCHIVES[name][1:] for path, name in archives.items()}

    result, report, peak = run([site, *archives, *(path for path in alone if path.parent == tmp_path)], tmp_path)

    lines = result.stderr.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    expected = Counter(printable(str(path)) for path in alone)
    expected += Counter({str(path): rejected for path, (rejected, _) in counts.items()})
    assert rejections_by_path(lines, archives) == expected
    assert (result.returncode, report["created"]) == (2, 100 + sum(good for _, good in counts.values()))
    assert report["created"] + report["updated"] + report["unchanged"] + len(report["rejected"]) == report["files"]
    assert peak < 300


@pytest.mark.slow
def test_an_import_does_not_hold_many_of_the_largest_files_in_memory(tmp_path):
    news = tmp_path / "site" / "_news"
    news.mkdir(parents=True)
    for n in range(MANY):
        with open(news / f"large-{n}.md", "wb") as file:
            file.truncate(MAX_BYTES)

    _, report, peak = run([tmp_path / "site"], tmp_path)

    assert len(report["rejected"]) == MANY
    assert peak < 200
