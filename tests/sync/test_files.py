"""The files that are found in folders, and those that are not."""

import pytest

from articles.frontmatter import Kind
from articles.sync.files import count, find
from articles.sync.found import FoundFile, NothingFoundError
from tests.sync.sites import ARCHIVE_NAMES, MEMBERS, OTHERS, WHOLE_SITE, archive, found, write


def test_a_sites_folder_is_read_taxonomy_first_and_in_the_order_of_names(tmp_path):
    write(tmp_path, dict(reversed(MEMBERS.items())))

    assert found(tmp_path / "harbour") == WHOLE_SITE
    assert count([str(tmp_path / "harbour")]) == 4


def test_a_folder_of_sites_is_read_as_each_of_them(tmp_path):
    write(tmp_path, {**MEMBERS, "north/_news/n.md": b"n"})

    assert found(tmp_path) == [*WHOLE_SITE, (Kind.ARTICLE, "north", "n", b"n")]


def test_an_import_may_name_the_news_folder_itself(tmp_path):
    write(tmp_path, MEMBERS)

    assert found(tmp_path / "harbour" / "_news") == WHOLE_SITE


@pytest.mark.parametrize("folder", ["harbour", "harbour/_news"])
def test_a_site_in_the_current_folder_has_its_folders_name(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(write(tmp_path, MEMBERS) / folder)

    assert found(".") == WHOLE_SITE


def test_hidden_files_and_what_systems_leave_behind_are_left_out(tmp_path):
    write(tmp_path, MEMBERS | OTHERS)

    assert found(tmp_path / "harbour") == WHOLE_SITE


def test_articles_in_a_folder_without_news_belong_to_no_site(tmp_path):
    write(tmp_path, {"b.md": b"b", "a.md": b"a", ".c.md": b"c", "d.txt": b"d", "in/e.md": b"e"})

    assert found(tmp_path) == [
        (Kind.ARTICLE, None, "a", b"a"),
        (Kind.ARTICLE, None, "b", b"b"),
        (Kind.ARTICLE, None, "e", b"e"),
    ]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_single_file_has_the_kind_that_its_place_gives(tmp_path, name):
    write(tmp_path, MEMBERS)

    ((kind, source, stem, data),) = found(tmp_path / name)

    assert (kind, source, stem, data) in WHOLE_SITE


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.md", Kind.ARTICLE), ("a.yaml", Kind.TOPIC), ("a.txt", Kind.ARTICLE), (".a.md", Kind.ARTICLE)],
)
def test_a_single_file_outside_a_site_has_the_kind_that_its_suffix_gives(tmp_path, name, kind):
    write(tmp_path, {name: b"x"})

    ((found_kind, source, _, _),) = found(tmp_path / name)

    assert (found_kind, source) == (kind, None)


def test_the_number_of_files_is_known_for_folders_but_not_for_archives(tmp_path):
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
def test_a_path_with_nothing_to_import_raises_a_sentence(tmp_path, make, sentence):
    write(tmp_path, {"a.md": b"", "empty/b.txt": b"", "site/_news/.keep": b"", "site/_data/topics/.keep": b""})

    with pytest.raises(NothingFoundError) as error:
        list(find(str(make(tmp_path))))

    assert str(error.value).endswith(sentence)


def test_a_folder_named_by_a_link_is_read(tmp_path):
    write(tmp_path, MEMBERS)
    (tmp_path / "link").symlink_to(tmp_path / "harbour")

    assert found(tmp_path / "link") == WHOLE_SITE


def test_a_news_folder_named_by_a_link_is_read_without_its_neighbours(tmp_path):
    write(tmp_path, {**MEMBERS, "elsewhere/e.md": b"e", "beside.md": b"x"})
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "_news").symlink_to(tmp_path / "elsewhere")

    assert [item[3] for item in found(tmp_path / "site" / "_news")] == [b"e"]


@pytest.mark.attack(3)
@pytest.mark.parametrize("link", ["site/_news", "site/_data/topics", "site/_data"])
def test_links_within_a_site_are_not_followed(tmp_path, link):
    outside = write(tmp_path / "outside", {"secret.md": b"s", "secret.yaml": b"s", "topics/secret.yaml": b"s"})
    write(tmp_path / "site", {"_news/a.md": b"a"} if "_data" in link else {"_data/topics/01-tides.yaml": b"t"})
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to(outside)

    told, file = sorted(find(str(tmp_path / "site")), key=lambda item: isinstance(item, FoundFile))

    assert (told.path, told.message) == (str(tmp_path / link), "expected a folder, found a symbolic link")
    assert file.data in (b"a", b"t")


@pytest.mark.attack(3)
def test_links_to_sites_in_a_folder_are_not_followed(tmp_path):
    write(tmp_path, {"outside/_news/secret.md": b"s", "sites/harbour/_news/a.md": b"a"})
    (tmp_path / "sites" / "linked").symlink_to(tmp_path / "outside")

    file, told = sorted(find(str(tmp_path / "sites")), key=lambda item: item.path)

    assert (file.data, told.path) == (b"a", str(tmp_path / "sites" / "linked"))


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_rejected(tmp_path, monkeypatch):
    for module in ("archives", "files", "found"):
        monkeypatch.setattr(f"articles.sync.{module}.MAX_BYTES", 4)
    members = {"s/_news/a.md": b"four", "s/_news/b.md": b"fives"}
    write(tmp_path, members)

    for path in (tmp_path / "s", archive(tmp_path / "x.tar", members), archive(tmp_path / "x.zip", members)):
        taken, told = find(str(path))
        assert taken.data == b"four"
        assert (told.path.endswith("b.md"), told.message) == (True, "expected at most 4 bytes, found 5")
