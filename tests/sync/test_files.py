"""What is found in folders and archives, and what is not."""

import gzip
import io
import lzma
import os
import random
import tarfile
import zipfile
from pathlib import PurePosixPath

import pytest

from articles.frontmatter import Kind, printable
from articles.sync import archives
from articles.sync.files import count, find
from articles.sync.found import FoundFile, NothingFoundError, Rejection, classify, source_name
from tests import hostile_archives

MEMBERS = {
    "harbour/_data/topics/01-tides.yaml": b"t",
    "harbour/_data/organizations/a.example.md": b"o",
    "harbour/_news/a.md": b"a",
    "harbour/_news/b.md": b"b",
}
OTHERS = {
    "harbour/_news/.keep": b"",
    "harbour/_news/.hidden.md": b"",
    "harbour/_news/..md": b"",
    "harbour/_news/notes.txt": b"",
    "harbour/_news/c.md~": b"",
    "harbour/_news/deeper/d.md": b"",
    "harbour/_data/topics/.keep": b"",
    "harbour/_data/topics/readme.md": b"",
    "harbour/_data/organizations/list.yaml": b"",
    "harbour/README.md": b"",
    "harbour/_people/p.md": b"",
}
ARCHIVE_NAMES = ["x.tar", "x.tar.gz", "x.tgz", "x.tar.xz", "x.zip", "X.TAR.XZ", "X.Zip"]


def write(folder, members):
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def archive(path, members):
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as file:
            for name, data in members.items():
                file.writestr(name, data)
        return path
    with tarfile.open(path, "w:" + suffix.removeprefix(".").replace("tar", "").replace("tgz", "gz")) as file:
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


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("harbour/_news/a.md", (Kind.ARTICLE, "harbour")),
        ("sites/Harbour News/_news/a.md", (Kind.ARTICLE, "harbour-news")),
        ("_news/a.md", (Kind.ARTICLE, None)),
        ("harbour/_data/topics/a.yaml", (Kind.TOPIC, "harbour")),
        ("harbour/_data/topics/a.yml", (Kind.TOPIC, "harbour")),
        ("_data/organizations/a.example.md", (Kind.ORGANIZATION, None)),
        ("harbour/_news/_data/topics/a.yaml", (Kind.TOPIC, "news")),
        ("harbour/_news/a.yaml", None),
        ("harbour/_data/topics/a.md", None),
        ("harbour/_data/a.yaml", None),
        ("harbour/_news/deeper/a.md", None),
        ("harbour/_people/a.md", None),
        ("harbour/_news/.keep", None),
        ("harbour/_news/.a.md", None),
        ("a.md", None),
    ],
)
def test_a_place_says_what_a_file_is_and_whose(path, place):
    assert classify(PurePosixPath(path)) == place


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("harbour", "harbour"),
        ("Harbour_News.org", "harbour-news-org"),
        ("--a--", "a"),
        ("Über 2", "ber-2"),
        ("潮", None),
        ("", None),
        ("x" * 60, "x" * 50),
    ],
)
def test_a_sites_name_is_made_of_its_folders(folder, name):
    assert source_name(folder) == name


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


