"""Let articles and links have the outlets and topics that the domains and names in their files lead to.

A file's own spelling stays with each article. So what a merge moved is found by it, and so is what came later.
"""

from collections.abc import Collection, Iterable
from typing import Any
from unicodedata import normalize

from ..models import ActionRow, Article, ArticleTopic, Provider, ProviderAlias, RelatedLink, Topic, TopicAlias


def follow_domains(domains: Collection[str], outlets: Collection[int]) -> None:
    """Let what has one of these outlets, by id, have the one that its domain leads to, if that is among `domains`."""
    into = dict(ProviderAlias.objects.filter(domain__in=domains).values_list("domain", "provider"))
    own = dict(Provider.objects.filter(domain__in=domains).values_list("domain", "pk"))
    for domain in domains:
        for model in (Article, RelatedLink):
            rows: Any = model._default_manager
            if domain in into and domain in own:
                rows.filter(provider=own[domain], provider_domain="").update(
                    provider=into[domain], provider_domain=domain
                )
            there = rows.filter(provider__in=outlets, provider_domain=domain)
            if domain in into:
                there.exclude(provider=into[domain]).update(provider=into[domain])
            elif domain in own:
                there.update(provider=own[domain], provider_domain="")


def follow_names(names: Iterable[str], topics: Collection[int]) -> None:
    """Let articles with one of these topics, by id, have the one that the name they print leads to."""
    spellings = {spelling: name for name in names for spelling in (name, normalize("NFD", name))}
    into = dict(Topic.objects.filter(name__in=spellings).values_list("name", "pk"))
    into |= dict(TopicAlias.objects.filter(name__in=spellings).values_list("name", "topic"))
    for spelling, name in spellings.items():
        if name in into:
            Topic.objects.follow(ArticleTopic.objects.filter(name=spelling), topics, into[name])


def follow(rows: Iterable[ActionRow]) -> None:
    """Let articles follow the outlets and topics that an undo has made again, or is about to take away again."""
    found: dict[str, list[ActionRow]] = {}
    for row in rows:
        found.setdefault(row.model, []).append(row)
    aliases = found.get("provideralias", [])
    if aliases or found.get("provider"):
        follow_domains(
            _texts(aliases, "domain", ProviderAlias), _ids(aliases, found.get("provider", []), "provider_id")
        )
    aliases = found.get("topicalias", [])
    if aliases:
        follow_names(_texts(aliases, "name", TopicAlias), _ids(aliases, found.get("topic", []), "topic_id"))


def _texts(aliases: list[ActionRow], column: str, model: Any) -> list[str]:
    """Return the domains or names that an action gave to others, in a stable order."""
    cells = [dict(side or {}).get(column) for row in aliases for side in (row.before, row.after)]
    stored = model.objects.filter(pk__in=[row.key for row in aliases]).values_list(column, flat=True)
    return sorted({text for text in (*cells, *stored) if text})


def _ids(aliases: list[ActionRow], rows: list[ActionRow], column: str) -> set[int]:
    cells = (dict(side or {}).get(column) for row in aliases for side in (row.before, row.after))
    return {row.key for row in rows} | {pk for pk in cells if pk}
