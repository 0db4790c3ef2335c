"""What an export meets in its folder: files that cannot be written, links, modes."""

import json
import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError

from articles.models import Article, ImportedFile
from articles.sync.importer import import_files
from tests.factories import make_article, make_file
from tests.sync.test_export_command import run

pytestmark = pytest.mark.django_db
ANOTHER = os.geteuid() or 65534  # an account without root's rights
LONGEST = "a" * 252  # with `.md`, what most file systems allow


@pytest.fixture
def news(tmp_path):
    """A folder to export to, with the file that each of `a` and `z` has, and articles that were edited since."""
    files = [make_file("a"), make_file("z")]
    import_files(files)
    folder = tmp_path / "_news"
    folder.mkdir()
    for file in files:
        (folder / f"{file.name}.md").write_bytes(file.data)
    Article.objects.update(title="Edited")
    return folder


def fails(news, *arguments):
    """Export, with some files that cannot be written. Return what is printed on standard error."""
    report = news.parent / "report.json"
    with pytest.raises(SystemExit) as exit_:
        run(news.parent, "--report", report, *arguments)
    assert exit_.value.code == 2
    return json.loads(report.read_text())["failed"]


@contextmanager
def as_another_account():
    """Do without root's right to write anything."""
    own = os.geteuid()
    os.seteuid(ANOTHER)
    try:
        yield
    finally:
        os.seteuid(own)


@pytest.mark.parametrize("stem", [LONGEST, "é" * 126, "新" * 84, "2024-03-05-" + "ä" * 120])
def test_c_a_name_as_long_as_the_system_allows_is_exported(tmp_path, stem):
    make_article(stem=stem)

    run(tmp_path)

    assert [path.name for path in (tmp_path / "_news").iterdir()] == [f"{stem}.md"]


@pytest.mark.parametrize("stem", ["b" * 253, "é" * 127, "新" * 85, "b" * 255])
def test_c_a_name_that_is_too_long_is_told_and_the_others_are_written(tmp_path, capsys, stem):
    for name in ("a", stem, "z"):
        make_article(stem=name)
    (tmp_path / "_news").mkdir()

    failed = fails(tmp_path / "_news")

    assert failed == [{"path": str(tmp_path / "_news" / f"{stem}.md"), "message": "File name too long"}]
    assert sorted(path.name for path in (tmp_path / "_news").iterdir()) == ["a.md", "z.md"]


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_full_folder(path):
    a_folder(path)
    (path / "kept").write_text("kept")


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_link_to(target):
    def make(path):
        path.unlink()
        path.symlink_to(target)

    return make


