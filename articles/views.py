"""The pages readers see: find, page, render."""

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDay, TruncMonth
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from . import drawing, scorecards
from .models import Article, Provider, RelatedLink, Topic
from .querysets import ORDERS, PERIODS

CARDS = 30  # on a page
NAMES = 100  # in a list of providers
FOLDED = 3  # coverage shown on a card; the rest is on the article's page
COVERAGE = 200  # on an article's page; the largest story seen has 180 articles
MAX_PAGE = 1000
QUERY_LENGTH = 200
CHART = {"width": 600, "height": 150}


@dataclass
class Page:
    """One page of a longer list. Whether another follows is seen from one row more, not from a count."""

    number: int
    items: list
    has_next: bool

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self):
        return self.number + 1 if self.has_next and self.number < MAX_PAGE else None


def get_page(request, queryset, size=CARDS):
    """The page that `?page=` asks for; the first for anything that is not a page's number."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    number = min(max(number, 1), MAX_PAGE)
    rows = list(queryset[(number - 1) * size : number * size + 1])
    return Page(number, rows[:size], len(rows) > size)


def ranking(request):
    """The order and period that the address asks for, or the defaults."""
    order, period = request.GET.get("order"), request.GET.get("period")
    return {
        "order": order if order in ORDERS else "quality",
        "period": period if period in PERIODS else "all",
        "orders": ORDERS,
        "periods": [*PERIODS, "all"],
    }


def ranked_cards(request, articles):
    """What a page of ranked cards needs: one card a story, with the start of its coverage."""
    chosen = ranking(request)
    cards = articles.leads().within(chosen["period"]).ranked(chosen["order"]).for_cards()
    page = get_page(request, cards)
    add_coverage(page.items)
    return {"page": page, **chosen}


def add_coverage(articles):
    """Give each article `coverage`, the start of its story's, and the number of it all if that is more."""
    stories = [article.story_id for article in articles if article.story_id]
    members = Article.objects.coverage().exclude(pk__in=[article.pk for article in articles]).best_first()
    links = RelatedLink.objects.coverage()
    found, totals = defaultdict(list), defaultdict(int)
    for queryset in (members.select_related("provider", "source"), links.select_related("provider")):
        for item in queryset.first_of_stories(stories, FOLDED):
            found[item.story_id].append(item)
            totals[item.story_id] += item.total if item.place == 1 else 0
    for article in articles:
        article.coverage = found[article.story_id][:FOLDED]
        article.all_coverage = totals[article.story_id] if totals[article.story_id] > FOLDED else None


@require_safe
def front_page(request):
    return render(request, "articles/front_page.html", ranked_cards(request, Article.objects.published()))


@require_safe
def article_detail(request, source, stem):
    article = get_object_or_404(Article.objects.published().for_cards(), source__name=source, stem=stem)
    context = {"article": article}
    if article.story_id:
        others = Article.objects.exclude(pk=article.pk).select_related("provider", "source")
        members = others.coverage().filter(story=article.story_id).best_first()
        links = RelatedLink.objects.coverage().filter(story=article.story_id).select_related("provider")
        context["coverage"] = [*members[:COVERAGE], *links[:COVERAGE]]
        context["lead"] = others.published().filter(leads=article.story_id).first()
    return render(request, "articles/article_detail.html", context)


@require_safe
def topic_list(request):
    counts = dict(Article.objects.published().values_list("topic_links__tag").annotate(count=Count("pk")).order_by())
    children = defaultdict(list)
    for topic in Topic.objects.all():
        topic.count = counts.get(topic.pk, 0)
        children[topic.parent_id].append(topic)
    roots = [(topic, list(_below(topic, children))) for topic in children[None]]
    return render(request, "articles/topic_list.html", {"roots": roots})


def _below(topic, children):
    """The topics below one, each followed by those below it."""
    for child in children[topic.pk]:
        yield child
        yield from _below(child, children)


@require_safe
def topic_detail(request, slug):
    topic = get_object_or_404(Topic.objects.select_related("parent"), slug=slug)
    context = ranked_cards(request, Article.objects.published().about(topic))
    children = topic.children.all()
    return render(request, "articles/topic_detail.html", {"topic": topic, "children": children, **context})


@require_safe
def provider_list(request):
    providers = (
        Article.objects.published()
        .values("provider__domain", "provider__name")
        .annotate(count=Count("pk"))
        .order_by("-count", "provider__name", "provider__domain")
    )
    return render(request, "articles/provider_list.html", {"page": get_page(request, providers, NAMES)})


@require_safe
def provider_detail(request, domain):
    provider = get_object_or_404(Provider, domain=domain)
    articles = Article.objects.published().filter(provider=provider).ranked("latest").for_cards()
    logo = provider.images.exclude(file="").first()
    context = {"provider": provider, "logo": logo, "page": get_page(request, articles)}
    return render(request, "articles/provider_detail.html", context)


@require_safe
def provider_scorecard(request, domain):
    """How an outlet did in the period that `?period=` asks for; the last month for anything that is none."""
    provider = get_object_or_404(Provider, domain=domain)
    asked = request.GET.get("period")
    period = asked if asked in scorecards.WINDOWS else "month"
    now = timezone.now()
    card = scorecards.scorecard(provider, period, now)
    parts = scorecards.parts(provider, card, now)
    context = {
        "provider": provider,
        "card": card,
        "parts": parts,
        "most": max((part.articles for part in parts), default=0),
        "chart": CHART,
        "bars": drawing.stacked_bars(({"led": part.led, "others": part.others} for part in parts), **CHART),
        "period": period,
        "periods": scorecards.WINDOWS,
    }
    return render(request, "articles/provider_scorecard.html", context)


@require_safe
def archive(request):
    months = (
        Article.objects.published()
        .annotate(month=TruncMonth("published_at", tzinfo=UTC))
        .values("month")
        .annotate(count=Count("pk"))
        .order_by("-month")
    )
    years = defaultdict(list)
    for row in months:
        years[row["month"].year].append(row)
    return render(request, "articles/archive.html", {"years": dict(years)})


@require_safe
def archive_period(request, year, month, day=None):
    """A month or a day."""
    try:
        start = datetime(year, month, day or 1, tzinfo=UTC)
        end = start + timedelta(days=1 if day else monthrange(year, month)[1])
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    articles = Article.objects.published().filter(published_at__gte=start, published_at__lt=end)
    days = () if day else articles.annotate(day=TruncDay("published_at", tzinfo=UTC)).values("day")
    context = {
        "start": start,
        "day": day,
        "days": days and days.annotate(count=Count("pk")).order_by("day"),
        "page": get_page(request, articles.ranked("latest").for_cards()),
    }
    return render(request, "articles/archive_period.html", context)


@require_safe
def search(request):
    query = request.GET.get("q", "")[:QUERY_LENGTH].replace("\x00", "").strip()
    page = None
    if query:
        page = get_page(request, Article.objects.published().search(query).ranked("latest").for_cards())
    return render(request, "articles/search.html", {"query": query, "page": page})
