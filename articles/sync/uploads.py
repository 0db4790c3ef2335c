"""Files that people send from their browsers to be imported: kept, checked by a dry run, imported, deleted.

A process of its own reads them, by the same code as `import_articles`: so a request never waits for an import, and an
import does not end with a worker. One such process works at a time. If it is killed, whoever looks is told, and it can
be started again: what it wrote is complete.
"""

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import chdir, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from ..models import UPLOADS_KEPT, Article, ImportedFile, ImportRun, Upload
from ..pictures import volume
from ..text.printable import printable
from . import files, rescue
from .allowance import Allowance
from .found import FoundFile, NothingFoundError, Rejection
from .importer import import_files
from .locks import LockTimeoutError, lock
from .report import Report

FOLDER = "uploads"  # in the media folder; nothing in it has an address
MAX_BYTES, MAX_FILES = 512 * 2**20, 1000  # of an upload
MAX_TOLD = 200  # remarks and differences of each kind that a report keeps
MAX_VALUE = 200  # characters of a value in a difference
MAX_NAME = 200  # bytes of a file's name
LOCK = "desk.imports"  # no site has this name
PATIENCE = 600  # seconds that one import waits for another to end
STARTING = timedelta(seconds=20)  # in which a process begins its work
NOTED_EVERY = 0.5  # seconds
Counted = FoundFile | Rejection | Any


class UploadError(ValueError):
    """A file is not taken. The message is for a person."""


# Keeping files


def folder_of(upload: Upload) -> Path:
    return Path(settings.MEDIA_ROOT, FOLDER, str(upload.pk))


def file_name(name: str) -> str:
    """Return the name under which a file is kept: its own. Raises UploadError for one that it cannot have."""
    name = re.split(r"[/\\]", name)[-1].strip()
    if not name.isprintable() or not name.strip(".") or name.startswith("."):
        raise UploadError(f"{printable(name)[:80]!r}: expected a visible file name. Rename the file.")
    if len(name.encode(errors="surrogateescape")) > MAX_NAME:
        raise UploadError(f"{name[:80]}…: expected a name of at most {MAX_NAME} bytes. Rename the file.")
    if name.lower().partition(".")[0] == "index":
        raise UploadError(f"{name}: its folder would name the article. Rename the file, or send an archive.")
    return name


def add(upload: Upload, name: str, size: int, start: int, content: Iterable[bytes]) -> int:
    """Append a part of a file to what is there of it. Return how many bytes are there then.

    A part that does not follow what is there is left out. Raises UploadError if the file is not taken, and OSError if
    the disk is full or is not the site's; what is there stays.
    """
    name = file_name(name)
    others = [file for file in upload.files if file["name"] != name]
    if len(others) >= MAX_FILES:
        raise UploadError(f"{name}: expected at most {MAX_FILES} files. Send an archive.")
    if not 0 <= size <= MAX_BYTES - sum(file["size"] for file in others):
        raise UploadError(f"{name}: expected at most {MAX_BYTES // 2**20} MB together. Use the command.")
    volume.check()
    path = folder_of(upload) / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    there = received(upload, name, size)
    if start == there:
        there = _append(path, there, size, content)
    upload.files = [*others, {"name": name, "size": size, "is_whole": there == size}]
    upload.state, upload.report, upload.problem, upload.run = Upload.State.OPEN, {}, "", None
    upload.save()
    return there


def _append(path: Path, there: int, size: int, content: Iterable[bytes]) -> int:
    """Write what follows `there` bytes, and nothing beyond `size`. A part is kept whole or not at all."""
    try:
        with open(path, "ab") as file:
            file.truncate(there)
            file.seek(there)
            for part in content:
                file.write(part[: size - file.tell()])
            return file.tell()
    except OSError:
        with suppress(OSError), open(path, "ab") as file:
            file.truncate(there)
        raise


def received(upload: Upload, name: str, size: int) -> int:
    """Return how many bytes of a file of this size are there; 0 of one that is there whole: it is sent anew."""
    path = folder_of(upload) / "files" / file_name(name)
    is_same = any(file["name"] == name and file["size"] == size for file in upload.files)
    there = path.stat().st_size if is_same and path.exists() else 0
    return there if there < size else 0


def remove(upload: Upload, name: str) -> None:
    """Delete a file of an upload, which must be checked again then."""
    upload.files = [file for file in upload.files if file["name"] != name]
    upload.state, upload.report, upload.problem, upload.run = Upload.State.OPEN, {}, "", None
    with suppress(UploadError):
        (folder_of(upload) / "files" / file_name(name)).unlink(missing_ok=True)
    upload.save()


def drop(upload: Upload) -> None:
    """Delete the files of an upload. Its row stays."""
    shutil.rmtree(folder_of(upload), ignore_errors=True)


def delete_old() -> int:
    """Delete uploads that nothing happened to for a day, and files that belong to none. Return how many."""
    old = list(Upload.objects.filter(at__lt=timezone.now() - UPLOADS_KEPT))
    old = [upload for upload in old if not (upload.is_busy and is_at_work())]
    for upload in old:
        drop(upload)
        upload.delete()
    root = Path(settings.MEDIA_ROOT, FOLDER)
    found = [path for path in (root.iterdir() if root.is_dir() else []) if path.name.isdecimal()]
    known = set(Upload.objects.filter(pk__in=[int(path.name) for path in found]).values_list("pk", flat=True))
    for path in found:
        if int(path.name) not in known:
            shutil.rmtree(path, ignore_errors=True)
    return len(old)


