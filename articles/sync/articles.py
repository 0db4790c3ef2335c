"""A batch of articles' files to rows: new ones written, known ones merged."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import ranking
from ..db import bulk
from ..db.bulk import BATCH
from ..frontmatter import Document, Parts
from ..models import (
    Article,
    ArticleImage,
    ArticleTopic,
    ImportedFile,
    ImportRun,
    Provider,
    ProviderImage,
    Source,
    Topic,
)
from ..provenance import conflicts, history, originals
from ..provenance import values as provenance_values
from ..provenance.merge import Clash, merge
from ..provenance.values import FIELDS, KEPT_WHEN_ABSENT, Values, to_json
from ..stories import grouping, leads, links
from ..text.plain import counted
from .found import FoundFile

REMEMBERED = (
    "article", "digest", "text", "secured", "related", "crlf", "kept", "story_key", "grouped_key", "address", "run",
    "field_runs",
)  # fmt: skip
REMEMBERED_ATTRIBUTES = [ImportedFile._meta.get_field(name).attname for name in REMEMBERED]
DECISIVE = frozenset({"quality", "heat", "published", "published_at", "removed"})  # for leads and scores
SCORED_ORDERS = ("quality", "heat", "hot")


@dataclass(frozen=True)
class Stored:
    """What the database knows of an article's file; without a digest if the article came from the admin."""

    article_id: int
    digest: str | None
    story_key: str | None
    grouped_key: str | None

    @property
    def done(self) -> bool:
        """Everything that its last import had to do is done."""
        return self.story_key == self.grouped_key


@dataclass
class Reading:
    """An article's file that has been read, since it differs from what was last imported."""

    file: FoundFile
    digest: str
    document: Document
    parts: Parts
    stored: Stored | None  # None: a new article
    article_id: int = 0
    related: list[int] = field(default_factory=list)  # ids of its items
    kept: Values = field(default_factory=dict)
    field_runs: dict[str, int] = field(default_factory=dict)
    apart: bool = True  # its story is to be made anew

    @property
    def values(self) -> Values:
        return self.document.values

    @property
    def address(self) -> str:
        return self.values.get("web_url", "")

    @property
    def story_key(self) -> str:
        return grouping.story_key(self.address, self.values.get("related", ()))

    @property
    def said(self) -> Values:
        """All but what is secured, and related items that are known by their ids."""
        apart = {"secured", "related"} if self.related else {"secured"}
        return {name: value for name, value in self.values.items() if name not in apart}


@dataclass(frozen=True)
class Difference:
    """What a file changes in a field of an article that is known; in a conflict, what it would change."""

    path: str
    field: str
    before: Any
    after: Any
    conflict: bool = False

    def __str__(self) -> str:
        before, after = (json.dumps(value, ensure_ascii=False) for value in (self.before, self.after))
        return f"{self.path}: {self.field}: {before} {'stays, conflicts with' if self.conflict else '→'} {after}"


