"""Files in the media folder are whole, and have names that a disk takes."""

import io
from pathlib import Path

import pytest

from newsroom.storage import WholeFileStorage

pytestmark = pytest.mark.django_db


def test_a_file_on_a_disk_is_whole_or_does_not_exist(tmp_path):
    storage = WholeFileStorage(tmp_path)

    class Interrupted(io.BytesIO):
        def read(self, *arguments):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.save("a/b.webp", Interrupted(b"x"))
    assert not storage.exists("a/b.webp")
    assert storage.save("a/b.webp", io.BytesIO(b"x")) == "a/b.webp"
    assert storage.open("a/b.webp").read() == b"x"


@pytest.mark.parametrize(
    "file",
    ["a" * 300 + ".jpg", "東" * 80 + ".jpg", "a." + "b" * 300, "a.b" * 90],
    ids=["long", "of letters of three bytes", "with a long suffix", "with many suffixes"],
)
def test_a_file_name_is_cut_to_the_length_that_a_disk_takes(tmp_path, file):
    storage = WholeFileStorage(tmp_path)

    first, second = (storage.save(f"pictures/{file}", io.BytesIO(data), max_length=255) for data in (b"x", b"y"))

    assert [storage.open(name).read() for name in (first, second)] == [b"x", b"y"]
    assert all(len(Path(name).name.encode()) <= 255 for name in (first, second))
