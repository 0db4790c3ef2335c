"""A batch of article files to rows: new articles inserted, known ones merged, each file kept as it is."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..db import bulk
from ..db.bulk import BATCH
from ..models import ImportedFile, ImportRun, Provider, ProviderImage, Source
from ..provenance import originals, values
from ..ranking.fitting import Observed
from ..stories import grouping
from ..text.domains import normal_domain
from . import figures
from .creating import create
from .merging import Difference, Merged, merge_files
from .reading import Reading

FILE_COLUMNS = (
    "article", "digest", "text", "secured", "related", "crlf", "kept", "story_key", "grouped_key", "address", "run",
    "field_runs", "place", "gone_at", "gone_fields", "mapping",
)  # fmt: skip
FILE_FIELDS: list[Any] = [ImportedFile._meta.get_field(name) for name in FILE_COLUMNS]
FILE_ATTRIBUTES = [each.attname for each in FILE_FIELDS]


@dataclass
class Written:
    """What came of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    ungrouped: list[int] = field(default_factory=list)  # ids of articles that must be grouped again
    differences: list[Difference] = field(default_factory=list)
    said: Observed = field(default_factory=Counter)  # of the figures, by these files and those they replace

    def add(self, other: "Written") -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class ArticleFiles:
    """Writes the files of one site. Call each `write` in a transaction of its own."""

    def __init__(self, source: Source, run: ImportRun) -> None:
        self.source = source
        self.run = run
        self.items = originals.Items(source)

    def forget(self) -> None:
        """Forget what is known of a batch whose transaction was undone."""
        self.items.forget()

    def write(self, readings: list[Reading]) -> Written:
        """Write a batch of files, no two of the same name."""
        before = self.items.new_bytes
        for reading, ids in zip(readings, self.items.ids(r.parts.related for r in readings), strict=True):
            reading.related = ids
        if allowance := readings[0].file.allowance:
            allowance.store(self.items.new_bytes - before)
        new = [reading for reading in readings if reading.stored is None]
        known = [reading for reading in readings if reading.stored]
        create(self.source, new)
        merged, conflicts = merge_files(self.source, self.run, known)
        updated = [one.reading for one in merged if one.is_news]
        self._write_logos([*new, *updated])
        there = [one.reading for one in merged]
        self._keep_files(new, there)
        return Written(
            created=len(new),
            updated=len(updated),
            unchanged=len(known) - len(updated),
            conflicts=conflicts,
            ungrouped=[reading.article_id for reading in (*new, *there) if reading.awaits_story],
            differences=[difference for one in merged for difference in one.differences(self.source)],
            said=_said(readings, merged),
        )

    def _write_logos(self, readings: list[Reading]) -> None:
        """Store the logos that this site's files print for their providers. A file without a logo says nothing."""
        printed = [reading.values["provider"] for reading in readings]
        logos = {provider["domain"]: values.pictures(provider) for provider in printed if "images" in provider}
        providers = Provider.objects.ensure(dict.fromkeys(logos))
        merged = Provider.objects.merged(map(normal_domain, logos))  # their logos are not those of the other outlet
        wanted = {providers[domain]: images for domain, images in logos.items() if normal_domain(domain) not in merged}
        values.write_images(ProviderImage, "provider_id", wanted, source=self.source)

    def _keep_files(self, new: list[Reading], known: list[Reading]) -> None:
        """Keep each file to the byte. Those whose stories are still to be made are marked so."""
        rows = ((*self._file_row(reading), self.run.pk) for reading in new)
        bulk.insert(ImportedFile, (*FILE_COLUMNS, "first_run"), rows)
        ImportedFile.objects.bulk_create(
            (
                ImportedFile(
                    **dict(zip(FILE_ATTRIBUTES, self._file_row(reading), strict=True)), first_run_id=self.run.pk
                )
                for reading in known
            ),
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=[*FILE_COLUMNS[1:], "imported_at"],
        )

    def _file_row(self, reading: Reading) -> tuple[object, ...]:
        """Return a file's values in the order of FILE_COLUMNS."""
        return (
            reading.article_id,
            reading.digest,
            reading.parts.text,
            reading.parts.secured,
            reading.related,
            reading.parts.crlf,
            {},
            reading.story_key,
            grouping.PENDING if reading.awaits_story else reading.story_key,
            reading.address,
            self.run.pk,
            reading.field_runs,
            reading.file.place,
            None,
            [],
            reading.file.mapping_digest,
        )


def _said(readings: list[Reading], merged: list[Merged]) -> Observed:
    """Count what files, and those they replace, say of the site's figures."""
    now = [figures.said(reading.values, len(reading.values.get("related", ()))) for reading in readings]
    before = [figures.said(one.said_before, len(one.file.related)) for one in merged if one.said_before and one.file]
    return Counter(one for one in (*now, *before) if one)
