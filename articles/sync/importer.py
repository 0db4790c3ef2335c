"""Imports: files to rows in batches, each in one transaction, then the stories of the articles that changed.

A file that is the one last imported for its path is not parsed. Any other is merged into its article field by field
(merge.py): what an editor changed stays, and where the source changed it too, a conflict keeps both until a person
decides.
"""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import chain, islice
from time import monotonic

from django.db import Error, transaction
from django.utils import timezone

from .. import frontmatter
from ..db.bulk import BATCH
from ..frontmatter import FrontMatterError, Kind, oddities
from ..models import DeletedArticle, ImportRun, Source
from ..provenance import originals
from ..ranking.fitting import Observed
from ..stories import grouping
from ..text import addresses
from . import figures, mapped, names, rescue, retiring
from .articles import ArticleFiles
from .claims import Claims, taken
from .found import FileWarning, Found, FoundFile, Rejection
from .locks import LockTimeoutError, busy, lock, who
from .reading import Reading, Stored, stored
from .report import Report
from .taxonomy import Taxonomy
from .trial import trial

DEFAULT_SOURCE = "default"
MAX_BATCH_BYTES = 16 * 2**20  # of files in memory
LOCK_SECONDS = 60  # that an import waits for another of the same site to end


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage rarely: an import keeps thousands of values from file to file, and none in cycles."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def import_files(
    found: Found,
    source: str | None = None,
    dry_run: bool = False,
    paths: Iterable[str] = (),
    is_whole: bool = False,
    prune: int = 0,
    by: str = "",
) -> Report:
    """Import files in the order in which they are found, and report what was done.

    `source` overrides the site of each file; the import's record keeps `paths`, and `by` as its account. `is_whole`
    says that these are all files of their sites: others are gone, and retired if `prune` is 1, or 2 to retire even
    most of a site. A bad file is a rejection in the report. Raises LockTimeoutError if another import of the same site
    does not end, and DatabaseError or what `found` raises if it cannot go on; the batches written before stay.
    """
    started = monotonic()
    with ExitStack() as locks, _rare_collections():
        run = Run(source, dry_run, list(paths), locks, by)
        found = run.lock_first_site(iter(found))
        if dry_run:
            with trial():
                run.start()
                run.take_all(found, is_whole, prune)
        else:
            run.start()
            try:
                run.take_all(found, is_whole, prune)
            except BaseException as error:
                run.fail(error)
                raise
        run.report.seconds = round(monotonic() - started, 3)
        if not dry_run:
            run.finish()
    return run.report


