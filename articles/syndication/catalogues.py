"""Topics and sent newsletters in the JSON API, for clients of the source family."""

from django.conf import settings
from django.db.models import F, Prefetch
from django.http import Http404
from django.urls import reverse

from ..db.showing import page_of_a_row, showable, showing
from ..models import Article, Issue, IssueArticle, Topic
from ..text.moments import iso
from ..text.permalinks import absolute
from ..text.plain import plain
from .api import MAX_PAGE, PAGE_SIZE, articles_of, source_of
from .items import images, item, topic_item
from .parameters import BadValueError, json_list, json_view

MAX_IMAGES = 3  # of an issue


@json_view
def topic_list(request, source=None):
    """List all topics in the order of menus, or those of a site: the trees that its published articles touch."""
    topics = {topic.pk: topic for topic in Topic.objects.visible().select_related("parent")}
    placed = showing(topics.values(), lambda topic: (int(topic.menu_order), str(topic.slug), topic))
    shown = [topic for *_place, topic in sorted(placed, key=lambda placed: placed[:2])]
    if source is not None:
        used = set(articles_of(source).order_by().values_list("topic_links__tag", flat=True).distinct())
        roots = {_root(topic, topics) for topic in shown if topic.pk in used}
        shown = [topic for topic in shown if _root(topic, topics) in roots]
    return json_list(shown, topic_item)


def _root(topic, topics):
    """Return the id of the topic at the top of a topic's tree; `topics` are all, by id."""
    above = [topic.pk]
    while (parent := topics[above[-1]].parent_id) in topics and parent not in above:
        above.append(parent)
    return above[-1]


@json_view
def newsletter_list(request, source=None, page=1):
    """List the sent issues, the latest first."""
    if not 1 <= page <= MAX_PAGE:
        raise Http404
    start = (page - 1) * PAGE_SIZE
    articles = Article.objects.published().with_images().with_topics()
    issues = list(_issues(request, source, articles)[start : start + PAGE_SIZE + 1])
    if page > 1 and not issues:
        raise Http404
    following = page + 1 if len(issues) > PAGE_SIZE else None
    before = {"title": "Newsletters", "path": "_newsletters/", "page": page}
    return json_list(issues[:PAGE_SIZE], lambda issue: _issue(issue, _articles(issue)), before, {"nextPage": following})


@json_view
@page_of_a_row
def newsletter(request, date, source=None):
    """Show the issue of a date with its articles. Of several, the first is of all sites, and of a day, not a week."""
    issue = _issues(request, source, Article.objects.published().for_items()).filter(date=date).first()
    if issue is None:
        raise Http404
    articles = _articles(issue)
    return json_list(articles, item, _issue(issue, articles) | {"content": ""})


def _issues(request, source_name, articles):
    """Return the sent issues, of one site or of all, with those of their articles that are among `articles`."""
    places = showable(IssueArticle.objects.order_by("position").prefetch_related(Prefetch("article", articles)))
    issues = showable(Issue.objects.filter(state=Issue.State.SENT).select_related("source"))
    if source_name is not None:
        issues = issues.filter(source=source_of(source_name))
    if "period" in request.GET:
        period = request.GET["period"]
        if period not in Issue.Period.values:
            raise BadValueError("period", " or ".join(Issue.Period.values), period)
        issues = issues.filter(period=period)
    order = ("-date", F("source__name").asc(nulls_first=True), "period")
    return issues.order_by(*order).prefetch_related(Prefetch("places", places))


def _articles(issue):
    """Return the articles of an issue that are still published."""
    return [place.article for place in issue.places.all() if place.article]


def _issue(issue, articles):
    """Return an issue as the source prints it, of articles that are still published. Its subject names others too."""
    site = issue.source and issue.source.name
    day = f"{issue.date:%Y-%m-%d}"
    name = str(issue.source) if site else settings.NEWSROOM_SITE_NAME
    topics = dict.fromkeys(topic.name for article in articles for topic in article.topic_list)
    address = reverse("api_newsletter", kwargs={"date": issue.date} | ({"source": site} if site else {}))
    pictures = [image for article in articles for image in list(article.images.all())[:1]]
    return {
        "path": "_newsletters/" + "-".join(filter(None, (site, issue.period, day))) + ".html",
        "title": f"{name} ({day})",
        "type": "article",
        "sourceUrl": absolute(f"{address}?period={issue.period}"),
        "webUrl": None,
        "excerpt": " / ".join(plain(article.title) for article in articles),
        "publishedDateTime": iso(issue.sent_at),
        "images": images(pictures[:MAX_IMAGES]),
        "locale": issue.source.locale if site else settings.LANGUAGE_CODE,
        "topics": list(topics),
    }
