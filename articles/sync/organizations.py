"""Organization files to the rows of outlets, merged field by field like articles."""

from collections.abc import Collection, Mapping
from typing import Any

from .. import frontmatter
from ..db.bulk import BATCH, batches
from ..frontmatter import Kind
from ..frontmatter.secrets import without_secrets
from ..models import Conflict, ImportRun, Provider, ProviderImage
from ..provenance import conflicts
from ..provenance.merge import merge
from ..provenance.values import IMAGE_COLUMNS, Values, pictures, without_blanks, write_images
from ..text.signs import stream_safe
from .found import FoundFile

COLUMNS: dict[str, Any] = {"is_organization": False, "name": "", "other_names": [], "description": "", "extra": {}}


def write(site: str, files: dict[str, tuple[FoundFile, Values]], run: ImportRun) -> int:
    """Merge organizations' files into their outlets. Return the number of new conflicts.

    `files` are those of one site, by domain in its normal form, with what they say; those of outlets that were merged
    into others are left out. Costs a fixed number of queries.
    """
    merged = Provider.objects.merged(files)
    files = {domain: found for domain, found in files.items() if domain not in merged}  # the other's file counts
    ids = Provider.objects.ensure({domain: said["name"] for domain, (_, said) in files.items()})
    outlets = {pk: outlet for some in batches(ids.values()) for pk, outlet in Provider.objects.in_bulk(some).items()}
    logos = _logos(outlets)
    known = conflicts.open_on("provider", list(outlets))
    clashes, images = {}, {}
    for domain, (file, said) in files.items():
        outlet = outlets[ids[domain]]
        text = file.data.decode()
        if outlet.file_text == text or "" < outlet.file_site < site:
            continue  # what editors changed since then stays
        live = _of_row(outlet, logos[outlet.pk])
        merged, clashes[outlet.pk] = merge(_base(outlet, known[outlet.pk]), live, _in_file(said))
        outlet.file_text, outlet.file_site = text, site
        for name in COLUMNS:
            setattr(outlet, name, merged[name])
        if merged["images"] != live["images"]:
            images[outlet.pk] = merged["images"]
    changed = [outlets[pk] for pk in clashes]
    Provider.objects.bulk_update(changed, [*COLUMNS, "file_text", "file_site"], batch_size=BATCH)
    write_images(ProviderImage, "provider_id", images, source=None)
    return conflicts.keep("provider", clashes, known, (*COLUMNS, "images"), run)


def _base(outlet: Provider, known: Mapping[str, Conflict]) -> Values:
    """Return what the last file said of an outlet. Without one, articles named it, no editor did."""
    if not outlet.file_text:
        return COLUMNS | {"name": outlet.name, "images": []}
    return conflicts.undecided_base(said_by_file(outlet), known)


def said_by_file(outlet: Provider) -> Values:
    """Return the values of an outlet in its file as last imported. It needs one."""
    return _in_file(frontmatter.parse(outlet.file_text, Kind.ORGANIZATION).values)


def _in_file(said: Values) -> Values:
    found = {name: said.get(name, default) for name, default in COLUMNS.items()}
    found |= {name: stream_safe(found[name]) for name in ("name", "description")}
    found |= {
        "other_names": [stream_safe(name) for name in found["other_names"]],
        "images": list(map(without_blanks, pictures(said))),
    }
    return found | {"is_organization": True, "extra": without_secrets(found["extra"])}


def of_provider(provider: Provider) -> Values:
    """Return a provider's values in the shape of its organization file's."""
    return _of_row(provider, _logos([provider.pk])[provider.pk])


def _of_row(provider: Provider, logos: list[Values]) -> Values:
    return {name: getattr(provider, name) for name in COLUMNS} | {"images": logos}


def _logos(ids: Collection[int]) -> dict[int, list[Values]]:
    """Return the logos of providers that are no site's own, by the provider's id."""
    found: dict[int, list[Values]] = {pk: [] for pk in ids}
    for some in batches(ids):
        rows = ProviderImage.objects.filter(provider__in=some, source=None).order_by("position", "pk")
        for image in rows.values("provider_id", *IMAGE_COLUMNS):
            found[image.pop("provider_id")].append(without_blanks(image))
    return found


def store_provider(provider: Provider, found: Values) -> None:
    """Store values of a provider."""
    for name in COLUMNS.keys() & found.keys():
        setattr(provider, name, found[name])
    provider.save()
    if "images" in found:
        write_images(ProviderImage, "provider_id", {provider.pk: found["images"]}, source=None)
