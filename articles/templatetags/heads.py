"""The head of a page: its canonical address, share card, structured data and feeds.

The canonical address of an article's page is its own here: it is about an outlet's article and not a copy of it. A list
has the same one in every order and period; each of its pages has its own.
"""

import json

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import mark_safe

from articles.db.showing import showing
from articles.pictures import share_cards
from articles.public.lists import CARDS
from articles.syndication import structured_data
from articles.syndication.feeds import FORMATS
from articles.text.labels import titled
from articles.text.permalinks import absolute, page_of
from articles.text.plain import plain

register = template.Library()
DESCRIPTION_LENGTH = 200  # characters
IN_SCRIPTS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}  # so that no text ends the element


@register.simple_tag
def json_ld(data):
    """Return structured data as a script element that browsers do not run."""
    text = json.dumps(data, ensure_ascii=False).translate(IN_SCRIPTS)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 (escaped above)


@register.inclusion_tag("articles/_head.html")
def article_head(article):
    """Render the head of an article's page. Load the article with `for_cards()`."""
    return _article_head(article, article.get_absolute_url(), article.title, article.excerpt)


@register.inclusion_tag("articles/_head.html")
def story_head(article):
    """Render the head of the page of the story that an article leads."""
    return _article_head(article, page_of(article), article.headline, article.standfirst)


def _article_head(article, path, title, excerpt):
    above = list(_steps((article.subtopics or article.topic_list)[:1]))
    return {
        "type": "article",
        "canonical": absolute(path),
        "title": titled(title),
        "description": plain(excerpt)[:DESCRIPTION_LENGTH],
        "site_name": settings.NEWSROOM_SITE_NAME,
        "article": article,
        "picture": share_cards.address(article),
        "picture_alternative": share_cards.alternative(article),
        "data": [
            structured_data.news_article(article, absolute(path)),
            structured_data.breadcrumbs(*above, (title, path)),
        ],
    }


@register.inclusion_tag("articles/_head.html", takes_context=True)
def list_head(context, title, path, *above, description="", feeds=""):
    """Render the head of a page of cards.

    `above` are the models whose pages are between it and the front page; `feeds` is the folder of its own feeds.
    """
    page, number = context["page"], context["page"].number
    steps = list(_steps(above))
    own = [] if path == reverse("front_page") else [(title, path)]
    return {
        "type": "website",
        "canonical": absolute(f"{path}?page={number}" if number > 1 else path),
        "title": plain(title),
        "description": plain(description)[:DESCRIPTION_LENGTH],
        "site_name": settings.NEWSROOM_SITE_NAME,
        "request": context["request"],
        "page": page,
        "feeds": feeds and _feed_links(title, feeds),
        "data": [
            structured_data.item_list(page.items, plain(title), (number - 1) * CARDS + 1),
            *([structured_data.breadcrumbs(*steps, *own)] if own else []),
        ],
    }


def _steps(rows):
    """Yield the names and addresses of the pages of rows."""
    return showing(rows, lambda row: (str(row), row.get_absolute_url()))


@register.inclusion_tag("articles/_feed_links.html")
def site_feeds():
    """Link to the feeds of the whole site."""
    return {"feeds": _feed_links(settings.NEWSROOM_SITE_NAME, "/feeds/")}


@register.inclusion_tag("articles/_feed_links.html")
def search_feeds(query):
    """Link to the feeds of a search."""
    return {"feeds": _feed_links(query, "/search/", f"?{urlencode({'q': query})}")}


def _feed_links(title, folder, query=""):
    return [
        {"title": plain(title), "type": media_type, "address": folder + name + query}
        for name, (media_type, _write) in FORMATS.items()
    ]
