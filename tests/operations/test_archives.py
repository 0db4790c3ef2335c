"""What is no whole backup of ours is refused before anything of the site is touched."""

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile

import pytest
from django.db import connection

from articles.operations import archives, restoring
from articles.operations.archives import BackupError, Manifest, Writer

GOOD = {"database.sqlite3.gz": gzip.compress(b"rows"), "media/pictures/a.png": b"a picture", "media/b é.png": b"b"}


def manifest(content, **changes):
    entries = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()}
    facts = {"database": "sqlite", "made_at": "2026-11-27T12:00:00Z", "migrations": [], "counts": {}, "files": entries}
    facts |= {"with_media": True, "missing": [], "format": 1, **changes}
    return json.dumps({**facts, "digest": archives.digest(facts)}).encode()


def packed(path, entries):
    """Write a tar of entries: pairs of a name and its bytes, or TarInfo objects."""
    with tarfile.open(path, "w") as tar:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                tar.addfile(info, io.BytesIO(entry[1]))
    return path


def special(kind, name="media/x", link="/etc/passwd"):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def stage(path, tmp_path):
    folders = [tmp_path / "database", tmp_path / "media"]
    for folder in folders:
        folder.mkdir()
    return restoring._stage(path, *folders, iter)


def test_a_backup_that_is_whole_is_unpacked(tmp_path):
    path = packed(tmp_path / "a.tar", [*GOOD.items(), ("manifest.json", manifest(GOOD))])

    staged = stage(path, tmp_path)

    assert staged.database.read_bytes() == b"rows"
    assert {name: file.read_bytes() for name, file in staged.media.items()} == {
        "pictures/a.png": b"a picture",
        "b é.png": b"b",
    }


def test_what_is_written_is_what_is_read(tmp_path):
    for name, data in GOOD.items():
        (tmp_path / name.replace("/", "-")).write_bytes(data)
    facts = Manifest(database="sqlite", made_at="now", migrations=[["a", "0001"]], counts={"a.A": 1}, with_media=True)

    with archives.written_whole(tmp_path / "a.tar") as file:
        writer = Writer(file, facts)
        for name in GOOD:
            writer.add(name, tmp_path / name.replace("/", "-"))
        writer.finish()

    assert stage(tmp_path / "a.tar", tmp_path).manifest == facts


NAMES = {
    "up": "media/../../x",
    "absolute": "/etc/cron.d/x",
    "above": "../x",
    "beside": "x",
    "settings": "newsroom/settings.py",
    "a second database": "database.sqlite3",
    "dot": "media/./x",
    "empty part": "media//x",
    "folder itself": "media/",
    "backslash": "media/..\\x",
    "control": "media/a\nb",
    "long": f"media/{'x' * 256}",
}
KINDS = {
    "symbolic link": tarfile.SYMTYPE,
    "hard link": tarfile.LNKTYPE,
    "device": tarfile.CHRTYPE,
    "block device": tarfile.BLKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "folder": tarfile.DIRTYPE,
    "sparse": tarfile.GNUTYPE_SPARSE,
}


@pytest.mark.attack(3)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    files = {**GOOD, name: b"evil"}
    path = packed(tmp_path / "a.tar", [*files.items(), ("manifest.json", manifest(files))])

    with pytest.raises(BackupError, match="no backup has such an entry"):
        stage(path, tmp_path)
    assert not (tmp_path / "x").exists()


@pytest.mark.attack(4)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_no_plain_file_is_refused(tmp_path, kind):
    path = packed(tmp_path / "a.tar", [special(kind), *GOOD.items(), ("manifest.json", manifest(GOOD))])

    with pytest.raises(BackupError):
        stage(path, tmp_path)


@pytest.mark.attack(4)
def test_two_files_of_one_name_are_refused(tmp_path):
    path = packed(tmp_path / "a.tar", [*GOOD.items(), *GOOD.items(), ("manifest.json", manifest(GOOD))])

    with pytest.raises(BackupError, match="no backup has such an entry"):
        stage(path, tmp_path)


@pytest.mark.attack(4)
def test_a_database_that_unpacks_to_more_than_is_credible_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(restoring, "MOST_RATIO", 2)
    files = {"database.sqlite3.gz": gzip.compress(bytes(2**27))}
    path = packed(tmp_path / "a.tar", [*files.items(), ("manifest.json", manifest(files))])

    with pytest.raises(BackupError, match="not credible"):
        stage(path, tmp_path)


