"""A story's links, as rows, as related items of files, and as values that can be merged."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import F

from ..db import bulk
from ..db.bulk import BATCH, batches
from ..db.fields import default_of
from ..frontmatter import schema
from ..frontmatter.secrets import without_secrets
from ..models import Article, Provider, RelatedLink, Source, Story
from ..provenance.values import from_json, pictures, to_json, without_blanks
from ..text.addresses import identity
from ..text.domains import normal_domain
from ..text.signs import stream_safe

LINK_FIELDS = ["title", "excerpt", "published_at", "web_url", "amp_web_url", "cdn_amp_web_url", "type", "quality"]


def link_values(item: dict[str, Any]) -> dict[str, Any]:
    """Return a link's values, as JSON, for a related item of a file."""
    name = stream_safe(item["provider"].get("name", ""))
    provider = {"name": name, "domain": normal_domain(item["provider"]["domain"])}
    found = {name: to_json(item.get(name)) for name in LINK_FIELDS}
    found |= {"images": pictures(item), "extra": without_secrets(item.get("extra", {}))}
    found |= {name: stream_safe(found[name]) for name in ("title", "excerpt") if found[name]}
    return without_blanks(found) | {"provider": provider}


def link_items(links: Iterable[RelatedLink]) -> list[dict[str, Any]]:
    """Return links, with their providers loaded, as related items of a file."""
    links = list(links)
    items = []
    for link, found in zip(links, links_as_values(links), strict=True):
        provider = {"name": link.provider_name or link.provider.name, "domain": link.printed_domain}
        items.append({"excerpt": "", **{k: from_json(k, v) for k, v in found.items()}, "provider": provider})
    return items


def links_as_values(links: Iterable[RelatedLink]) -> list[dict[str, Any]]:
    """Return links, with their providers loaded, as values that can be merged."""
    return [
        link_values(
            {name: getattr(link, name) for name in (*LINK_FIELDS, "images", "extra")}
            | {"provider": {"name": link.provider_name, "domain": link.printed_domain}}
        )
        for link in links
    ]


def write_links(story: Story, wanted: list[dict[str, Any]], rows: Iterable[RelatedLink]) -> None:
    """Set a story's links. `rows` are those it has; a link is known by `addresses.identity`.

    Call `attach` afterwards for links to articles of ours.
    """
    known = {identity(vars(link)): link for link in rows}
    providers = Provider.objects.ensure({item["provider"]["domain"]: item["provider"]["name"] for item in wanted})
    merged = Provider.objects.merged(providers)
    new: list[RelatedLink] = []
    changed: list[RelatedLink] = []
    for position, item in enumerate(wanted):
        link = known.pop(identity(item), None)
        (changed if link else new).append(link := link or RelatedLink(story=story))
        for name in (*LINK_FIELDS, "images", "extra"):
            setattr(link, name, from_json(name, item.get(name, default_of(RelatedLink, name))))
        link.position = min(position, schema.POSITION.maximum)  # then by id
        link.provider_id = providers[item["provider"]["domain"]]
        link.provider_name = item["provider"]["name"]
        link.provider_domain = item["provider"]["domain"] if item["provider"]["domain"] in merged else ""
    RelatedLink.objects.bulk_create(new, batch_size=BATCH)
    columns = [*LINK_FIELDS, "images", "extra", "position", "provider", "provider_name", "provider_domain"]
    RelatedLink.objects.bulk_update(changed, columns, batch_size=50)
    RelatedLink.objects.filter(pk__in=[link.pk for link in known.values()]).delete()


def naming(source: Source, addresses: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield the story and the identity of each link of a site that names one of these (see `addresses.identity`)."""
    links = RelatedLink.objects.filter(story__source=source)
    for some in batches(addresses):
        yield from links.filter(web_url__in=some).values_list("story", "web_url")
    if any(not address.startswith("http") for address in addresses):
        for link in links.filter(web_url="").values("story", "title", "published_at"):
            if (named := identity(link)) in addresses:
                yield link["story"], named


def attach(source: Source, named: Collection[str]) -> None:
    """Point links to the articles of ours that they name. `named` are identities (see `addresses.identity`)."""
    for some in batches(named):
        links = list(RelatedLink.objects.filter(story__source=source, target=None, web_url__in=["", *some]))
        if links:
            owners = Article.objects.filter(source=source).order_by("-file_name")
            first = dict(owners.filter(web_url__in=some).values_list("web_url", "pk"))
            first |= dict(owners.filter(web_url="", file__address__in=some).values_list("file__address", "pk"))
            found = ((first.get(identity(vars(link))), link.pk) for link in links)
            bulk.update(RelatedLink, "target", ((target, pk) for target, pk in found if target))


def reattach(source: Source, web_urls: dict[int, str]) -> None:
    """Update links when addresses of articles, by id, changed: links to the old ones no longer point to them."""
    for ids in batches(web_urls):
        RelatedLink.objects.filter(target__in=ids).exclude(web_url=F("target__web_url")).update(target=None)
    attach(source, web_urls.values())
