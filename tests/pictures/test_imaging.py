"""Decoding: a picture comes out whole, upright and without a word about who took it, or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from articles.pictures import imaging
from tests.paths import ROOT
from tests.picture_server import SEEN, decoded, encoded, good, no_pictures, pictures

PILLOWS = Path(os.environ.get("NEWSROOM_TEST_PILLOW_IMAGES", "nowhere"))
MEGABYTES = 300
PICTURES, NO_PICTURES = pictures(), no_pictures()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_stored_whole_and_rendered_without_metadata(name):
    copy = imaging.read(PICTURES[name])

    size = (300, 400) if name == "sideways" else (400, 300)
    assert (copy.width, copy.height) == decoded(copy.data).size == size
    for encoding in imaging.ENCODINGS:
        shown = decoded(imaging.rendition(copy.data, 200, encoding))
        assert shown.format == imaging.ENCODINGS[encoding]["format"]
        assert shown.size == (200, round(200 * size[1] / size[0]))
        assert getattr(shown, "n_frames", 1) == 1
        assert not shown.getexif()
        assert not {"icc_profile", "comment", "xmp"} & set(shown.info)


@pytest.mark.parametrize("name", NO_PICTURES)
def test_a_file_that_is_not_a_usable_picture_is_refused(name):
    with pytest.raises(imaging.PictureError):
        imaging.read(NO_PICTURES[name])


def test_a_copy_has_no_metadata_and_no_other_data():
    for name in ("sideways", "polyglot"):
        copy = imaging.read(PICTURES[name])
        assert not decoded(copy.data).getexif()
        assert SEEN.encode() not in copy.data
        assert b"script" not in copy.data


def test_an_untouched_jpeg_keeps_its_quality():
    noise = Image.effect_noise((400, 300), 60).convert("RGB")
    for quality in (30, 75, 95):
        given = encoded(noise, quality=quality)

        kept = imaging.read(given).data

        assert decoded(kept).quantization == decoded(given).quantization


def test_a_rendition_is_never_larger_than_its_picture():
    assert decoded(imaging.rendition(good(100, 50), 640, "webp")).size == (100, 50)


def test_a_very_large_jpeg_is_stored_at_half_its_width_and_height():
    copy = imaging.read(encoded(Image.new("RGB", (4100, 4000)), "JPEG"))

    assert (copy.width, copy.height) == (2050, 2000)
    assert decoded(copy.data).size == (2050, 2000)


def test_the_colour_of_a_picture_is_its_most_frequent_one():
    picture = Image.new("RGB", (400, 300), (20, 120, 40))
    picture.paste((250, 0, 0), (0, 0, 150, 300))

    assert imaging.read(encoded(picture, "PNG")).colour == "#147828"
    assert imaging.read(PICTURES["clear"]).colour == ""


@pytest.mark.parametrize(("colour", "digits"), [("#000000", "333"), ("#ff80bb", "c8c"), ("#147828", "383")])
def test_every_colour_has_a_nearest_one_in_the_style_sheet(colour, digits):
    css = (ROOT / "static/site.css").read_text()

    assert imaging.nearest_level(colour) == digits
    assert f".c{digits} {{ background-color: #{digits}; }}" in css


@pytest.mark.parametrize(("width", "height"), [(1200, 675), (0, 0), (1, 10**9), (10**9, 1)])
def test_a_placeholder_has_the_shape_of_its_picture(width, height):
    shown = decoded(imaging.placeholder(width, height, "webp"))

    assert shown.width == 32
    if width == 1200:
        assert shown.height == 18


LARGEST = {
    "progressive jpeg, sideways": "e = Image.Exif(); e[274] = 6; "
    "Image.effect_noise((4000, 4000), 9).convert('RGB').save(file, 'JPEG', progressive=True, subsampling=0, exif=e)",
    "progressive jpeg, kept at half": "Image.effect_noise((6500, 4000), 9).convert('RGB')"
    ".save(file, 'JPEG', progressive=True, subsampling=0, quality=60)",
    "cmyk": "Image.effect_noise((4000, 4000), 9).convert('CMYK').save(file, 'JPEG', progressive=True)",
    "png": "Image.new('RGBA', (5000, 4000), (9, 9, 9, 99)).save(file, 'PNG')",
    "palette": "Image.linear_gradient('L').resize((5000, 4000)).quantize(9).save(file, 'PNG', transparency=1)",
    "16 bit": "Image.new('I;16', (5000, 4000), 9999).save(file, 'PNG')",
    "gif": "Image.linear_gradient('L').resize((5000, 4000)).save(file, 'GIF')",
    "webp": "Image.new('RGBA', (4000, 2500), (9, 9, 9, 99)).save(file, 'WEBP', method=0)",
    "animated webp": "p, q = (Image.new('RGBA', (4000, 2500), (shade, 9, 9, 99)) for shade in (9, 99)); "
    "p.save(file, 'WEBP', method=0, save_all=True, append_images=[q, p])",
    "avif": "Image.new('RGBA', (4000, 2500), (9, 9, 9, 99)).save(file, 'AVIF', speed=10)",
}
READ = """
import re, sys
from articles.pictures import imaging
copy = imaging.read(open(sys.argv[1], "rb").read())
for encoding in imaging.ENCODINGS:
    imaging.rendition(copy.data, 1280, encoding)
status = open("/proc/self/status").read()  # its own; `ru_maxrss` would begin with that of the process that started it
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_allowed_picture_takes_less_than_300_megabytes(name, tmp_path):
    make = f"import sys; from PIL import Image; file = open(sys.argv[1], 'wb'); {LARGEST[name]}"
    subprocess.run([sys.executable, "-c", make, tmp_path / "x"], check=True)

    run = subprocess.run(
        [sys.executable, "-c", READ, tmp_path / "x"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert 60 < int(run.stdout) < MEGABYTES


def _images():
    return sorted(path for path in PILLOWS.rglob("*") if path.is_file() and path.stat().st_size < 10_000_000)


@pytest.mark.slow
@pytest.mark.skipif(not PILLOWS.exists(), reason="NEWSROOM_TEST_PILLOW_IMAGES is not there: Pillow's own test images")
def test_every_one_of_pillows_own_test_images_is_stored_or_refused():
    kept = refused = 0
    for path in _images():
        try:
            copy = imaging.read(path.read_bytes())
        except imaging.PictureError:
            refused += 1
            continue
        assert decoded(copy.data).size == (copy.width, copy.height), path
        for encoding in imaging.ENCODINGS:
            assert decoded(imaging.rendition(copy.data, 320, encoding)).width == min(320, copy.width), path
        kept += 1

    assert kept > 150
    assert refused > 150
