"""For search engines: robots.txt, the sitemap, and the news sitemap of the last two days.

A site of more than MAX_ADDRESSES has an index of sitemaps. Each part has the articles of a range of primary keys, so a
new article changes one part only, and a part is found without skipping the articles of the others.
"""

from datetime import timedelta
from itertools import chain

from django.conf import settings
from django.db.models import F, Max
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..db.showing import showable, showing
from ..models import Article, ArticleImage, Provider, Topic
from ..pictures import renditions
from ..text.moments import in_utc
from ..text.permalinks import absolute, page_of

MAX_ADDRESSES = 50_000  # in one sitemap (sitemaps.org)
PART_SIZE = MAX_ADDRESSES // 2  # articles: each may lead a story, which has a page of its own
MAX_PICTURES = 1_000  # of one page
MAX_NEWS, MAX_NEWS_AGE = 1_000, timedelta(hours=48)  # articles, as Google News takes them
CHANGED = Greatest("updated_at", Coalesce("live_at", "updated_at"))
LISTS = ("/", "/topics/", "/providers/", "/archive/")


@require_safe
def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", ""]
    lines += [f"Sitemap: {absolute(address)}" for address in ("/sitemap.xml", "/news-sitemap.xml")]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request):
    """List all pages, or the parts of an index if they are too many for one sitemap."""
    articles = Article.objects.published()
    count = articles.count() + articles.leading().count()
    lists = _lists()
    if count + len(lists) <= MAX_ADDRESSES:
        return _urlset(request, [*lists, *_pages(articles)])
    ranges = articles.annotate(part=F("pk") / PART_SIZE).values("part").annotate(changed=Max(CHANGED)).order_by("part")
    parts = [{"loc": absolute("/sitemap-lists.xml")}]
    parts += [{"loc": absolute(f"/sitemap-{row['part']}.xml"), "lastmod": row["changed"]} for row in ranges]
    return _xml(request, "sitemap_index.xml", {"parts": parts})


@require_safe
def sitemap_lists(request):
    """List the pages of lists, topics and outlets: one part of the index."""
    return _urlset(request, _lists()[:MAX_ADDRESSES])


@require_safe
def sitemap_part(request, number):
    """List the articles of one range and the stories that they lead: one part of the index."""
    start = number * PART_SIZE
    if start > 2**63 - PART_SIZE:
        raise Http404
    pages = list(_pages(Article.objects.published().filter(pk__gte=start, pk__lt=start + PART_SIZE)))
    if not pages:
        raise Http404
    return _urlset(request, pages)


@require_safe
def news_sitemap(request):
    """List the recent articles that are published here, newest first. The outlets announce all others."""
    recent = Article.objects.published().filter(web_url="", published_at__gte=timezone.now() - MAX_NEWS_AGE)
    articles = recent.ranked("latest").select_related("source")[:MAX_NEWS]
    pages = showing(articles, lambda article: {"loc": absolute(article.get_absolute_url()), "article": article})
    return _xml(request, "news_sitemap.xml", {"pages": list(pages), "site_name": settings.NEWSROOM_SITE_NAME})


def _lists():
    """Return the pages of lists, and of topics and outlets that have published articles."""
    articles = Article.objects.published()
    topics = showable(Topic.objects.filter(pk__in=articles.values("topic_links__tag")))
    providers = showable(Provider.objects.filter(pk__in=articles.values("provider")).order_by("domain"))
    found = showing(chain(topics, providers), lambda row: row.get_absolute_url())
    return [{"loc": absolute(address)} for address in (*LISTS, *found)]


def _pages(articles):
    """Yield the page of each article, and of the story that it leads, with pictures. Costs two queries."""
    pictures = {}
    images = ArticleImage.objects.exclude(file="").filter(article__in=articles).order_by("article", "position", "pk")
    images = showable(images.only("article", "file"))
    addresses = showing(images, lambda image: (image.article_id, absolute(renditions.address(image))))
    for article, address in addresses:
        pictures.setdefault(article, []).append(address)
    for found in showing(articles.select_related("source", "story").order_by("pk"), _addresses):
        for article, address in found:
            yield {
                "loc": address,
                "lastmod": max(filter(None, (article.updated_at, article.live_at))),
                "pictures": pictures.get(article.pk, [])[:MAX_PICTURES],
            }


def _addresses(article):
    """Return an article with the full address of each of its pages: its own, and that of the story that it leads."""
    paths = [article.get_absolute_url(), *([page_of(article)] if article.leads_story else [])]
    in_utc(article.updated_at)
    return [(article, absolute(path)) for path in paths]


def _urlset(request, pages):
    return _xml(request, "sitemap.xml", {"pages": pages})


def _xml(request, template, context):
    return render(request, f"articles/{template}", context, content_type="application/xml")
