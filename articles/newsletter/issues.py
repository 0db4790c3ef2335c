"""The newsletter: what stands in the issue of a day or a week, and how it reads.

An issue depends on data alone: on the articles in its window and on the issues before it, not on when or where it
is built, nor on the database's numbers. Two databases with the same articles and issues build the same bytes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import ORDERS, Article, Boost, Issue, IssueArticle
from ..text import addresses
from ..text.labels import titled
from ..text.permalinks import absolute
from ..text.plain import plain

LONGEST = 20  # articles in an issue
TRIES = 3  # at choosing them, while other processes build other issues
DAYS = {Issue.Period.DAY: 1, Issue.Period.WEEK: 7}
ORDER = [*ORDERS["heat"][:-1], "source__name"]  # no database's own number decides
EXCERPT = 220  # characters
SUBJECT = 150
NOBODY = "-"  # where a subscriber's token is put when it is sent


class NotOverError(ValueError):
    """The issue's window is not over: more may come to stand in it."""


class NotChangeableError(ValueError):
    """The issue is being sent, or was: what readers have stays as it is."""


@dataclass(frozen=True)
class Item:
    """All that an issue prints of an article."""

    title: str
    url: str  # where it can be read
    page: str  # its page here, with its story's coverage
    outlet: str
    published: datetime
    excerpt: str
    others: int  # articles and links in its story


def window(date, period):
    """The days before `date`, in UTC: from the first moment to the one after the last."""
    end = datetime.combine(date, time(), UTC)
    return end - timedelta(days=DAYS[period]), end


def unsubscribe_address(token=NOBODY):
    return absolute(reverse("unsubscribe", args=[token]))


def existing(date, period, source=None):
    """The issue, if it was built."""
    return Issue.objects.filter(date=date, period=period, source=source).first()


def candidates(date, period, source=None):
    """The published leads of the window that never stood in an issue, the hottest first."""
    start, end = window(date, period)
    articles = Article.objects.published(end).leads().filter(published_at__gte=start, published_at__lt=end)
    articles = articles.filter(newsletter_place=None)
    return (articles.filter(source=source) if source else articles).order_by(*ORDER)


def build(date, period, source=None, now=None):
    """Build the issue, which is not there yet; None if its window has nothing new. Raises NotOverError."""
    if now and window(date, period)[1] > now:
        raise NotOverError
    Boost.end_due()
    for tries in count(1):
        try:
            return _built(date, period, source)
        except IntegrityError:  # another process has just built it, or another issue with some of its articles
            if found := existing(date, period, source):
                return found
            if tries == TRIES:
                raise


@transaction.atomic
def _built(date, period, source):
    chosen = list(candidates(date, period, source).with_topics()[:LONGEST])
    if not chosen:
        return None
    issue = Issue.objects.create(date=date, period=period, source=source)
    IssueArticle.objects.bulk_create(
        IssueArticle(issue=issue, article=article, position=position, topic=section_of(article))
        for position, article in enumerate(chosen, 1)
    )
    return rebuild(issue)


def section_of(article):
    """Its most specific topic: the first that is below another. None: it is about the site's own topic only."""
    return next((topic for topic in article.topic_list if topic.parent_id), None)


def rebuild(issue):
    """Write an issue anew from those of its articles that are published; the others leave it, and may stand in a later
    one, since nobody got this one. Raises NotChangeableError."""
    places = list(standing(issue))
    items = [item_of(place.article) for place in places]
    issue.subject = shortened(items[0].title if items else settings.NEWSROOM_SITE_NAME, SUBJECT)
    start, end = window(issue.date, issue.period)
    context = {
        "issue": issue,
        "site_name": settings.NEWSROOM_SITE_NAME,
        "home": absolute(reverse("front_page")),
        "unsubscribe": unsubscribe_address(),
        "first": start.date(),
        "last": (end - timedelta(days=1)).date(),
        "sections": in_sections(places, items),
        "preheader": " / ".join(item.title for item in items[1:4]) or " ".join(item.excerpt for item in items),
    }
    issue.html = render_to_string("newsletter/issue.html", context)
    issue.text = render_to_string("newsletter/issue.txt", context)
    written = {"subject": issue.subject, "html": issue.html, "text": issue.text}
    with transaction.atomic():
        if not Issue.objects.filter(pk=issue.pk, state=Issue.State.BUILT).update(**written):
            raise NotChangeableError
        issue.places.exclude(pk__in=[place.pk for place in places]).delete()
    return issue


def standing(issue):
    """The places of those of its articles that are published, the hottest first, with all that is printed of them."""
    shown = Article.objects.published(window(issue.date, issue.period)[1])
    places = issue.places.filter(article__in=shown).order_by("position")
    return places.select_related("article__source", "article__provider", "article__story", "topic")


def in_sections(places, items):
    """Labels and items of the sections: topics in the order of the menu, at the end what has none."""
    found = defaultdict(list)
    for place, item in zip(places, items, strict=True):
        found[place.topic].append(item)
    topics = sorted((topic for topic in found if topic), key=lambda topic: (topic.menu_order, topic.name))
    sections = [(plain(topic.label), found[topic]) for topic in topics]
    if None in found:
        sections.append((_("More news") if topics else _("News"), found[None]))
    return sections


def item_of(article):
    """What is printed of an article. Fetch with its source, provider and story."""
    page = absolute(article.get_absolute_url())
    return Item(
        title=titled(article.headline),
        url=addresses.browsable(article.web_url) or page,
        page=page,
        outlet=plain(article.printed_provider_name) or article.provider.domain,
        published=article.published_at,
        excerpt=shortened(plain(article.standfirst), EXCERPT),
        others=max(article.story.coverage - 1, 0) if article.leads_story else 0,
    )


def shortened(text, longest):
    """A text of so many characters at most, cut at a word if it has any."""
    if len(text) <= longest:
        return text
    start = text[: longest - 1]
    return (start.rpartition(" ")[0] or start) + "…"