class Run:
    """The state of one import: its record and report, its locks, and the files and stories that are still to do."""

    def __init__(self, source: str | None, dry_run: bool, paths: list[str], locks: ExitStack, by: str) -> None:
        self.source_name, self.dry_run = source, dry_run
        self.report = Report(differences=[] if dry_run else None)
        self.record = ImportRun(who=by or who(), paths=paths)
        self.locks = locks
        self.locked: set[str] = set()  # names of sites
        self.sites: dict[str, ArticleFiles] = {}
        self.ungrouped: dict[str, set[int]] = {}
        self.said: dict[str, Observed] = {}  # of each site's figures
        self.batch: dict[str, FoundFile] = {}  # by stem, all of one site
        self.batch_site = ""
        self.batch_bytes = 0
        self.claims = Claims()
        self.known: Counter[str] = Counter()  # of each site, the files that were there and have rows
        self.is_complete = True  # whether all files were found
        self.taxonomy = Taxonomy(self.record)

    # Its record

    def start(self) -> None:
        self.record.save()

    def finish(self) -> None:
        self.record.state = ImportRun.State.DONE
        self.save_record()

    def fail(self, error: BaseException) -> None:
        """Record the failure, if the database can still be written."""
        self.record.state = ImportRun.State.FAILED
        self.record.problem = rescue.problem(error)
        with suppress(Error):
            self.save_record()

    def save_record(self) -> None:
        if self.record.state != ImportRun.State.RUNNING:
            self.record.finished_at = timezone.now()
        for name in ("files", "created", "updated", "unchanged", "conflicts", "retired", "seconds"):
            setattr(self.record, name, getattr(self.report, name))
        self.record.rejected = [rejection.as_json() for rejection in self.report.rejected]
        self.record.warnings = [warning.as_json() for warning in self.report.warnings]
        self.record.sources = sorted(self.locked)
        self.record.save()

    # Its locks

    def lock_first_site(self, found: Found) -> Found:
        """Lock the first file's site before a dry run begins, which must not see half an import."""
        first = list(islice(found, 1))
        for item in first:
            if isinstance(item, FoundFile):
                self.lock(self.site_name(item), LOCK_SECONDS)
        return chain(first, found)

    def lock(self, name: str, seconds: float) -> None:
        """Make this the only import of a site until it ends. Raises LockTimeoutError after so many seconds."""
        if name in self.locked:
            return
        try:
            self.locks.enter_context(lock(name, seconds))
        except LockTimeoutError as error:
            raise LockTimeoutError(busy(name)) from error
        self.locked.add(name)
        for other in ImportRun.objects.filter(state=ImportRun.State.RUNNING).exclude(pk=self.record.pk):
            if name in other.sources:  # but it has no lock any more
                other.state = ImportRun.State.INTERRUPTED
                other.save(update_fields=["state"])

    def site_name(self, file: FoundFile) -> str:
        return self.source_name or file.source or DEFAULT_SOURCE

    def site(self, name: str) -> ArticleFiles:
        if name not in self.sites:
            self.lock(name, 0 if self.dry_run else LOCK_SECONDS)
            self.save_record()
            source = Source.objects.get_or_create(name=name)[0]
            self.sites[name] = ArticleFiles(source, self.record)
            self.ungrouped[name] = set()
            self.said[name] = Counter()
        return self.sites[name]

    # Its files

    def take_all(self, found: Found, is_whole: bool, prune: int) -> None:
        self.taxonomy.is_whole = is_whole
        for item in found:
            if isinstance(item, Rejection):
                self.taxonomy.is_whole = False
                self.reject(item)
            elif isinstance(item, FileWarning):
                self.report.warnings.append(item)
            elif not self.is_of_its_site(item):
                pass
            elif item.kind is Kind.ARTICLE:
                self.take_article(item)
            else:
                self.take_taxonomy(item)
        self.write_batch()
        self.write_taxonomy(is_last=True)
        for name, ids in self.ungrouped.items():
            source = self.sites[name].source
            if ids:
                self.report.conflicts += rescue.regroup(source, ids, self.record, self.report.warnings.append)
                originals.sweep(source)
            figures.refit(source, self.said[name])
        if is_whole:
            self.look_for_gone(prune)
        self.report.count([site.source for site in self.sites.values()])

    def reject(self, rejection: Rejection) -> None:
        self.report.files += 1
        self.report.rejected.append(rejection)
        self.is_complete = self.is_complete and not rejection.hides
        if file := rejection.stands_for:
            self.claims.claim("article", (self.site_name(file), file.name), file.path)

    def is_of_its_site(self, file: FoundFile) -> bool:
        """Reject a file of another folder whose name gives the same site."""
        if self.source_name or not file.folder:
            return True
        other = self.claims.claim("site", file.source, file.folder)
        if other in (None, file.folder):
            return True
        found = f"{file.folder!r}, which gives {file.source!r} as {other!r} does: import it with --source"
        self.reject(Rejection(file.path, f"expected a folder whose name gives a source of its own, found {found}"))
        return False

    def take_article(self, file: FoundFile) -> None:
        """Add a file to the batch. The batch is written first if it is full, or if the file cannot join it."""
        try:
            file.name = file.name or _name(file)
            if problem := names.stem_problem(file.name) or names.place_problem(file.name, file.place):
                raise FrontMatterError(1, "file name", problem)
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
            return
        name = self.site_name(file)
        if other := self.claims.claim("article", (name, file.name), file.path):
            self.reject(Rejection(file.path, taken(other), key="file name"))
            return
        full = len(self.batch) >= BATCH or self.batch_bytes + len(file.data) > MAX_BATCH_BYTES
        if name != self.batch_site or full:
            self.write_batch()
        self.batch_site = name
        self.batch[file.name] = file
        self.batch_bytes += len(file.data)

    def write_batch(self) -> None:
        """Read the batch, then write what changed in one transaction."""
        self.write_taxonomy()
        files, self.batch, self.batch_bytes = self.batch, {}, 0
        if not files:
            return
        site = self.site(self.batch_site)
        mapped.keep(site.source, files.values())
        files = mapped.with_known_names(site.source, files)
        readings = self.read(site.source, files)
        if not readings:
            return
        with transaction.atomic():
            written = rescue.write(site, readings, self.refuse)
            for name in ("created", "updated", "unchanged", "conflicts"):
                setattr(self.report, name, getattr(self.report, name) + getattr(written, name))
            self.save_record()
        self.report.name_first(readings)
        self.ungrouped[self.batch_site].update(written.ungrouped)
        self.said[self.batch_site].update(written.said)
        if self.report.differences is not None:
            self.report.differences += written.differences

    def refuse(self, reading: Reading, reason: str) -> None:
        """Reject a file that was read, and that the database or our own code does not take."""
        self.report.files -= 1
        self.reject(Rejection(reading.file.path, reason))

    def read(self, source: Source, files: dict[str, FoundFile]) -> list[Reading]:
        """Parse the files that differ from those last imported. Counts the others as unchanged."""
        known = stored(source, files)
        deleted = DeletedArticle.objects.filter(source=source, stem__in=list(files)).values_list("stem", flat=True)
        gone = set(deleted)
        readings = []
        for stem, file in files.items():
            was = known.get(stem)
            digest = file.digest
            if (was and was.is_same(file, digest)) or stem in gone:
                self.report.files += 1
                self.report.unchanged += 1
            elif reading := self.parse(file, digest, was):
                readings.append(reading)
        self.known[source.name] += sum(was.digest is not None for was in known.values())
        self.known[source.name] += sum(not (r.stored and r.stored.digest) for r in readings)
        return readings

    def parse(self, file: FoundFile, digest: str, was: Stored | None) -> Reading | None:
        try:
            document, parts = file.read()
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
            return None
        except Exception as error:
            self.reject(Rejection(file.path, rescue.told(file.path, error)))
            return None
        for warning in (*document.warnings, *oddities.find(document.values, parts.text)):
            self.report.warnings.append(FileWarning(file.path, warning.message, warning.line, warning.key))
        self.report.files += 1
        if file.allowance:
            file.allowance.store(len(parts.text) + len(parts.secured), rows=1)
        return Reading(file, digest, document, parts, was)

    def take_taxonomy(self, file: FoundFile) -> None:
        if problem := names.place_problem(file.name, file.place):
            self.reject(Rejection(file.path, problem, key="file name"))
            return
        name = self.site_name(file)
        self.lock(name, 0 if self.dry_run else LOCK_SECONDS)
        self.taxonomy.add(name, file)

    def write_taxonomy(self, is_last: bool = False) -> None:
        """Write the topics and organizations found so far, in one transaction: they are few."""
        if self.taxonomy.is_due(is_last):
            with transaction.atomic():
                self.report.conflicts += rescue.write_taxonomy(self.taxonomy, is_last)
        if is_last:
            for rejection in (*self.taxonomy.refused, *self.taxonomy.rejected):
                self.reject(rejection)
            self.report.warnings += chain.from_iterable(self.taxonomy.warnings.values())

    # What is gone

    def is_claimed(self, site: str, stem: str) -> bool:
        return self.claims.has("article", (site, stem))

    def look_for_gone(self, prune: int) -> None:
        """Count the articles whose files were not found in the sites that were read, and retire them if asked to."""
        for name, site in self.sites.items():
            known = retiring.count_known(site.source)
            if known == self.known[name]:
                continue
            gone = retiring.find_gone(site.source, partial(self.is_claimed, name))
            self.report.gone += len(gone)
            if not (prune and gone):
                continue
            if not self.is_complete:
                message = "nothing was retired, since some files or folders could not be read"
                self.report.warnings.append(FileWarning(name, message, key="--prune"))
            elif prune < 2 and retiring.is_too_much(len(gone), known):
                message = f"expected few files to be gone, found {len(gone)} of {known}: nothing was retired"
                more = "; if they really are, give --prune twice"
                self.reject(Rejection(name, message + more, key="--prune"))
            else:
                retiring.retire(site.source, self.record, list(gone))
                self.report.conflicts += grouping.regroup(site.source, list(gone), self.record)
                self.report.retired += gone.values()


def _name(file: FoundFile) -> str:
    """Return a name for a document from standard input, made from its title and date."""
    found = frontmatter.parse(file.data).values
    return addresses.stem(found["title"], found["published_at"])
