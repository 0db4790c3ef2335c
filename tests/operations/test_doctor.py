"""`manage.py doctor`: each planted fault is found by its name, and nothing on a site that is well."""

import json
import os
import shutil
import sqlite3
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler
from django.utils import timezone

from articles.models import Article, ArticleImage, Boost, ImportRun, Issue, LastRun, ReindexRequest, SearchEntry
from articles.models import Subscriber as Reader
from articles.operations import checks_files, checks_rows, doctor
from articles.pictures import volume
from articles.search import index
from newsroom import environment, health
from tests import post_office
from tests.factories import make_article
from tests.paths import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_server():
    with post_office.opened() as office:
        yield office.port


@pytest.fixture
def site(settings, monkeypatch, tmp_path, mail_server):
    """A site that is well. Returns its folder."""
    for folder in ("media", "static", "backups"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "backups/newsroom.tar").touch(0o600)
    (tmp_path / ".env").touch(0o600)
    paths = {name: name for finder in finders.get_finders() for name, _ in finder.list([])}
    (tmp_path / "static/staticfiles.json").write_text(json.dumps({"paths": paths}))
    server = {"host": "127.0.0.1", "port": mail_server}
    mailer = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": server}
    values = {
        "ALLOWED_HOSTS": ["news.example.org"],
        "BASE_DIR": tmp_path,
        "MEDIA_ROOT": tmp_path / "media",
        "NEWSROOM_BACKUPS": tmp_path / "backups",
        "NEWSROOM_BASE_URL": "https://news.example.org",
        "NEWSROOM_SENDS_MAIL": True,
        "NEWSROOM_TRUSTED_PROXIES": ["127.0.0.1"],
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "STATIC_ROOT": tmp_path / "static",
        **environment.mail_settings(mailer),
    }
    for name, value in values.items():
        setattr(settings, name, value)
    monkeypatch.setenv("NEWSROOM_SECRET_KEY", "only for the time of these tests")
    volume.make()
    make_article("Ferries", published=True, quality=80)
    index.refresh()
    get_user_model().objects.create_user("editor", is_staff=True)
    LastRun.note("tend")
    return tmp_path


def found():
    return {finding.check for finding in doctor.look()}


def test_nothing_is_wrong_with_a_site_that_is_well(site):
    out = StringIO()

    call_command("doctor", stdout=out)

    assert out.getvalue().startswith(f"{len(doctor.CHECKS)} checks, 0 findings; ")


def debug(site, settings, monkeypatch):
    settings.DEBUG = True


def secret_key(site, settings, monkeypatch):
    monkeypatch.delenv("NEWSROOM_SECRET_KEY")


def base_url(site, settings, monkeypatch):
    settings.NEWSROOM_BASE_URL = "http://localhost:8000"


def base_url_without_tls(site, settings, monkeypatch):
    settings.NEWSROOM_BASE_URL = "http://news.example.org"


def proxy_headers(site, settings, monkeypatch):
    settings.NEWSROOM_TRUSTED_PROXIES = []


def proxy_headers_not_read(site, settings, monkeypatch):
    settings.SECURE_PROXY_SSL_HEADER = None


def hosts(site, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["*"]


def mail(site, settings, monkeypatch):
    nobody = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 1}}
    for name, value in environment.mail_settings(nobody).items():
        setattr(settings, name, value)


def mail_for_readers(site, settings, monkeypatch):
    settings.NEWSROOM_SENDS_MAIL = False
    Reader.objects.create(email="a@example.org")


def cache(site, settings, monkeypatch):
    def fail():
        raise ConnectionError("redis://:hunter2hunter2@h")

    monkeypatch.setattr(health, "check_cache", fail)


def static_files(site, settings, monkeypatch):
    (site / "static/staticfiles.json").unlink()


def static_files_outdated(site, settings, monkeypatch):
    os.utime(site / "static/staticfiles.json", (1, 1))


def packages(site, settings, monkeypatch):
    text = (site / "pyproject.toml").read_text()
    (site / "pyproject.toml").write_text(text.replace("django>=5.2,<6.3", "django>=9.2,<9.3"))


def file_modes(site, settings, monkeypatch):
    (site / ".env").chmod(0o644)


def file_modes_of_a_backup(site, settings, monkeypatch):
    (site / "backups/newsroom.tar").chmod(0o640)


def file_modes_of_a_database(site, settings, monkeypatch):
    (site / "db.sqlite3-wal").touch(0o644)
    monkeypatch.setattr(checks_files, "database_file", lambda: site / "db.sqlite3")


