"""What machines read of a page (JSON-LD, https://schema.org): an article, a list, and where the page stands."""

from datetime import UTC

from django.conf import settings
from django.urls import reverse

from ..pictures import renditions, share_cards
from ..text import addresses
from ..text.labels import titled
from ..text.permalinks import absolute, page_of
from ..text.plain import plain

HEADLINE = 110  # characters that search engines take


def news_article(article, address):
    """The report that a page is about: the outlet's own, which the page only names. Load it with `for_cards()`."""
    pictures = [absolute(renditions.address(image)) for image in article.images.all() if image.file]
    where = addresses.browsable(article.web_url)
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": titled(article.headline)[:HEADLINE],
        "description": plain(article.standfirst),
        "datePublished": _moment(article.published_at),
        "dateModified": _moment(max(article.published_at, article.updated_at)),
        "url": where or address,
        "mainEntityOfPage": {"@type": "WebPage", "@id": address},
        "image": [*pictures, share_cards.address(article)],
        "author": _outlet(article.provider),
        "publisher": _outlet(article.provider),
        "keywords": [plain(topic.name) for topic in article.topic_list],
    }


def _outlet(provider):
    return {"@type": "NewsMediaOrganization", "name": provider.label, "url": f"https://{provider.domain}/"}


def item_list(articles, name, first=1):
    """A page of a list: its cards' pages in their order, of which the first has the number `first`.

    Without their headlines: those stand on the pages that it leads to, and a second time here they weigh 2 kB.
    """
    items = [
        {"@type": "ListItem", "position": place, "url": absolute(page_of(article))}
        for place, article in enumerate(articles, first)
    ]
    return {"@context": "https://schema.org", "@type": "ItemList", "name": name, "itemListElement": items}


def breadcrumbs(*steps):
    """The way from the front page to a page: names and addresses, the page itself last."""
    steps = [(settings.NEWSROOM_SITE_NAME, reverse("front_page")), *steps]
    items = [
        {"@type": "ListItem", "position": place, "name": titled(name), "item": absolute(address)}
        for place, (name, address) in enumerate(steps, 1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}


def _moment(moment):
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
