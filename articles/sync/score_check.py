"""Compare stored heat, publication and leads with the source's own rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet

from .. import frontmatter, ranking
from ..db.bulk import batches
from ..models import Article, ImportedFile, RelatedLink, Source, Story
from ..provenance import originals
from ..ranking import MEMBER_HEAT
from ..ranking.fitting import Said, is_possible
from ..text.addresses import identity

FILED = Q(file__text__gt="")  # articles whose file is kept
RETIRED = Q(file__gone_at__isnull=False)  # articles whose file left its site, and which are unpublished for that


@dataclass(frozen=True)
class Deviation:
    """A value of an article that differs from what the rules give."""

    source: str
    path: str
    kind: str  # heat, published or lead
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.source}/{self.path}: {self.kind}: expected {_said(self.expected)}, found {_said(self.found)}"


def _said(value: Any) -> str:
    return {True: "yes", False: "no", None: "none"}[value] if value is None or isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Row:
    pk: int
    stem: str
    story_id: int | None
    file_name: str
    quality: int
    heat: int | None
    published: bool
    removed: bool
    filed: bool
    retired: bool


def deviations(source: Source) -> Iterator[Deviation]:
    """Yield every value of a site's articles that differs from what the rules give with the site's figures.

    An article with a file is compared with what that file lists, others with their story. Publication is compared
    with the stored heat, so that one wrong value does not make others look wrong. Articles without heat are left out.
    Between equals of which one has no file here, either may lead. Where the files contradict the default figures but
    are too few to tell others, what any figure gives is right.
    Reads each article and file once, and keeps one story or 500 files at a time in memory.
    """
    rules = source.rules
    stories = Story.objects.filter(source=source)
    leads = dict(stories.values_list("pk", "lead__file_name"))
    links = RelatedLink.objects.filter(story__source=source).order_by().values("story").annotate(number=Count("pk"))
    linked = dict(links.values_list("story", "number"))
    rows = _rows(source).order_by("story", "file_name")
    for story_id, members in groupby((Row(*row) for row in rows.iterator()), key=lambda row: row.story_id):
        if story_id is None:
            for row in members:
                yield from _published(source, row, rules)
                if not row.filed:
                    yield from _heat(source, row, rules.heat(row.quality, 0))
        else:
            yield from _story(source, list(members), leads.get(story_id), linked.get(story_id, 0), rules)
    yield from _files(source, rules)


def _rows(source: Source) -> QuerySet[Article, Any]:
    """Return the columns of a Row for each article of a site."""
    articles = Article.objects.filter(source=source).annotate(filed=FILED, retired=RETIRED)
    return articles.values_list(*Row.__dataclass_fields__)


def _story(
    source: Source, members: list[Row], stored: str | None, links: int, rules: ranking.Rules
) -> Iterator[Deviation]:
    by_name = {row.file_name: row for row in members}
    lead = ranking.lead((row.quality, row.file_name) for row in members)
    for row in members:
        yield from _published(source, row, rules)
        if not row.filed:
            is_lead = lead is not None and lead[1] == row.file_name
            yield from _heat(source, row, rules.heat(row.quality, len(members) - 1 + links, is_lead))
    on_top = ranking.lead((row.quality, row.file_name) for row in members if not row.removed)
    public = ranking.lead((row.quality, row.file_name) for row in members if row.published and not row.removed)
    expected = on_top and on_top[1]
    leads = {expected, public and public[1]}  # where lists are one-way, another than the best may be published
    if stored not in leads:
        about = by_name[expected] if expected else members[0]
        yield Deviation(source.name, _path(about), "lead", expected, stored)


def _heat(source: Source, row: Row, expected: int) -> Iterator[Deviation]:
    if row.heat is not None and row.heat != expected:
        yield Deviation(source.name, _path(row), "heat", expected, row.heat)


def _published(source: Source, row: Row, rules: ranking.Rules) -> Iterator[Deviation]:
    if row.heat is None or row.retired or source.is_uncertain("publish_threshold"):
        return
    if row.published != rules.published(row.heat):
        yield Deviation(source.name, _path(row), "published", rules.published(row.heat), row.published)


def _files(source: Source, rules: ranking.Rules) -> Iterator[Deviation]:
    """Compare heat with what each article's own file lists: it is -1 exactly if one of these is better."""
    names = _names_by_address(source)
    uncertain = source.is_uncertain("heat_weight") or source.is_uncertain("heat_threshold")
    rows = _rows(source).filter(FILED, heat__isnull=False).order_by("file_name")
    for some in batches(rows.values_list("pk", flat=True)):
        files = ImportedFile.objects.in_bulk(some)
        items = originals.texts(files.values())
        for row in (Row(*columns) for columns in rows.filter(pk__in=some)):
            parts = originals.parts(files[row.pk], items)
            listed = frontmatter.parse(frontmatter.join(parts)).values.get("related", [])
            better = {_is_better(item, row, names) for item in listed}
            expected = rules.heat(row.quality, len(listed), leads=True not in better)
            if None in better and True not in better and row.heat == MEMBER_HEAT:
                continue
            said = Said(row.quality, row.heat or 0, None, len(listed))
            if not (uncertain and True not in better and is_possible(said)):
                yield from _heat(source, row, expected)


def _names_by_address(source: Source) -> dict[str, list[str]]:
    """Return the file names of a site's articles by what other files know them by."""
    found: dict[str, list[str]] = {}
    files = ImportedFile.objects.filter(article__source=source).values_list("address", "article__file_name")
    for address, name in files.iterator():
        found.setdefault(address, []).append(name)
    return found


def _is_better(item: dict[str, Any], row: Row, names: dict[str, list[str]]) -> bool | None:
    """Return whether a related item comes before an article: its quality is higher, or equal and its file name first.

    None if the qualities are equal, and no file of ours has its address.
    """
    quality = item.get("quality", 0)
    if quality != row.quality:
        return bool(quality > row.quality)
    others = [name for name in names.get(identity(item), ()) if name != row.file_name]
    return min(others) < row.file_name if others else None


def _path(row: Row) -> str:
    return f"_news/{row.file_name}"
