"""Our copies of pictures from other servers: which to fetch, and how to store them.

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
from ..models import Article, ArticleImage, Provider, ProviderImage
from ..net import fetching
from ..text import addresses
from ..text.digests import hex_digest
from ..text.permalinks import absolute
from . import imaging

MODELS = {"a": ArticleImage, "p": ProviderImage}  # by kind: the letter in their addresses
OWN = "/pictures/a/"  # below it readers get pictures of articles
FOLDER, RENDITIONS = "pictures", "renditions"
UPLOAD = "upload-"  # how the names of copies begin that an editor uploaded: they can be fetched from nowhere
RETRY_AFTER, MAX_RETRY_AFTER = timedelta(days=1), timedelta(days=32)  # doubled after each failure
MAX_FAILURES = 10  # counted
THREADS, THREADS_PER_HOST = 4, 2
MAX_REASON = 300  # characters
LIMITS = fetching.DEFAULT


def shown(kind):
    """Return the images of a kind that the public may see: of published articles, or of outlets that readers see."""
    if kind == "p":
        return ProviderImage.objects.filter(provider__in=Provider.objects.visible())
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


class Upload(ContentFile):
    """An editor's picture, encoded anew: nothing else that was in the file is ever stored. Raises PictureError."""

    def __init__(self, data):
        self.key, self.copy = hex_digest(data), imaging.read(data)
        super().__init__(self.copy.data, f"{self.key}.{self.copy.suffix}")

    def keep(self):
        """Store it. Return the columns of an image that has it as its copy."""
        return _keep(self.copy, UPLOAD + self.key)


def waiting_address(upload, place):
    """Return the address of an uploaded picture that has none of its own, until its row is stored."""
    return absolute(f"{OWN}upload-{upload.key}-{place}")


def is_waiting(url):
    return url.startswith(absolute(f"{OWN}upload-"))


def is_ours(url):
    """Return whether an address is one of an uploaded picture that is nowhere else."""
    return url.startswith(absolute(OWN))


def store(data, uploaded=False):
    """Store a picture. Return the columns of an image that has it as its copy. Raises PictureError."""
    return _keep(imaging.read(data), (UPLOAD if uploaded else "") + hex_digest(data))


def _keep(copy, key):
    name = f"{FOLDER}/{key}.{copy.suffix}"
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
    """Store copies again whose size is unknown: uploads of earlier versions. Return how many."""
    count = 0
    for kind, model in MODELS.items():
        for image in model.objects.exclude(file="").filter(true_width=None):
            with suppress(OSError, imaging.PictureError), image.file.open() as file:
                _update([(kind, image.pk)], **store(file.read(), uploaded=True))
                count += 1
    return count


def files_in(folder):
    return listed(folder)[1]


def listed(folder):
    """Return the names of the folders and of the files in a folder."""
    try:
        return default_storage.listdir(folder)
    except OSError:
        return [], []
