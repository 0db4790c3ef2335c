"""Archives may hold much more than their own size, but not without end: content, members and what is stored."""

import io
import lzma
import tarfile
import zipfile

import pytest

from articles.models import Article
from articles.sync import allowance, files
from articles.sync.found import FoundFile, Rejection
from articles.sync.importer import import_files
from tests.factories import make_file, make_related
from tests.sync.sites import run


def tar_of(path, members):
    with tarfile.open(path, "w:xz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def zip_of(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def articles(number, **values):
    return [(f"x/_news/a{n}.md", make_file(f"a{n}", **values).data) for n in range(number)]


def found(*paths, shared=True):
    together = allowance.Allowance() if shared else None
    items = [item for path in paths for item in files.find(str(path), together)]
    return [i for i in items if isinstance(i, FoundFile)], [i for i in items if isinstance(i, Rejection)]


@pytest.mark.attack(4)
@pytest.mark.parametrize("make", [tar_of, zip_of])
@pytest.mark.parametrize(
    ("bounds", "values", "what"),
    [
        ("CONTENT", (20_000, 0.1), "bytes of content"),
        ("MEMBERS", (5, 0), "members"),
        ("MEMBERS", (2, 1 / 2000), "members"),
    ],
)
def test_the_files_before_a_limit_are_read_and_it_is_told(tmp_path, monkeypatch, make, bounds, values, what):
    monkeypatch.setattr(allowance, bounds, values)
    path = make(tmp_path / ("x.zip" if make is zip_of else "x.tar.xz"), articles(200))

    read, rejected = found(path)

    (told,) = rejected
    assert 0 < len(read) < 200
    assert what in told.message
    assert "the most for archives of" in told.message
    assert told.hides


@pytest.mark.attack(4)
@pytest.mark.parametrize("number", [2, 5, 20])
def test_many_archives_have_one_allowance_together(tmp_path, monkeypatch, number):
    monkeypatch.setattr(allowance, "MEMBERS", (100, 0))
    paths = [tar_of(tmp_path / f"x{n}.tar.xz", articles(60)) for n in range(number)]

    read, rejected = found(*paths)

    assert len(read) == 100
    assert [told.path for told in rejected] == [str(path) for path in paths[1:]]


@pytest.mark.attack(4)
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["long excerpts", "related items", "secured", "many rows"])
def test_what_is_stored_of_an_archive_is_bounded_by_its_size(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(allowance, "STORED", (2**18, 5))
    values = {
        "long excerpts": lambda n: {"excerpt": "x" * 19_000},
        "related items": lambda n: {"related": [make_related(f"r{n}-{m}") | {"excerpt": "y" * 900} for m in range(10)]},
        "secured": lambda n: {"secured": "z" * 19_000},
        "many rows": lambda n: {},
    }[kind]
    members = [(f"x/_news/a{n}.md", make_file(f"a{n}", **values(n)).data) for n in range(300)]
    path = tar_of(tmp_path / "x.tar.xz", members)
    monkeypatch.setattr("articles.sync.importer.BATCH", 20)

    report = import_files(files.find(str(path)))

    (told,) = report.rejected
    limit = 2**18 + 5 * path.stat().st_size
    assert f"more than {limit} bytes for the database" in told.message
    assert 0 < report.created == Article.objects.count() < 300


@pytest.mark.attack(4)
@pytest.mark.django_db
def test_a_real_site_is_far_from_the_limits(tmp_path):
    tar_of(tmp_path / "x.tar.xz", articles(300))

    assert run(tmp_path / "x.tar.xz").code == 0


@pytest.mark.attack(4)
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_an_archive_within_an_archive_is_not_unpacked(tmp_path, depth):
    data = tar_of(tmp_path / "inner.tar.xz", articles(1)).read_bytes()
    for level in range(depth):
        tar_of(tmp_path / "outer.tar.xz", [(f"x/_news/{level}.md", data), ("x/_news/in.tar.xz", data)])
        data = (tmp_path / "outer.tar.xz").read_bytes()

    read, rejected = found(tmp_path / "outer.tar.xz")

    assert read == []
    assert len(rejected) == 2
    assert "an xz file" in rejected[0].message


@pytest.mark.attack(4)
@pytest.mark.parametrize("rejects", ["links", "long names", "other suffixes"])
def test_members_that_are_rejected_count_too(tmp_path, monkeypatch, rejects):
    monkeypatch.setattr(allowance, "MEMBERS", (50, 0))
    names = {
        "links": "x/_news/{}.md",
        "long names": "x/_news/" + "n" * 240 + "{}.md",
        "other suffixes": "x/_news/{}.exe",
    }
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        for n in range(500):
            info = tarfile.TarInfo("x/_news/" + names[rejects].format(n))
            info.type = tarfile.SYMTYPE if rejects == "links" else tarfile.REGTYPE
            tar.addfile(info)

    _, rejected = found(tmp_path / "x.tar")

    assert len(rejected) <= 51


@pytest.mark.attack(4)
@pytest.mark.django_db
def test_a_table_with_a_long_header_is_not_kept_once_for_each_row(tmp_path):
    header, row = "title,link,date," + "x" * 500_000, "a,https://a.example/,2024-01-01"
    (tmp_path / "x.csv").write_text("\n".join([header, *[row] * 2000]))
    keys = "keys:\n  title: title\n  link: webUrl\n  date: publishedDateTime\n"
    (tmp_path / "m.yaml").write_text(f"files: ['*.csv']\n{keys}")

    result = run(tmp_path, "--map", tmp_path / "m.yaml", "--dry-run")

    assert "expected a shorter header row for 2000 rows, found 5000" in result.err


def test_a_limit_grows_with_the_archives_that_are_opened(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(lzma.compress(bytes(100)))
    both = allowance.Allowance()
    before = both.limit(allowance.STORED)

    both.open(path)
    both.open(path)

    assert both.limit(allowance.STORED) == before + 40 * path.stat().st_size
