"""The JSON lists of the source family: a client of the source works by changing the host.

Newest first, then by path. The shape is the source's own; keys that Newsroom has no value for are null.
What Newsroom adds does not change that shape: `?order=`, `?since=`, `?after=`, and the next page in the header Link.
"""

import json
from datetime import UTC, date, datetime, time
from functools import cache, wraps
from pathlib import Path

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.encoding import escape_uri_path
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from ..db import keyset
from ..models import ORDERS, Article, Boost, Source, Topic
from ..text.permalinks import absolute

PAGE_SIZE, TOPIC_PAGE_SIZE = 25, 30  # articles
MAX_CURSOR = 1000  # characters
MAX_PAGE = 10_000  # no site has more; a larger number would only cost the database time
DESCRIPTION = Path(__file__).parent / "openapi.json"


class BadValueError(ValueError):
    """A parameter with a bad value: what was expected and what was found, in one sentence."""

    def __init__(self, name, expected, found):
        super().__init__(f"{name}: expected {expected}, found {found[:100]!r}.")


def answers_bad_values(view):
    """Answer a BadValueError of a view with its sentence and status 400."""

    @wraps(view)
    def answering(request, *arguments, **options):
        try:
            return view(request, *arguments, **options)
        except BadValueError as error:
            return JsonResponse({"error": str(error)}, status=400)

    return answering


@require_safe
@answers_bad_values
def article_list(request, source=None, page=1):
    """List all published articles, of one site or of all."""
    return _page(request, _articles(source), page, PAGE_SIZE)


@require_safe
@answers_bad_values
def topic_or_article(request, slug, source=None):
    """Show the first page of a topic, or else the article of this stem."""
    if topic := Topic.objects.filter(slug=slug).first():
        return _page(request, _articles(source).about(topic), 1, TOPIC_PAGE_SIZE)
    article = _articles(source).filter(stem=slug).for_items().order_by("source__name").first()
    if article is None:
        raise Http404
    return JsonResponse(item(article))


@require_safe
@answers_bad_values
def topic_list(request, slug, page, source=None):
    topic = get_object_or_404(Topic, slug=slug)
    return _page(request, _articles(source).about(topic), page, TOPIC_PAGE_SIZE)


@require_safe
def openapi(request):
    """Describe this API for machines (OpenAPI 3.1)."""
    servers = [{"url": settings.NEWSROOM_BASE_URL, "description": settings.NEWSROOM_SITE_NAME}]
    return JsonResponse({**_description(), "servers": servers})


@cache
def _description():
    return json.loads(DESCRIPTION.read_text())


def _articles(source_name):
    articles = Article.objects.published()
    if source_name is None:
        return articles
    return articles.filter(source=get_object_or_404(Source, name=source_name))


def _page(request, articles, page, size):
    """Return one page of a list. The first page exists even if it is empty; an empty later one is Http404."""
    if not 1 <= page <= MAX_PAGE:
        raise Http404
    asked, order = request.GET, _order(request.GET)
    exact = order != "latest" and Boost.objects.due().exists()
    ranked = _since(articles, asked).ranked(order, exact)
    start = (page - 1) * size
    rows = list(_after(ranked, asked, order).for_items()[start : start + size + 1])
    if page > 1 and not rows:
        raise Http404
    more = len(rows) > size
    value = [item(article) for article in rows[:size]]
    numbered = more and "after" not in asked  # a page after a cursor has no number
    response = JsonResponse({"page": page, "value": value, "nextPage": page + 1 if numbered else None})
    if more:
        values = keyset.values_of(rows[size - 1], keyset.fields_of(ranked))
        response["Link"] = f'<{_next(request, page, order, values)}>; rel="next"'
    return response


def _order(asked):
    order = asked.get("order", "latest")
    if order not in ORDERS:
        raise BadValueError("order", ", ".join(ORDERS), order)
    return order


def _since(articles, asked):
    """Filter by `?since=`: a moment, or a day, which begins at midnight UTC. Raises BadValueError."""
    if "since" not in asked:
        return articles
    text = asked["since"].replace(" ", "+")  # a plus sign that was not encoded
    try:
        since = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        since = since.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValueError("since", "a moment such as 2026-11-24T08:00:00Z or a day", asked["since"]) from error
    return articles.filter(published_at__gte=since)


def _after(ranked, asked, order):
    if "after" not in asked:
        return ranked
    values = keyset.read_values(asked["after"][:MAX_CURSOR], ORDERS[order])
    if values is None:
        raise BadValueError("after", f"a place that a list by {order} gave", asked["after"])
    return ranked.filter(keyset.beyond(keyset.fields_of(ranked), values))


def _next(request, page, order, values):
    """Return the address of the page after the article with these `values`, the last of a page."""
    asked = {name: request.GET[name] for name in ("order", "since") if name in request.GET}
    cursor = keyset.values_token(values, ORDERS[order])
    path = escape_uri_path(request.path).replace(f"/page/{page}/", "/")  # a cursor needs no number
    return absolute(f"{path}?{urlencode({**asked, 'after': cursor})}")


def item(article):
    """Return an article as the source's clients know it. Load it with `for_items()`."""
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
            "isCached": bool(image.is_cached or image.file),
        }
        for image in images
    ] or None
