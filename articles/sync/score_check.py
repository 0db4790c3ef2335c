"""Compare stored heat, publication and leads with the source's own rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count

from .. import ranking
from ..models import Article, RelatedLink, Source, Story


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
    heat: int
    published: bool
    removed: bool


def deviations(source: Source) -> Iterator[Deviation]:
    """Yield every value of a site's articles that differs from what the rules give with the site's figures.

    Publication is compared with the stored heat, so that one wrong value does not make others look wrong. Reads each
    article once, and keeps one story at a time in memory.
    """
    rules = ranking.Rules(source.heat_weight, source.heat_threshold, source.publish_threshold)
    stories = Story.objects.filter(source=source)
    leads = dict(stories.values_list("pk", "lead__file_name"))
    links = RelatedLink.objects.filter(story__source=source).order_by().values("story").annotate(number=Count("pk"))
    linked = dict(links.values_list("story", "number"))
    rows = Article.objects.filter(source=source).order_by("story", "file_name").values_list(*Row.__dataclass_fields__)
    found = (Row(*row) for row in rows.iterator())
    for story_id, members in groupby(found, key=lambda row: row.story_id):
        if story_id is None:
            for row in members:
                yield from _scores(source, row, rules.heat(row.quality, 0), rules)
        else:
            yield from _story(source, list(members), leads.get(story_id), linked.get(story_id, 0), rules)


def _story(
    source: Source, members: list[Row], stored: str | None, links: int, rules: ranking.Rules
) -> Iterator[Deviation]:
    by_name = {row.file_name: row for row in members}
    lead = ranking.lead((row.quality, row.file_name) for row in members)
    for row in members:
        heat = rules.heat(row.quality, len(members) - 1 + links, leads=lead is not None and lead[1] == row.file_name)
        yield from _scores(source, row, heat, rules)
    on_top = ranking.lead((row.quality, row.file_name) for row in members if not row.removed)
    expected = on_top and on_top[1]
    if stored != expected:
        about = by_name[expected] if expected else members[0]
        yield Deviation(source.name, _path(about), "lead", expected, stored)


def _scores(source: Source, row: Row, heat: int, rules: ranking.Rules) -> Iterator[Deviation]:
    if row.heat != heat:
        yield Deviation(source.name, _path(row), "heat", heat, row.heat)
    if row.published != rules.published(row.heat):
        yield Deviation(source.name, _path(row), "published", rules.published(row.heat), row.published)


def _path(row: Row) -> str:
    return f"_news/{row.file_name}"
