"""Whether the media folder is there. A volume that is not mounted looks like a folder from which every file is gone."""

import errno
from itertools import islice
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ..models import ArticleImage, ProviderImage

MARKER = "newsroom-media.txt"
TEXT = b"This folder has the pictures of a Newsroom site. Without this file Newsroom stores nothing here.\n"
SAMPLE = 50  # files of each kind of picture that are looked for


class MissingMediaError(OSError):
    """The media folder is another one than the site's, or its volume is not mounted."""

    def __init__(self, storage: Any) -> None:
        where = getattr(storage, "location", type(storage).__name__)
        super().__init__(errno.ENODEV, f"has neither {MARKER} nor the site's pictures: is its volume mounted?", where)


def check(storage: Any = default_storage) -> None:
    """Raise MissingMediaError if files that images have are not in the storage, and the marker is not either.

    A new site's first file, and the first look at a site of an older version, make the marker.
    """
    if not is_there(storage):
        raise MissingMediaError(storage)
    make(storage)


def is_there(storage: Any = default_storage) -> bool:
    """Return whether the storage has the marker, or most files that images have. Writes nothing."""
    if storage.exists(MARKER):
        return True
    names = [name for model in (ArticleImage, ProviderImage) for name in _some(model)]
    return 2 * sum(map(storage.exists, names)) >= len(names)


def make(storage: Any = default_storage) -> None:
    """Make the marker, whatever else is there."""
    if not storage.exists(MARKER):
        storage.save(MARKER, ContentFile(TEXT))


def _some(model: Any) -> list[str]:
    """Return the names of some images' files, the newest ones."""
    names = model.objects.exclude(file="").order_by("-pk").values_list("file", flat=True)
    return list(dict.fromkeys(islice(names.iterator(), SAMPLE)))