def disk_space(site, settings, monkeypatch):
    usage = shutil.disk_usage(site)._replace(free=2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def media_folder(site, settings, monkeypatch):
    shutil.rmtree(site / "media")
    (site / "media").write_text("")


def media_volume(site, settings, monkeypatch):
    media_files(site, settings, monkeypatch)
    (site / "media" / volume.MARKER).unlink()


def media_files(site, settings, monkeypatch):
    ArticleImage.objects.create(article=Article.objects.first(), url="https://i.example/a.png", file="pictures/a.png")


def clock_and_files(site, settings, monkeypatch):
    os.utime(site / "media", (time.time() + 7 * 86400,) * 2)


def clock(site, settings, monkeypatch):
    Article.objects.update(updated_at=timezone.now() + timedelta(days=60))


def age_of_backups(site, settings, monkeypatch):
    os.utime(site / "backups/newsroom.tar", (time.time() - 9 * 86400,) * 2)


def age_of_backups_without_any(site, settings, monkeypatch):
    (site / "backups/newsroom.tar").unlink()


def database(site, settings, monkeypatch):
    monkeypatch.setattr(checks_rows, "database_file", lambda: site / "missing.sqlite3")


def migrations(site, settings, monkeypatch):
    MigrationRecorder(connection).record_unapplied("articles", "0023_ops")


def migrations_of_a_later_version(site, settings, monkeypatch):
    MigrationRecorder(connection).record_applied("articles", "9999_later")


def search_index(site, settings, monkeypatch):
    SearchEntry.objects.all().delete()


def search_index_with_too_many(site, settings, monkeypatch):
    Article.objects.update(published=False)
    ReindexRequest.objects.all().delete()


def boosts(site, settings, monkeypatch):
    boost = Boost.objects.create(article=Article.objects.first(), points=5, reason="x")
    Boost.objects.filter(pk=boost.pk).update(until=timezone.now() - timedelta(hours=1))


def tend(site, settings, monkeypatch):
    LastRun.objects.update(at=timezone.now() - timedelta(hours=1))


def tend_never(site, settings, monkeypatch):
    LastRun.objects.all().delete()


def imports(site, settings, monkeypatch):
    ImportRun.objects.create(state=ImportRun.State.FAILED)


def imports_that_hang(site, settings, monkeypatch):
    run = ImportRun.objects.create()
    ImportRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(days=1))


def newsletter(site, settings, monkeypatch):
    Issue.objects.create(date="2026-11-02", begun_at=timezone.now() - timedelta(days=1))


def sign_ups(site, settings, monkeypatch):
    monkeypatch.setattr(checks_rows, "MANY_SUBSCRIBERS", 1)
    for number in range(2):
        Reader.objects.create(email=f"{number}@example.org")


def sessions(site, settings, monkeypatch):
    Session.objects.create(session_key="a", expire_date=timezone.now() - timedelta(days=30))


def accounts(site, settings, monkeypatch):
    get_user_model().objects.all().delete()


PLANTS = [
    debug, secret_key, base_url, base_url_without_tls, proxy_headers, proxy_headers_not_read, hosts, mail,
    mail_for_readers, cache, static_files, static_files_outdated, packages, file_modes, file_modes_of_a_backup,
    file_modes_of_a_database, disk_space, media_folder, media_volume, media_files, clock_and_files, clock,
    age_of_backups, age_of_backups_without_any, database, migrations, migrations_of_a_later_version, search_index,
    search_index_with_too_many, boosts, tend, tend_never, imports, imports_that_hang, newsletter, sign_ups, sessions,
    accounts,
]  # fmt: skip
NAMES = sorted(doctor.CHECKS, key=len)


def name_of(plant):
    """The longest name of a check that a plant's name begins with."""
    return [name for name in NAMES if plant.__name__.replace("_", "-").startswith(name)][-1]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found_by_its_name_and_no_other(site, settings, monkeypatch, plant):
    plant(site, settings, monkeypatch)

    assert found() == {name_of(plant)}


def test_each_check_has_a_fault_that_it_finds():
    assert {name_of(plant) for plant in PLANTS} == set(doctor.CHECKS)


def test_a_finding_says_what_where_and_its_cure_and_the_exit_code_is_2(site, settings, capsys, tmp_path):
    (site / ".env").chmod(0o644)

    with pytest.raises(SystemExit) as exit_:
        call_command("doctor", "--report", str(tmp_path / "r.json"))

    assert exit_.value.code == 2
    out = capsys.readouterr().out
    assert out.startswith(f"file-modes: {site}/.env: Other accounts can read or write it.\n    chmod 600 {site}/.env\n")
    (finding,) = json.loads((tmp_path / "r.json").read_text())["findings"]
    assert finding == {
        "check": "file-modes",
        "where": f"{site}/.env",
        "what": "Other accounts can read or write it.",
        "cure": f"chmod 600 {site}/.env",
    }


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ValueError("odd"), LookupError("none")])
def test_a_check_that_fails_is_a_finding(site, monkeypatch, error):
    def fail():
        raise error
        yield

    monkeypatch.setitem(doctor.CHECKS, "hosts", fail)

    assert found() == {"hosts"}


def test_a_new_database_is_for_its_owner_only(tmp_path):
    own = ConnectionHandler({"default": environment.sqlite(tmp_path / "new.sqlite3")})["default"]
    old = os.umask(0)
    try:
        with own.cursor() as cursor:
            cursor.execute("CREATE TABLE a (b)")
        modes = {path.name: path.stat().st_mode & 0o777 for path in Path(tmp_path).iterdir()}
    finally:
        os.umask(old)
        own.close()

    assert modes == {"new.sqlite3": 0o600, "new.sqlite3-wal": 0o600, "new.sqlite3-shm": 0o600}


@pytest.mark.parametrize("damage", ["reference", "pages"])
def test_a_damaged_database_is_found(site, monkeypatch, tmp_path, damage):
    path = tmp_path / "damaged.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES a (id), c)")
        database.executemany("INSERT INTO a (b, c) VALUES (NULL, ?)", [("x" * 500,)] * 100)
        if damage == "reference":
            database.execute("UPDATE a SET b = 999")
    database.close()
    if damage == "pages":
        data = bytearray(path.read_bytes())
        data[4096:12288] = b"\x7f" * 8192
        path.write_bytes(data)
    own = ConnectionHandler({"default": environment.sqlite(path)})["default"]
    monkeypatch.setattr(checks_rows, "connection", own)

    said = [what for _, what, _ in checks_rows.database()]
    own.close()

    assert any(word in said[0] for word in ("rows refer to rows", "damaged", "malformed"))
