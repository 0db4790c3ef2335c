"""Reads pictures that may be broken or hostile, and makes of them what the site keeps and shows.

What is kept is made of the pixels alone: no metadata, nothing that stood before, between or after them.
How much memory the largest allowed picture takes is measured in tests/pictures/test_imaging.py: it decides LARGEST.
"""

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

LARGEST = {  # pixels; by format, since some decoders hold a picture three or four times
    "JPEG": 26_000_000,
    "MPO": 26_000_000,  # several JPEGs in one file, of which the first counts
    "CMYK": 16_000_000,  # of a JPEG
    "PNG": 20_000_000,
    "GIF": 20_000_000,
    "WEBP": 10_000_000,
    "AVIF": 10_000_000,
}
WHOLE = 16_000_000  # pixels, up to which a JPEG is kept at full size; above, at half
LONGEST_SIDE = 16_000  # pixels; WebP has no more than 16,383
SHORTEST_SIDE = 8  # pixels; less is there to count readers
ENCODINGS = {
    "avif": {"format": "AVIF", "quality": 48, "speed": 6},
    "webp": {"format": "WEBP", "quality": 75, "method": 4},
}
LEVELS = (0x33, 0x88, 0xCC)  # of red, green and blue in the colours that stand in for a picture
BLANK = "#d9d3c7"  # of a picture that is not there
_one_at_a_time = threading.Lock()  # so that a process never holds two large pictures


class PictureError(Exception):
    """Why this is no picture to show, in one sentence for a person."""


@dataclass(frozen=True)
class Copy:
    """What is kept of a picture."""

    data: bytes
    suffix: str
    width: int
    height: int
    colour: str  # the one that fills most of it, as #rrggbb; "" if one can look through it


def read(data: bytes) -> Copy:
    """Decode all of a picture, and encode it anew at full size: JPEG stays so, at its own quality."""
    with _one_at_a_time, _strict():
        picture = _loaded(data)
        colour = _colour(picture)
        upright = _upright(picture)
        encoded, suffix = _encoded_whole(upright, picture.format or "")
        return Copy(encoded, suffix, *upright.size, colour)


def rendition(data: bytes, width: int, encoding: str) -> bytes:
    """A picture at a width, or its own if that is smaller, in one of ENCODINGS."""
    with _one_at_a_time, _strict():
        return _encoded(_in_srgb(_resized(data, width)), encoding)


def placeholder(width: int, height: int, encoding: str, colour: str = "") -> bytes:
    """A plain picture of that shape."""
    height = min(max(round(height * 32 / max(width, 1)), 1), 320)
    return _encoded(Image.new("RGB", (32, height), colour or BLANK), encoding)


def nearest_level(colour: str) -> str:
    """A colour as the three hexadecimal digits of one of the 27 that the style sheet knows."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "".join(f"{min(LEVELS, key=lambda level: abs(level - channel)):02x}"[0] for channel in channels)


class _strict(warnings.catch_warnings):  # noqa: N801 (reads as what it does)
    """Within it a picture of far too many pixels is an error, and other doubts are nobody's business."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)


def _loaded(data: bytes, wanted: tuple[int, int] | None = None) -> Image.Image:
    """All pixels of the first frame. Of a JPEG only as many as `wanted` needs, or as are kept."""
    picture = _opened(data)
    if picture.width * picture.height > WHOLE and not wanted:
        wanted = picture.width // 2, picture.height // 2
    try:
        if wanted:
            picture.draft(None, wanted)
        picture.load()
    except Exception as error:  # decoders raise whatever they like
        raise PictureError(f"It cannot be decoded: {error or type(error).__name__}.") from error
    return picture


def _opened(data: bytes) -> Image.Image:
    """A picture of which only the size is known yet."""
    try:
        picture = Image.open(BytesIO(data), formats=[name for name in LARGEST if name not in ("MPO", "CMYK")])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("It has far too many pixels.") from error
    except Exception as error:  # see _loaded
        raise PictureError("It is not a JPEG, PNG, GIF, WebP or AVIF picture.") from error
    largest = LARGEST["CMYK" if picture.mode == "CMYK" else picture.format or ""]
    if picture.width * picture.height > largest or max(picture.size) > LONGEST_SIDE:
        raise PictureError(f"Expected at most {largest:,} pixels, found {picture.width:,} x {picture.height:,}.")
    if min(picture.size) < SHORTEST_SIDE:
        raise PictureError(f"Expected {SHORTEST_SIDE} pixels a side or more, found {picture.width} x {picture.height}.")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """The picture as its camera says it was held."""
    try:
        return ImageOps.exif_transpose(picture) if picture.getexif().get(0x0112, 1) != 1 else picture
    except Exception:  # what a camera says may be broken too, and the picture whole
        return picture


def _encoded_whole(picture: Image.Image, origin: str) -> tuple[bytes, str]:
    """As JPEG what was a JPEG, or was compressed with loss and cannot be looked through; else as PNG."""
    file = BytesIO()
    profile = picture.info.get("icc_profile")
    picture.info = {name: picture.info[name] for name in ("transparency",) if name in picture.info}
    if origin in ("JPEG", "MPO") or (origin in ("WEBP", "AVIF") and picture.mode == "RGB"):
        kept = picture.format == "JPEG" and picture.mode != "CMYK"
        quality: dict[str, str | int] = {"quality": "keep"} if kept else {"quality": 92}
        picture.save(file, "JPEG", **quality, icc_profile=profile, comment=b"")
        return file.getvalue(), "jpg"
    picture.save(file, "PNG", icc_profile=profile, compress_level=3)
    return file.getvalue(), "png"


def _clear(picture: Image.Image) -> bool:
    """Whether one can look through it."""
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def _colour(picture: Image.Image) -> str:
    """The colour that fills most of a picture."""
    if _clear(picture):
        return ""
    small = _in_srgb(_eight_bits(picture.resize((48, 48), Image.Resampling.NEAREST)))
    few = small.quantize(8)
    place = max(few.getcolors() or [(0, 0)])[1]
    red, green, blue = (few.getpalette() or [])[3 * int(str(place)) :][:3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _resized(data: bytes, width: int) -> Image.Image:
    size = _opened(data).size
    scale = min(1, width / size[0])
    wanted = round(size[0] * scale), max(1, round(size[1] * scale))
    picture = _eight_bits(_loaded(data, wanted))
    return picture.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0) if picture.size != wanted else picture


def _eight_bits(picture: Image.Image) -> Image.Image:
    """In a mode that can be resized."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):
        picture = picture.point(lambda value: value / 256, "L") if picture.mode == "I;16" else picture.convert("L")
    elif picture.mode in ("1", "P", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA" if _clear(picture) else "RGB")
    if profile:
        picture.info["icc_profile"] = profile
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """With the colours that browsers take for granted, as RGB or RGBA and nothing else."""
    profile = picture.info.get("icc_profile")
    if profile and not _clear(picture):
        try:
            own, common = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, own, common, outputMode="RGB") or picture
        except Exception:  # a profile may be broken, and the picture whole
            profile = None
    picture = picture.convert("RGBA" if _clear(picture) else "RGB")
    picture.info = {}
    return picture


def _encoded(picture: Image.Image, encoding: str) -> bytes:
    file = BytesIO()
    picture.save(file, **ENCODINGS[encoding])  # type: ignore[arg-type]
    return file.getvalue()
