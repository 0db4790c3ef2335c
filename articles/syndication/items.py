"""Articles and topics as the clients of the source family know them. Keys without a value are null."""

from datetime import UTC

from ..text.permalinks import absolute

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
        "sourceUrl": (source.api_source_url and article.original_url) or None,
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
        "publishedDateTime": moment(article.published_at),
        "updatedDateTime": None,
        "provider": {
            "name": article.printed_provider_name,
            "domain": article.provider.domain,
            "images": images(image for image in article.provider.images.all() if image.source_id == article.source_id),
            "publishers": None,
            "authors": None,
        },
        "locale": source.locale,
        "categories": [article.category],
        "topics": _topics(article),
    }


def older_item(article):
    """Return an article as in the older lists, which have fewer keys."""
    whole = item(article)
    for image in [*(whole["images"] or ()), *(whole["provider"]["images"] or ())]:
        del image["isCached"]
    return {key: whole[key] for key in OLDER_KEYS}


def _page(article):
    """Return the address of an article's page on its own site, or here if that site's address is not known."""
    site = article.source.web_url.rstrip("/")
    return f"{site}/news/{article.stem}/" if site else absolute(article.get_absolute_url())


def _topics(article):
    """Return the names of an article's topics, and None where its file has an empty one."""
    names = [topic.name for topic in article.topic_list]
    for place in article.extra.get("topics", ()):
        names.insert(place, None)
    return names


def images(rows):
    return [
        {
            "url": image.url,
            "width": image.width,
            "height": image.height,
            "title": image.title or None,
            "attribution": image.attribution or None,
            "isCached": bool(image.is_cached or image.file),
        }
        for image in rows
    ] or None


def moment(value):
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


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