IN_THE_WAY = {
    "a folder": (a_folder, "expected a regular file, found a folder, pipe or device"),
    "a folder with files": (a_full_folder, "expected a regular file, found a folder, pipe or device"),
    "a pipe": (a_pipe, "expected a regular file, found a folder, pipe or device"),
    "a device": (a_link_to("/dev/null"), "expected a file or a symbolic link within the folder, found a link to /dev"),
    "a link to elsewhere": (a_link_to("/etc/hostname"), "found a link to /etc/hostname"),
    "a link out and to nothing": (a_link_to("../../nothing"), "found a link to "),
    "a link to itself": (a_link_to("a.md"), "symbolic link"),
    "a link to another article": (a_link_to("z.md"), "expected a file of its own, found a link to another's: "),
    "a link to a folder": (a_link_to("../_news"), "expected a regular file, found a folder, pipe or device"),
    "a link to a missing folder": (a_link_to("../missing/a.md"), "No such file or directory"),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_c_what_is_in_the_way_is_told_by_its_name_and_the_others_are_written(news, case):
    make, message = IN_THE_WAY[case]
    make(news / "a.md")
    before = os.lstat(news / "a.md")

    (failed,) = fails(news)

    assert failed["path"] == str(news / "a.md")
    assert message in failed["message"]
    assert "newsroom-" not in failed["message"]
    assert b'title: "Edited"' in (news / "z.md").read_bytes()
    assert os.lstat(news / "a.md").st_ino == before.st_ino
    assert sorted(path.name for path in news.iterdir()) == ["a.md", "z.md"]


@pytest.mark.parametrize("mode", [0o444, 0o000, 0o555])
def test_c_a_file_that_may_not_be_written_is_told_and_stays(news, mode):
    before = (news / "a.md").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        moved = Path(shutil.copytree(news, f"{folder}/_news"))
        for path in (moved.parent, moved, *moved.iterdir()):
            os.chown(path, ANOTHER, -1)
        (moved / "a.md").chmod(mode)

        with as_another_account():
            failed = fails(moved)

        assert failed == [{"path": str(moved / "a.md"), "message": "Permission denied"}]
        assert (moved / "a.md").read_bytes() == before
        assert b'title: "Edited"' in (moved / "z.md").read_bytes()


@pytest.mark.parametrize("mode", [0o755, 0o644, 0o600, 0o664, 0o4755])
def test_f_a_file_keeps_its_mode(news, mode):
    (news / "a.md").chmod(mode)

    run(news.parent)

    assert b'title: "Edited"' in (news / "a.md").read_bytes()
    assert stat.S_IMODE((news / "a.md").stat().st_mode) == mode


@pytest.mark.parametrize("target", ["../shared/a.md", "real.md", ".hidden", "../shared/deep/er/a.txt"])
@pytest.mark.parametrize("exists", [True, False])
def test_f_a_symbolic_link_within_the_folder_stays_and_its_target_is_written(news, target, exists):
    path = news / "a.md"
    (news / target).parent.mkdir(parents=True, exist_ok=True)
    data = path.read_bytes()
    path.unlink()
    path.symlink_to(target)
    if exists:
        path.write_bytes(data)

    run(news.parent)

    assert os.readlink(path) == target
    assert b'title: "Edited"' in (news / target).resolve().read_bytes()


def test_f_two_links_to_one_file_are_told(news):
    for name in ("a.md", "z.md"):
        a_link_to("../shared.md")(news / name)

    (failed,) = fails(news)

    assert failed["path"] == str(news / "z.md")


def test_f_a_linked_folder_is_written_to(news, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "_news"
    news.rename(elsewhere)
    news.symlink_to(elsewhere)

    run(news.parent)

    assert b'title: "Edited"' in (elsewhere / "a.md").read_bytes()


@pytest.mark.parametrize("target", ["2026", "../_news/2026"])
def test_c_a_folder_that_is_a_link_to_itself_is_told_and_the_others_are_written(news, target):
    ImportedFile.objects.filter(article__stem="a").update(place="2026/a.md")
    (news / "2026").symlink_to(target)

    (failed,) = fails(news)

    assert failed["path"] == str(news / "2026" / "a.md")
    assert "found a symbolic link that leads to itself" in failed["message"]
    assert b'title: "Edited"' in (news / "z.md").read_bytes()
    assert os.readlink(news / "2026") == target


def test_files_that_do_not_change_are_not_touched(news):
    run(news.parent)
    (news / "a.md").chmod(0o444)
    os.utime(news / "a.md", ns=(1, 1))

    assert "0 written, 2 unchanged" in run(news.parent)[0]
    assert (news / "a.md").stat().st_mtime_ns == 1


def test_c_a_full_disk_ends_the_export_and_names_the_file(news, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device", "draft")

    monkeypatch.setattr("articles.sync.writing._replace", full)

    with pytest.raises(CommandError, match=r"_news/a.md: There is no room left on this disk"):
        run(news.parent)


def test_c_an_imported_file_that_cannot_be_read_any_more_is_told_and_stays(news):
    before = (news / "a.md").read_bytes()
    file = ImportedFile.objects.get(article__stem="a")
    file.text = file.text.replace("title:", "titel:")
    file.save()

    (failed,) = fails(news)

    assert "the file that was imported cannot be read any more: " in failed["message"]
    assert (news / "a.md").read_bytes() == before
    assert b'title: "Edited"' in (news / "z.md").read_bytes()