@pytest.mark.parametrize("folder", ["harbour", "harbour/_news"])
def test_the_current_folder_has_the_name_it_has_elsewhere(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(write(tmp_path, MEMBERS) / folder)

    assert found(".") == WHOLE_SITE


def test_hidden_files_and_other_suffixes_are_skipped(tmp_path):
    write(tmp_path, MEMBERS | OTHERS)

    assert found(tmp_path / "harbour") == WHOLE_SITE


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
def test_an_archive_may_be_packed_in_several_pieces(tmp_path, pack):
    data = archive(tmp_path / "x.tar", MEMBERS).read_bytes()
    path = tmp_path / ("y.tar.gz" if pack is gzip.compress else "y.tar.xz")

    path.write_bytes(pack(data[:1500]) + pack(data[1500:2000]) + pack(data[2000:]))

    assert found(path) == WHOLE_SITE


@pytest.mark.parametrize("name", ["My Site-2.tar.gz", "My Site-2.zip", "My Site-2.TGZ"])
def test_an_archive_that_holds_the_articles_at_its_top_names_the_site(tmp_path, name):
    assert found(archive(tmp_path / name, {"_news/a.md": b"a"})) == [(Kind.ARTICLE, "my-site-2", "a", b"a")]


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_bare_articles_in_an_archive_are_read_if_there_are_no_others(tmp_path, name):
    bare = {"2026-a.md": b"a", "in/b.md": b"b", "in/deep/c.md": b"c", "in/t.yaml": b"t"}

    assert found(archive(tmp_path / name, bare)) == [
        (Kind.ARTICLE, None, "2026-a", b"a"),
        (Kind.ARTICLE, None, "b", b"b"),
    ]
    assert found(archive(tmp_path / name, bare | MEMBERS)) == WHOLE_SITE


def test_bare_articles_in_an_archive_are_held_back_only_so_far(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BUFFERED_BYTES", 5)

    assert len(found(archive(tmp_path / "x.tar", {f"{n}.md": b"aa" for n in range(10)}))) == 10


def test_bare_articles_in_a_folder_belong_to_no_site(tmp_path):
    write(tmp_path, {"b.md": b"b", "a.md": b"a", ".c.md": b"c", "d.txt": b"d", "in/e.md": b"e"})

    assert found(tmp_path) == [(Kind.ARTICLE, None, "a", b"a"), (Kind.ARTICLE, None, "b", b"b")]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_single_file_is_what_its_place_says(tmp_path, name):
    write(tmp_path, MEMBERS)

    ((kind, source, stem, data),) = found(tmp_path / name)

    assert (kind, source, stem, data) in WHOLE_SITE


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.md", Kind.ARTICLE), ("a.yaml", Kind.TOPIC), ("a.txt", Kind.ARTICLE), (".a.md", Kind.ARTICLE)],
)
def test_a_single_file_elsewhere_is_what_its_suffix_says(tmp_path, name, kind):
    write(tmp_path, {name: b"x"})

    ((found_kind, source, _, _),) = found(tmp_path / name)

    assert (found_kind, source) == (kind, None)


def test_how_many_files_an_archive_holds_is_not_known_before_it_is_read(tmp_path):
    write(tmp_path, MEMBERS)

    assert count([str(tmp_path), str(tmp_path / "harbour" / "_news")]) == 8
    assert count([str(tmp_path), str(archive(tmp_path / "x.zip", MEMBERS))]) is None


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder / "missing", "missing: No such file or directory."),
        (lambda folder: folder / "two\nlines", r"two\nlines: No such file or directory."),
        (lambda folder: folder / "a.md" / "b.md", "b.md: Not a directory."),
        (lambda folder: folder / ("x" * 300), "x: File name too long."),
        (lambda folder: folder / "empty", "empty: expected _news/*.md or *.md in it, found none."),
        (lambda folder: folder / "site", "site: expected _news/*.md or *.md in it, found none."),
        *(
            (
                lambda folder, name=name: archive(folder / name, {"a.txt": b"", "b/.md": b""}),
                f"{name}: expected _news/*.md or *.md in it, found none.",
            )
            for name in ARCHIVE_NAMES
        ),
    ],
)
def test_nothing_to_import_is_told_in_a_sentence(tmp_path, make, sentence):
    write(tmp_path, {"a.md": b"", "empty/b.txt": b"", "site/_news/.keep": b"", "site/_data/topics/.keep": b""})

    with pytest.raises(NothingFoundError) as error:
        list(find(str(make(tmp_path))))

    assert str(error.value).endswith(sentence)


@pytest.mark.parametrize(
    ("size", "whole"), [(1025, 1), (1535, 1), (1536, 1), (1700, 1), (2048, 2), (2500, 2), (2560, 3), (2600, 3)]
)
def test_what_is_before_the_end_of_a_cut_archive_is_read_and_the_cut_is_told(tmp_path, size, whole):
    path = archive(tmp_path / "x.tar", {"a/_news/a.md": b"a" * 512, "a/_news/b.md": b"b" * 512, "a/_news/c.md": b""})
    path.write_bytes(path.read_bytes()[:size])

    *taken, told = find(str(path))

    assert [file.name for file in taken] == ["a", "b", "c"][:whole]
    assert isinstance(told, Rejection)
    assert "expected a complete archive, found: " in told.message


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.xz", "x.zip"])
def test_a_broken_archive_gives_files_and_rejections_and_nothing_else(tmp_path, name):
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