CHANGES = {
    "another format": {"format": 2},
    "no format": {"format": None},
    "another database": {"database": "mysql"},
    "no files": {"files": {}},
    "files are a list": {"files": []},
    "an entry without a checksum": {"files": {"a": {}}},
    "one more key": {"more": 1},
    "migrations are numbers": {"migrations": [1]},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_manifest_that_is_not_ours_is_refused(tmp_path, changes):
    path = packed(tmp_path / "a.tar", [*GOOD.items(), ("manifest.json", manifest(GOOD, **changes))])

    with pytest.raises(BackupError):
        stage(path, tmp_path)


def test_a_backup_cut_off_at_any_point_is_refused(tmp_path):
    whole = packed(tmp_path / "a.tar", [*GOOD.items(), ("manifest.json", manifest(GOOD))]).read_bytes()
    end = len(whole.rstrip(b"\0"))
    for number, length in enumerate(range(0, end, 197)):
        (folder := tmp_path / str(number)).mkdir()
        (folder / "cut.tar").write_bytes(whole[:length])
        with pytest.raises(BackupError):
            stage(folder / "cut.tar", folder)


def test_a_backup_with_any_part_altered_is_refused_or_means_the_same(tmp_path):
    whole = packed(tmp_path / "a.tar", [*GOOD.items(), ("manifest.json", manifest(GOOD))]).read_bytes()
    refused = 0
    for number, place in enumerate(range(0, len(whole.rstrip(b"\0")), 101)):
        (folder := tmp_path / str(number)).mkdir()
        (folder / "altered.tar").write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            staged = stage(folder / "altered.tar", folder)
        except BackupError:
            refused += 1
        else:  # padding, or when and by whom a file was written, says nothing about its content
            assert staged.database.read_bytes() == b"rows"
            assert sorted(staged.media) == ["b é.png", "pictures/a.png"]
    assert refused > 20


NO_TARS = {
    "empty": b"",
    "zeros": b"\0" * 10240,
    "text": b"no tar at all" * 100,
    "packed": gzip.compress(b"x" * 10000),
    "ones": b"\xff" * 2000,
}


@pytest.mark.parametrize("data", NO_TARS.values(), ids=NO_TARS)
def test_what_is_no_tar_is_refused(tmp_path, data):
    (tmp_path / "a.tar").write_bytes(data)

    with pytest.raises(BackupError):
        stage(tmp_path / "a.tar", tmp_path)


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    def fail():
        with archives.written_whole(tmp_path / "a.tar") as file:
            file.write(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"database": "mysql"}, "The backup is of mysql, but the site's database is "),
        (
            {"migrations": [["articles", "9999_later"]]},
            r"no migration articles\.9999_later\. Upgrade it",
        ),
        ({"migrations": [["gone", "0001_initial"]]}, "The backup is of a later version"),
    ],
)
def test_a_backup_that_does_not_fit_the_site_is_refused(changes, sentence):
    facts = {"database": connection.vendor, "made_at": "", "migrations": [], "counts": {}, "with_media": True}

    restoring._compare(Manifest(**facts))
    with pytest.raises(BackupError, match=sentence):
        restoring._compare(Manifest(**{**facts, **changes}))


def test_a_file_with_another_content_is_replaced_and_kept(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media/pictures").mkdir(parents=True)
    staged = restoring.Staged(Manifest("sqlite", "", [], {}, True), tmp_path, {})
    for name, old, new in (("same", b"a", b"a"), ("other", b"a", b"b"), ("new", None, b"c")):
        if old:
            (tmp_path / "media/pictures" / name).write_bytes(old)
        staged.media[f"pictures/{name}"] = tmp_path / name
        (tmp_path / name).write_bytes(new)
    done = restoring.Restored(staged.manifest)

    restoring._replace_media(restoring._move_media(staged, done), "20261127-120000")

    media = {path.relative_to(tmp_path / "media").as_posix(): path for path in (tmp_path / "media").rglob("*")}
    assert {name: path.read_bytes() for name, path in media.items() if path.is_file()} == {
        "pictures/same": b"a",
        "pictures/other": b"b",
        "pictures/new": b"c",
        "restore-20261127-120000/pictures/other": b"a",
    }
    assert done.new_files == 1


@pytest.mark.parametrize("work", ["", "BEGIN", "BEGIN IMMEDIATE"])
def test_a_database_that_others_have_open_is_not_replaced(tmp_path, monkeypatch, work):
    monkeypatch.setattr(restoring, "PATIENCE", 0.1)
    path = tmp_path / "db.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = wal")
    other.execute("CREATE TABLE a (b)")
    other.execute(work)
    other.execute("SELECT * FROM a").fetchall()

    with pytest.raises(BackupError, match=r"The database is in use.*Stop all that uses"), restoring._alone(path):
        pass
    other.close()
    with restoring._alone(path):
        assert [file.name for file in tmp_path.iterdir()] == ["db.sqlite3"]
