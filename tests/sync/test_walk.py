"""Everything in the places that an import reads is read, or told, or on the list of what is left out."""

import os
import subprocess
import sys

import pytest

from articles.frontmatter import Kind
from articles.sync.files import find
from articles.sync.found import FileWarning, FoundFile, NothingFoundError, Rejection
from tests.paths import ROOT
from tests.sync.sites import archive, write

READ = {  # by path: name, and place if it is another
    "s/_news/a.md": ("a", ""),
    "s/_news/b.markdown": ("b", "b.markdown"),
    "s/_news/c.MD": ("c", "c.MD"),
    "s/_news/2024/d.md": ("d", "2024/d.md"),
    "s/_news/2024/03/e.Markdown": ("e", "2024/03/e.Markdown"),
    "s/_news/ferry late/index.md": ("ferry late", "ferry late/index.md"),
    "s/_news/index.md": ("index", ""),
    "s/_data/topics/more/t.YML": ("t", ""),
    "s/_data/organizations/o.example.markdown": ("o.example", ""),
}
TOLD = [
    "s/_data/topics/fog.json",
    "s/_data/topics/readme.md",
    "s/_data/topics.yml",
    "s/_data/organizations.json",
    "s/_data/organizations/x.yaml",
    "s/_news/a.txt",
    "s/_news/picture.png",
    "s/_news/2024/no-suffix",
    "s/_news/a.md.gz",
    "s/_news/feed.xml",
]
LEFT_OUT = [
    "s/_news/.keep",
    "s/_news/.gitkeep",
    "s/_news/.DS_Store",
    "s/_news/._a.md",
    "s/_news/.git/a.md",
    "s/_news/__MACOSX/a.md",
    "s/_news/Thumbs.db",
    "s/_news/THUMBS.DB",
    "s/_news/Icon\r",
    "s/_news/2024/desktop.ini",
    "s/_news/a.md~",
    "s/_data/navigation.yml",
    "s/README.md",
    "s/assets/a.txt",
]


@pytest.mark.parametrize("name", ["", "x.tar", "x.tar.gz", "x.zip"])
def test_a_site_is_read_or_told_or_left_out_alike_in_a_folder_and_in_archives(tmp_path, name):
    members = dict.fromkeys([*READ, *TOLD, *LEFT_OUT], b"x")
    path = archive(tmp_path / name, members) if name else write(tmp_path / "in", members)

    items = list(find(str(path)))

    files = {item.path.removeprefix(f"{path}/"): item for item in items if isinstance(item, FoundFile)}
    assert {path: (file.name, file.place) for path, file in files.items()} == READ
    assert {file.source for file in files.values()} == {"s"}
    told = [item for item in items if isinstance(item, Rejection)]
    assert sorted(item.path.removeprefix(f"{path}/") for item in told) == sorted(TOLD)
    assert {item.key for item in told} == {"file name"}
    assert not [item for item in items if isinstance(item, FileWarning)]


@pytest.mark.parametrize("name", ["", "x.tar", "x.zip"])
def test_bare_articles_are_read_at_any_depth_and_the_rest_is_counted_in_one_warning(tmp_path, name):
    members = dict.fromkeys(["p/a.md", "p/2024/b.markdown", "p/ferry-late/index.md", "p/ferry-late/x.jpg", "p/t.yaml"])
    members = dict.fromkeys([*members, "p/.git/c.md", "p/__MACOSX/d.md"], b"x")
    path = archive(tmp_path / name, members) if name else write(tmp_path, members) / "p"

    *files, warning = find(str(path))

    assert sorted((file.name, file.source, file.place) for file in files) == [
        ("a", None, ""), ("b", None, ""), ("ferry-late", None, ""),
    ]  # fmt: skip
    assert isinstance(warning, FileWarning)
    assert "left out 2" in warning.message


def test_a_folder_below_news_belongs_to_its_site(tmp_path):
    write(tmp_path, {"s/_news/2024/a.md": b"a", "s/_news/2024/b.txt": b"b"})

    file, told = find(str(tmp_path / "s" / "_news" / "2024"))

    assert (file.source, file.name, file.place, told.key) == ("s", "a", "2024/a.md", "file name")


def test_sites_are_found_at_any_depth(tmp_path):
    write(tmp_path, {"a/_news/a.md": b"", "group/b/_news/b.md": b"", "group/more/c/_data/topics/t.yaml": b""})

    assert [(item.source, item.name) for item in find(str(tmp_path))] == [("a", "a"), ("b", "b"), ("c", "t")]


