"""Issues of the newsletter: which articles the issue of a day or a week has, and how it is written.

An issue depends on data alone: on the articles in its window and on earlier issues, not on when or where it is built,
nor on primary keys. Two databases with the same articles and issues build the same bytes.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import ORDERS, Article, Boost, Issue, IssueArticle, RelatedLink
from ..text import addresses
from ..text.hosts import shown_name
from ..text.labels import titled
from ..text.permalinks import absolute
from ..text.plain import plain

MAX_ARTICLES = 20  # in an issue
MAX_ATTEMPTS = 3  # at building an issue while other processes build others
PERIOD_DAYS = {Issue.Period.DAY: 1, Issue.Period.WEEK: 7}
ORDER = [*ORDERS["heat"][:-1], "source__name"]  # by name where others order by primary key, see above
EXCERPT_LENGTH = 220  # characters
SUBJECT_LENGTH = 150  # characters
TOKEN_PLACEHOLDER = "-"  # noqa: S105 (stands in a built issue for the token of each subscriber)


class NotOverError(ValueError):
    """The issue's window is not over, so more articles may be published in it."""


class NotChangeableError(ValueError):
    """The issue is being sent or was sent, and must stay as readers have it."""


@dataclass(frozen=True)
class Item:
    """What an issue prints of an article."""

    title: str
    url: str  # where it can be read
    page: str  # its page here, with its story's coverage
    outlet: str
    published: datetime
    excerpt: str
    others: int  # other articles and links of its story
    note: str  # what editors tell readers about it


def window(date, period):
    """Return the first moment of the days before `date`, in UTC, and the first moment after them."""
    end = datetime.combine(date, time(), UTC)
    return end - timedelta(days=PERIOD_DAYS[period]), end


def unsubscribe_address(token=TOKEN_PLACEHOLDER):
    return absolute(reverse("unsubscribe", args=[token]))


def existing(date, period, source=None):
    """Return the issue if it was built, else None."""
    return Issue.objects.filter(date=date, period=period, source=source).first()


def candidates(date, period, source=None):
    """Return the published leads of the window that were in no issue yet, the hottest first."""
    start, end = window(date, period)
    articles = Article.objects.published(end).leads().filter(published_at__gte=start, published_at__lt=end)
    articles = articles.filter(newsletter_place=None).exclude(ends_at__lte=timezone.now())
    return (articles.filter(source=source) if source else articles).order_by(*ORDER)


def build(date, period, source=None, now=None):
    """Build an issue that does not exist yet. Return None if its window has no candidates.

    With `now`, raises NotOverError if the window ends after that moment.
    """
    if now and window(date, period)[1] > now:
        raise NotOverError
    Boost.end_due()
    for attempt in count(1):
        try:
            return _built(date, period, source)
        except IntegrityError:  # another process just built this issue, or another one with some of the same articles
            if found := existing(date, period, source):
                return found
            if attempt == MAX_ATTEMPTS:
                raise


@transaction.atomic
def _built(date, period, source):
    chosen = list(candidates(date, period, source).with_topics()[:MAX_ARTICLES])
    if not chosen:
        return None
    issue = Issue.objects.create(date=date, period=period, source=source)
    flat = Counter(topic for article in chosen for topic in flat_topics(article))
    IssueArticle.objects.bulk_create(
        IssueArticle(issue=issue, article=article, position=position, topic=section_among(article, flat))
        for position, article in enumerate(chosen, 1)
    )
    return _written(issue)


def section_of(article):
    """Return an article's first topic that is not its site's own; None if it has no other."""
    return next(iter(article.subtopics), None)


def section_among(article, flat):
    """Return an article's section in an issue; None if it has none.

    Of topics that are in no tree, that is the one that most articles of the issue have, if several have it. `flat`
    counts them.
    """
    most = max(flat_topics(article), key=lambda topic: flat[topic], default=None)
    return section_of(article) or (most if flat[most] > 1 else None)


def flat_topics(article):
    """Return the topics of an article of which none is above or below another."""
    links = article.topic_links.all()
    return [] if any(link.is_above_others or link.tag.parent_id for link in links) else article.topic_list


