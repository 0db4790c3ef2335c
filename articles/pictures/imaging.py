"""Decode pictures that may be broken or hostile, and encode what the site stores and shows.

What is stored is made of the pixels alone, without metadata or anything before, between or after them.
tests/pictures/test_imaging.py measures how much memory the largest allowed pictures take, which MAX_PIXELS limits.
"""

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

MAX_PIXELS = {  # by format, since some decoders hold a picture three or four times
    "JPEG": 26_000_000,
    "MPO": 26_000_000,  # several JPEGs in one file, of which the first is used
    "CMYK": 16_000_000,  # a JPEG in these colours
    "PNG": 20_000_000,
    "GIF": 20_000_000,
    "WEBP": 10_000_000,
    "AVIF": 10_000_000,
}
MAX_BYTES = 10_000_000  # of a picture that is read
MAX_FULL_SIZE = 16_000_000  # pixels: a larger JPEG is stored at half its width and height
MIN_SIDE, MAX_SIDE = 8, 16_000  # pixels: smaller ones are tracking pixels, and WebP allows 16,383
ENCODINGS = {
    "avif": {"format": "AVIF", "quality": 48, "speed": 6},
    "webp": {"format": "WEBP", "quality": 75, "method": 4},
}
LEVELS = (0x33, 0x88, 0xCC)  # of red, green and blue in the colours that the style sheet has for pictures
BLANK = "#d9d3c7"  # the colour of a placeholder without one of its own
_one_at_a_time = threading.Lock()  # so that a process never holds two large pictures


class PictureError(Exception):
    """Why this picture cannot be used, in one sentence."""


@dataclass(frozen=True)
class Copy:
    """What is stored of a picture."""

    data: bytes
    suffix: str
    width: int
    height: int
    colour: str  # its most frequent one, as #rrggbb; "" if it is transparent


def read(data: bytes) -> Copy:
    """Decode a whole picture, and encode it again at full size: a JPEG at its own quality. Raises PictureError."""
    with _one_at_a_time, _strict():
        picture = _loaded(data)
        colour = _colour(picture)
        upright = _upright(picture)
        encoded, suffix = _encoded_whole(upright, picture.format or "")
        return Copy(encoded, suffix, *upright.size, colour)


def rendition(data: bytes, width: int, encoding: str) -> bytes:
    """Return a picture in one of ENCODINGS, at most `width` pixels wide. Raises PictureError."""
    with _one_at_a_time, _strict():
        return _encoded(_in_srgb(_resized(data, width)), encoding)


def placeholder(width: int, height: int, encoding: str, colour: str = "") -> bytes:
    """Return a small picture of one colour, such as #aabbcc, in the shape of `width` and `height`."""
    height = min(max(round(height * 32 / max(width, 1)), 1), 320)
    return _encoded(Image.new("RGB", (32, height), colour or BLANK), encoding)


def nearest_level(colour: str) -> str:
    """Return the nearest of the 27 colours of the style sheet, as three hexadecimal digits."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "".join(f"{min(LEVELS, key=lambda level: abs(level - channel)):02x}"[0] for channel in channels)


class _strict(warnings.catch_warnings):  # noqa: N801 (a context manager, named like a function)
    """Make far too many pixels an error, and ignore the decoders' other warnings."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)


def _loaded(data: bytes, wanted: tuple[int, int] | None = None) -> Image.Image:
    """Decode the first frame: of a JPEG, only as many pixels as the `wanted` size needs, or as are stored."""
    picture = _opened(data)
    if picture.width * picture.height > MAX_FULL_SIZE and not wanted:
        wanted = picture.width // 2, picture.height // 2
    try:
        if wanted:
            picture.draft(None, wanted)
        picture.load()
    except Exception as error:  # decoders raise anything
        raise PictureError(f"It cannot be decoded: {error or type(error).__name__}.") from error
    return picture


def _opened(data: bytes) -> Image.Image:
    """Open a picture, and check its format and size before it is decoded."""
    try:
        picture = Image.open(BytesIO(data), formats=[name for name in MAX_PIXELS if name not in ("MPO", "CMYK")])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("It has far too many pixels.") from error
    except Exception as error:  # see _loaded
        raise PictureError("It is not a JPEG, PNG, GIF, WebP or AVIF picture.") from error
    pixels = MAX_PIXELS["CMYK" if picture.mode == "CMYK" else picture.format or ""]
    if picture.width * picture.height > pixels or max(picture.size) > MAX_SIDE:
        raise PictureError(f"Expected at most {pixels:,} pixels, found {picture.width:,} x {picture.height:,}.")
    if min(picture.size) < MIN_SIDE:
        raise PictureError(f"Expected {MIN_SIDE} pixels a side or more, found {picture.width} x {picture.height}.")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """Return the picture turned upright, as its camera says it was held."""
    try:
        return ImageOps.exif_transpose(picture) if picture.getexif().get(0x0112, 1) != 1 else picture
    except Exception:  # a picture with broken metadata may be sound
        return picture


def _encoded_whole(picture: Image.Image, origin: str) -> tuple[bytes, str]:
    """Encode as JPEG what was a JPEG, or was lossy and is opaque; else as PNG. Return the bytes and the suffix."""
    file = BytesIO()
    profile = _sound_profile(picture.info.get("icc_profile"))
    picture.info = {name: picture.info[name] for name in ("transparency",) if name in picture.info}
    if origin in ("JPEG", "MPO") or (origin in ("WEBP", "AVIF") and picture.mode == "RGB"):
        kept = picture.format == "JPEG" and picture.mode != "CMYK"
        quality: dict[str, str | int] = {"quality": "keep"} if kept else {"quality": 92}
        picture.save(file, "JPEG", **quality, icc_profile=profile, comment=b"")
        return file.getvalue(), "jpg"
    picture.save(file, "PNG", icc_profile=profile, compress_level=3)
    return file.getvalue(), "png"


def _sound_profile(profile: bytes | None) -> bytes | None:
    """Return a profile of colours if it is one: anything may be in its place."""
    try:
        return ImageCms.ImageCmsProfile(BytesIO(profile)).tobytes() if profile else None
    except Exception:  # see _in_srgb
        return None


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def _colour(picture: Image.Image) -> str:
    """Return the most frequent colour of a picture, as #rrggbb; "" if it is transparent."""
    if _is_transparent(picture):
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
    """Return the picture in a mode that can be resized."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):
        picture = picture.point(lambda value: value / 256, "L") if picture.mode == "I;16" else picture.convert("L")
    elif picture.mode in ("1", "P", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA" if _is_transparent(picture) else "RGB")
    if profile:
        picture.info["icc_profile"] = profile
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return the picture in sRGB, which browsers assume, in mode RGB or RGBA and without metadata."""
    profile = picture.info.get("icc_profile")
    if profile and not _is_transparent(picture):
        try:
            own, common = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, own, common, outputMode="RGB") or picture
        except Exception:  # a picture with a broken profile may be sound
            profile = None
    picture = picture.convert("RGBA" if _is_transparent(picture) else "RGB")
    picture.info = {}
    return picture


def _encoded(picture: Image.Image, encoding: str) -> bytes:
    file = BytesIO()
    picture.save(file, **ENCODINGS[encoding])  # type: ignore[arg-type]
    return file.getvalue()