@dataclass
class Written:
    """What came of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    ungrouped: list[int] = field(default_factory=list)  # articles whose stories are to be made anew
    differences: list["Difference"] = field(default_factory=list)


class ArticleFiles:
    """Writes the files of one site. Each call of `write` is to be one transaction."""

    def __init__(self, source: Source, run: ImportRun) -> None:
        self.source = source
        self.run = run
        self.items = originals.Items(source)

    def write(self, readings: list[Reading]) -> Written:
        """Write a batch of files, no two of the same name."""
        result = Written()
        for reading, ids in zip(readings, self.items.ids(r.parts.related for r in readings), strict=True):
            reading.related = ids
        self._create([reading for reading in readings if reading.stored is None], result)
        known = self._merge([reading for reading in readings if reading.stored], result)
        self._remember([*(r for r in readings if r.stored is None), *known], result)
        return result

    # New articles

    def _create(self, readings: list[Reading], result: Written) -> None:
        if not readings:
            return
        theirs = [provenance_values.from_file(reading.values) for reading in readings]
        providers = Provider.objects.ensure({v["provider"]["domain"]: v["provider"]["name"] for v in theirs})
        rules = self.source.rules
        bulk.insert(
            Article,
            (
                *("source", "stem", "provider", "provider_name", "extra", "own_heat"),
                *(f"{order}_score" for order in SCORED_ORDERS),
                *provenance_values.COLUMNS,
            ),
            (
                (
                    self.source.pk,
                    reading.file.name,
                    providers[found["provider"]["domain"]].pk,
                    found["provider"]["name"],
                    found["extra"],
                    False,
                    *_scores(found, rules),
                    *(found[name] for name in provenance_values.COLUMNS),
                )
                for reading, found in zip(readings, theirs, strict=True)
            ),
        )
        ids = {stem: known.article_id for stem, known in stored(self.source, [r.file.name for r in readings]).items()}
        for reading in readings:
            reading.article_id = ids[reading.file.name]
        self._insert_topics_and_images(readings, theirs)
        self._write_logos(readings, providers)
        links.attach(self.source, {reading.address for reading in readings})
        result.created += len(readings)

    def _insert_topics_and_images(self, readings: list[Reading], theirs: list[Values]) -> None:
        topics = Topic.objects.ensure({name for found in theirs for name in found["topics"]})
        bulk.insert(
            ArticleTopic,
            ("content_object", "tag", "position"),
            (
                (reading.article_id, topics[name].pk, place)
                for reading, found in zip(readings, theirs, strict=True)
                for place, name in enumerate(found["topics"])
            ),
        )
        defaults = [ArticleImage._meta.get_field(name).get_default() for name in provenance_values.IMAGE_COLUMNS]
        bulk.insert(
            ArticleImage,
            ("article", "position", *provenance_values.IMAGE_COLUMNS),
            (
                (reading.article_id, place, *map(image.get, provenance_values.IMAGE_COLUMNS, defaults))
                for reading, found in zip(readings, theirs, strict=True)
                for place, image in enumerate(found["images"])
            ),
        )

    def _write_logos(self, readings: list[Reading], providers: dict[str, Provider]) -> None:
        """The logos that this site's articles print for their providers; an article without says nothing."""
        wanted = {}
        for reading in readings:
            printed = reading.values["provider"]
            if "images" in printed:
                wanted[providers[printed["domain"]].pk] = printed["images"]
        provenance_values.write_images(ProviderImage, "provider_id", wanted, source=self.source)

    # Known ones

    def _merge(self, readings: list[Reading], result: Written) -> list[Reading]:
        """Merge files into their articles. Returns those whose articles are still there."""
        if not readings:
            return []
        ids = sorted(reading.stored.article_id for reading in readings)
        rows = Article.objects.select_for_update(of=["self"]).select_related("provider").filter(pk__in=ids)
        articles = {article.pk: article for article in rows.order_by("pk")}
        live = provenance_values.from_rows(articles.values())
        files = ImportedFile.objects.in_bulk(ids)
        known = conflicts.open_on("article", ids)
        clashes, changes, logos = {}, {}, []
        there = [reading for reading in readings if reading.stored.article_id in articles]
        for reading in there:
            pk = reading.article_id = reading.stored.article_id
            theirs, base, news = self._compare(reading, files.get(pk), live[pk])
            merged, clashes[pk] = merge(base and conflicts.undecided_base(base, known[pk]), live[pk], theirs)
            changes[pk] = {name: merged[name] for name in FIELDS if merged[name] != live[pk][name]}
            result.updated += news
            result.unchanged += not news
            logos += [reading] if news else []
            result.differences += self._differences(reading, files.get(pk), live[pk], changes[pk], clashes[pk])
        result.unchanged += len(readings) - len(there)
        changes = {pk: found for pk, found in changes.items() if found}
        provenance_values.write(changes, articles)
        links.reattach(self.source, {pk: found["web_url"] for pk, found in changes.items() if "web_url" in found})
        history.record_import(
            self.run, {pk: history.deltas({n: live[pk][n] for n in found}, found) for pk, found in changes.items()}
        )
        result.conflicts += conflicts.keep("article", clashes, known, FIELDS, self.run)
        decisive = [articles[pk] for pk, found in changes.items() if DECISIVE & found.keys()]
        leads.settle(
            {article.story_id for article in decisive} - {None}, {row.pk for row in decisive if not row.story_id}
        )
        self._write_logos(logos, Provider.objects.ensure({r.values["provider"]["domain"]: None for r in logos}))
        return there

    def _differences(
        self, reading: Reading, file: ImportedFile | None, live: Values, changes: Values, clashes: list[Clash]
    ) -> Iterator[Difference]:
        path = f"{self.source.name}/_news/{reading.file.name}.md"
        for name, value in changes.items():
            yield Difference(path, name, to_json(live[name]), to_json(value))
        for clash in clashes:
            yield Difference(path, clash.field, to_json(clash.ours), to_json(clash.theirs), conflict=True)
        if file and file.related != reading.related:
            yield Difference(path, "related", *(counted(len(ids), "item") for ids in (file.related, reading.related)))

    def _compare(self, reading: Reading, file: ImportedFile | None, live: Values) -> tuple[Values, Values | None, bool]:
        """A file's values, those it had when last imported (None: not known), and whether it says anything new."""
        if file is None or not (file.text or file.digest == reading.digest):
            reading.kept = {name: live[name] for name in KEPT_WHEN_ABSENT if name not in reading.values}
            return provenance_values.from_file(reading.values, reading.kept), None, True
        said = originals.document(file).values if file.text else reading.values
        base = provenance_values.from_file(said, file.kept)
        reading.kept = {name: base[name] for name in KEPT_WHEN_ABSENT if name not in reading.values}
        theirs = provenance_values.from_file(reading.values, reading.kept)
        reading.field_runs = file.field_runs | {name: self.run.pk for name in FIELDS if theirs[name] != base[name]}
        said = {name: value for name, value in said.items() if name != "secured"}
        news = bool(file.text) and (file.related != reading.related or said != reading.said)
        if reading.stored.done and file.related == reading.related and file.address == reading.address:
            reading.apart = said.get("related") != reading.said.get("related")
        return theirs, base, news

    # What is remembered of them

    def _remember(self, readings: list[Reading], result: Written) -> None:
        """Keep each file as it is, with its story still to be made if that can have changed."""
        new, changed = [], []
        for reading in readings:
            key = reading.story_key
            if reading.apart and not key and (reading.stored is None or not reading.stored.grouped_key):
                reading.apart = False
            if reading.apart:
                result.ungrouped.append(reading.article_id)
            row = (
                reading.article_id,
                reading.digest,
                reading.parts.text,
                reading.parts.secured,
                reading.related,
                reading.parts.crlf,
                reading.kept,
                key,
                grouping.PENDING if reading.apart else key,
                reading.address,
                self.run.pk,
                reading.field_runs,
            )
            (new if reading.stored is None else changed).append(row)
        bulk.insert(ImportedFile, (*REMEMBERED, "first_run"), ((*row, self.run.pk) for row in new))
        ImportedFile.objects.bulk_create(
            (
                ImportedFile(**dict(zip(REMEMBERED_ATTRIBUTES, row, strict=True)), first_run_id=self.run.pk)
                for row in changed
            ),
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=[*REMEMBERED[1:], "imported_at"],
        )


def _scores(found: Values, rules: ranking.Rules) -> list[int]:
    """The scores of an article that is in no story yet."""
    facts = ranking.Facts(found["quality"], found["published_at"], heat=found["heat"])
    return [ranking.score(order, facts, rules) for order in SCORED_ORDERS]


def stored(source: Source, stems: Iterable[str]) -> dict[str, Stored]:
    """What is known of articles, by stem."""
    rows = Article.objects.filter(source=source, stem__in=list(stems))
    columns = rows.values_list("stem", "pk", "file__digest", "file__story_key", "file__grouped_key")
    return {stem: Stored(*known) for stem, *known in columns}
