"""What search engines are told: robots.txt, the sitemap, and the news of the last two days.

A site of more than LIMIT addresses has an index of sitemaps. Each of these holds the articles of a range of
numbers, so that none changes because another article was added, and none has to skip what the others hold.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Max
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..models import Article, ArticleImage, Provider, Topic
from ..pictures import renditions
from ..text.permalinks import absolute, page_of

LIMIT = 50_000  # addresses in one sitemap
RANGE = LIMIT // 2  # articles; each may lead a story, which has a page of its own
PICTURES = 1_000  # of one page
NEWS = 1_000  # articles
NEWS_AGE = timedelta(hours=48)
LISTS = ("/", "/topics/", "/providers/", "/archive/")


@require_safe
def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", ""]
    lines += [f"Sitemap: {absolute(address)}" for address in ("/sitemap.xml", "/news-sitemap.xml")]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request):
    """All pages; an index if they are too many for one sitemap."""
    articles = Article.objects.published()
    count = articles.count() + articles.filter(leads__isnull=False).count()
    lists = _lists()
    if count + len(lists) <= LIMIT:
        return _urlset(request, [*lists, *_pages(articles)])
    ranges = articles.annotate(part=F("pk") / RANGE).values("part").annotate(changed=Max("updated_at")).order_by("part")
    parts = [{"loc": absolute("/sitemap-lists.xml")}]
    parts += [{"loc": absolute(f"/sitemap-{row['part']}.xml"), "lastmod": row["changed"]} for row in ranges]
    return _xml(request, "sitemap_index.xml", {"parts": parts})


@require_safe
def sitemap_lists(request):
    """The pages that are no article's, as the index has them."""
    return _urlset(request, _lists()[:LIMIT])


@require_safe
def sitemap_part(request, number):
    """The articles, and the stories they lead, of one range, as the index has them."""
    start = number * RANGE
    if start > 2**63 - RANGE:
        raise Http404
    pages = list(_pages(Article.objects.published().filter(pk__gte=start, pk__lt=start + RANGE)))
    if not pages:
        raise Http404
    return _urlset(request, pages)


@require_safe
def news_sitemap(request):
    """Articles of the last two days that live here, the newest first: others are their outlets' to announce."""
    recent = Article.objects.published().filter(web_url="", published_at__gte=timezone.now() - NEWS_AGE)
    articles = recent.ranked("latest").select_related("source")[:NEWS]
    pages = [{"loc": absolute(article.get_absolute_url()), "article": article} for article in articles]
    return _xml(request, "news_sitemap.xml", {"pages": pages, "site_name": settings.NEWSROOM_SITE_NAME})


def _lists():
    """Pages of lists, topics and outlets that something is published about or by."""
    articles = Article.objects.published()
    topics = Topic.objects.filter(pk__in=articles.values("topic_links__tag"))
    providers = Provider.objects.filter(pk__in=articles.values("provider")).order_by("domain")
    found = [*LISTS, *(row.get_absolute_url() for rows in (topics, providers) for row in rows)]
    return [{"loc": absolute(address)} for address in found]


def _pages(articles):
    """The page of each article, and of the story it leads, with their pictures. Costs two queries."""
    pictures = {}
    images = ArticleImage.objects.exclude(file="").filter(article__in=articles).order_by("article", "position", "pk")
    for image in images.only("article", "file"):
        pictures.setdefault(image.article_id, []).append(absolute(renditions.address(image)))
    for article in articles.select_related("source", "story").order_by("pk"):
        shown = {"lastmod": article.updated_at, "pictures": pictures.get(article.pk, [])[:PICTURES]}
        yield {"loc": absolute(article.get_absolute_url()), **shown}
        if article.leads_story:
            yield {"loc": absolute(page_of(article)), **shown}


def _urlset(request, pages):
    return _xml(request, "sitemap.xml", {"pages": pages})


def _xml(request, template, context):
    return render(request, f"articles/{template}", context, content_type="application/xml")
