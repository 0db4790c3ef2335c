"""Structured data of pages (JSON-LD, https://schema.org): an article, a list, and breadcrumbs."""

from django.conf import settings
from django.urls import reverse

from ..db.showing import showing
from ..pictures import renditions, share_cards
from ..text import addresses
from ..text.labels import titled
from ..text.moments import iso
from ..text.permalinks import absolute, page_of
from ..text.plain import plain

MAX_HEADLINE = 110  # characters that search engines accept


def news_article(article, address):
    """Describe the outlet's report that the page at `address` is about. Load the article with `for_cards()`."""
    images = (image for image in article.images.all() if image.file)
    pictures = list(showing(images, lambda image: absolute(renditions.address(image))))
    where = addresses.browsable(article.web_url)
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": titled(article.headline)[:MAX_HEADLINE],
        "description": plain(article.standfirst),
        "datePublished": iso(article.published_at),
        "dateModified": iso(max(article.published_at, article.updated_at)),
        "url": where or address,
        "mainEntityOfPage": {"@type": "WebPage", "@id": address},
        "image": [*pictures, share_cards.address(article)],
        "author": _outlet(article.provider),
        "publisher": _outlet(article.provider),
        "keywords": [plain(topic.name) for topic in article.topic_list],
    }


def _outlet(provider):
    page = provider.domain if "/" in provider.domain else f"{provider.domain}/"
    return {"@type": "NewsMediaOrganization", "name": provider.label, "url": f"https://{page}"}


def item_list(articles, name, first=1):
    """Describe a page of a list: the pages of its cards, of which the first has the position `first`.

    Leaves out headlines: they are on the pages listed, and would add 2 kB here.
    """
    items = [
        {"@type": "ListItem", "position": place, "url": address}
        for place, address in enumerate(showing(articles, lambda article: absolute(page_of(article))), first)
    ]
    return {"@context": "https://schema.org", "@type": "ItemList", "name": name, "itemListElement": items}


def breadcrumbs(*steps):
    """Describe the path from the front page to a page: pairs of a name and an address, the page itself last."""
    steps = [(settings.NEWSROOM_SITE_NAME, reverse("front_page")), *steps]
    items = [
        {"@type": "ListItem", "position": place, "name": titled(name), "item": absolute(address)}
        for place, (name, address) in enumerate(steps, 1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}
