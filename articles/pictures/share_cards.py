"""Share cards: the picture of a story where its address is shared, with its title and outlet in the site's type.

A card is drawn when it is asked for. Its address has a hash of its text (`?v=`), so caches may keep it for good.
"""

from functools import cache
from io import BytesIO

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw, ImageFont

from ..db.showing import page_of_a_row
from ..models import Article
from ..text.digests import hex_digest
from ..text.labels import titled
from ..text.permalinks import absolute

WIDTH, HEIGHT, MARGIN = 1200, 630, 80  # pixels
PAPER, INK, INK_SOFT, ACCENT = "#fdfcf9", "#1b1a18", "#5b564d", "#8c2a1c"
TITLE_SIZES = (76, 66, 56, 46)  # pixels: the first in which the title fits is used
TITLE_HEIGHT, LABEL_SIZE = 360, 34  # pixels
MAX_LINE = 200  # characters that are measured
MAX_TITLE = 500  # characters: a longer title does not fit anyway
SERIF, SANS = ("newsreader", 600), ("inter", 500)  # a file of static/fonts and a weight
FONT_ENCODING = "cp1252"  # has the letters of these fonts
YEAR = 31_536_000  # seconds


@require_safe
@page_of_a_row
def of_story(request, pk):
    return _picture(request, get_object_or_404(Article.objects.published().leading().for_cards(), story=pk))


@require_safe
@page_of_a_row
def of_article(request, source, stem):
    article = get_object_or_404(Article.objects.published().for_cards(), source__name=source, stem=stem)
    return _picture(request, article)


def address(article):
    """Return the address of the card of the story that an article leads, else of the article."""
    if article.leads_story:
        path = reverse("story_picture", args=[article.story_id])
    else:
        path = reverse("article_picture", args=[article.source.name, article.stem])
    return absolute(f"{path}?v={_version(_lines(article))}")


def drawn(article):
    """Return the card of an article as a PNG."""
    return draw(*_lines(article))


def alternative(article):
    """Return the text of a card, for those who cannot see it."""
    title, outlet, site = _lines(article)
    return _("%(title)s (%(outlet)s, on %(site)s)") % {"title": title, "outlet": outlet, "site": site}


def _lines(article):
    """Return the three texts of a card: the title, the outlet and the site's name."""
    return titled(article.headline)[:MAX_TITLE], article.provider.label[:MAX_LINE], settings.NEWSROOM_SITE_NAME


def _version(lines):
    return hex_digest("\n".join(lines), 6)


def _picture(request, article):
    lines = _lines(article)
    version = _version(lines)
    response = get_conditional_response(request, f'"{version}"')
    if response is None:
        response = HttpResponse(draw(*lines), content_type="image/png")
    response["ETag"] = f'"{version}"'
    current = request.GET.get("v") == version
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else "public, no-cache"
    return response


def draw(title, outlet, site):
    """Return a card as a PNG of WIDTH x HEIGHT pixels. A text that does not fit ends in an ellipsis."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 16), ACCENT)
    _write(pen, 64, site, ACCENT)
    face, lines = _fitted(title)
    for number, line in enumerate(lines):
        pen.text((MARGIN, 130 + number * _step(face.size)), line, INK, face)
    _write(pen, HEIGHT - 90, outlet, INK_SOFT)
    stream = BytesIO()
    image.convert("P", palette=Image.Palette.ADAPTIVE, colors=32).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _write(pen, top, text, colour):
    face = font(text, LABEL_SIZE, SANS)
    pen.text((MARGIN, top), _shortened(text, face), colour, face)


def font(text, size, style):
    """Return the typeface for a text: Pillow's own if the site's fonts lack some of its letters."""
    known = text.encode(FONT_ENCODING, "ignore").decode(FONT_ENCODING) == text
    return _font(size, *style) if known else ImageFont.load_default(size)


@cache
def _font(size, name, weight):
    face = ImageFont.truetype(finders.find(f"fonts/{name}.woff2"), size)
    face.set_variation_by_axes([weight])
    return face


def _step(size):
    """Return the height of a line, in pixels."""
    return size * 5 // 4


def _fitted(title):
    """Return the typeface in a size in which a title fits, and the title's lines."""
    for size in TITLE_SIZES:
        face = font(title, size, SERIF)
        lines, room = _wrapped(title, face), TITLE_HEIGHT // _step(size)
        if len(lines) <= room:
            return face, lines
    return face, [*lines[: room - 1], _shortened(" ".join(lines[room - 1 :]), face)]


def _wrapped(text, face):
    """Return a text as lines that fit the width; a word that is longer than a line is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(_shortened(word, face))
    return [line for line in lines if line]


def _shortened(text, face):
    """Return a text cut to one line."""
    text = text[:MAX_LINE]
    if face.getlength(text) <= WIDTH - 2 * MARGIN:
        return text
    while text and face.getlength(text + "…") > WIDTH - 2 * MARGIN:
        text = text[:-1]
    return text + "…"