@transaction.atomic
def rebuild(issue):
    """Write an issue again from those of its articles that are still published, and store it.

    What editors decided about it stays. The other articles leave it and may be in a later issue, since no reader got
    this one. Raises NotChangeableError.
    """
    stored = Issue.objects.select_for_update().filter(pk=issue.pk).values("introduction", "in_own_order").first()
    for name, value in (stored or {}).items():  # an editor may have changed it meanwhile
        setattr(issue, name, value)
    return _written(issue)


def _written(issue):
    """Write an issue, in the caller's transaction."""
    places = list(publishable_places(issue))
    coverage = _coverage([place.article for place in places])
    items = [item_of(place.article, coverage) for place in places]
    issue.subject = shortened(items[0].title if items else settings.NEWSROOM_SITE_NAME, SUBJECT_LENGTH)
    start, end = window(issue.date, issue.period)
    context = {
        "issue": issue,
        "site_name": settings.NEWSROOM_SITE_NAME,
        "home": absolute(reverse("front_page")),
        "unsubscribe": unsubscribe_address(),
        "first": start.date(),
        "last": (end - timedelta(days=1)).date(),
        "web": absolute(issue.get_absolute_url()),
        "introduction": plain_lines(issue.introduction),
        "sections": [(_("News"), items)] if issue.in_own_order and items else in_sections(places, items),
        "preheader": " / ".join(item.title for item in items[1:4]) or " ".join(item.excerpt for item in items),
    }
    issue.html = render_to_string("newsletter/issue.html", context)
    issue.text = render_to_string("newsletter/issue.txt", context)
    written = {"subject": issue.subject, "html": issue.html, "text": issue.text}
    if not Issue.objects.filter(pk=issue.pk, state=Issue.State.BUILT).update(**written):
        raise NotChangeableError
    issue.places.exclude(pk__in=[place.pk for place in places]).delete()
    return issue


def publishable_places(issue):
    """Return the places of an issue whose articles are still published, in order, with what `item_of` needs.

    What an editor put in may be newer than the issue's window.
    """
    shown = Article.objects.published(window(issue.date, issue.period)[1])
    put_in = Q(is_put_in=True, article__in=Article.objects.published())
    places = issue.places.filter(Q(article__in=shown) | put_in).order_by("position", "pk")
    return places.select_related("article__source", "article__provider", "article__story", "topic")


def in_sections(places, items):
    """Return pairs of a label and items: one for each topic, in the order of the menu, then one for the rest."""
    found = defaultdict(list)
    for place, item in zip(places, items, strict=True):
        found[place.topic].append(item)
    topics = sorted((topic for topic in found if topic), key=lambda topic: (topic.menu_order, topic.name))
    sections = [(plain(topic.label), found[topic]) for topic in topics]
    if None in found:
        sections.append((_("More news") if topics else _("News"), found[None]))
    return sections


def item_of(article, coverage):
    """Return the Item of an article that was loaded with its source, provider and story; see `_coverage`."""
    page = absolute(article.get_absolute_url())
    return Item(
        title=titled(article.headline),
        url=addresses.browsable(article.web_url) or page,
        page=page,
        outlet=shown_name(article.printed_provider_name) or article.provider.host,
        published=article.published_at,
        excerpt=shortened(plain(article.standfirst), EXCERPT_LENGTH),
        others=max(coverage.get(article.story_id, 0) - 1, 0),
        note=plain(article.note),
    )


def _coverage(articles):
    """Return how many articles and links readers see of each story that one of `articles` leads, by the story's id."""
    stories = [article.story_id for article in articles if article.leads_story]
    found = defaultdict(int)
    for rows in (Article.objects.coverage(), RelatedLink.objects.coverage()):
        for row in rows.first_of_stories(stories, 1):
            found[row.live_story] += row.total
    return found


def plain_lines(text):
    """Return a text of several lines as plain text, with its paragraphs."""
    return "\n\n".join(filter(None, (plain(part) for part in text.replace("\r\n", "\n").split("\n\n"))))


def shortened(text, length):
    """Return a text of at most `length` characters, cut between words if it has several."""
    if len(text) <= length:
        return text
    start = text[: length - 1]
    return (start.rpartition(" ")[0] or start) + "…"
