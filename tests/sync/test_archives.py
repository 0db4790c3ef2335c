"""The files that are found in archives, complete or not."""

import gzip
import lzma
import os
import random
import tarfile
import zipfile

import pytest

from articles.frontmatter import Kind
from articles.sync import archives
from articles.sync.files import find
from articles.sync.found import FoundFile, NothingFoundError, Rejection
from tests import hostile_archives
from tests.sync.sites import ARCHIVE_NAMES, MEMBERS, OTHERS, WHOLE_SITE, archive, found


@pytest.mark.parametrize("name", ARCHIVE_NAMES)
def test_an_archive_is_read_like_its_folder(tmp_path, name):
    assert found(archive(tmp_path / name, MEMBERS | OTHERS)) == WHOLE_SITE


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
@pytest.mark.parametrize("prefix", ["./", "deep/er/"])
def test_an_archive_may_hold_the_site_at_any_depth(tmp_path, name, prefix):
    assert found(archive(tmp_path / name, {prefix + path: data for path, data in MEMBERS.items()})) == WHOLE_SITE


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_an_archives_files_come_in_its_own_order(tmp_path, name):
    members = dict(reversed(MEMBERS.items()))

    assert found(archive(tmp_path / name, members)) == WHOLE_SITE[::-1]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_an_archive_may_consist_of_several_compressed_streams(tmp_path, pack):
    data = archive(tmp_path / "x.tar", MEMBERS).read_bytes()
    path = tmp_path / ("y.tar.gz" if pack is gzip.compress else "y.tar.xz")

    path.write_bytes(pack(data[:1500]) + pack(data[1500:2000]) + pack(data[2000:]))

    assert found(path) == WHOLE_SITE


@pytest.mark.parametrize("name", ["My Site-2.tar.gz", "My Site-2.zip", "My Site-2.TGZ"])
def test_an_archive_with_news_at_its_top_names_the_site(tmp_path, name):
    assert found(archive(tmp_path / name, {"_news/a.md": b"a"})) == [(Kind.ARTICLE, "my-site-2", "a", b"a")]


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_articles_outside_news_count_in_an_archive_without_news(tmp_path, name):
    bare = {"2026-a.md": b"a", "in/b.md": b"b", "in/deep/c.md": b"c", "in/t.yaml": b"t"}

    assert found(archive(tmp_path / name, bare)) == [
        (Kind.ARTICLE, None, "2026-a", b"a"),
        (Kind.ARTICLE, None, "b", b"b"),
        (Kind.ARTICLE, None, "c", b"c"),
    ]
    assert found(archive(tmp_path / name, bare | MEMBERS)) == WHOLE_SITE


def test_an_archive_buffers_articles_outside_news_up_to_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BUFFERED_BYTES", 5)

    assert len(found(archive(tmp_path / "x.tar", {f"{n}.md": b"aa" for n in range(10)}))) == 10


@pytest.mark.attack(4)
@pytest.mark.parametrize(
    ("size", "whole"), [(1025, 1), (1535, 1), (1536, 1), (1700, 1), (2048, 2), (2500, 2), (2560, 3), (2600, 3)]
)
def test_a_truncated_archive_gives_its_complete_files_and_one_rejection(tmp_path, size, whole):
    path = archive(tmp_path / "x.tar", {"a/_news/a.md": b"a" * 512, "a/_news/b.md": b"b" * 512, "a/_news/c.md": b""})
    path.write_bytes(path.read_bytes()[:size])

    *taken, told = find(str(path))

    assert [file.name for file in taken] == ["a", "b", "c"][:whole]
    assert isinstance(told, Rejection)
    assert "expected a complete archive, found: " in told.message


@pytest.mark.attack(4)
@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.xz", "x.zip"])
def test_a_damaged_archive_gives_only_files_and_rejections(tmp_path, name):
    whole = archive(tmp_path / name, {**MEMBERS, f"harbour/_news/{'é' * 90}.md": b"long"}).read_bytes()
    chance = random.Random(name)  # noqa: S311
    told = 0

    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(broken))
            broken[place : place + chance.choice([0, 1, 1, 1, 10, 512])] = chance.randbytes(chance.choice([0, 1, 1, 4]))
        (tmp_path / name).write_bytes(broken or b"x")
        items = found_or_nothing(tmp_path / name)
        rejections = [str(item) for item in items if isinstance(item, Rejection)]
        assert [text for text in rejections if not text.isprintable() or len(text) > 1000] == []
        assert all(isinstance(item, FoundFile | Rejection) for item in items)
        told += bool(rejections)

    assert told > 50


def found_or_nothing(path):
    try:
        return list(find(str(path)))
    except NothingFoundError:
        return []


def test_a_zip_member_without_a_name_is_skipped(tmp_path):
    (tmp_path / "x.zip").write_bytes(hostile_archives.zip_of(zipfile.ZIP_STORED, b"", name=b""))

    with pytest.raises(NothingFoundError):
        list(find(str(tmp_path / "x.zip")))


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_an_archive_named_by_a_link_is_read(tmp_path, name):
    archive(tmp_path / name, MEMBERS)
    (tmp_path / f"link-{name}").symlink_to(tmp_path / name)

    assert found(tmp_path / f"link-{name}") == WHOLE_SITE


def test_an_archives_members_outside_its_site_raise_no_rejection(tmp_path):
    path = archive(tmp_path / "x.tar", MEMBERS)
    with tarfile.open(path, "a") as file:
        file.addfile(hostile_archives.special("docs/link.md", tarfile.SYMTYPE, "/etc/passwd"))

    assert found(path) == WHOLE_SITE


def test_an_archive_is_closed_when_reading_stops_early(tmp_path):
    path = archive(tmp_path / "x.tar.xz", MEMBERS)
    before = len(os.listdir("/dev/fd"))

    next(items := find(str(path)))
    items.close()

    assert len(os.listdir("/dev/fd")) == before
