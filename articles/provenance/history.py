"""The history of an article's changes, and the origin of each of its values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from ..db.bulk import BATCH, batches
from ..models import Article, Change, ImportedFile, ImportRun
from . import originals, values
from .merge import FILE_ONLY
from .values import FIELDS, Values, to_json

MAX_IMPORTS = 40  # whose changes an article's history has
MAX_TEXT_LENGTH = 60  # characters of a text in an import's change


def deltas(before: Values, after: Values) -> dict[str, list[Any]]:
    """Return the old and the new value, as JSON, of each field that differs, without the source's own figures."""
    return {
        field: [to_json(before[field]), to_json(after[field])]
        for field in after
        if field not in FILE_ONLY and before[field] != after[field]
    }


def shortened(field_deltas: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {field: [_short(old, new), _short(new, old)] for field, (old, new) in field_deltas.items()}


def _short(value: Any, other: Any) -> Any:
    """Shorten a long text to the part that first differs from the other value; write other values as text."""
    if isinstance(value, list):
        value = ", ".join(item["url"] if isinstance(item, dict) else str(item) for item in value)
        other = ""
    elif isinstance(value, dict):
        value = " ".join(str(part) for part in value.values())
    if not isinstance(value, str) or len(value) <= MAX_TEXT_LENGTH:
        return value
    other = other if isinstance(other, str) else ""
    same = next((place for place, (a, b) in enumerate(zip(value, other, strict=False)) if a != b), 0)
    start = max(0, min(same - MAX_TEXT_LENGTH // 4, len(value) - MAX_TEXT_LENGTH))
    end = start + MAX_TEXT_LENGTH
    return ("…" if start else "") + value[start:end] + ("…" if end < len(value) else "")


def record_import(run: ImportRun, changed: dict[int, dict[str, list[Any]]]) -> None:
    """Record what an import changed, by article id, and delete each article's oldest records."""
    changed = {pk: shortened(found) for pk, found in changed.items() if found}
    Change.objects.bulk_create(
        Change(article_id=pk, run=run, by_import=True, deltas=found) for pk, found in changed.items()
    )
    newest_first = Window(RowNumber(), partition_by=F("article"), order_by="-pk")
    for some in batches(changed):
        imports = Change.objects.filter(article__in=some, by_import=True).annotate(place=newest_first)
        old = list(imports.filter(place__gt=MAX_IMPORTS).values_list("pk", flat=True))
        Change.objects.filter(pk__in=old).delete()


def record_edit(article: Article, user: Any, before: Values, after: Values) -> None:
    """Record what a person changed."""
    record_edits({article.pk: (before, after)}, user)


def record_edits(edits: dict[int, tuple[Values, Values]], user: Any) -> None:
    """Record what a person changed in articles: the values before and after, by article id, as a part of an action."""
    found = {pk: deltas(before, after) for pk, (before, after) in edits.items()}
    Change.objects.bulk_create(
        (Change(article_id=pk, user=user, deltas=changed, in_action=True) for pk, changed in found.items() if changed),
        batch_size=BATCH,
    )


@dataclass(frozen=True)
class Origin:
    """The origin of a field's value: `kind` is file, editor or computed."""

    field: str
    value: Any
    kind: str
    run: ImportRun | None = None
    user: Any = None
    at: datetime | None = None
    of_file: Any = None  # what the file says, where an editor says something else
    can_follow: bool = False

    @property
    def name(self) -> str:
        """Its name for a person."""
        return self.field.replace("_", " ")


def origins(article: Article) -> list[Origin]:
    """Return the origin of each value of an article."""
    live = values.from_row(article)
    file = ImportedFile.objects.filter(article=article).select_related("first_run").first()
    said = file_values(file) if file and file.text else None
    edits = _last_edits(article)
    runs = ImportRun.objects.in_bulk(file.field_runs.values()) if file else {}
    found = []
    for field in FIELDS:
        if file and said and said[field] == live[field]:
            run = runs.get(file.field_runs[field]) if field in file.field_runs else file.first_run
            found.append(Origin(field, live[field], "file", run, at=run.started_at if run else None))
        else:
            edit = edits.get(field)
            of_file = said and said[field]
            who: dict[str, Any] = {"user": edit and edit.user, "at": edit and edit.at}
            found.append(Origin(field, live[field], "editor", **who, of_file=of_file, can_follow=bool(said)))
    return [*found, *_story_origins(article, file, edits)]


def _story_origins(article: Article, file: ImportedFile | None, edits: dict[str, Change]) -> list[Origin]:
    leads = Origin("leads its story", bool(article.story and article.story.lead_id == article.pk), "computed")
    grouped = file.grouped_story if file else None
    if article.story_id == grouped:
        return [Origin("story", article.story_id, "file" if file else "computed"), leads]
    edit = edits.get("story")
    who: dict[str, Any] = {"user": edit and edit.user, "at": edit and edit.at}
    return [
        Origin("story", article.story_id, "editor", **who, of_file=grouped, can_follow=bool(file and file.text)),
        leads,
    ]


def file_values(file: ImportedFile) -> Values:
    """Return an article's values as its file has them, or last had them before it was gone."""
    return values.when_gone(values.from_file(originals.document(file).values, file.kept), file.gone_fields)


def _last_edits(article: Article) -> dict[str, Change]:
    last: dict[str, Change] = {}
    edits: Iterable[Change] = article.changes.filter(by_import=False).select_related("user").order_by("pk")
    for change in edits:
        last |= dict.fromkeys(change.deltas, change)
    return last
