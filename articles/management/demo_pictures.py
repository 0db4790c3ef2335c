"""Drawn pictures for the sample articles of the demo: a coast, an hour of the day, a few hills."""

import io
import random

from PIL import Image, ImageDraw, ImageFont

SKIES = [  # top, bottom, sun, land
    ((24, 52, 89), (238, 189, 138), (255, 236, 196), (28, 44, 58)),
    ((74, 132, 172), (226, 232, 222), (255, 250, 230), (44, 82, 76)),
    ((18, 24, 48), (82, 92, 138), (236, 238, 250), (12, 18, 32)),
    ((196, 104, 84), (250, 214, 165), (255, 240, 205), (84, 44, 52)),
    ((110, 140, 130), (224, 226, 200), (250, 246, 220), (48, 66, 54)),
    ((90, 110, 150), (206, 178, 190), (255, 228, 214), (52, 46, 72)),
]
MAX_SIDE = 1200  # pixels


def scene(subject: str, width: int, height: int) -> bytes:
    """Return a WebP picture in the shape of `width` x `height`, always the same for a subject."""
    scale = min(1, MAX_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    chance = random.Random(subject)  # noqa: S311 (a picture, not a secret)
    top, bottom, sun, land = chance.choice(SKIES)
    picture = _sky(size, top, bottom)
    draw = ImageDraw.Draw(picture, "RGBA")
    _sun(draw, size, sun, chance)
    _hills(draw, size, land, bottom, chance)
    _sea(draw, size, top, chance)
    return _webp(picture)


def logo(name: str, size: int = 100) -> bytes:
    """Return a WebP square with a name's first letter; `size` is in pixels."""
    colour = random.Random(name).choice(SKIES)[3]  # noqa: S311 (a picture, not a secret)
    picture = Image.new("RGB", (size, size), colour)
    font = ImageFont.load_default(size * 0.6)
    ImageDraw.Draw(picture).text((size / 2, size / 2), name[:1].upper(), (255, 255, 255), font, "mm")
    return _webp(picture)


def _webp(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=70, method=2)
    return file.getvalue()


def _mix(one, other, share):
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def _sky(size, top, bottom):
    column = Image.new("RGB", (1, 64))
    for row in range(64):
        column.putpixel((0, row), _mix(top, bottom, row / 63))
    return column.resize(size, Image.Resampling.BICUBIC)


def _sun(draw, size, colour, chance):
    width, height = size
    x, y = chance.uniform(0.15, 0.85) * width, chance.uniform(0.2, 0.5) * height
    for step, alpha in ((0.22, 24), (0.15, 40), (0.09, 255)):
        radius = step * min(size)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), (*colour, alpha))


def _hills(draw, size, land, sky, chance):
    width, height = size
    for layer in range(3):
        colour = _mix(sky, land, 0.35 + 0.3 * layer)
        base, rise = height * (0.55 + 0.08 * layer), height * 0.16
        heights = [base - rise * chance.random() for _ in range(7)]
        points = [(width * place / 6, y) for place, y in enumerate(heights)]
        draw.polygon([(0, height), *points, (width, height)], colour)


def _sea(draw, size, colour, chance):
    width, height = size
    shore = height * chance.uniform(0.76, 0.86)
    draw.rectangle((0, shore, width, height), _mix(colour, (255, 255, 255), 0.12))
    for _ in range(40):
        x, y = chance.random() * width, shore + (height - shore) * chance.random() ** 0.7
        draw.line((x, y, x + width * 0.06, y), (255, 255, 255, 60), max(1, height // 300))
