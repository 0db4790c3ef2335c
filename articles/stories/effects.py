"""What a step in stories changed for readers, besides what it is called."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..models import Article, Story

Placed = Mapping[int, tuple[int | None, bool]]  # the story of each article, and whether it is published


@dataclass(frozen=True)
class Effects:
    """The articles that a step published or unpublished; which lead now, and which do so no more but are still seen;
    and those that readers do not see where they are now."""

    published: list[Article]
    unpublished: list[Article]
    leading: list[Article]
    deposed: list[Article]
    unseen: list[Article]


def leads_of(story_ids: Collection[int]) -> dict[int, int]:
    """Return the leads of stories."""
    return dict(Story.objects.filter(pk__in=story_ids, lead__isnull=False).values_list("pk", "lead"))


def between(before: Placed, now: Placed, leads_before: Mapping[int, int], leads_now: Mapping[int, int]) -> Effects:
    """Return the effects of a step, by the articles and the leads before it and now."""
    changed = [story for story, lead in leads_now.items() if leads_before.get(story) != lead]
    leading = {leads_now[story] for story in changed}
    moved = {pk for pk in now if now[pk][0] != before[pk][0]}
    deposed = {leads_before[story] for story in changed if story in leads_before} - moved
    published = {pk for pk in now if now[pk][1] > before[pk][1]}
    unpublished = {pk for pk in now if now[pk][1] < before[pk][1]}
    articles = Article.objects.in_bulk(leading | deposed | moved | published | unpublished)
    seen = set(Article.objects.shown().filter(pk__in=list(articles)).values_list("pk", flat=True))
    groups = (published, unpublished, leading & seen, deposed & seen, (moved | deposed) - seen)
    return Effects(*(_named(articles, group) for group in groups))


def _named(articles: Mapping[int, Article], ids: Iterable[int]) -> list[Article]:
    return [articles[pk] for pk in sorted(ids) if pk in articles]
