"""Archives and compressed files are read as what their content says, whatever their names say."""

import bz2
import gzip
import lzma

import pytest

from articles.sync.files import find
from articles.sync.found import FoundFile, Rejection
from tests.sync.sites import MEMBERS, WHOLE_SITE, archive, found

PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "none": bytes}
NAMES = ["x.tar", "x.tgz", "x.tar.gz", "x.tar.bz2", "x.tbz2", "x.txz", "x.zip", "x.gz", "x.bin", "x", "x.md", "X.TBZ"]


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("name", NAMES)
def test_a_tar_is_read_by_its_content_under_any_name(tmp_path, name, pack):
    data = archive(tmp_path / "in.tar", MEMBERS).read_bytes()

    (tmp_path / name).write_bytes(PACK[pack](data))

    assert found(tmp_path / name) == WHOLE_SITE


@pytest.mark.parametrize("name", NAMES)
def test_a_zip_is_read_by_its_content_under_any_name(tmp_path, name):
    archive(tmp_path / "in.zip", MEMBERS).rename(tmp_path / name)

    assert found(tmp_path / name) == WHOLE_SITE


@pytest.mark.parametrize("pack", ["gz", "bz2", "xz"])
@pytest.mark.parametrize(("name", "place"), [("a.md", (None, "a")), ("s/_news/b.md", ("s", "b"))])
def test_a_compressed_file_is_read_as_the_file_in_it(tmp_path, name, place, pack):
    path = tmp_path / f"{name}.{pack}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PACK[pack](b"article"))

    (file,) = find(str(path))

    assert ((file.source, file.name), file.data, file.path) == (place, b"article", str(path))


@pytest.mark.parametrize("pack", ["gz", "bz2", "xz"])
def test_a_compressed_file_is_not_read_beyond_the_largest_size(tmp_path, pack):
    (tmp_path / f"a.md.{pack}").write_bytes(PACK[pack](bytes(2**25)))

    (told,) = find(str(tmp_path / f"a.md.{pack}"))

    assert told.message == "expected at most 4194304 bytes, found more"


@pytest.mark.parametrize("pack", ["gz", "bz2", "xz"])
def test_a_damaged_compressed_file_is_told(tmp_path, pack):
    (tmp_path / f"a.md.{pack}").write_bytes(PACK[pack](b"article" * 50)[:-9])

    (told,) = find(str(tmp_path / f"a.md.{pack}"))

    assert told.message.startswith("expected a readable file, found: ")


@pytest.mark.parametrize("pack", PACK)
def test_what_follows_the_end_of_an_archive_is_told(tmp_path, pack):
    data = archive(tmp_path / "in.tar", MEMBERS).read_bytes()
    (tmp_path / "two.tar").write_bytes(PACK[pack](data + data))

    *taken, told = find(str(tmp_path / "two.tar"))

    assert len(taken) == len(MEMBERS)
    assert isinstance(told, Rejection)
    assert "found: more after its end" in told.message


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("x.tar.zst", b"\x28\xb5\x2f\xfd" + b"\0" * 600, "a Zstandard file"),
        ("x.tar.lz", b"LZIP\1" + b"\0" * 600, "an lzip file"),
        ("x.tar.gz", b"7z\xbc\xaf\x27\x1c" + b"\0" * 600, "a 7z archive"),
        ("x.tar", b"Rar!" + b"\0" * 600, "a RAR archive"),
        ("x.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 600, "a 7z archive"),
        ("x.tar.Z", b"\x1f\x9d" + b"\0" * 600, "a compress file"),
    ],
)
def test_an_archive_of_another_kind_is_told_as_what_it_is(tmp_path, name, data, what):
    (tmp_path / name).write_bytes(data)

    (told,) = find(str(tmp_path / name))

    assert what in told.message


@pytest.mark.parametrize("after", [b"\n\n", b"#", b"PK\3\4", b"\x1f\x8b", b"more"])
@pytest.mark.parametrize("pack", ["gz", "bz2"])
def test_the_files_before_what_follows_a_packed_archive_are_read(tmp_path, pack, after):
    path = tmp_path / "site.tar.gz"
    path.write_bytes(PACK[pack](archive(tmp_path / "in.tar", MEMBERS).read_bytes()) + after)

    files = list(find(str(path)))

    assert [file.path for file in files if isinstance(file, FoundFile)]
    if pack == "gz":  # what follows bzip2 is no matter
        assert isinstance(files[-1], Rejection)
        assert files[-1].message.endswith("the files before that were read")