def test_links_in_a_site_are_told(tmp_path):
    write(tmp_path, {"s/_news/a.md": b"a", "out/_news/b.md": b"b"})
    (tmp_path / "s" / "_news" / "link.md").symlink_to(tmp_path / "out" / "_news" / "b.md")
    (tmp_path / "s" / "_news" / "folder").symlink_to(tmp_path / "out" / "_news")

    told = [str(item) for item in find(str(tmp_path / "s")) if isinstance(item, Rejection)]

    assert len(told) == 2
    assert all(line.endswith("expected a regular file, found a symbolic link") for line in told)


def test_a_link_that_the_user_names_is_read_as_the_file_behind_it(tmp_path):
    write(tmp_path, {"s/_news/real.md": b"x"})
    (tmp_path / "latest.md").symlink_to(tmp_path / "s" / "_news" / "real.md")

    (file,) = find(str(tmp_path / "latest.md"))

    assert (file.path, file.source, file.name) == (str(tmp_path / "latest.md"), "s", "real")


@pytest.mark.parametrize("name", ["s/_news/late/index.md", "late/index.md"])
def test_an_index_file_that_the_user_names_has_its_folders_name(tmp_path, name):
    write(tmp_path, {name: b"x"})

    (file,) = find(str(tmp_path / name))

    assert (file.kind, file.name) == (Kind.ARTICLE, "late")


AS_NOBODY = """
import os, sys
sys.path[0] = sys.argv[2]
from articles.sync.files import find
from articles.sync.found import NothingFoundError
os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    for item in find(sys.argv[1]):
        print(item.path.removeprefix(sys.argv[1]), getattr(item, "message", "read"), getattr(item, "hides", False))
except NothingFoundError as error:
    print(error)
"""
TOPIC, A, B = "/_data/topics/t.yaml read False", "/_news/a.md read False", "/_news/deep/b.md read False"
CLOSED = "expected a readable folder, found: Permission denied True"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read a file")
@pytest.mark.parametrize(
    ("closed", "lines"),
    [
        ("_news", [TOPIC, f"/_news {CLOSED}"]),
        ("_data", [f"/_data {CLOSED}", A, B]),
        ("_data/topics", [f"/_data/topics {CLOSED}", A, B]),
        ("_news/deep", [TOPIC, A, f"/_news/deep {CLOSED}"]),
        ("_news/a.md", [TOPIC, "/_news/a.md expected a readable file, found: Permission denied False", B]),
        ("", ["{site}: Permission denied."]),
    ],
)
def test_folders_and_files_without_read_rights_are_told(tmp_path, closed, lines):
    site = write(tmp_path, {"s/_news/a.md": b"a", "s/_news/deep/b.md": b"b", "s/_data/topics/t.yaml": b"t"}) / "s"
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    (site / closed).chmod(0)

    command = [sys.executable, "-c", AS_NOBODY, str(site), str(ROOT)]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)

    assert (result.stdout.splitlines(), result.stderr) == ([line.format(site=site) for line in lines], "")


def test_an_unreadable_folder_among_sites_is_told(tmp_path, monkeypatch):
    write(tmp_path, {"a/_news/a.md": b"", "b/_news/b.md": b""})
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)

    told = [item for item in find(str(tmp_path)) if isinstance(item, Rejection)]

    assert [(item.path, item.hides) for item in told] == [(str(tmp_path / "b"), True)]


PACKED = {
    "7z": b"7z\xbc\xaf\x27\x1c", "RAR": b"Rar!\x1a\x07", "Zstandard": b"\x28\xb5\x2f\xfd", "lzip": b"LZIP\1",
    "zip": b"PK\3\4", "gzip": b"\x1f\x8b\x08", "bzip2": b"BZh9", "xz": b"\xfd7zXZ\0",
}  # fmt: skip


@pytest.mark.parametrize("what", PACKED)
def test_a_packed_file_among_articles_is_told_as_what_it_is(tmp_path, what):
    members = {"s/_news/a.md": PACKED[what] + b"\0" * 20, "s/_news/b.md": b"b"}

    for path in (write(tmp_path, members), archive(tmp_path / "x.zip", members)):
        told, file = find(str(path))
        assert "expected front matter, found a" in told.message
        assert what in told.message
        assert file.name == "b"


def test_an_archive_in_an_archive_is_told(tmp_path):
    with pytest.raises(NothingFoundError, match=r"found none\. Unpack in/site\.tar\.gz first\."):
        list(find(str(archive(tmp_path / "x.zip", {"in/site.tar.gz": b"x"}))))