def test_a_member_of_a_zip_may_have_no_name(tmp_path):
    (tmp_path / "x.zip").write_bytes(hostile_archives.zip_of(zipfile.ZIP_STORED, b"", name=b""))

    with pytest.raises(NothingFoundError):
        list(find(str(tmp_path / "x.zip")))


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_an_archive_may_be_a_link_that_its_user_chose(tmp_path, name):
    archive(tmp_path / name, MEMBERS)
    (tmp_path / f"link-{name}").symlink_to(tmp_path / name)

    assert found(tmp_path / f"link-{name}") == WHOLE_SITE


def test_a_folder_may_be_a_link_that_its_user_chose(tmp_path):
    write(tmp_path, MEMBERS)
    (tmp_path / "link").symlink_to(tmp_path / "harbour")

    assert found(tmp_path / "link") == WHOLE_SITE


def test_a_linked_folder_of_articles_is_read_and_not_what_is_beside_it(tmp_path):
    write(tmp_path, {**MEMBERS, "elsewhere/e.md": b"e", "beside.md": b"x"})
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "_news").symlink_to(tmp_path / "elsewhere")

    assert [item[3] for item in found(tmp_path / "site" / "_news")] == [b"e"]


@pytest.mark.parametrize("link", ["site/_news", "site/_data/topics", "site/_data"])
def test_links_to_folders_are_not_followed(tmp_path, link):
    outside = write(tmp_path / "outside", {"secret.md": b"s", "secret.yaml": b"s", "topics/secret.yaml": b"s"})
    write(tmp_path / "site", {"_news/a.md": b"a"} if "_data" in link else {"_data/topics/01-tides.yaml": b"t"})
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(outside)

    assert [item[3] for item in found(tmp_path / "site")] in ([b"a"], [b"t"])


def test_linked_sites_in_a_folder_are_not_followed(tmp_path):
    write(tmp_path, {"outside/_news/secret.md": b"s", "sites/harbour/_news/a.md": b"a"})
    (tmp_path / "sites" / "linked").symlink_to(tmp_path / "outside")

    assert [item[3] for item in found(tmp_path / "sites")] == [b"a"]


def test_what_an_archive_holds_elsewhere_is_not_told(tmp_path):
    path = archive(tmp_path / "x.tar", MEMBERS)
    with tarfile.open(path, "a") as file:
        file.addfile(hostile_archives.special("docs/link.md", tarfile.SYMTYPE, "/etc/passwd"))

    assert found(path) == WHOLE_SITE


def test_a_file_as_large_as_allowed_is_read_and_a_larger_one_is_told(tmp_path, monkeypatch):
    for module in ("archives", "files", "found"):
        monkeypatch.setattr(f"articles.sync.{module}.MAX_BYTES", 4)
    members = {"s/_news/a.md": b"four", "s/_news/b.md": b"fives"}
    write(tmp_path, members)

    for path in (tmp_path / "s", archive(tmp_path / "x.tar", members), archive(tmp_path / "x.zip", members)):
        taken, told = find(str(path))
        assert taken.data == b"four"
        assert (told.path.endswith("b.md"), told.message) == (True, "expected at most 4 bytes, found 5")


def test_paths_are_shown_on_one_line():
    assert printable("a\nb\x1b\udcff\u2028é") == r"a\nb\x1b\udcff\u2028é"


def test_files_are_closed_when_the_reading_stops(tmp_path):
    path = archive(tmp_path / "x.tar.xz", MEMBERS)
    before = len(os.listdir("/dev/fd"))

    next(items := find(str(path)))
    items.close()

    assert len(os.listdir("/dev/fd")) == before
