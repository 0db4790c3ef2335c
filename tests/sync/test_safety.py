"""Imports and readers beside others, full disks and lost folders: real processes on real databases."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.factories import make_file, make_story_files
from tests.kill import Postgres, Sqlite
from tests.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.database]

LOCK = """
import django, sys, time
django.setup()
from articles.sync.locks import lock
with lock("harbour", 0):
    print("held", flush=True)
    time.sleep(60)
"""
IMPATIENT = """
import django, sys
django.setup()
from articles.sync import importer
importer.LOCK_SECONDS = 0.5
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "import_articles", *sys.argv[1:]])
"""
CRAMPED = """
import django, sys
django.setup()
from django.db.backends.signals import connection_created
def cramp(connection, **kwargs):
    connection.cursor().execute("PRAGMA max_page_count = 200")
connection_created.connect(cramp)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "import_articles", *sys.argv[1:]])
"""
WATCH = """
import django, time
django.setup()
from articles.models import Article
print("ready", flush=True)
while not Article.objects.exists():
    time.sleep(0.005)
print("begun", flush=True)
"""
EDIT = """
import django
django.setup()
from articles.models import Article
articles = list(Article.objects.order_by("pk")[:200])
for article in articles:
    article = Article.objects.get(pk=article.pk)
    article.title = f"Edited {article.stem}"
    article.save(update_fields=["title"])
print(len(articles))
"""
CHURN = """
import django, random, time
django.setup()
from datetime import timedelta
from articles.models import Article
chance = random.Random(1)
ids = list(Article.objects.filter(stem__endswith="0").values_list("pk", flat=True))
print("ready", flush=True)
for n in range(100_000):
    article = Article.objects.get(pk=chance.choice(ids))
    if chance.random() < 0.1:
        article.pk, article.stem, article._state.adding = None, f"new-{n}", True
    article.quality = chance.choice([60, 70, 80, 90])
    article.published_at += timedelta(hours=chance.randrange(-9, 9))
    article.save()
    time.sleep(0.01)
"""
READ = """
import django, json, re
django.setup()
from html import unescape
from django.test import Client
from articles.models import Article
client = Client(headers={"host": "localhost"})
walks = []
for order in ["quality", "heat", "hot", "latest"] * 3:
    seen, address = [], f"/?order={order}"
    while address:
        response = client.get(address)
        assert response.status_code == 200, response
        page = response.content.decode()
        seen += map(int, re.findall(r'href="/why/(\\d+)/"', page))
        link = re.search(r'<a href="([^"]*)" rel="next">', page)
        address = link and "/" + unescape(link[1])
    walks.append(seen)
print(json.dumps(walks))
"""


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """Where databases are made, with one that is migrated, `empty`, to copy."""
    if connection.vendor == "postgresql":  # one server for all processes of the tests
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        found = Postgres(os.environ["DATABASE_URL"], prefix=f"safety_{worker}_")
    else:
        found = Sqlite(tmp_path_factory.mktemp("databases"))
    found.create("empty")
    variables = {**os.environ, "DATABASE_URL": found.url("empty")}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=variables, cwd=ROOT, check=True)
    return found


@pytest.fixture
def database(databases):
    """A migrated database of its own, and ways to use it from other processes."""
    databases.create("safety", template="empty")
    url = databases.url("safety")
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    started = []

    def start(*command):
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    def run(*command):
        process = start(*command)
        out, err = process.communicate()
        return SimpleNamespace(code=process.returncode, out=out, err=err)

    def ask(code):
        return run("-c", f"import django; django.setup()\nfrom articles.models import *\nprint({code})").out.strip()

    path = Path(url.removeprefix("sqlite:///"))  # of a file
    yield SimpleNamespace(start=start, run=run, ask=ask, path=path)
    for process in started:
        if process.poll() is None:  # a test failed before its end
            process.kill()
            process.communicate()


def begin(database, site):
    """Start an import, and return it as soon as its first articles are in."""
    watch = database.start("-c", WATCH)
    assert watch.stdout.readline() == "ready\n"
    running = database.start("manage.py", "import_articles", str(site))
    assert watch.stdout.readline() == "begun\n"
    watch.communicate()
    return running


def put(folder, files):
    """Write files as a site's folder."""
    news = folder / "harbour" / "_news"
    news.mkdir(parents=True, exist_ok=True)
    for file in files:
        (news / f"{file.name}.md").write_bytes(file.data)
    return str(news.parent)


def many(number, **values):
    return [make_file(f"a{n}", title=f"Title {n}", excerpt="x" * 500, **values) for n in range(number)]


def test_two_imports_of_one_site_take_turns(database, tmp_path):
    site = put(tmp_path, many(1500))
    both = [database.start("manage.py", "import_articles", site) for _ in range(2)]

    results = [(*process.communicate(), process.returncode) for process in both]

    assert [code for *_, code in results] == [0, 0], results
    assert sorted(out.partition(" ")[0] for out, *_ in results) == ["0", "1500"]


def test_two_imports_of_two_sites_go_on_together(database, tmp_path):
    sites = [put(tmp_path / name, many(800, topics=["Harbour", "Tides", name])) for name in ("one", "two")]
    both = [
        database.start("manage.py", "import_articles", site, "--source", name)
        for site, name in zip(sites, ("one", "two"), strict=True)
    ]

    results = [(*process.communicate(), process.returncode) for process in both]

    assert [code for *_, code in results] == [0, 0], results
    assert database.ask("Article.objects.count()") == "1600"
    assert database.ask("Topic.objects.count()") == "4"


