"""Pictures that editors upload: whatever the file holds, only its pixels are kept, or nothing."""

import zlib
from io import BytesIO
from struct import pack

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms

from articles.admin.fields import PictureField
from articles.pictures import imaging

SCRIPT = b"<script>alert('hostile')</script>"
PRIVATE = b"52.5200N"


def made(kind, mode="RGB", size=(64, 48), **options):
    file = BytesIO()
    Image.new(mode, size, 1 if mode == "1" else None).save(file, kind, **options)
    return file.getvalue()


def exif():
    found = Image.Exif()
    found[0x010E], found[0x8298] = PRIVATE.decode(), SCRIPT.decode()
    found.get_ifd(0x8825)[1] = "N"
    return found


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def frames(kind):
    colours = ("red", "teal", "blue")
    first, *others = (Image.new("RGB", (64, 48), colour) for colour in colours)
    file = BytesIO()
    first.save(file, kind, save_all=True, append_images=others)
    return file.getvalue()


def chunk(kind, data):
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))


def png(width, height, extra=b""):
    """A PNG that says it is this large, with one row of pixels."""
    header = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


KEPT = {
    "a JPEG": made("JPEG"),
    "a PNG": made("PNG"),
    "a GIF": made("GIF"),
    "a WebP": made("WEBP"),
    "an AVIF": made("AVIF"),
    "a JPEG with a place in its EXIF": made("JPEG", exif=exif()),
    "a PNG with a place in its EXIF": made("PNG", exif=exif()),
    "a WebP with a place in its EXIF": made("WEBP", exif=exif()),
    "an AVIF with a place in its EXIF": made("AVIF", exif=exif()),
    "a JPEG with XMP": made("JPEG", xmp=b"<x:xmpmeta>" + PRIVATE + SCRIPT),
    "a JPEG with a comment": made("JPEG", comment=SCRIPT),
    "a JPEG with a profile": made("JPEG", icc_profile=profile()),
    "a JPEG with a broken profile": made("JPEG", icc_profile=SCRIPT),
    "a JPEG in CMYK": made("JPEG", "CMYK"),
    "a PNG of 16 bits": made("PNG", "I;16"),
    "a PNG of one bit": made("PNG", "1"),
    "a PNG with a palette": made("PNG", "P"),
    "a transparent PNG": made("PNG", "RGBA"),
    "an animated GIF": frames("GIF"),
    "an animated WebP": frames("WEBP"),
    "an animated PNG": frames("PNG"),
    "a JPEG with a page after it": made("JPEG") + SCRIPT,
    "a PNG with a page after it": made("PNG") + SCRIPT,
    "a GIF with a page after it": made("GIF") + SCRIPT,
    "a JPEG with an archive after it": made("JPEG") + b"PK\x03\x04" + SCRIPT,
    "a PNG with a text": made("PNG")[:33] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + made("PNG")[33:],
}
REFUSED = {
    "nothing but a page": SCRIPT,
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>",
    "a bitmap": made("BMP"),
    "a TIFF": made("TIFF"),
    "an icon": made("ICO"),
    "a PDF": made("PDF"),
    "PostScript": made("EPS"),
    "a GIF that is a script": b"GIF89a/*" + SCRIPT + b"*/=1",
    "half a JPEG": made("JPEG", size=(640, 480))[:900],
    "half a PNG": made("PNG", size=(640, 480))[:60],
    "half a WebP": made("WEBP", size=(640, 480))[:40],
    "half an AVIF": made("AVIF", size=(640, 480))[:200],
    "a GIF without pixels": made("GIF")[:20],
    "a PNG of 12,000 x 12,000": png(12_000, 12_000),
    "a PNG of 60,000 x 60,000": png(60_000, 60_000),
    "a PNG as wide as numbers go": png(2**31 - 1, 8),
    "a PNG with a text bomb": png(64, 48, chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 80_000_000))),
    "a tracking pixel": made("GIF", size=(1, 1)),
    "zeros": b"\0" * 10_000,
    "one byte": b"\xff",
}


def uploaded(data, name="picture.png"):
    return PictureField().clean(SimpleUploadedFile(name, data))


@pytest.mark.attack(10)
@pytest.mark.parametrize("name", KEPT)
def test_nothing_but_the_pixels_of_an_upload_is_kept(name):
    kept = uploaded(KEPT[name])
    data = kept.read()

    assert kept.name.rpartition(".")[2] in ("jpg", "png")
    assert set(kept.name.rpartition(".")[0]) <= set("0123456789abcdef")
    assert not [bad for bad in (SCRIPT, PRIVATE, b"<x:xmpmeta", b"PK\x03\x04") if bad in data]
    picture = Image.open(BytesIO(data))
    assert (picture.size, dict(picture.getexif()), getattr(picture, "n_frames", 1)) == ((64, 48), {}, 1)


@pytest.mark.attack(10)
@pytest.mark.parametrize("name", REFUSED)
def test_an_upload_that_is_no_sound_picture_is_refused(name):
    with pytest.raises(ValidationError):
        uploaded(REFUSED[name])


@pytest.mark.attack(10)
@pytest.mark.parametrize(
    "name",
    [
        "a.html",
        "a.svg",
        "../../a.png",
        "a.png\0.html",
        "a" * 300 + ".png",
        ".htaccess",
        "CON",
        "a.png.php",
        "\u202egnp.a",
    ],
)
def test_the_name_of_an_upload_does_not_matter(name):
    assert uploaded(KEPT["a JPEG"], name).name == uploaded(KEPT["a JPEG"]).name


@pytest.mark.attack(10)
def test_a_large_upload_is_refused_without_reading_it():
    class Large(SimpleUploadedFile):
        def read(self, *arguments):
            raise AssertionError("It must not be read.")

    file = Large("a.png", b"a")
    file.size = imaging.MAX_BYTES + 1

    with pytest.raises(ValidationError, match="Expected 10 MB at most"):
        PictureField().clean(file)


def test_a_form_says_what_may_be_uploaded():
    assert PictureField().help_text == "A JPEG, PNG, GIF, WebP or AVIF picture of 10 MB at most."
