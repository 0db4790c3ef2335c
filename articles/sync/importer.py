"""Files to rows: in batches, each whole or not at all; then the stories of what changed.

A file whose bytes are those last imported for its path is not even parsed. Else it is merged into its
article, field by field (merge.py): what an editor changed stays, and where the source changed it too, both
are kept as a conflict until a person decides. A file without quality, heat or published says nothing about
them, since the source sometimes writes such a version and restores it with the next.
"""

import gc
import getpass
import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from time import monotonic

from django.db import DatabaseError, transaction
from django.db.models import Count
from django.utils import timezone

from .. import frontmatter
from ..db.bulk import BATCH
from ..frontmatter import FrontMatterError, Kind
from ..models import Article, ArticleTopic, DeletedArticle, ImportRun, Source
from ..provenance import originals
from ..search import index as search_index
from ..stories import grouping
from ..text import addresses
from ..text.digests import hex_digest
from ..text.plain import counted
from . import articles as article_files
from . import taxonomy
from .articles import ArticleFiles, Difference, Reading, Stored
from .found import FoundFile, Rejection
from .locks import HeldError, hold

STEM = re.compile(addresses.STEM)
DEFAULT_SOURCE = "default"
BATCH_BYTES = 16 * 2**20  # of files held at once
WAIT = 60  # seconds, for another import of the same site to end


@dataclass
class Report:
    """What an import did; `files` and the counts after it are of articles, and of files rejected."""

    files: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    stories: int = 0
    topics: int = 0
    providers: int = 0
    seconds: float = 0.0
    differences: list[Difference] | None = None  # of a dry run: what it would change in articles that are there

    def as_json(self):
        """For `--report`."""
        found = asdict(self)
        return {name: value for name, value in found.items() if name != "differences" or value is not None}

    def __str__(self):
        return (
            f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged,"
            f" {len(self.rejected)} rejected, {counted(self.conflicts, 'new conflict')};"
            f" {self.stories} stories, {self.topics} topics, {self.providers} providers; {self.seconds:.1f} s"
        )


