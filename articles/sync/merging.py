"""Files merged into the articles they belong to: what an editor changed stays."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..db import bulk
from ..models import Article, ImportedFile, ImportRun, Source
from ..provenance import conflicts, history, originals, values
from ..provenance.merge import Clash, merge
from ..provenance.values import FIELDS, Values, to_json
from ..ranking import scoring
from ..stories import leads, links
from ..text.plain import counted
from .reading import Reading

DECISIVE = frozenset({"quality", "heat", "published", "published_at", "removed"})  # for leads and scores


@dataclass(frozen=True)
class Difference:
    """What a file changes in a field of a known article; in a conflict, what it would change."""

    path: str
    field: str
    before: Any
    after: Any
    conflict: bool = False

    def __str__(self) -> str:
        before, after = (json.dumps(value, ensure_ascii=False) for value in (self.before, self.after))
        return f"{self.path}: {self.field}: {before} {'stays, conflicts with' if self.conflict else '→'} {after}"


@dataclass
class Merged:
    """What merging a file gave: whether the file says anything new, new values of some fields, and clashes."""

    reading: Reading
    file: ImportedFile | None
    live: Values
    is_news: bool
    changes: Values
    clashes: list[Clash]
    filed_quality: int | None  # what the file says, if an editor says something else
    said_before: Values | None = None  # by the version last imported

    def differences(self, source: Source) -> Iterator[Difference]:
        file = self.reading.file
        path = f"{source.name}/{file.place if file.mapping_digest else f'_news/{file.name}.md'}"
        for name, value in self.changes.items():
            yield Difference(path, name, to_json(self.live[name]), to_json(value))
        for clash in self.clashes:
            yield Difference(path, clash.field, to_json(clash.ours), to_json(clash.theirs), conflict=True)
        if self.file and self.file.related != self.reading.related:
            before, after = (counted(len(ids), "item") for ids in (self.file.related, self.reading.related))
            yield Difference(path, "related", before, after)


def merge_files(source: Source, run: ImportRun, readings: list[Reading]) -> tuple[list[Merged], int]:
    """Merge files into their articles, and store what changes.

    Returns what came of each article that still exists, and the number of new conflicts.
    """
    if not readings:
        return [], 0
    ids = sorted(reading.stored.article_id for reading in readings if reading.stored)
    rows = Article.objects.select_for_update(of=["self"]).select_related("provider").filter(pk__in=ids)
    articles = {article.pk: article for article in rows.order_by("pk")}
    live = values.from_rows(articles.values())
    files = ImportedFile.objects.in_bulk(ids)
    known = conflicts.open_on("article", ids)
    found = []
    for reading in readings:
        pk = reading.article_id = reading.stored.article_id if reading.stored else 0
        if pk in articles:
            found.append(_merge(reading, files.get(pk), live[pk], known[pk], run))
    raised = conflicts.keep("article", {one.reading.article_id: one.clashes for one in found}, known, FIELDS, run)
    store(source, run, {one.reading.article_id: one.changes for one in found if one.changes}, live, articles)
    _note_qualities(found, articles)
    return found, raised


def _note_qualities(found: list[Merged], articles: dict[int, Article]) -> None:
    """Note what files say where an editor set the quality: the heat in the files is by that, and scores follow."""
    said = {one.reading.article_id: one.filed_quality for one in found}
    differ = {pk: quality for pk, quality in said.items() if quality != articles[pk].filed_quality}
    bulk.update(Article, "filed_quality", ((quality, pk) for pk, quality in differ.items()))
    scoring.rescore_articles(differ)


def _merge(reading: Reading, file: ImportedFile | None, live: Values, known: dict[str, Any], run: ImportRun) -> Merged:
    said = None
    if file is None or not (file.text or file.digest == reading.digest):  # the last version is not known
        base, theirs, is_news = None, values.from_file(reading.values), True
    else:
        said = originals.document(file).values if file.text else reading.values
        base = values.when_gone(values.from_file(said, file.kept), file.gone_fields)
        theirs = values.from_file(reading.values)
        reading.field_runs = file.field_runs | {name: run.pk for name in FIELDS if theirs[name] != base[name]}
        is_news = _compare(reading, file, said) or file.gone_at is not None
        base = conflicts.undecided_base(base, known)
    merged, clashes = merge(base, live, theirs)
    changes = {name: merged[name] for name in FIELDS if merged[name] != live[name]}
    filed_quality = None if merged["quality"] == theirs["quality"] else theirs["quality"]
    return Merged(reading, file, live, is_news, changes, clashes, filed_quality, said)


def _compare(reading: Reading, file: ImportedFile, said: Values) -> bool:
    """Note whether a file may change its article's story; return whether it says anything new beside `secured`.

    `said` are the values of the version last imported.
    """
    said = {name: value for name, value in said.items() if name != "secured"}
    same_items = file.related == reading.related
    is_done = reading.stored is not None and reading.stored.is_done and file.gone_at is None
    if is_done and same_items and file.address == reading.address:
        reading.awaits_story = said.get("related") != reading.comparable.get("related")
    return bool(file.text) and not (same_items and said == reading.comparable)


def store(
    source: Source, run: ImportRun, changes: dict[int, Values], live: dict[int, Values], articles: dict[int, Article]
) -> None:
    """Store changes by article id, note them in the articles' history, and recompute what follows from them.

    `live` are the values before, `articles` the rows, loaded in this transaction.
    """
    values.write(changes, articles)
    links.reattach(source, {pk: changed["web_url"] for pk, changed in changes.items() if "web_url" in changed})
    before = {pk: {name: live[pk][name] for name in changed} for pk, changed in changes.items()}
    history.record_import(run, {pk: history.deltas(before[pk], changed) for pk, changed in changes.items()})
    decisive = [articles[pk] for pk, changed in changes.items() if DECISIVE & changed.keys()]
    story_ids = {article.story_id for article in decisive if article.story_id}
    leads.recompute(story_ids, {article.pk for article in decisive if not article.story_id})
