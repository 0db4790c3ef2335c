"""Merge outlets, or topics, that are the same: one is kept, and all that the others had goes to it.

The others' names, addresses and domains lead to the kept one from then on, also those in files. No article's own
values change: a file's spelling stays with it, so that exports write it as it was.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from ..models import (
    Action,
    Article,
    ArticleTopic,
    Conflict,
    IssueArticle,
    Pin,
    Provider,
    ProviderAlias,
    ProviderImage,
    RelatedLink,
    Topic,
    TopicAlias,
)
from ..text.plain import counted
from . import names
from .actions import Kind, Rows, listed, quoted, recorded

MOST = 20  # that are merged at once


class UnitingError(ValueError):
    """These cannot be merged. The message says why, to an editor."""


@dataclass
class Preview:
    """What one outlet or topic has, which goes to the one that is kept."""

    row: Any
    address: str
    counts: dict[str, int] = field(default_factory=dict)
    other_names: list[str] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        """What it has, in words."""
        return [counted(number, what) for what, number in self.counts.items() if number]


def previews(model: Any, ids: Collection[int]) -> list[Preview]:
    """Return what outlets or topics have, the one that is best kept first: with a file, then with most articles.

    Costs a fixed number of queries.
    """
    rows: dict[int, Any] = model._default_manager.in_bulk(list(ids))
    found = {pk: Preview(row, row.get_absolute_url()) for pk, row in rows.items()}
    for what, (counted_model, column, condition) in PARTS[model].items():
        counts = counted_model.objects.filter(condition, **{f"{column}__in": ids}).order_by()
        for pk, number in counts.values_list(column).annotate(Count("pk")):
            found[pk].counts[what] = number
    for pk, name in NAMES[model](ids):
        found[pk].other_names.append(name)
    for preview in found.values():
        preview.counts["file"] = int(bool(preview.row.file_text))
    return sorted(found.values(), key=lambda one: (-one.counts["file"], -one.counts.get("article", 0), one.row.pk))


PARTS: dict[Any, dict[str, tuple[Any, str, Q]]] = {
    Provider: {
        "article": (Article, "provider", Q()),
        "link": (RelatedLink, "provider", Q()),
        "logo": (ProviderImage, "provider", Q()),
        "pin": (Pin, "provider", Q()),
        "other domain": (ProviderAlias, "provider", Q()),
        "open conflict": (Conflict, "provider", Q(resolved_at=None)),
    },
    Topic: {
        "article": (ArticleTopic, "tag", Q()),
        "subtopic": (Topic, "parent", Q()),
        "pin": (Pin, "topic", Q()),
        "place in newsletters": (IssueArticle, "topic", Q()),
        "former address": (TopicAlias, "topic", ~Q(slug=None)),
        "open conflict": (Conflict, "topic", Q(resolved_at=None)),
    },
}
NAMES: dict[Any, Callable[[Collection[int]], Iterable[tuple[int, Any]]]] = {
    Provider: lambda ids: ProviderAlias.objects.filter(provider__in=ids).values_list("provider", "domain"),
    Topic: lambda ids: TopicAlias.objects.filter(topic__in=ids).exclude(name=None).values_list("topic", "name"),
}


@transaction.atomic
def merge(kept: Any, others: Collection[Any], user: Any, reason: str = "") -> Action:
    """Merge outlets, or topics, into one that is kept. Raises UnitingError if one is not there any more."""
    model = type(kept)
    ids = sorted({kept.pk, *(one.pk for one in others)})
    rows = {row.pk: row for row in model._default_manager.select_for_update(of=("self",)).filter(pk__in=ids)}
    if len(rows) < len(ids):
        raise UnitingError("One of them is gone: somebody merged or deleted it meanwhile.")
    if not 2 <= len(ids) <= MOST:
        raise UnitingError(f"Choose from two to {MOST} of them.")
    kept, gone = rows.pop(kept.pk), list(rows.values())
    word = str(model._meta.verbose_name if len(gone) == 1 else model._meta.verbose_name_plural)
    before = PARTS[model]["article"]
    number = before[0].objects.filter(**{f"{before[1]}__in": [row.pk for row in gone]}).count()
    what = f"Merged the {word} {listed(gone)} into {quoted(kept)}: {counted(number, 'article')}"
    action = Action(kind=Kind.MERGE, user=user, what=what, reason=reason)
    with recorded(action) as record:
        record.about(model, [kept.pk])
        record.watch(*(_with_outlets if model is Provider else _with_topics)(ids, [row.pk for row in gone]))
        for row in gone:
            (_merge_outlet if model is Provider else _merge_topic)(kept, row)
    return action


def _with_outlets(ids: list[int], gone: list[int]) -> list[Rows]:
    """Return the rows that a merge of outlets may change, of articles only what belongs to them."""
    return [
        Provider.objects.filter(pk__in=ids),
        ProviderAlias.objects.filter(provider__in=ids),
        *(model._base_manager.filter(provider__in=gone) for model in (ProviderImage, Pin, Conflict)),
    ]


def _with_topics(ids: list[int], gone: list[int]) -> list[Rows]:
    """Return the rows that a merge of topics may change, of articles only what belongs to them."""
    return [
        Topic.objects.filter(Q(pk__in=ids) | Q(parent__in=gone) | Q(file_parent__in=gone)),
        TopicAlias.objects.filter(topic__in=ids),
        *(model._base_manager.filter(topic__in=gone) for model in (Pin, Conflict, IssueArticle)),
    ]


def _merge_outlet(kept: Provider, gone: Provider) -> None:
    domains = [gone.domain, *gone.aliases.values_list("domain", flat=True)]
    gone.aliases.update(provider=kept)
    ProviderAlias.objects.create(domain=gone.domain, provider=kept)
    names.follow_domains(domains, [kept.pk, gone.pk])
    have = set(kept.images.values_list("source", flat=True))
    for logo in gone.images.all():
        if logo.source_id not in have:
            ProviderImage.objects.filter(pk=logo.pk).update(provider=kept)
    gone.pins.update(provider=kept)
    kept.other_names = _joined(kept.other_names, [gone.name, *gone.other_names], kept.name)
    kept.save(update_fields=["other_names"])
    gone.delete()


def _merge_topic(kept: Topic, gone: Topic) -> None:
    kept.refresh_from_db()
    gone.refresh_from_db()
    if gone.pk in kept.ancestors():  # else it would be below itself
        kept.parent_id = gone.parent_id if gone.parent_id != kept.pk else None
    if kept.file_parent_id == gone.pk:
        kept.file_parent_id = None
    for name in ("keywords", "hashtags"):
        setattr(kept, name, _joined(getattr(kept, name), getattr(gone, name), ""))
    kept.save(update_fields=["parent", "file_parent", "keywords", "hashtags"])
    gone.conflicts.all().delete()
    gone.aliases.update(is_merged=True)
    Topic.objects.join(gone.pk, kept.pk)
    TopicAlias.objects.create(topic=kept, name=gone.name, is_merged=True)
    TopicAlias.objects.create(topic=kept, slug=gone.slug, is_merged=True)


def _joined(own: list[str], others: Iterable[str], name: str) -> list[str]:
    """Return texts with those of others that they lack."""
    return list(dict.fromkeys([*own, *(text for text in others if text != name)]))
