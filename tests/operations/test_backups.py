"""Backups and restores of whole sites, by the commands."""

import json
import shutil
import signal
import stat
import time

import pytest
from django.db import connection

from tests.operations.sites import new_site
from tests.paths import SAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, folder):
    with django_db_blocker.unblock(), new_site(folder / "site") as site:
        yield site


@pytest.fixture(scope="module")
def backup(site, folder):
    site.manage("backup", folder / "site.tar", "--report", folder / "report.json")
    return folder / "site.tar"


@pytest.fixture
def other(tmp_path):
    """A site that is empty: not even migrated."""
    with new_site(tmp_path / "other", filled=False) as other:
        yield other


def test_a_restored_site_is_equal_to_the_one_that_was_backed_up(site, backup, other):
    said = other.manage("restore", backup)

    assert "72 articles, 21 files" in said
    assert other.state() == site.state()


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_else(backup, folder):
    report = json.loads((folder / "report.json").read_text())

    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert (report["files"], report["missing"], report["counts"]["articles.Article"]) == (
        21,
        [],
        72,
    )  # the marker of the media folder is one
    assert sorted(path.name for path in folder.iterdir()) == ["report.json", "site", "site.tar"]


def test_a_site_with_articles_is_replaced_only_by_force_and_is_kept(backup, site, tmp_path):
    with new_site(tmp_path / "busy", backup) as busy:
        busy.shell("from articles.models import Article; Article.objects.update(title='Edited')")
        before = busy.state()

        assert "With --force" in busy.manage("restore", backup, code=1)
        assert busy.state() == before
        said = busy.manage("restore", backup, "--force")

        assert "The old database is kept: " in said
        assert busy.state() == site.state()
        if connection.vendor == "sqlite":
            (kept,) = busy.folder.glob("db.sqlite3-before-*")
            busy.database = f"sqlite:///{kept}"
            assert busy.state() == before


def test_a_backup_without_media_restores_the_database(site, other, tmp_path):
    site.manage("backup", tmp_path / "small.tar", "--no-media")
    shutil.copytree(site.folder / "media", other.folder / "media")

    other.manage("restore", tmp_path / "small.tar")

    assert other.state() == site.state()


def test_a_file_that_a_row_names_comes_from_the_trash_or_is_told(backup, tmp_path):
    with new_site(tmp_path / "lossy", backup) as site, new_site(tmp_path / "next", filled=False) as other:
        state = site.state()
        media = site.folder / "media"
        (media / "trash/2026-11-26").mkdir(parents=True)
        (media / "pictures/3-é.png").rename(media / "trash/2026-11-26/3-é.png")
        site.manage("backup", tmp_path / "a.tar")
        other.manage("restore", tmp_path / "a.tar")
        assert other.state() == state

        (media / "pictures/4-é.png").unlink()
        assert "pictures/4-é.png: a row names this file" in site.manage("backup", tmp_path / "b.tar", code=2)


@pytest.mark.parametrize("later", [True, False])
def test_a_backup_of_a_later_version_is_refused_and_an_older_one_migrated(site, backup, other, tmp_path, later):
    if later:
        program = "MigrationRecorder(connection).record_applied('articles', '9999_later')"
    else:
        program = "call_command('migrate', 'articles', '0020', verbosity=0)"
    with new_site(tmp_path / "changed", backup) as changed:
        changed.shell(
            "from django.db import connection; from django.core.management import call_command\n"
            f"from django.db.migrations.recorder import MigrationRecorder\n{program}"
        )
        changed.manage("backup", tmp_path / "changed.tar")

    said = other.manage("restore", tmp_path / "changed.tar", code=1 if later else 0)

    assert ("no migration articles.9999_later" if later else "its database was migrated") in said
    if later:
        assert not (other.folder / "db.sqlite3").exists()
    else:
        assert other.state() == site.state()
        other.manage("migrate", "--check")


def test_a_backup_during_imports_restores_to_whole_articles(backup, other, tmp_path):
    grown = tmp_path / "grown/_news"
    grown.mkdir(parents=True)
    for path in (SAMPLES / "_news").glob("*.md"):
        for number in range(12):
            (grown / f"{path.stem}-{number}.md").write_text(path.read_text())
    with new_site(tmp_path / "busy", backup) as busy:
        importer = busy.start("manage.py", "import_articles", str(grown), "--source", "grown", start_new_session=True)
        backups = []
        while importer.poll() is None or not backups:
            backups.append(tmp_path / f"{len(backups)}.tar")
            busy.manage("backup", backups[-1])
        err = importer.communicate()[1]
        assert importer.returncode == 0, err

    counts = set()
    for backup in backups[:: max(1, len(backups) // 3)]:
        other.manage("restore", backup, "--force")
        checks = "from tests import checksum; from articles.models import Article; from django.db import connection\n"
        checks += "connection.check_constraints(); print(checksum.halves(), Article.objects.count())"
        halves, count = map(int, other.shell(checks).split())
        assert halves == 0
        counts.add(count)
    assert counts


def test_a_restore_that_is_killed_leaves_the_old_site_or_the_new_one(site, backup, tmp_path, request):
    with new_site(tmp_path / "killed", backup) as killed:
        killed.shell("from articles.models import Article; Article.objects.update(title='Edited')")
        killed.manage("backup", tmp_path / "edited.tar")
        files = {killed.state(): backup, site.state(): tmp_path / "edited.tar"}  # what to restore next, by state
        begun = time.monotonic()
        killed.manage("restore", files[killed.state()], "--force")
        took = time.monotonic() - begun
        rounds = request.config.getoption("--kills")
        for round_ in range(rounds):
            process = killed.start("manage.py", "restore", str(files[killed.state()]), "--force")
            time.sleep(took * (0.3 + 0.6 * round_ / rounds))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if connection.vendor != "sqlite":
                time.sleep(1)  # psql ends by itself
            assert killed.state() in files
        killed.manage("restore", backup, "--force")
        assert killed.state() == site.state()
        assert not list(killed.folder.glob("**/.restore-*"))
