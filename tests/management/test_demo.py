"""`manage.py demo`: a newsroom to look at."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import override_settings

from articles.models import Article, ArticleImage
from tests.paths import ROOT

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Run the demo without its server and return what it prints."""
    out = StringIO()
    with override_settings(IS_DEMO=True):
        call_command("demo", "--no-server", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def printed(module_db, tmp_path_factory):
    """What the first run prints. Its rows and pictures are there for the whole module."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield run()


def test_the_demo_stores_the_sample_articles(printed):
    assert Article.objects.count() >= 60
    assert Article.objects.published().count() >= 30


def test_an_editor_can_log_in_with_the_password_that_the_demo_prints(printed):
    password = re.search(r"Password \(shown this once\): (\S+)", printed)[1]

    assert authenticate(username="editor", password=password).is_staff


def test_a_second_demo_changes_nothing_and_shows_no_password(printed, tmp_path):
    before = list(Article.objects.values().order_by("pk")), list(ArticleImage.objects.values().order_by("pk"))

    again = run("--report", str(tmp_path / "report.json"))

    assert "Password (" not in again
    assert "0 created, 0 updated" in again
    assert (list(Article.objects.values().order_by("pk")), list(ArticleImage.objects.values().order_by("pk"))) == before
    assert json.loads((tmp_path / "report.json").read_text())["unchanged"] >= 60


def test_the_demo_draws_every_sample_image(printed):
    assert ArticleImage.objects.count() >= 30
    assert not ArticleImage.objects.filter(file="").exists()


def test_h_the_demo_does_not_run_on_a_configured_database():
    with pytest.raises(CommandError, match=r"manage\.py demo, which has a database of its own"):
        call_command("demo", "--no-server")


CONFIGURED = [
    {},
    {"DATABASE_URL": "sqlite:///own.sqlite3", "NEWSROOM_MEDIA_ROOT": "own-media"},
    {"DATABASE_URL": "postgres://nobody:secret@localhost:1/none", "CACHE_URL": "redis://localhost:1/1"},
    {"DATABASE_URL": "no address", "NEWSROOM_MEDIA_ROOT": "/proc/none"},
    {"NEWSROOM_BASE_URL": "https://news.example.org", "NEWSROOM_ALLOWED_HOSTS": "news.example.org"},
    {"NEWSROOM_EMAIL_URL": "smtp://localhost:1", "NEWSROOM_DEBUG": "0"},
]
LOOK = """
import sys
sys.argv = ["manage.py", "demo", "--no-server"]
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from articles.models import ArticleImage
call_command(*sys.argv[1:])
client = Client(SERVER_NAME="localhost")
image = ArticleImage.objects.exclude(file="").first()
for path in ("/", "/search/?q=ferry", image.file.url, "/admin/login/"):
    print(client.get(path, follow=True).status_code, path)
print("Log in:", client.login(username="editor", password=sys.stdin.read()))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with a database of someone's own, in which the demo ran. Its password is in a file."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("articles", "newsroom", "templates", "static", "locale"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    for name in ("db.sqlite3", "own.sqlite3"):
        (folder / name).write_bytes(b"not to be touched")
    printed = python(folder, {}, "manage.py", "demo", "--no-server")
    (folder / "password").write_text(re.search(r"Password \(shown this once\): (\S+)", printed)[1])
    return folder


def python(project, configured, *arguments, **options):
    """Run Python with a site's configuration, and return what it prints."""
    ours = ("NEWSROOM_", "DATABASE_", "CACHE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= configured | {"DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    command = [sys.executable, *arguments]
    result = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False, **options
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("configured", CONFIGURED, ids=lambda found: " ".join(found) or "nothing")
def test_h_the_demo_has_a_database_and_pictures_of_its_own(project, configured):
    before = {path.name for path in project.iterdir()}

    printed = python(project, configured, "-c", LOOK, input=(project / "password").read_text())

    assert "72 unchanged" in printed
    assert re.findall(r"(?m)^\d+(?= /)", printed) == ["200"] * 4
    assert "Log in: True" in printed
    assert {path.name for path in project.iterdir() if not path.name.startswith("demo.sqlite3")} <= before
    assert (project / "db.sqlite3").read_bytes() == (project / "own.sqlite3").read_bytes() == b"not to be touched"


@pytest.mark.slow
def test_h_the_demo_is_all_in_two_places(project):
    made = {path.name for path in project.iterdir() if path.name.startswith("demo")}

    assert {"demo.sqlite3", "demo-media"} <= made
    with sqlite3.connect(project / "demo.sqlite3") as database:
        assert database.execute("SELECT COUNT(*) FROM articles_article").fetchone()[0] >= 60
