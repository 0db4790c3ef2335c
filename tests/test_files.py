"""What is found in folders and archives, and what is not."""

import io
import tarfile
import zipfile
from pathlib import PurePosixPath

import pytest

from articles.files import FoundFile, NothingFoundError, Rejection, classify, count, find, printable
from articles.frontmatter import Kind

MEMBERS = {
    "harbour/_data/topics/01-tides.yaml": b"t",
    "harbour/_data/organizations/a.example.md": b"o",
    "harbour/_news/a.md": b"a",
    "harbour/_news/b.md": b"b",
}
OTHERS = {
    "harbour/_news/.keep": b"",
    "harbour/_news/notes.txt": b"",
    "harbour/README.md": b"",
    "harbour/_people/p.md": b"",
}


def write(folder, members):
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def archive(path, members):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as file:
            for name, data in members.items():
                file.writestr(name, data)
        return path
    with tarfile.open(path, "w:" + path.suffix.removeprefix(".").replace("tar", "").replace("tgz", "gz")) as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


def found(path):
    return [(item.kind, item.source, item.name, item.data) for item in find(str(path))]


WHOLE_SITE = [
    (Kind.TOPIC, "harbour", "01-tides", b"t"),
    (Kind.ORGANIZATION, "harbour", "a.example", b"o"),
    (Kind.ARTICLE, "harbour", "a", b"a"),
    (Kind.ARTICLE, "harbour", "b", b"b"),
]


def test_a_sites_folder_is_read_taxonomy_first_and_in_the_order_of_names(tmp_path):
    write(tmp_path, dict(reversed(MEMBERS.items())))

    assert found(tmp_path / "harbour") == WHOLE_SITE
    assert count([str(tmp_path / "harbour")]) == 4


def test_a_folder_of_sites_is_each_of_them(tmp_path):
    write(tmp_path, {**MEMBERS, "north/_news/n.md": b"n"})

    assert found(tmp_path) == [*WHOLE_SITE, (Kind.ARTICLE, "north", "n", b"n")]


def test_the_folder_of_articles_itself_may_be_named(tmp_path):
    write(tmp_path, MEMBERS)

    assert found(tmp_path / "harbour" / "_news") == WHOLE_SITE


def test_hidden_files_and_other_suffixes_are_skipped(tmp_path):
    write(tmp_path, MEMBERS | OTHERS)

    assert found(tmp_path / "harbour") == WHOLE_SITE


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.tar.xz", "x.zip"])
def test_an_archive_is_read_like_its_folder(tmp_path, name):
    assert found(archive(tmp_path / name, MEMBERS | OTHERS)) == WHOLE_SITE


@pytest.mark.parametrize("name", ["My Site-2.tar.gz", "My Site-2.zip"])
def test_an_archive_that_holds_the_articles_at_its_top_names_the_site(tmp_path, name):
    assert found(archive(tmp_path / name, {"_news/a.md": b"a"})) == [(Kind.ARTICLE, "my-site-2", "a", b"a")]


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_bare_articles_in_an_archive_are_read_if_there_are_no_others(tmp_path, name):
    bare = {"2026-a.md": b"a", "in/b.md": b"b"}

    assert [item[2] for item in found(archive(tmp_path / name, bare))] == ["2026-a", "b"]
    assert found(archive(tmp_path / name, bare | MEMBERS)) == WHOLE_SITE


def test_bare_articles_in_a_folder_belong_to_no_site(tmp_path):
    write(tmp_path, {"a.md": b"a"})

    assert found(tmp_path) == [(Kind.ARTICLE, None, "a", b"a")]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_single_file_is_what_its_place_says(tmp_path, name):
    write(tmp_path, MEMBERS)

    ((kind, source, stem, data),) = found(tmp_path / name)

    assert (kind, source, stem, data) in WHOLE_SITE


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder / "missing", "No such file or directory"),
        (lambda folder: folder, "expected _news/\\*.md or \\*.md in it, found none"),
        (lambda folder: archive(folder / "x.tar", {"a.txt": b""}), "expected _news/\\*.md or \\*.md in it, found none"),
        (lambda folder: folder / ("x" * 300), "File name too long"),
    ],
)
def test_nothing_to_import_is_told_in_a_sentence(tmp_path, make, sentence):
    with pytest.raises(NothingFoundError, match=sentence):
        list(find(str(make(tmp_path))))


def test_what_is_before_the_end_of_a_cut_archive_is_read(tmp_path):
    path = archive(tmp_path / "x.tar", {"a/_news/a.md": b"a" * 600, "a/_news/b.md": b"b" * 9000})
    path.write_bytes(path.read_bytes()[:3000])

    first, told = find(str(path))

    assert isinstance(first, FoundFile)
    assert isinstance(told, Rejection)
    assert "expected a whole archive" in told.message


def test_paths_are_shown_on_one_line():
    assert printable("a\nb\x1b\udcff") == "a\\nb\\x1b\\udcff"


def test_a_place_elsewhere_is_no_articles():
    assert classify(PurePosixPath("harbour/_people/p.md")) is None


@pytest.mark.parametrize("link", ["site/_news", "site/_data/topics", "site/_data"])
def test_links_to_folders_are_not_followed(tmp_path, link):
    outside = write(tmp_path / "outside", {"secret.md": b"s", "secret.yaml": b"s", "topics/secret.yaml": b"s"})
    write(tmp_path / "site", {"_news/a.md": b"a"} if "_data" in link else {"_data/topics/01-tides.yaml": b"t"})
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(outside)

    assert [item[3] for item in found(tmp_path / "site")] in ([b"a"], [b"t"])


def test_what_an_archive_holds_elsewhere_is_not_told(tmp_path):
    link = tarfile.TarInfo("docs/link.md")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    path = archive(tmp_path / "x.tar", MEMBERS)
    with tarfile.open(path, "a") as file:
        file.addfile(link)

    assert found(path) == WHOLE_SITE


def test_bare_articles_are_held_back_only_so_far(tmp_path, monkeypatch):
    monkeypatch.setattr("articles.files.MAX_HELD", 5)

    assert len(found(archive(tmp_path / "x.tar", {f"{n}.md": b"aa" for n in range(10)}))) == 10
