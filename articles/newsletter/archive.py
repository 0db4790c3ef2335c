"""Readers' pages of the issues that were sent: a list of them, and each with those of its articles still published."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import F, Prefetch
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..db.showing import page_of_a_row, showable, showing
from ..models import Article, Issue, IssueArticle
from ..text.numbers import read_number
from .issues import in_sections, plain_lines, window

SIZE, MAX_PAGE = 30, 1000  # issues on a page
NAMED = 3  # articles of an issue in the list


@dataclass
class Page:
    """A page of issues, or the articles of one."""

    number: int = 1
    has_next: bool = False
    items: list = field(default_factory=list)

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self):
        return self.number + 1 if self.has_next else None


def sent_issues():
    """Return the issues that readers have, the latest first; of a day, that of all sites first."""
    issues = showable(Issue.objects.exclude(state=Issue.State.BUILT).select_related("source"))
    return issues.order_by("-date", F("source__name").asc(nulls_first=True), "period", "pk").defer("html", "text")


@require_safe
def issue_list(request):
    """List the issues that were sent, with the first of their articles that are still published."""
    number = read_number(request.GET.get("page"), 1, MAX_PAGE) or 1
    first = IssueArticle.objects.filter(position__lte=NAMED, article__in=Article.objects.published())
    places = showable(first.order_by("position", "pk").select_related("article"))
    start = (number - 1) * SIZE
    rows = list(sent_issues().prefetch_related(Prefetch("places", places))[start : start + SIZE + 1])
    page = Page(number, len(rows) > SIZE and number < MAX_PAGE)
    context = {"issues": list(showing(rows[:SIZE], shown)), "page": page, "name": _("Past issues")}
    return render(request, "newsletter/issue_list.html", context)


def shown(issue):
    """Return what pages say of an issue. Not its subject: that may name an article that was removed since."""
    start, end = window(issue.date, issue.period)
    return {
        "issue": issue,
        "first": start.date(),
        "last": (end - (end - start) / (end - start).days).date(),
        "address": issue.get_absolute_url(),
    }


@require_safe
@page_of_a_row
def issue_detail(request, date):
    """Show the issue of a date. `?period=` and `?site=` choose among several, as in the JSON API."""
    issues = sent_issues().filter(date=date)
    if "period" in request.GET:
        issues = issues.filter(period=request.GET["period"].replace("\0", ""))
    if "site" in request.GET:
        issues = issues.filter(source__name=request.GET["site"].replace("\0", ""))
    issue = issues.first()
    if issue is None:
        raise Http404
    rows = issue.places.filter(article__in=Article.objects.published()).select_related("topic")
    places = list(showable(rows.order_by("position", "pk")))
    articles = Article.objects.published().for_cards().in_bulk([place.article_id for place in places])
    places = [place for place in places if place.article_id in articles]
    found = [articles[place.article_id] for place in places]
    context = {
        **shown(issue),
        "introduction": plain_lines(issue.introduction),
        "sections": [("", found)] if issue.in_own_order else in_sections(places, found),
        "page": Page(items=found),
        "name": settings.NEWSROOM_SITE_NAME,
    }
    return render(request, "newsletter/issue_page.html", context)
