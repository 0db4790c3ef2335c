"""Entries of feeds: one for each story, as its readers see it.

An entry is identified by the story's article that came to this site first. So its identity stays when the lead, its
title, stem, outlet or address changes, when articles join, when stories are merged (the older entry stays) and when
that is undone. No two entries have the same identity, since an article is in one story.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max, Min, OuterRef, Subquery

from ..db.showing import showing
from ..models import ActionRow, Article
from ..pictures import renditions
from ..text import addresses
from ..text.labels import titled
from ..text.moments import in_utc
from ..text.permalinks import absolute, page_of
from ..text.plain import plain

MAX_ENTRIES = 50  # in a feed
SUMMARY_LENGTH = 1_000  # characters


@dataclass(frozen=True)
class Entry:
    """All that a feed prints of a story. Two entries that are equal read the same."""

    guid: str
    title: str
    url: str  # its page here
    outlet_url: str  # where it can be read; "" if that is here
    summary: str
    published: datetime
    updated: datetime  # the last change that readers see
    outlet: str
    outlet_page: str
    topics: tuple[str, ...]
    picture: str  # the address of our copy, or ""
    correction: str


def tag_uri(specific):
    """Return a globally unique name that stays when addresses change (RFC 4151)."""
    return f"tag:{settings.NEWSROOM_TAG_AUTHORITY}:{specific}"


def newest(articles):
    """Return the entries of the newest of `articles` that lead a story or are in none. Costs three queries."""
    members = Article.objects.filter(story=OuterRef("story")).order_by().values("story")
    actions = ActionRow.objects.filter(model="story", key=OuterRef("story")).order_by().values("key")
    found = articles.leads().ranked("latest").for_cards()
    found = found.annotate(
        first=Subquery(members.annotate(first=Min("pk")).values("first")),
        edited_at=Subquery(actions.annotate(at=Max("action__at")).values("at")),
    )
    return list(showing(found[:MAX_ENTRIES], _entry))


def _entry(article):
    moments = (article.starts_at, article.updated_at, article.edited_at, article.took_over_at)
    images = (image for image in article.images.all() if image.file)
    return Entry(
        guid=tag_uri(f"article/{article.first or article.pk}"),
        title=titled(article.headline),
        url=absolute(page_of(article)),
        outlet_url=addresses.browsable(article.web_url),
        summary=plain(article.standfirst)[:SUMMARY_LENGTH],
        published=in_utc(article.published_at),
        updated=in_utc(max(moment for moment in moments if moment)),
        outlet=article.provider.label,
        outlet_page=absolute(article.provider.get_absolute_url()),
        topics=tuple(plain(topic.name) for topic in article.topic_list),
        correction=plain(article.correction),
        picture=next(showing(images, lambda image: absolute(renditions.address(image))), ""),
    )
