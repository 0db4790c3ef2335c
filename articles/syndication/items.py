"""Articles and topics as the clients of the source family know them. Keys without a value are null."""

from django.utils.encoding import escape_uri_path

from ..db.showing import showing
from ..frontmatter import FrontMatterError
from ..models import ProviderImage, Source
from ..provenance import originals
from ..provenance.values import topics_with_gaps
from ..text.domains import normal_domain
from ..text.moments import iso
from ..text.permalinks import absolute

LOGO_COLUMNS = ("url", "width", "height", "is_cached", "title", "attribution")

OLDER_KEYS = (
    "path", "title", "excerpt", "heat", "tags", "type", "webUrl", "ampWebUrl", "cdnAmpWebUrl", "publishedDateTime",
    "updatedDateTime", "provider", "images", "locale", "categories", "topics",
)  # fmt: skip


def item(article):
    """Return an article. Load it with `for_items()`."""
    source = article.source
    return {
        "path": article.path,
        "title": article.title,
        "excerpt": article.excerpt,
        "sourceUrl": _source_url(article),
        "webUrl": article.web_url or (source.api_video_pages and _page(article)) or None,
        "originalUrl": article.original_url or None,
        "featuredContent": article.featured_content or None,
        "highlight": None,
        "heat": article.heat,
        "tags": (source.api_tags and [tag.name for tag in article.tags.all()]) or None,
        "images": images(article.images.all()),
        "content": "",
        "type": article.type,
        "ampWebUrl": article.amp_web_url or None,
        "cdnAmpWebUrl": article.cdn_amp_web_url or None,
        "publishedDateTime": iso(article.published_at),
        "updatedDateTime": None,
        "provider": {
            "name": article.printed_provider_name,
            "domain": article.provider.domain,
            "images": images(_logos(article)),
            "publishers": None,
            "authors": None,
        },
        "locale": source.locale,
        "categories": [article.category],
        "topics": topics_with_gaps(article.topic_names, article.extra),
    }


def older_item(article):
    """Return an article as in the older lists, which have fewer keys."""
    whole = item(article)
    for image in [*(whole["images"] or ()), *(whole["provider"]["images"] or ())]:
        del image["isCached"]
    return {key: whole[key] for key in OLDER_KEYS}


def _source_url(article):
    """Return what the article's site lists as its source, or None."""
    match article.source.api_source_url:
        case Source.SourceUrl.ORIGINAL:
            return article.original_url or None
        case Source.SourceUrl.ITEM:
            return absolute(escape_uri_path(f"/{article.source.name}/api/news/{article.stem}/index.json"))
    return None


def _page(article):
    """Return the address of an article's page on its own site, or here if that site's address is not known."""
    site = article.source.web_url.rstrip("/")
    return f"{site}/news/{article.stem}/" if site else absolute(article.get_absolute_url())


def _logos(article):
    """Return the logos that an article's file prints. Without a file, or of another provider: those of its site.

    A site's files differ in the logos of one provider, and only the last are stored with it.
    """
    stored = {image.url: image for image in article.provider.images.all() if image.source_id == article.source_id}
    file = getattr(article, "file", None)
    if not (stored and file and file.text):  # no file of this site prints a logo, or none says
        return stored.values()
    try:
        said = originals.document(file).values["provider"]
    except FrontMatterError:  # an earlier release could read it
        return stored.values()
    if normal_domain(said["domain"]) != article.printed_domain:  # an editor chose another one
        return stored.values()
    logos = [
        ProviderImage(**{name: logo[name] for name in LOGO_COLUMNS if name in logo}) for logo in said.get("images", ())
    ]
    for logo in logos:
        logo.file = stored[logo.url].file if logo.url in stored else ""
    return logos


def images(rows):
    return list(showing(rows, _image)) or None


def _image(image):
    return {
        "url": image.url,
        "width": image.width,
        "height": image.height,
        "title": image.title or None,
        "attribution": image.attribution or None,
        "isCached": bool(image.is_cached or image.file),
    }


def topic_item(topic):
    """Return a topic. Load its parent before."""
    return {
        "name": topic.name,
        "shortname": topic.label,
        "id": topic.slug,
        "parent": topic.parent and topic.parent.name,
        "images": topic.images or None,
        "services": [{"name": name, "endpoint": endpoint} for name, endpoint in topic.services.items()],
    }
