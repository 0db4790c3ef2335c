"""A site with a row of all that readers see, and an address for each of its routes."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from articles.models import ArticleImage, Boost, Issue, Pin, ProviderImage, RelatedLink, Subscriber
from articles.newsletter import subscriptions
from articles.pictures import renditions
from articles.search import index
from articles.syndication import sitemaps
from articles.urls import urlpatterns
from tests.factories import make_article, make_provider, make_story, make_topic

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_site():
    """Store a site with all that a public address shows. Return what `addresses` needs.

    Much is due an hour later: a boost is over, and changes are not indexed.
    """
    topic, provider = make_topic("Tides", slug="tides"), make_provider(name="The Gazette")
    for n in range(40):
        make_article(f"Ferries {n}", topics=[topic], tags=["US"], quality=70 + n, published_at=MOMENT)
    lead, member = make_article("Ferries", stem="a", topics=[topic], published_at=MOMENT), make_article()
    story = make_story(lead, member)
    RelatedLink.objects.create(story=story, title="Out", web_url="https://o.example/", provider=provider)
    Pin.objects.create(article=member, reason="Because")
    index.refresh()
    make_article("Ferries that nobody indexed")
    Boost.objects.create(article=lead, points=50, reason="Because", until=timezone.now() + timedelta(seconds=1))
    copy = {"file": picture(), "true_width": 800, "true_height": 450}
    images = [
        ArticleImage.objects.create(article=lead, url="https://i.example/a.png", **copy),
        ProviderImage.objects.create(provider=provider, source=lead.source, url="https://i.example/p.png", **copy),
        ArticleImage.objects.create(article=lead, url="https://i.example/not-fetched.png"),
    ]
    subscriber = Subscriber.objects.create(email="reader@example.org")
    sent = [(source, day) for source in (None, lead.source) for day in range(30)]
    Issue.objects.bulk_create(
        Issue(source=source, date=MOMENT.date() - timedelta(day), state="sent", sent_at=MOMENT) for source, day in sent
    )
    return {"lead": lead, "story": story, "images": images, "subscriber": subscriber}


def picture():
    data = BytesIO()
    Image.new("RGB", (800, 450), "teal").save(data, "PNG")
    return default_storage.save("pictures/a.png", ContentFile(data.getvalue()))


def addresses(lead, story, images, subscriber):  # long: one line for each route
    """Addresses for each route, with those of its parameters that lead to other queries."""
    article, paths = lead.get_absolute_url(), [renditions.address(image, "320.webp") for image in images]
    lists = ["", "?order=heat", "?order=hot&period=month", "?order=latest", "?page=2"]
    filled = {"<int:page>": "2", "<name:slug>": "tides", "<slug:source>": lead.source.name}
    filled |= {"<name:tag>": "US", "<day:date>": "2026-11-20"}
    queries = ["", "?order=hot&minimum_heat=1", "?since=2026-01-01&pages=9", "?period=day"]

    def fill(route):
        for gap, value in filled.items():
            route = route.replace(gap, value)
        return [f"/{route}{query}" for query in queries]

    return {
        "": [f"/{query}" for query in lists],
        "news/<slug:source>/<name:stem>/": [article],
        "stories/<int:pk>-<name:slug>/": [story.get_absolute_url(), f"/stories/{story.pk}-old/"],
        "why/<int:pk>/": [f"/why/{lead.pk}/"],
        "topics/": ["/topics/"],
        "topics/<name:slug>/": [f"/topics/tides/{query}" for query in lists],
        "providers/": ["/providers/"],
        "providers/<domain:domain>/": ["/providers/gazette.example/"],
        "providers/<domain:domain>/scorecard/": ["/providers/gazette.example/scorecard/?period=all"],
        "archive/": ["/archive/"],
        "archive/<int:year>/<int:month>/": ["/archive/2026/11/"],
        "archive/<int:year>/<int:month>/<int:day>/": ["/archive/2026/11/20/"],
        "search/": ["/search/", "/search/?q=ferries", "/search/?q=topic:tides+a+b+c+d+e+f+g"],
        "opensearch.xml": ["/opensearch.xml"],
        "newsletter/": ["/newsletter/"],
        "newsletters/": ["/newsletters/", "/newsletters/?page=2"],
        "newsletters/<day:date>/": [
            *(f"/newsletters/2026-11-20/{query}" for query in ("", "?period=day", f"?site={lead.source.name}"))
        ],
        "newsletter/confirm/<name:token>/": [
            f"/newsletter/confirm/{signing.dumps(subscriber.token, salt=subscriptions.SALT)}/",
            "/newsletter/confirm/x/",
        ],
        "newsletter/unsubscribe/<name:token>/": [f"/newsletter/unsubscribe/{subscriber.token}/"],
        "display/": ["/display/"],
        "feeds/<feed:name>": ["/feeds/rss.xml", "/feeds/atom.xml", "/feeds/feed.json"],
        "topics/<name:slug>/<feed:name>": ["/topics/tides/rss.xml"],
        "providers/<domain:domain>/<feed:name>": ["/providers/gazette.example/atom.xml"],
        "search/<feed:name>": ["/search/feed.json?q=ferries"],
        "stories/<int:pk>/picture.png": [f"/stories/{story.pk}/picture.png"],
        "news/<slug:source>/<name:stem>/picture.png": [f"{article}picture.png"],
        "pictures/<kind:kind>/<int:pk>/<width:width>.<encoding:encoding>": paths,
        "pictures/<kind:kind>/<int:pk>/original.<slug:suffix>": [renditions.address(images[0])],
        "robots.txt": ["/robots.txt"],
        "sitemap.xml": ["/sitemap.xml"],
        "sitemap-lists.xml": ["/sitemap-lists.xml"],
        "sitemap-<int:number>.xml": [f"/sitemap-{lead.pk // sitemaps.PART_SIZE}.xml"],
        "news-sitemap.xml": ["/news-sitemap.xml"],
        **{route: fill(route) for route in routes() if route.removeprefix("<slug:source>/").startswith("api/")},
    }


def routes(patterns=urlpatterns):
    """Return the routes of all public addresses, those that are included too."""
    found = []
    for pattern in patterns:
        route = str(pattern.pattern)
        found += (
            [route + below for below in routes(pattern.url_patterns)] if hasattr(pattern, "url_patterns") else [route]
        )
    return found
