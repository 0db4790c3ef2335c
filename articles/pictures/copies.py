"""Keeps our copies of pictures that live elsewhere: which are to be fetched, what is kept, what is thrown away.

A copy's name is made of what was fetched, so that one picture is kept once, whatever names it. What a file says of a
picture (its address, width, height, whether its source keeps a copy) is never touched: exports stay as they were.
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

MODELS = {"a": ArticleImage, "p": ProviderImage}  # by the letter in their addresses
FOLDER, RENDITIONS = "pictures", "renditions"
WAIT = timedelta(days=1)  # before a picture that failed is tried again; twice as long each time
LONGEST_WAIT = timedelta(days=32)
THREADS, THREADS_A_HOST = 4, 2
YOUNG = timedelta(hours=1)  # a file of that age may be somebody's who is about to name it
REASON = 300  # characters
LIMITS = fetching.DEFAULT


def shown(kind):
    """The images that the public may see: of published articles, and of all outlets."""
    if kind == "p":
        return ProviderImage.objects.all()
    return ArticleImage.objects.filter(article__in=Article.objects.published())


def waiting(site=None, retry=False):
    """Images without a copy, newest first, by address: lists of (letter, number). With `retry` also those that
    failed and whose time has not come."""
    found = defaultdict(list)
    due = Q() if retry else Q(retry_at=None) | Q(retry_at__lte=timezone.now())
    for kind in MODELS:
        images = shown(kind).filter(due, file="").order_by("-pk")
        if site:
            images = images.filter(**{"article__source" if kind == "a" else "source": site})
        for pk, url in images.values_list("pk", "url"):
            if addresses.browsable(url):  # else it is a file of its source's own site, as many logos are
                found[url].append((kind, pk))
    return found


def forget_lost():
    """Forget copies whose file is gone, so that they are fetched again."""
    there = {f"{FOLDER}/{name}" for name in files_in(FOLDER)}
    for model in MODELS.values():
        names = set(model.objects.exclude(file="").values_list("file", flat=True)) - there
        for some in batches(name for name in sorted(names) if not default_storage.exists(name)):
            model.objects.filter(file__in=some).update(**model.without_copy())


def adopt(found):
    """Give images the copy that another one of the same address has. Those left are to be fetched."""
    for urls in batches(list(found)):
        for model in MODELS.values():
            for image in model.objects.filter(url__in=urls).exclude(file="").exclude(true_width=None):
                if rows := found.pop(image.url, None):
                    _update(rows, **_kept(image))
    return found


def fetched(urls, limits=None):
    """Pairs of an address and what it answered, or FetchError, as they come in. A few at once, fewer of one host."""
    limits, hosts = limits or LIMITS, defaultdict(lambda: Semaphore(THREADS_A_HOST))
    urls = iter(_mixed(urls))
    with ThreadPoolExecutor(THREADS) as pool:
        pending = {pool.submit(_fetch, url, hosts[_host(url)], limits) for url in islice(urls, THREADS)}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {pool.submit(_fetch, url, hosts[_host(url)], limits) for url in islice(urls, len(done))}
            for future in done:
                yield future.result()


def _mixed(urls):
    """Addresses in turns of hosts, so that no host has all the threads."""
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
        reason = "".join(letter if letter.isprintable() else "?" for letter in str(error))  # it may quote a stranger
        fail(rows, reason[:REASON])
        return reason[:REASON]
    return ""


def store(data):
    """Keep a picture; the columns of an image that has it as its copy. Raises PictureError."""
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
        for some in batches([pk for letter, pk in rows if letter == kind]):
            model.objects.filter(pk__in=some).update(**columns)


def fail(rows, reason):
    """Remember that images could not be had, and when to try again."""
    for kind, model in MODELS.items():
        for some in batches([pk for letter, pk in rows if letter == kind]):
            images = list(model.objects.filter(pk__in=some, file=""))
            for image in images:
                image.failure, image.failures = reason, min(image.failures + 1, 10)
                image.retry_at = timezone.now() + min(WAIT * 2 ** (image.failures - 1), LONGEST_WAIT)
            model.objects.bulk_update(images, ["failure", "failures", "retry_at"], batch_size=100)


def examine():
    """Look at copies that came from elsewhere, as from an older version's admin. How many there were."""
    count = 0
    for kind, model in MODELS.items():
        for image in model.objects.exclude(file="").filter(true_width=None):
            with suppress(OSError, imaging.PictureError), image.file.open() as file:
                _update([(kind, image.pk)], **store(file.read()))
                count += 1
    return count


def sweep():
    """Delete the files of copies that no image has any more. How many copies there were."""
    named = {
        name for model in MODELS.values() for name in model.objects.exclude(file="").values_list("file", flat=True)
    }
    gone = 0
    for name in files_in(FOLDER):
        gone += f"{FOLDER}/{name}" not in named and _delete(f"{FOLDER}/{name}")
    kept = {name.rpartition("/")[2] for name in named}
    for name in _listed(RENDITIONS)[0]:
        for rendition in files_in(f"{RENDITIONS}/{name}") if name not in kept else ():
            _delete(f"{RENDITIONS}/{name}/{rendition}")
    return gone


def files_in(folder):
    return _listed(folder)[1]


def _listed(folder):
    """The folders and the files in a folder."""
    try:
        return default_storage.listdir(folder)
    except OSError:
        return [], []


def _delete(name):
    """Delete a file, unless it is young."""
    with suppress(OSError):
        if timezone.now() - default_storage.get_modified_time(name) > YOUNG:
            default_storage.delete(name)
            return True
    return False