def test_an_import_that_waits_too_long_says_who_imports_the_site(database, tmp_path):
    site = put(tmp_path, many(2))
    holder = database.start("-c", LOCK)
    assert holder.stdout.readline() == "held\n"

    result = database.run("-c", IMPATIENT, site)

    assert result.code == 1
    assert "'harbour' is being imported already" in result.err
    assert "Traceback" not in result.err
    assert database.ask("Article.objects.count()") == "0"
    holder.kill()
    holder.communicate()


def test_the_lock_of_a_killed_import_ends_with_it(database, tmp_path):
    site = put(tmp_path, many(2))
    holder = database.start("-c", LOCK)
    assert holder.stdout.readline() == "held\n"

    holder.kill()
    holder.communicate()

    assert database.run("-c", IMPATIENT, site).code == 0


def test_the_record_of_a_killed_import_says_interrupted(database, tmp_path):
    site = put(tmp_path, many(6000))
    killed = begin(database, site)
    killed.kill()
    killed.communicate()

    assert database.run("manage.py", "import_articles", site).code == 0
    assert database.ask("[run.state for run in ImportRun.objects.order_by('pk')]") == "['interrupted', 'done']"


@pytest.mark.parametrize("changed", [{}, {"quality": 75}], ids=["unchanged", "changed"])
def test_editors_save_while_an_import_runs(database, tmp_path, changed):
    assert database.run("manage.py", "import_articles", put(tmp_path, many(1500))).code == 0
    site = put(tmp_path, many(1500, **changed))
    imported, editor = database.start("manage.py", "import_articles", site), database.start("-c", EDIT)

    out, err = editor.communicate()

    assert (out, err, editor.returncode) == ("200\n", "", 0)
    imported.communicate()
    assert imported.returncode == 0
    assert database.ask("Article.objects.filter(title__startswith='Edited ').count()") == "200"
    assert database.ask("Article.objects.filter(quality=75).count()") == ("1500" if changed else "0")
    assert database.ask("Conflict.objects.count()") == "0"


def test_a_folder_that_disappears_stops_the_import_with_one_sentence(database, tmp_path):
    site = Path(put(tmp_path, many(6000)))
    running = begin(database, site)
    site.rename(tmp_path / "gone")

    out, err = running.communicate()

    assert running.returncode == 1, out
    assert len(err.splitlines()) == 1
    assert "is not there any more" in err
    (tmp_path / "gone").rename(site)
    assert database.run("manage.py", "import_articles", str(site)).code == 0
    assert database.ask("Article.objects.count()") == "6000"


def test_an_unwritable_report_stops_the_import_before_it_starts(database, tmp_path):
    site = put(tmp_path, many(2))

    result = database.run("manage.py", "import_articles", site, "--report", str(tmp_path / "none" / "report.json"))

    assert result.code == 1
    assert "is not a folder" in result.err
    assert database.ask("Article.objects.count()") == "0"


if connection.vendor == "sqlite":

    def test_an_import_goes_on_after_a_full_disk_is_freed(database, tmp_path):
        site = put(tmp_path, make_story_files(*(f"s{n}" for n in range(60))) + many(1500))

        result = database.run("-c", CRAMPED, site)

        assert result.code == 1
        assert "There is no room left for the database" in result.err
        assert len(result.err.splitlines()) == 1
        with sqlite3.connect(database.path) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        again = database.run("manage.py", "import_articles", site)
        assert again.code == 0
        assert database.ask("Article.objects.count()") == "1560"
        assert database.ask("ImportedFile.objects.count()") == "1560"

    def test_a_read_only_database_is_explained_in_a_sentence(database, tmp_path):
        site = put(tmp_path, many(2))
        code = IMPATIENT.replace(
            "from articles.sync import importer",
            "from django.db import connection\n"
            "connection.cursor().execute('PRAGMA query_only = 1')\n"
            "from articles.sync import importer",
        )

        result = database.run("-c", code, site)

        assert result.code == 1
        assert "read-only" in result.err
        assert len(result.err.splitlines()) == 1

    def test_lock_files_are_empty_and_beside_the_database(database, tmp_path):
        assert database.run("manage.py", "import_articles", put(tmp_path, many(2))).code == 0

        assert database.path.with_name("safety.sqlite3-import-harbour.lock").stat().st_size == 0

    def test_a_dry_run_leaves_the_database_byte_for_byte(database, tmp_path):
        assert database.run("manage.py", "import_articles", put(tmp_path, many(300))).code == 0
        before = database.path.read_bytes()

        result = database.run("manage.py", "import_articles", put(tmp_path, many(600, quality=75)), "--dry-run")

        assert (result.code, result.err) == (0, "")
        assert result.out.splitlines()[-1].startswith("Would be: 300 created, 300 updated")
        assert "harbour/_news/a7.md: quality: 60 → 75" in result.out
        assert database.path.read_bytes() == before


def test_a_reader_sees_an_article_that_stays_once_while_others_arrive_and_move(database, tmp_path):
    database.run("manage.py", "import_articles", put(tmp_path, many(400, published=True, quality=80, heat=80)))
    staying = "Article.objects.exclude(stem__endswith='0')"
    ids = set(json.loads(database.ask(f"list({staying}.values_list('pk', flat=True))")))
    churn = database.start("-c", CHURN)
    assert churn.stdout.readline() == "ready\n"

    reader = database.run("-c", READ)
    assert churn.poll() is None, churn.communicate()
    churn.kill()

    walks = json.loads(reader.out.splitlines()[-1]) if reader.out else []  # above it are the lines of its requests
    assert (len(walks), len(ids)) == (12, 360), reader.err
    for seen in walks:
        assert sorted(pk for pk in seen if pk in ids) == sorted(ids)
    assert int(database.ask("Article.objects.count()")) > 400
    churn.communicate()
