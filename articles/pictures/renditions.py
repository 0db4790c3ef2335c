"""Pictures as readers get them: the addresses of their renditions, signed, and what is answered there.

An address says which image, how wide, and in which encoding. Its signature holds for one copy of one image, so that
it changes when the copy does, and everyone may keep the answer for good. There is an answer for every address that
pages print, if the article is still public: a picture that cannot be had is a plain one of its shape.
"""

from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_safe

from ..net import fetching
from ..text import addresses
from . import copies, imaging

WIDTHS = (160, 320, 640, 960, 1280)
LOGO, PRINTED = WIDTHS[:1], WIDTHS[1:]  # an outlet's, and an article's
ENCODINGS = tuple(imaging.ENCODINGS)
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif"}
SHAPE = 1200, 675  # of a picture that nobody says the size of
YEAR, SHORT = 31_536_000, 60  # seconds
FETCHING = 3  # at once, by readers' requests
_one_at_a_time = Lock()  # as they are encoded anyway, see `imaging`


def can_be_shown(image):
    """Whether there is a copy, or there may be one when it is asked for."""
    if image.file:
        return True
    untried = not image.retry_at or image.retry_at <= timezone.now()
    return settings.NEWSROOM_FETCH_PICTURES and untried and addresses.browsable(image.url) != ""


def first(images):
    """The first image that can be shown, or None."""
    return next((image for image in images if can_be_shown(image)), None)


def shape(image):
    """Its width and height: its true ones, once they are known."""
    if image.true_width and image.true_height:
        return image.true_width, image.true_height
    return (image.width, image.height) if image.width and image.height else SHAPE


def address(image, name="original"):
    """Where a rendition is, such as `320.webp`; or the whole picture."""
    if name == "original":
        name = f"original.{_suffix(image)}"
    return f"{_path(image, name)}?s={_signature(image, _version(image))}"


def source_set(image, encoding, widths):
    """A picture's renditions for `srcset`: its own width once at most, and none that is wider."""
    fitting = {min(width, image.true_width or width): width for width in reversed(widths)}
    if len(fitting) == 1:
        return address(image, f"{widths[0]}.{encoding}")
    return ", ".join(f"{address(image, f'{fitting[own]}.{encoding}')} {own}w" for own in sorted(fitting))


def _kind(image):
    return next(kind for kind, model in copies.MODELS.items() if isinstance(image, model))


def _path(image, name):
    return f"/pictures/{_kind(image)}/{image.pk}/{name}"


def _suffix(image):
    suffix = image.file.name.rpartition(".")[2].lower() if image.file else ""
    return suffix if suffix in TYPES else "jpg"


def _version(image):
    return image.file.name if image.file else image.url


def _signature(image, version):
    return salted_hmac("articles.renditions", f"{_kind(image)}/{image.pk}/{version}", algorithm="sha1").hexdigest()[:16]


@require_safe
def serve(request, kind, pk, width, encoding):
    """A rendition: made when it is asked for first. A signature that is not ours is no address."""
    image = get_object_or_404(copies.shown(kind), pk=pk)
    current = _checked(request, image)
    if not image.file and can_be_shown(image):
        _fetch(kind, image)
    try:
        data = made(image, width, encoding) if image.file else b""
    except (OSError, imaging.PictureError):
        data = b""
    if not data:
        data, current = imaging.placeholder(*shape(image), encoding, image.colour), False
    return _response(data, encoding, current)


@require_safe
def serve_original(request, kind, pk, suffix):
    """The whole picture, as it is kept."""
    image = get_object_or_404(copies.shown(kind).exclude(file=""), pk=pk)
    current = _checked(request, image)
    try:
        with image.file.open() as file:
            return _response(file.read(), _suffix(image), current)
    except OSError as error:
        raise Http404 from error


def _checked(request, image):
    """Whether the address is that of the copy there is now; 404 if it never was one."""
    given = request.GET.get("s", "")
    if image.file and constant_time_compare(given, _signature(image, image.file.name)):
        return True
    if constant_time_compare(given, _signature(image, image.url)):
        return False
    raise Http404


def _response(data, encoding, lasting):
    response = HttpResponse(data, content_type=TYPES[encoding])
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable" if lasting else f"public, max-age={SHORT}"
    return response


def made(image, width, encoding):
    """A rendition of an image's copy, from the storage or else made now, once by all threads that want it."""
    if image.true_width:
        width = min(width, image.true_width)
    name = f"{copies.RENDITIONS}/{image.file.name.rpartition('/')[2]}/{width}.{encoding}"
    if data := _stored(name):
        return data
    with _one_at_a_time:
        if data := _stored(name):
            return data
        with image.file.open() as file:
            data = imaging.rendition(file.read(), width, encoding)
        _keep(name, data)
    return data


def _stored(name):
    if not default_storage.exists(name):
        return b""
    with default_storage.open(name) as file:
        return file.read()


def _keep(name, data):
    """Store a rendition, unless another process did meanwhile: under another name nobody would look for it."""
    if default_storage.exists(name):
        return
    kept = default_storage.save(name, ContentFile(data))
    if kept != name:
        default_storage.delete(kept)


def _fetch(kind, image):
    """Fetch an image's picture for a reader, unless others are being fetched; then the next request does."""
    with _turn(f"{kind}/{image.pk}") as mine:
        if not mine:
            return
        try:
            answer = fetching.fetch(image.url, copies.LIMITS)
        except fetching.FetchError as error:
            answer = error
        copies.store_result([(kind, image.pk)], answer)
        image.refresh_from_db()


@contextmanager
def _turn(name):
    """Whether it is this request's turn: of one at a time for an image, and of a few in all."""
    keys = [f"picture-turn-{number}" for number in range(FETCHING)]
    own = f"picture-{name}"
    if not cache.add(own, 1, 60):
        yield False
        return
    turn = next((key for key in keys if cache.add(key, 1, 60)), None)
    try:
        yield turn is not None
    finally:
        cache.delete_many([own, *([turn] if turn else [])])


def missing():
    """The renditions that pages print and that nobody made yet: images, widths, encodings."""
    done = set()
    for kind in copies.MODELS:
        for image in copies.shown(kind).exclude(file="").exclude(true_width=None):
            if image.file.name in done:
                continue
            done.add(image.file.name)
            there = set(copies.files_in(f"{copies.RENDITIONS}/{image.file.name.rpartition('/')[2]}"))
            widths = sorted({min(width, image.true_width) for width in (LOGO if kind == "p" else PRINTED)})
            wanted = [(width, encoding) for width in widths for encoding in ENCODINGS]
            yield from ((image, w, e) for w, e in wanted if f"{w}.{e}" not in there)
