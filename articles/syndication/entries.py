"""What feeds list: one entry a story, as its readers see it.

An entry's identity is that of the story's article that came to this site first. So it stays when the lead, its
title, its file's name, its outlet or its address changes, when articles join, when stories are merged (the older
entry goes on) and when that is undone. No two entries have the same one, since an article is in one story.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Max, Min, OuterRef, Subquery

from ..models import Article, StoryAction
from ..pictures import renditions
from ..text import addresses
from ..text.labels import titled
from ..text.permalinks import absolute, page_of
from ..text.plain import plain

ENTRIES = 50  # in a feed
SUMMARY = 1_000  # characters


@dataclass(frozen=True)
class Entry:
    """All of a story that a feed prints: what is equal in two of them reads the same."""

    guid: str
    title: str
    url: str  # of its page here
    outlet_url: str  # where it can be read; "" if that is here
    summary: str
    published: datetime
    updated: datetime  # when what readers see changed last
    outlet: str
    outlet_page: str
    topics: tuple[str, ...]
    picture: str  # our copy's address, or ""


def tag_uri(specific):
    """A name that is nobody else's (RFC 4151), and stays when addresses change."""
    return f"tag:{settings.NEWSROOM_TAG_AUTHORITY}:{specific}"


def newest(articles):
    """The entries of the newest stories that published `articles` lead, or are alone. Costs three queries."""
    members = Article.objects.filter(story=OuterRef("story")).order_by().values("story")
    actions = StoryAction.objects.filter(story=OuterRef("story")).order_by().values("story")
    found = articles.leads().ranked("latest").for_cards()
    found = found.annotate(
        first=Subquery(members.annotate(first=Min("pk")).values("first")),
        edited_at=Subquery(actions.annotate(at=Max("at")).values("at")),
    )
    return [_entry(article) for article in found[:ENTRIES]]


def _entry(article):
    moments = (article.published_at, article.updated_at, article.edited_at)
    image = next((image for image in article.images.all() if image.file), None)
    return Entry(
        guid=tag_uri(f"article/{article.first or article.pk}"),
        title=titled(article.headline),
        url=absolute(page_of(article)),
        outlet_url=addresses.browsable(article.web_url),
        summary=plain(article.standfirst)[:SUMMARY],
        published=article.published_at,
        updated=max(moment for moment in moments if moment),
        outlet=article.provider.label,
        outlet_page=absolute(article.provider.get_absolute_url()),
        topics=tuple(plain(topic.name) for topic in article.topic_list),
        picture=absolute(renditions.address(image)) if image else "",
    )