@contextmanager
def few_collections() -> Iterator[None]:
    """Look for reference cycles rarely: thousands of values are kept from file to file, and make none."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _DryRunError(Exception):
    """Undoes everything."""


def import_files(
    found: Iterable[FoundFile | Rejection],
    source: str | None = None,
    dry_run: bool = False,
    paths: Iterable[str] = (),
) -> Report:
    """Import files as they come. `source` overrides the site that each was found in; `paths` is for the record.

    Never raises for what is in a file: that is told in the report. Raises HeldError when another import of the
    same site does not end, DatabaseError or what `found` raises when it cannot go on: whole batches stay.
    """
    started = monotonic()
    with ExitStack() as holds, few_collections():
        run = Run(source, dry_run, list(paths), holds)
        found = run.hold_first(iter(found))
        if dry_run:
            with suppress(_DryRunError), transaction.atomic():
                run.start()
                run.take_all(found)
                raise _DryRunError
        else:
            run.start()
            try:
                run.take_all(found)
            except BaseException as error:
                run.fail(error)
                raise
        run.report.seconds = round(monotonic() - started, 3)
        if not dry_run:
            run.finish()
    return run.report


class Run:
    """One import: what it has seen so far, and what it still has to do."""

    def __init__(self, source: str | None, dry_run: bool, paths: list[str], holds: ExitStack) -> None:
        self.source_name = source
        self.dry_run = dry_run
        self.report = Report(differences=[] if dry_run else None)
        self.record = ImportRun(who=_who(), paths=paths)
        self.holds = holds
        self.sites: dict[str, ArticleFiles] = {}
        self.ungrouped: dict[str, set[int]] = {}
        self.batch: dict[str, FoundFile] = {}  # by stem, all of one site
        self.batch_site = ""
        self.batch_bytes = 0
        self.held: set[str] = set()
        self.taxonomy: list[FoundFile] = []

    # Its record

    def start(self) -> None:
        self.record.save()

    def finish(self) -> None:
        self.record.state = ImportRun.State.DONE
        self.save_record()

    def fail(self, error: BaseException) -> None:
        """Say so in the record, if that can still be written."""
        self.record.state = ImportRun.State.FAILED
        self.record.problem = f"{type(error).__name__}: {error}"[:1000]
        with suppress(DatabaseError):
            self.save_record()

    def save_record(self) -> None:
        if self.record.state != ImportRun.State.RUNNING:
            self.record.finished_at = timezone.now()
        for name in ("files", "created", "updated", "unchanged", "conflicts", "seconds"):
            setattr(self.record, name, getattr(self.report, name))
        self.record.rejected = [asdict(rejection) for rejection in self.report.rejected]
        self.record.sources = sorted(self.held)
        self.record.save()

    # Whose turn it is

    def hold_first(self, found: Iterator[FoundFile | Rejection]) -> Iterator[FoundFile | Rejection]:
        """Wait for other imports of the first file's site, before a transaction that would keep them waiting."""
        first = list(islice(found, 1))
        for item in first:
            if isinstance(item, FoundFile):
                self.hold(self.site_name(item), WAIT)
        return chain(first, found)

    def hold(self, name: str, wait: float) -> None:
        """Make this the only import of a site, until it ends."""
        if name in self.held:
            return
        try:
            self.holds.enter_context(hold(name, wait))
        except HeldError as error:
            raise HeldError(_held_by(name)) from error
        self.held.add(name)
        for other in ImportRun.objects.filter(state=ImportRun.State.RUNNING).exclude(pk=self.record.pk):
            if name in other.sources:  # and it holds it no more
                other.state = ImportRun.State.INTERRUPTED
                other.save(update_fields=["state"])

    def site_name(self, file: FoundFile) -> str:
        return self.source_name or file.source or DEFAULT_SOURCE

    def site(self, name: str) -> ArticleFiles:
        if name not in self.sites:
            self.hold(name, 0 if self.dry_run else WAIT)
            self.save_record()
            source = Source.objects.get_or_create(name=name)[0]
            self.sites[name] = ArticleFiles(source, self.record)
            self.ungrouped[name] = set()
        return self.sites[name]

    # What comes

    def take_all(self, found: Iterable[FoundFile | Rejection]) -> None:
        for item in found:
            if isinstance(item, Rejection):
                self.reject(item)
            elif item.kind is Kind.ARTICLE:
                self.take_article(item)
            else:
                self.taxonomy.append(item)
        self.write_batch()
        for name, ids in self.ungrouped.items():
            source = self.sites[name].source
            if ids:
                self.report.conflicts += grouping.regroup(source, ids, self.record)
                originals.sweep(source)
        self.count()

    def reject(self, rejection: Rejection) -> None:
        self.report.files += 1
        self.report.rejected.append(rejection)

    def take_article(self, file: FoundFile) -> None:
        """Put a file into the batch, writing the batch first if it is full or not for this file."""
        try:
            file.name = file.name or _name(file)
            if not STEM.match(file.name):
                what = "1 to 255 letters, digits, '-', '_' or '.', the first no sign"
                raise FrontMatterError(1, "file name", frontmatter.expected(what, file.name))
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
            return
        name = self.site_name(file)
        full = len(self.batch) >= BATCH or self.batch_bytes + len(file.data) > BATCH_BYTES
        if name != self.batch_site or file.name in self.batch or full:
            self.write_batch()
        self.batch_site = name
        self.batch[file.name] = file
        self.batch_bytes += len(file.data)

    def write_batch(self) -> None:
        """Read the batch, then write what is new in one transaction."""
        self.write_taxonomy()
        files, self.batch, self.batch_bytes = self.batch, {}, 0
        if not files:
            return
        site = self.site(self.batch_site)
        readings = self.read(site.source, files)
        if not readings:
            return
        with transaction.atomic():
            written = site.write(readings)
            search_index.refresh()
            for name in ("created", "updated", "unchanged", "conflicts"):
                setattr(self.report, name, getattr(self.report, name) + getattr(written, name))
            self.save_record()
        self.ungrouped[self.batch_site].update(written.ungrouped)
        if self.report.differences is not None:
            self.report.differences += written.differences

    def read(self, source: Source, files: dict[str, FoundFile]) -> list[Reading]:
        """The files that differ from what was last imported, and the counts of all."""
        known = article_files.stored(source, files)
        deleted = DeletedArticle.objects.filter(source=source, stem__in=list(files)).values_list("stem", flat=True)
        gone = set(deleted)
        readings = []
        for stem, file in files.items():
            was = known.get(stem)
            digest = hex_digest(file.data)
            if (was and was.digest == digest and was.done) or stem in gone:
                self.report.files += 1
                self.report.unchanged += 1
            elif reading := self.parse(file, digest, was):
                readings.append(reading)
        return readings

    def parse(self, file: FoundFile, digest: str, was: Stored | None) -> Reading | None:
        try:
            document, parts = frontmatter.read(file.data)
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
            return None
        self.report.files += 1
        return Reading(file, digest, document, parts, was)

    def write_taxonomy(self) -> None:
        """Write the topics' and organizations' files that say anything new, in one transaction: they are few."""
        files, self.taxonomy = self.taxonomy, []
        for name in {self.site_name(file) for file in files}:
            self.hold(name, 0 if self.dry_run else WAIT)
        known = taxonomy.known_texts() if files else set()
        changed = [file for file in files if file.data.decode(errors="replace") not in known]
        if not changed:
            return
        with transaction.atomic():
            for file in changed:
                try:
                    with transaction.atomic():
                        self.report.conflicts += taxonomy.write(file, self.record)
                except FrontMatterError as error:
                    self.reject(Rejection(file.path, error.message, error.line, error.key))
            search_index.refresh()

    def count(self) -> None:
        """What the sites of this run hold now: stories of two or more articles, topics and providers in use."""
        articles = Article.objects.filter(source__in=[site.source for site in self.sites.values()])
        sizes = articles.exclude(story=None).values("story").annotate(size=Count("pk"))
        self.report.stories = sizes.filter(size__gte=2).count()
        self.report.topics = ArticleTopic.objects.filter(content_object__in=articles).values("tag").distinct().count()
        self.report.providers = articles.values("provider").distinct().count()


def _name(file: FoundFile) -> str:
    """A name for a document that came without one."""
    found = frontmatter.parse(file.data).values
    return addresses.stem(found["title"], found["published_at"])


def _who() -> str:
    """The account, machine and process that run this."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "somebody"
    return f"{account} on {socket.gethostname()}, process {os.getpid()}"


def _held_by(name: str) -> str:
    """Who imports a site now, for a person."""
    running = (run for run in ImportRun.objects.filter(state=ImportRun.State.RUNNING) if name in run.sources)
    run = next(running, None)
    who = f", by {run.who}, since {run.started_at:%Y-%m-%d %H:%M:%S} UTC" if run else ""
    return f"{name!r} is being imported already{who}. Nothing was done: try again when that has ended."
