"""The JSON lists of the source family: a client of the source works by changing the host.

Newest first, then by path. The shape is the source's own; keys that Newsroom has no value for are null.
What Newsroom adds does not change that shape: query parameters, and the next page in the header Link.
"""

from django.db.models import Exists, OuterRef
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.encoding import escape_uri_path
from django.utils.http import urlencode

from ..db import keyset
from ..db.showing import page_of_a_row
from ..models import ORDERS, Article, Boost, Source, Topic
from ..text.permalinks import absolute, moved
from . import parameters
from .items import item, older_item
from .parameters import BadValueError, json_list, json_view

PAGE_SIZE, TOPIC_PAGE_SIZE = 25, 30  # articles
MAX_CURSOR = 1000  # characters
MAX_PAGE = 10_000  # no site has more; a larger number would only cost the database time
KEPT = ("order", "since", "minimum_heat")  # parameters that the address of the next page has too


@json_view
def article_list(request, source=None, page=1, older=False):
    """List all published articles, of one site or of all."""
    return _page(request, articles_of(source), page, PAGE_SIZE, older)


@json_view
@page_of_a_row
def topic_or_article(request, slug, source=None):
    """Show the first page of a topic, or else the article of this stem."""
    if topic := Topic.objects.visible().filter(slug=slug).first():
        return _page(request, articles_of(source).about(topic), 1, TOPIC_PAGE_SIZE)
    article = articles_of(source).filter(stem=slug).for_items().order_by("source__name").first()
    if article is None:
        return _former_topic(request, slug)
    return JsonResponse(item(article), json_dumps_params={"allow_nan": False})


@json_view
def topic_list(request, slug, page, source=None, older=False):
    topic = Topic.objects.visible().filter(slug=slug).first()
    if topic is None:
        return _former_topic(request, slug)
    return _page(request, articles_of(source).about(topic), page, TOPIC_PAGE_SIZE, older)


@json_view
def tag_list(request, tag, source=None, page=1, older=False):
    """List the articles with a tag. A tag that no published article has is not found."""
    articles = articles_of(source).tagged(tag)
    if not articles.exists():
        raise Http404
    return _page(request, articles, page, TOPIC_PAGE_SIZE, older)


def _former_topic(request, slug):
    """Redirect to the list of the topic that had a slug before. Raises Http404 if none had it."""
    topic = Topic.objects.formerly(slug)
    if topic is None:
        raise Http404
    return moved(request, slug, topic.slug)


def articles_of(source_name):
    """Return the published articles of a source, or of all. Raises Http404 as `source_of` does."""
    articles = Article.objects.published()
    return articles if source_name is None else articles.filter(source=source_of(source_name))


def source_of(name):
    """Return a source. Raises Http404 if there is none, or if readers see none of its articles."""
    own = Article.objects.filter(source=OuterRef("pk"))
    return get_object_or_404(Source.objects.filter(Exists(own.published()) | ~Exists(own)), name=name)


def _page(request, articles, page, size, older=False):
    """Return one page of a list. The first page exists even if it is empty; an empty later one is Http404."""
    asked, order = request.GET, parameters.order(request.GET)
    pages = parameters.number(asked, "pages", lowest=1)
    if not 1 <= page <= min(MAX_PAGE, pages or MAX_PAGE):
        raise Http404
    exact = order != "latest" and Boost.objects.due().exists()
    ranked = _chosen(articles, asked).ranked(order, exact)
    start = (page - 1) * size
    rows = list(_after(ranked, asked, order).for_items()[start : start + size + 1])
    if page > 1 and not rows:
        raise Http404
    more = len(rows) > size and page != pages
    numbered = more and "after" not in asked  # a page after a cursor has no number
    after = {"nextPage": page + 1 if numbered else None}
    response = json_list(rows[:size], older_item if older else item, {"page": page}, after)
    if more:
        query = {name: asked[name] for name in KEPT if name in asked} | ({"pages": pages - page} if pages else {})
        values = keyset.values_of(rows[size - 1], keyset.fields_of(ranked))
        query["after"] = keyset.values_token(values, ORDERS[order])
        response["Link"] = f'<{_next(request, page)}?{urlencode(query)}>; rel="next"'
    return response


def _chosen(articles, asked):
    """Return the articles that `?since=` and `?minimum_heat=` leave. Raises BadValueError."""
    since, heat = parameters.since(asked), parameters.number(asked, "minimum_heat")
    articles = articles if since is None else articles.filter(published_at__gte=since)
    return articles if heat is None else articles.filter(heat__gte=heat)


def _after(ranked, asked, order):
    if "after" not in asked:
        return ranked
    values = keyset.read_values(asked["after"][:MAX_CURSOR], ORDERS[order])
    if values is None:
        raise BadValueError("after", f"a place that a list by {order} gave", asked["after"])
    return ranked.filter(keyset.beyond(keyset.fields_of(ranked), values))


def _next(request, page):
    """Return the address of a list without the number of the page, which a cursor does not need."""
    path = escape_uri_path(request.path)
    return absolute(path.replace(f"/page/{page}/", "/").replace(f"/page{page}/", "/page1/"))
