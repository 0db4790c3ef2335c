"""What editors do to an issue before it is sent: texts, order, articles left out and put in.

Building it again keeps all of it. Each function takes an issue that is not being sent yet; whoever calls it builds the
issue again.
"""

from collections import Counter

from django.utils.translation import gettext as _

from ..models import Article, Issue, IssueArticle
from .issues import MAX_ARTICLES, flat_topics, section_among

MOST = 2 * MAX_ARTICLES  # articles in an issue that editors put in more
UP, DOWN, TOP = "up", "down", "top"


class IssueError(ValueError):
    """Why an issue cannot be changed so, in one sentence."""


def places_of(issue):
    """Return the places of an issue in their order, with what is printed of their articles."""
    places = issue.places.select_related("article__provider", "article__source", "article__story", "topic")
    return list(places.exclude(article=None).order_by("position", "pk"))


def move(issue, place, where):
    """Move an article within an issue, which has an order of its own from then on: one list, without sections."""
    places = places_of(issue)
    if not issue.in_own_order:
        places = _as_printed(places)
    now = next(n for n, one in enumerate(places) if one.pk == place.pk)
    then = {UP: max(now - 1, 0), DOWN: now + 1, TOP: 0}[where]
    places.insert(then, places.pop(now))
    for position, one in enumerate(places, 1):
        if one.position != position:
            IssueArticle.objects.filter(pk=one.pk).update(position=position)
    Issue.objects.filter(pk=issue.pk).update(in_own_order=True)


def _as_printed(places):
    """Return places in the order in which their sections print them."""
    return sorted(places, key=lambda one: (one.topic is None, one.topic and (one.topic.menu_order, one.topic.name)))


def in_printed_order(issue, places):
    """Return the places of an issue as readers meet them."""
    return places if issue.in_own_order else _as_printed(places)


def leave_out(place):
    """Take an article out of an issue. It may be in a later one."""
    place.delete()


def put_in(issue, article):
    """Put a published article into an issue, at its end. Raises IssueError."""
    if not Article.objects.published().filter(pk=article.pk).exists():
        raise IssueError(_("Readers do not see this article: publish it first."))
    place = IssueArticle.objects.select_related("issue").filter(article=article).first()
    if place and place.issue_id == issue.pk:
        raise IssueError(_("This issue has the article already."))
    if place and place.issue.state == Issue.State.BUILT:
        raise IssueError(_("The issue %(issue)s has it: leave it out there first.") % {"issue": place.issue})
    if place:
        raise IssueError(_("Readers got it already, in the issue %(issue)s.") % {"issue": place.issue})
    places = places_of(issue)
    if len(places) >= MOST:
        raise IssueError(_("An issue has at most %(most)s articles: leave one out first.") % {"most": MOST})
    article = Article.objects.with_topics().get(pk=article.pk)
    flat = Counter([*flat_topics(article), *(one.topic for one in places)])  # it joins a section that is there
    position = max((one.position for one in places), default=0) + 1
    IssueArticle.objects.create(
        issue=issue, article=article, position=position, topic=section_among(article, flat), is_put_in=True
    )
