"""Our copies of pictures from other servers: which to fetch, how to store them, which to delete.

A copy is named by a hash of what was fetched, so one picture is stored once, however many images use it. What an
imported file says of a picture (its address, width, height, whether its source keeps a copy) never changes, so exports
stay the same.
"""

from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from threading import Semaphore
from urllib.parse import urlsplit

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from ..db.bulk import batches
from ..models import Article, ArticleImage, ProviderImage
from ..net import fetching
from ..text import addresses
from ..text.digests import hex_digest
from . import imaging

MODELS = {"a": ArticleImage, "p": ProviderImage}  # by kind: the letter in their addresses
FOLDER, RENDITIONS = "pictures", "renditions"
RETRY_AFTER, MAX_RETRY_AFTER = timedelta(days=1), timedelta(days=32)  # doubled after each failure
MAX_FAILURES = 10  # counted
THREADS, THREADS_PER_HOST = 4, 2
MIN_AGE = timedelta(hours=1)  # of a file to be deleted: another process may be about to use a younger one
MAX_REASON = 300  # characters
LIMITS = fetching.DEFAULT


def shown(kind):
    """Return the images of a kind that the public may see: of published articles, or of all outlets."""
    if kind == "p":
        return ProviderImage.objects.all()
    return ArticleImage.objects.filter(article__in=Article.objects.published())


def waiting(site=None, retry=False):
    """Return the images without a copy, newest first: a dict from address to a list of pairs (kind, primary key).

    Leaves out those that failed and are not due yet, unless `retry`.
    """
    found = defaultdict(list)
    due = Q() if retry else Q(retry_at=None) | Q(retry_at__lte=timezone.now())
    for kind in MODELS:
        images = shown(kind).filter(due, file="").order_by("-pk")
        if site:
            images = images.filter(**{"article__source" if kind == "a" else "source": site})
        for pk, url in images.values_list("pk", "url"):
            if addresses.browsable(url):  # many logos are files of their source's site, without a web address
                found[url].append((kind, pk))
    return found


def forget_lost():
    """Forget copies whose file the storage has lost, so that they are fetched again."""
    existing = {f"{FOLDER}/{name}" for name in files_in(FOLDER)}
    for model in MODELS.values():
        names = set(model.objects.exclude(file="").values_list("file", flat=True)) - existing
        for batch in batches(name for name in sorted(names) if not default_storage.exists(name)):
            model.objects.filter(file__in=batch).update(**model.without_copy())


def adopt(found):
    """Give images the copy of another image with the same address. Return `found` without them: what to fetch."""
    for urls in batches(list(found)):
        for model in MODELS.values():
            for image in model.objects.filter(url__in=urls).exclude(file="").exclude(true_width=None):
                if rows := found.pop(image.url, None):
                    _update(rows, **_kept(image))
    return found


def fetched(urls, limits=None):
    """Fetch pictures, THREADS at once and THREADS_PER_HOST of a host.

    Yields pairs of an address and a Fetched or a FetchError, in the order in which they end.
    """
    limits, hosts = limits or LIMITS, defaultdict(lambda: Semaphore(THREADS_PER_HOST))
    urls = iter(_mixed(urls))
    with ThreadPoolExecutor(THREADS) as pool:
        pending = {pool.submit(_fetch, url, hosts[_host(url)], limits) for url in islice(urls, THREADS)}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {pool.submit(_fetch, url, hosts[_host(url)], limits) for url in islice(urls, len(done))}
            for future in done:
                yield future.result()


def _mixed(urls):
    """Return addresses with their hosts in turn, so that no host takes all threads."""
    hosts = defaultdict(list)
    for url in urls:
        hosts[_host(url)].append(url)
    turns = [(turn, url) for urls in hosts.values() for turn, url in enumerate(urls)]
    return [url for _, url in sorted(turns, key=lambda pair: pair[0])]


def _host(url):
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _fetch(url, host, limits):
    with host:
        try:
            return url, fetching.fetch(url, limits)
        except fetching.FetchError as error:
            return url, error


def store_result(rows, answer):
    """Store what was fetched for these images, or why it failed. Return that reason, or ""."""
    try:
        if isinstance(answer, Exception):
            raise answer
        _update(rows, **store(answer.data))
    except (fetching.FetchError, imaging.PictureError) as error:
        reason = "".join(letter if letter.isprintable() else "?" for letter in str(error))  # may quote a server
        fail(rows, reason[:MAX_REASON])
        return reason[:MAX_REASON]
    return ""


def store(data):
    """Store a picture. Return the columns of an image that has it as its copy. Raises PictureError."""
    copy = imaging.read(data)
    name = f"{FOLDER}/{hex_digest(data)}.{copy.suffix}"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(copy.data))
    return {
        "file": name,
        "true_width": copy.width,
        "true_height": copy.height,
        "colour": copy.colour,
        "failure": "",
        "failures": 0,
        "retry_at": None,
    }


def _kept(image):
    names = ("true_width", "true_height", "colour")
    found = {name: getattr(image, name) for name in names}
    return {"file": image.file.name, **found, "failure": "", "failures": 0, "retry_at": None}


def _update(rows, **columns):
    for kind, model in MODELS.items():
        for batch in batches([pk for letter, pk in rows if letter == kind]):
            model.objects.filter(pk__in=batch).update(**columns)


def fail(rows, reason):
    """Store why images could not be fetched, and when to try again."""
    for kind, model in MODELS.items():
        for batch in batches([pk for letter, pk in rows if letter == kind]):
            images = list(model.objects.filter(pk__in=batch, file=""))
            for image in images:
                image.failure, image.failures = reason, min(image.failures + 1, MAX_FAILURES)
                image.retry_at = timezone.now() + min(RETRY_AFTER * 2 ** (image.failures - 1), MAX_RETRY_AFTER)
            model.objects.bulk_update(images, ["failure", "failures", "retry_at"], batch_size=100)


def examine():
    """Store copies again whose size is unknown, such as uploads. Return how many."""
    count = 0
    for kind, model in MODELS.items():
        for image in model.objects.exclude(file="").filter(true_width=None):
            with suppress(OSError, imaging.PictureError), image.file.open() as file:
                _update([(kind, image.pk)], **store(file.read()))
                count += 1
    return count


def sweep():
    """Delete the files of copies that no image uses any more. Return how many copies were deleted."""
    used = {name for model in MODELS.values() for name in model.objects.exclude(file="").values_list("file", flat=True)}
    deleted = 0
    for name in files_in(FOLDER):
        deleted += f"{FOLDER}/{name}" not in used and _delete(f"{FOLDER}/{name}")
    kept = {name.rpartition("/")[2] for name in used}
    for name in _listed(RENDITIONS)[0]:
        for rendition in files_in(f"{RENDITIONS}/{name}") if name not in kept else ():
            _delete(f"{RENDITIONS}/{name}/{rendition}")
    return deleted


def files_in(folder):
    return _listed(folder)[1]


def _listed(folder):
    """Return the names of the folders and of the files in a folder."""
    try:
        return default_storage.listdir(folder)
    except OSError:
        return [], []


def _delete(name):
    """Delete a file that is old enough. Return whether it was."""
    with suppress(OSError):
        if timezone.now() - default_storage.get_modified_time(name) > MIN_AGE:
            default_storage.delete(name)
            return True
    return False