# The process


def start(upload: Upload, state: str) -> bool:
    """Let a process check an upload, or import it. Return whether nobody else had started that."""
    begun = Upload.objects.filter(pk=upload.pk, state=upload.state)
    if not begun.update(state=state, problem="", at=timezone.now()):
        return False
    upload.refresh_from_db()
    with suppress(OSError):
        (folder_of(upload) / "progress").unlink(missing_ok=True)
    try:
        spawn(upload)
    except OSError as error:  # the system has no room for another process
        upload.state, upload.problem = Upload.State.FAILED, rescue.problem(error)
        upload.save()
    return True


def spawn(upload: Upload) -> None:
    command = [sys.executable, str(Path(settings.BASE_DIR, "manage.py")), "import_upload", str(upload.pk)]
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 (no part of it is what anybody sent)
        command, start_new_session=True, stdin=nothing, stdout=nothing, stderr=nothing
    )
    threading.Thread(target=process.wait, daemon=True).start()  # who waits for it lets the system forget it


def is_at_work() -> bool:
    """Return whether a process checks or imports an upload now."""
    try:
        with lock(LOCK, 0):
            return False
    except LockTimeoutError:
        return True


def is_interrupted(upload: Upload) -> bool:
    """Return whether the process of an upload was killed."""
    return bool(upload.is_busy) and timezone.now() - upload.at > STARTING and not is_at_work()


def progress(upload: Upload) -> int:
    """Return how many files were read so far."""
    with suppress(OSError, ValueError):
        return int((folder_of(upload) / "progress").read_text())
    return 0


def work(upload: Upload) -> None:
    """Check an upload, or import it, as its state says. Whatever happens, its row says what came of it."""
    try:
        with lock(LOCK, PATIENCE):
            upload.refresh_from_db()
            if upload.is_busy:
                _work(upload, upload.state == Upload.State.CHECKING)
    except BaseException as error:
        upload.state, upload.problem = Upload.State.FAILED, rescue.problem(error)
        upload.save()
        raise


def _work(upload: Upload, is_dry: bool) -> None:
    names = [file["name"] for file in upload.files if file["is_whole"]]
    by = f"{upload.user} at the desk, upload {upload.pk}"
    where = folder_of(upload)
    try:
        with chdir(where / "files"):  # so that remarks name the files as their person does
            found = _counted(_found(names), where / "progress")
            whole = all(map(files.is_whole, names))
            report = import_files(found, upload.source or None, is_dry, names, whole, by=by)
    finally:
        if not is_dry:
            upload.run = ImportRun.objects.filter(who=by).first()
    upload.report = _told(report)
    upload.state = Upload.State.CHECKED if is_dry else Upload.State.DONE
    upload.save()
    if not is_dry:
        drop(upload)


def _found(names: list[str]) -> Iterator[Counted]:
    """Yield what is in files, archives and compressed files. One with nothing to import never stops the others."""
    allowance = Allowance()
    for name in names:
        try:
            yield from files.find(name, allowance)
        except NothingFoundError as error:
            yield Rejection(name, str(error).removeprefix(f"{name}: "), hides=True)


def _counted(found: Iterator[Counted], path: Path) -> Iterator[Counted]:
    """Yield files, and note how many there were: in a file, as a dry run keeps nothing in the database."""
    noted = 0.0
    for number, item in enumerate(found, 1):
        yield item
        if time.monotonic() - noted > NOTED_EVERY:
            noted = time.monotonic()
            with suppress(OSError):
                path.write_text(str(number))


# What is told


def _told(report: Report) -> dict[str, Any]:
    """Return what an upload keeps of a report: the counts, and the first of all else."""
    found = report.as_json()
    found["numbers"] = {name: len(found[name]) for name in ("rejected", "warnings")}
    for name in ("rejected", "warnings"):
        found[name] = found[name][:MAX_TOLD]
    differences = report.differences or []
    found["numbers"]["differences"] = len(differences)
    found["differences"] = [
        {
            "path": one.path, "field": one.field, "conflict": one.conflict,
            "before": _short(one.before), "after": _short(one.after),
        }
        for one in differences[:MAX_TOLD]
    ]  # fmt: skip
    found["first"] = [{"path": path, "title": title, "address": address} for path, title, address in report.first]
    return found


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value) if value is not None else ""
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def changed_articles(report: dict[str, Any]) -> list[tuple[Article | None, list[dict[str, Any]]]]:
    """Return the articles that a dry run would change, each with its differences."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in report.get("differences", ()):
        found.setdefault(one["path"], []).append(one)
    keys = {path: path.removesuffix(".md").partition("/_news/") for path in found}
    rows = Article.objects.filter(stem__in=[stem for _, _, stem in keys.values()]).select_related("source")
    there = {(row.source.name, row.stem): row for row in rows}
    return [(there.get((keys[path][0], keys[path][2])), theirs) for path, theirs in found.items()]


def brought(run: ImportRun | None, number: int) -> list[Article]:
    """Return the first articles that an import brought."""
    found = ImportedFile.objects.filter(first_run=run).order_by("pk") if run else ImportedFile.objects.none()
    return list(Article.objects.filter(pk__in=list(found.values_list("pk", flat=True)[:number])))
