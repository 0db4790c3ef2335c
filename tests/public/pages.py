"""Helpers for tests of pages."""

import re

from django.urls import reverse


def titles(response):
    return [article.title for article in response.context["page"].items]


def text(response):
    """Return a page without what keeps the direction of each text its own."""
    return re.sub(r"</?bdi>| dir=\"auto\"", "", response.content.decode())


def all_pages(article):
    """Return the path of one page of each kind that may show the article."""
    moment = article.published_at
    return [
        "/",
        "/?order=heat",
        article.get_absolute_url(),
        *([article.story.get_absolute_url()] if article.story else []),
        reverse("why", args=[article.pk]),
        "/topics/",
        "/topics/tides/",
        "/providers/",
        article.provider.get_absolute_url(),
        f"{article.provider.get_absolute_url()}scorecard/?period=all",
        "/archive/",
        f"/archive/{moment.year}/{moment.month}/",
        f"/archive/{moment.year}/{moment.month}/{moment.day}/",
        "/search/?q=Ferries",
        "/search/",
        "/api/news/index.json",
    ]
