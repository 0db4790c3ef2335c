"""Renditions: the sizes and encodings in which readers get our copies of pictures, at signed addresses.

An address says which image, how wide, and in which encoding. It is signed for one copy of one image: a new copy has a
new address, so caches may keep an answer for good. Every address that pages print is answered, as long as the article
is public: a picture that is missing is a plain one of its shape. No request fetches a picture or writes a row.
"""

from contextlib import suppress
from threading import Lock

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_safe

from ..db.showing import page_of_a_row
from . import copies, imaging

WIDTHS = (160, 320, 640, 960, 1280)  # pixels
LOGO_WIDTHS, ARTICLE_WIDTHS = WIDTHS[:1], WIDTHS[1:]
ENCODINGS = tuple(imaging.ENCODINGS)
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
DEFAULT_SIZE = 1200, 675  # pixels, of a picture whose size is unknown
YEAR, MINUTE = 31_536_000, 60  # seconds
_one_at_a_time = Lock()  # `imaging` encodes one picture at a time anyway


def first(images):
    """Return the first image that has a copy, or None."""
    return next((image for image in images if image.file), None)


def shape(image):
    """Return the width and height of an image's copy, else those that its source states, else DEFAULT_SIZE."""
    if image.true_width and image.true_height:
        return image.true_width, image.true_height
    return (image.width, image.height) if image.width and image.height else DEFAULT_SIZE


def address(image, name="original"):
    """Return the signed address of a rendition such as `320.webp`, or of the whole picture; in previews our copy's."""
    if image.is_previewed:
        return image.file.url
    if name == "original":
        name = f"original.{_suffix(image)}"
    return f"/pictures/{_kind(image)}/{image.pk}/{name}?s={_signature(image, image.file.name or image.url)}"


def source_set(image, encoding, widths):
    """Return a picture's renditions for `srcset`: none wider than the picture, and its own width at most once."""
    fitting = {min(width, image.true_width or width): width for width in reversed(widths)}
    if len(fitting) == 1:
        return address(image, f"{widths[0]}.{encoding}")
    return ", ".join(f"{address(image, f'{fitting[own]}.{encoding}')} {own}w" for own in sorted(fitting))


def _kind(image):
    return next(kind for kind, model in copies.MODELS.items() if isinstance(image, model))


def _suffix(image):
    suffix = image.file.name.rpartition(".")[2].lower() if image.file else ""
    return suffix if suffix in TYPES else "jpg"


def _signature(image, version):
    """Sign an image and the name of its copy. Printed addresses hold it, so it must never change."""
    value = f"{_kind(image)}/{image.pk}/{version}"
    return salted_hmac("articles.renditions", value, algorithm="sha1").hexdigest()[:16]


@require_safe
@page_of_a_row
def serve(request, kind, pk, width, encoding):
    """Serve a rendition, which is made when it is first asked for; a plain picture if there is no copy."""
    image = get_object_or_404(copies.shown(kind), pk=pk)
    current, data = _is_current(request, image), b""
    if image.file:
        with suppress(OSError, imaging.PictureError):
            data = made(image, width, encoding)
    if not data:
        data, current = imaging.placeholder(*shape(image), encoding, image.colour), False
    return _response(data, encoding, current)


@require_safe
@page_of_a_row
def serve_original(request, kind, pk, suffix):
    """Serve the whole picture, as it is kept."""
    encoded = copies.shown(kind).exclude(file="").exclude(true_width=None)  # else it may be a raw upload of old
    image = get_object_or_404(encoded, pk=pk)
    current = _is_current(request, image)
    try:
        with image.file.open() as file:
            return _response(file.read(), _suffix(image), current)
    except OSError as error:
        raise Http404 from error


def _is_current(request, image):
    """Return whether the address is signed for the copy there is now. Raise Http404 if it was never ours.

    An address of the time before there was a copy is signed for the picture's own address.
    """
    given = request.GET.get("s", "")
    if image.file and constant_time_compare(given, _signature(image, image.file.name)):
        return True
    if constant_time_compare(given, _signature(image, image.url)):
        return False
    raise Http404


def _response(data, encoding, lasting):
    response = HttpResponse(data, content_type=TYPES[encoding])
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if lasting else f"public, max-age={MINUTE}"
    return response


def made(image, width, encoding, must_be_stored=False):
    """Return a rendition of an image's copy from the storage, or make it: once for all threads that want it.

    Raises OSError if the copy cannot be read, or if the rendition cannot be stored and `must_be_stored`; PictureError
    if the copy cannot be decoded.
    """
    if image.true_width:
        width = min(width, image.true_width)
    name = f"{_folder(image)}/{width}.{encoding}"
    if data := _stored(name):
        return data
    with _one_at_a_time:
        if data := _stored(name):
            return data
        with image.file.open() as file:
            data = imaging.rendition(file.read(), width, encoding)
        try:
            _store(name, data)
        except OSError:
            if must_be_stored:
                raise
    return data


def _folder(image):
    """Return the folder of the renditions of an image's copy."""
    return f"{copies.RENDITIONS}/{image.file.name.rpartition('/')[2]}"


def _stored(name):
    if not default_storage.exists(name):
        return b""
    with default_storage.open(name) as file:
        return file.read()


def _store(name, data):
    """Store a rendition unless another process just did: a storage would keep it under a name that nobody asks for."""
    if default_storage.exists(name):
        return
    kept = default_storage.save(name, ContentFile(data))
    if kept != name:
        default_storage.delete(kept)


def missing():
    """Yield the renditions that pages print and that do not exist yet: an image, a width and an encoding each."""
    done = set()
    for kind in copies.MODELS:
        for image in copies.shown(kind).exclude(file="").exclude(true_width=None):
            if image.file.name in done:
                continue
            done.add(image.file.name)
            existing = set(copies.files_in(_folder(image)))
            widths = {min(width, image.true_width) for width in (LOGO_WIDTHS if kind == "p" else ARTICLE_WIDTHS)}
            wanted = [(width, encoding) for width in sorted(widths) for encoding in ENCODINGS]
            yield from ((image, w, e) for w, e in wanted if f"{w}.{e}" not in existing)
