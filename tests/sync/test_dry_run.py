"""Dry runs beside others who write."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

DRY_RUN = """
import sys, django
django.setup()
from articles.models import Article
from articles.sync.importer import import_files
from tests.factories import make_file
def found():
    for n in range(1200):
        yield make_file(f"a{n}")
    print("written", flush=True)
    sys.stdin.readline()
    yield make_file("last", source="north")
report = import_files(found(), dry_run=True)
print(report.created, report.stories, Article.objects.count())
"""
WRITE = """
import django
django.setup()
from django.db import connection
connection.cursor().execute("PRAGMA busy_timeout = 100")
from tests.factories import make_article
make_article("Written meanwhile")
"""


@pytest.mark.slow
def test_others_write_during_a_dry_run(tmp_path):
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    environment |= {"DJANGO_SETTINGS_MODULE": "newsroom.settings", "PYTHONPATH": str(ROOT)}
    options = {"cwd": ROOT, "env": environment, "text": True}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, **options)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}

    with subprocess.Popen([sys.executable, "-c", DRY_RUN], **options, **pipes) as process:
        assert process.stdout.readline() == "written\n"
        meanwhile = subprocess.run([sys.executable, "-c", WRITE], check=False, capture_output=True, **options)
        out, _ = process.communicate("\n")

    assert (meanwhile.returncode, meanwhile.stderr) == (0, "")
    assert (process.returncode, out) == (0, "1201 0 1\n")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
