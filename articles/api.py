"""The JSON lists of the source family: a client of the source works by changing the host.

Newest first, then by path. The shape is the source's own; what Newsroom does not have is null there too.
"""

from datetime import UTC

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from .models import Article, Source, Topic

PAGE = 25
TOPIC_PAGE = 30
MAX_PAGE = 10_000  # no site has more; a larger number would only cost the database time


@require_safe
def article_list(request, source=None, page=1):
    """All published articles, of one site or of all."""
    return _page(_articles(source), page, PAGE)


@require_safe
def topic_or_article(request, slug, source=None):
    """A topic's first page, or else the item of the article with this file name."""
    if topic := Topic.objects.filter(slug=slug).first():
        return _page(_articles(source).about(topic), 1, TOPIC_PAGE)
    article = _articles(source).filter(stem=slug).for_items().order_by("source__name").first()
    if article is None:
        raise Http404
    return JsonResponse(item(article))


@require_safe
def topic_list(request, slug, page, source=None):
    topic = get_object_or_404(Topic, slug=slug)
    return _page(_articles(source).about(topic), page, TOPIC_PAGE)


def _articles(source_name):
    articles = Article.objects.published()
    if source_name is None:
        return articles
    return articles.filter(source=get_object_or_404(Source, name=source_name))


def _page(articles, page, size):
    """One page of a list. Its first page exists even if it is empty; others only if something is on them."""
    if not 1 <= page <= MAX_PAGE:
        raise Http404
    start = (page - 1) * size
    rows = list(articles.ranked("latest").for_items()[start : start + size + 1])
    if page > 1 and not rows:
        raise Http404
    value = [item(article) for article in rows[:size]]
    return JsonResponse({"page": page, "value": value, "nextPage": page + 1 if len(rows) > size else None})


def item(article):
    """An article as the source's clients know it. Load it with `for_items()`."""
    return {
        "path": article.path,
        "title": article.title,
        "excerpt": article.excerpt,
        "sourceUrl": None,
        "webUrl": article.web_url or None,
        "originalUrl": article.original_url or None,
        "featuredContent": article.featured_content or None,
        "highlight": None,
        "heat": article.heat,
        "tags": None,
        "images": _images(article.images.all()),
        "content": "",
        "type": article.type,
        "ampWebUrl": article.amp_web_url or None,
        "cdnAmpWebUrl": article.cdn_amp_web_url or None,
        "publishedDateTime": f"{article.published_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "updatedDateTime": None,
        "provider": {
            "name": article.printed_provider_name,
            "domain": article.provider.domain,
            "images": _images(image for image in article.provider.images.all() if image.source_id == article.source_id),
            "publishers": None,
            "authors": None,
        },
        "locale": article.source.locale,
        "categories": [article.category],
        "topics": [topic.name for topic in article.topic_list],
    }


def _images(images):
    return [
        {
            "url": image.url,
            "width": image.width,
            "height": image.height,
            "title": image.title or None,
            "attribution": image.attribution or None,
            "isCached": bool(image.is_cached),
        }
        for image in images
    ] or None
