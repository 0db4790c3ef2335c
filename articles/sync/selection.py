"""The files of some articles as an archive, which is made while it is sent. It can be imported again as it is."""

import io
import tarfile
import time
from collections.abc import Collection, Iterator
from typing import Any

from .. import frontmatter
from ..frontmatter import FrontMatterError, secrets
from ..models import Article, Source
from . import exporter

MOST = 5000  # articles; `export_articles` writes any number
TOLD = "LEFT-OUT.txt"  # in the archive: which articles are not in it, and why
EMPTY = '\nsecured: ""\n'


class Pieces(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.kept += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self.kept)
        self.kept.clear()
        return taken


def archive(ids: Collection[int], with_secured: bool) -> Iterator[bytes]:
    """Yield a .tar.gz of the files of articles, each as `export_articles` writes it, in a folder for each site.

    Without the right to see what is secured, that is not in the files. An article whose file cannot be written so, and
    one of another program's file, is named in TOLD.
    """
    pieces, left = Pieces(), []
    with tarfile.open(fileobj=pieces, mode="w|gz") as tar:
        for source in Source.objects.filter(articles__in=ids).distinct().order_by("name"):
            places, missing = exporter.places(source), _stems(source, ids)
            for stem, data in exporter.files(source, ids):
                missing.pop(stem, None)
                place = f"{source.name}/_news/{places.get(stem, f'{stem}.md')}"
                found = data if with_secured or isinstance(data, FrontMatterError) else _open(data)
                if isinstance(found, bytes):
                    _add(tar, place, found)
                    yield pieces.take()
                else:
                    left.append(f"{place}: {found}")
            left += [f"{source.name}/{stem}: {why}" for stem, why in missing.items()]
        if left:
            _add(tar, TOLD, "\n".join([*left, ""]).encode(errors="backslashreplace"))
    yield pieces.take()


def _stems(source: Source, ids: Collection[int]) -> dict[str, str]:
    """Return the stems of a site's articles, and why one would not be among its files."""
    why = "its file is gone from its source, or is another program's: export the site with export_articles"
    return dict.fromkeys(Article.objects.filter(source=source, pk__in=ids).values_list("stem", flat=True), why)


def _open(data: bytes) -> bytes | str:
    """Return a file without what is secured, or why it cannot be told apart."""
    try:
        parts = frontmatter.read(data)[1]
        text = parts.text[::-1].replace(EMPTY[::-1], "\n", 1)[::-1] if parts.secured else parts.text
        found = frontmatter.join(frontmatter.Parts(text, parts.related, "", parts.crlf))
        said = frontmatter.read(found)[0].values
    except FrontMatterError as error:
        return str(error)
    if "secured" in said or secrets.without_secrets(said) != said:
        return "it has secured keys that cannot be cut out, and you may not see them"
    return found


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(data), int(time.time())
    tar.addfile(member, io.BytesIO(data))
