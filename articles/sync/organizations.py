"""Organization files to the rows of outlets, merged field by field like articles."""

from typing import Any

from .. import frontmatter
from ..frontmatter import Kind
from ..models import ImportRun, Provider, ProviderImage
from ..provenance import conflicts
from ..provenance.merge import merge
from ..provenance.values import IMAGE_COLUMNS, Values, without_blanks, write_images
from ..text.domains import normal_domain
from .found import FoundFile

COLUMNS: dict[str, Any] = {"is_organization": False, "name": "", "other_names": [], "description": "", "extra": {}}


def write(site: str, file: FoundFile, run: ImportRun) -> int:
    """Merge an organization's file into its outlet. Return the number of new conflicts. Raises FrontMatterError."""
    said, text = frontmatter.parse(file.data, Kind.ORGANIZATION).values, file.data.decode()
    provider, _ = Provider.objects.get_or_create(domain=normal_domain(said["domain"]))
    if provider.file_text == text or "" < provider.file_site < site:
        return 0  # what editors changed since then stays
    if provider.file_text:
        base = _in_file(frontmatter.parse(provider.file_text, Kind.ORGANIZATION).values)
    else:  # articles named it, no editor did
        base = COLUMNS | {"name": provider.name, "images": []}
    known = conflicts.open_on("provider", [provider.pk] if provider.file_text else [])
    base = conflicts.undecided_base(base, known.get(provider.pk, {}))
    merged, clashes = merge(base, of_provider(provider), _in_file(said))
    provider.file_text, provider.file_site = text, site
    store_provider(provider, merged)
    return conflicts.keep("provider", {provider.pk: clashes}, known or {provider.pk: {}}, merged.keys(), run)


def _in_file(said: Values) -> Values:
    found = {name: said.get(name, default) for name, default in COLUMNS.items()}
    images = [without_blanks(image) for image in said.get("images", [])]
    return found | {"is_organization": True, "images": images}


def of_provider(provider: Provider) -> Values:
    """Return a provider's values in the shape of its organization file's."""
    logos = ProviderImage.objects.filter(provider=provider, source=None).order_by("position", "pk")
    images = [without_blanks(image) for image in logos.values(*IMAGE_COLUMNS)]
    return {name: getattr(provider, name) for name in COLUMNS} | {"images": images}


def store_provider(provider: Provider, found: Values) -> None:
    """Store values of a provider."""
    for name in COLUMNS.keys() & found.keys():
        setattr(provider, name, found[name])
    provider.save()
    if "images" in found:
        write_images(ProviderImage, "provider_id", {provider.pk: found["images"]}, source=None)
