"""The pages that readers see."""

from calendar import Calendar, monthrange
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import TruncDay, TruncMonth
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from ..db.showing import page_of_a_row, showable, showing
from ..models import Article, Pin, Provider, ProviderImage, RelatedLink, Story, Suggestion, Topic
from ..pictures import renditions
from ..search import finding
from ..search.query import MAX_LENGTH, parse
from ..text.domains import normal_domain
from ..text.moments import YEARS
from ..text.permalinks import moved
from . import charts, scorecards
from .lists import InOrder, get_page, listed, page_of, ranked_cards
from .why import explained, front_page_place, pins_of

PROVIDERS_A_PAGE = 100
MAX_COVERAGE = 200  # articles, and links, on a story's page; the largest story seen has 180 articles
LOGOS = showable(ProviderImage.objects.exclude(file="").order_by("position", "pk"))
UNREADABLE_DATES = 10  # articles without a date that can be read, at most, are passed over in a row
BEGINNING = datetime(YEARS[0], 1, 1, tzinfo=UTC)
CHART = {"width": 600, "height": 150}


@require_safe
def front_page(request):
    pins = Pin.objects.filter(topic=None, provider=None)
    context = ranked_cards(request, Article.objects.published(), pins, settings.NEWSROOM_OUTLET_LIMIT)
    return render(request, "articles/front_page.html", context)


@require_safe
@page_of_a_row
def article_detail(request, source, stem):
    article = Article.objects.published().for_cards().filter(source__name=source, stem=stem).first()
    if article is None:
        return _instead(request, get_object_or_404(Article, source__name=source, stem=stem, removed=True))
    return render(request, "articles/article_detail.html", parts_of(article))


def parts_of(article):
    """Return what the page of an article shows."""
    context = {"article": article, "logo": logo_of(article.provider), "coverage": coverage_of(article)}
    if article.story_id and not article.leads_story:
        lead = Article.objects.published().leading().filter(story=article.story_id).exclude(pk=article.pk)
        context["lead"] = lead.select_related("story__lead").first()
    return context


def _instead(request, removed):
    """Say why an article was withdrawn, or lead to the one that was kept of two. Raises Http404 if there is neither."""
    if removed.withdrawal_note:
        response = render(request, "articles/withdrawn.html", {"note": removed.withdrawal_note}, status=410)
        response["X-Robots-Tag"] = "noindex"
        return response
    kept = Suggestion.kept_instead_of(removed)
    found = get_object_or_404(Article.objects.published().select_related("source"), pk=kept and kept.pk)
    return redirect(found, permanent=True)


@require_safe
@page_of_a_row
def story_detail(request, pk, slug):
    """Show a story. An old slug, or a story that was merged into another, redirects."""
    story = get_object_or_404(Story.objects.select_related("merged_into"), pk=pk)
    if story.merged_into:
        story = story.merged_into
    article = get_object_or_404(Article.objects.published().leading().for_cards(), story=story)
    article.story.show_below(article)  # needed for the story's address
    if request.path != article.story.get_absolute_url():
        return redirect(article.story, permanent=True)
    context = {"article": article, "logo": logo_of(article.provider), "coverage": coverage_of(article)}
    return render(request, "articles/story_detail.html", context)


def coverage_of(article):
    """Return the rest of the article's story: articles, best first, then links."""
    if not article.story_id:
        return []
    others = Article.objects.coverage().exclude(pk=article.pk).filter(story=article.story_id).best_first()
    links = RelatedLink.objects.coverage().of_story(article.story_id)
    return [
        *others.select_related("provider", "source")[:MAX_COVERAGE],
        *links.select_related("provider")[:MAX_COVERAGE],
    ]


@require_safe
@page_of_a_row
def why(request, pk):
    """Explain a card's scores, order by order, and what else decides its position."""
    article = get_object_or_404(Article.objects.published().for_cards(), pk=pk)
    context = {"article": article, "orders": explained(article), "pins": pins_of(article)}
    return render(request, "articles/why.html", context | front_page_place(article, settings.NEWSROOM_OUTLET_LIMIT))


@require_safe
def topic_list(request):
    counts = dict(
        Article.objects.published()
        .values_list("topic_links__tag")
        .annotate(count=Count("pk", distinct=True))
        .order_by()
    )
    children = defaultdict(list)
    for topic in Topic.objects.visible():
        topic.count = counts.get(topic.pk, 0)
        children[topic.parent_id].append(topic)
    roots = [(topic, list(_below(topic, children))) for topic in children[None]]
    return render(request, "articles/topic_list.html", {"roots": roots})


def _below(topic, children):
    """Yield the topics below one, each followed by those below it."""
    for child in children[topic.pk]:
        yield child
        yield from _below(child, children)


@require_safe
@page_of_a_row
def topic_detail(request, slug):
    found = list(Topic.objects.visible().filter(Q(slug=slug) | Q(parent__slug=slug)).select_related("parent"))
    topic = next((topic for topic in found if topic.slug == slug), None)
    if topic is None:
        if topic := Topic.objects.formerly(slug):
            return moved(request, slug, topic.slug)
        raise Http404
    context = ranked_cards(request, Article.objects.published().about(topic), topic.pins.all())
    children = [child for child in found if child != topic]
    return render(request, "articles/topic_detail.html", {"topic": topic, "children": children, **context})


@require_safe
def provider_list(request):
    counts = Article.objects.published().order_by().values("provider").annotate(count=Count("pk"))
    own = counts.filter(provider=OuterRef("pk")).values("count")
    providers = Provider.objects.filter(pk__in=counts.values("provider")).annotate(count=Subquery(own))
    ranked = showable(providers.order_by("-count", "name", "domain"))
    return render(request, "articles/provider_list.html", {"page": get_page(request, ranked, PROVIDERS_A_PAGE)})


@require_safe
@page_of_a_row
def provider_detail(request, domain):
    first = LOGOS.filter(provider=OuterRef("pk"))
    logos = {"logo_id": Subquery(first.values("pk")[:1]), "logo": Subquery(first.values("file")[:1])}
    found = Provider.objects.visible().annotate(**logos, **scorecards.in_brief("month"))
    provider = outlet_of(found, domain)
    if provider.domain != domain:
        return moved(request, domain, provider.domain)
    articles = Article.objects.published().filter(provider=provider)
    context = {
        "provider": provider,
        "logo": _address(ProviderImage(pk=provider.logo_id, file=provider.logo or "")),
        "page": page_of(request, articles, provider.pins.all(), "latest"),
    }
    return render(request, "articles/provider_detail.html", context)


def outlet_of(providers, domain):
    """Return the provider of a domain, in any spelling, or the one that it was merged into. Raises Http404."""
    normal = normal_domain(domain)
    return providers.filter(domain=normal).first() or get_object_or_404(providers, aliases__domain=normal)


def logo_of(provider):
    """Return the address of a provider's logo; "" if it has none. Costs one query."""
    return _address(LOGOS.filter(provider=provider).first())


def _address(logo):
    shown = showing([logo] if logo and logo.file else [], lambda logo: renditions.address(logo, "160.webp"))
    return next(shown, "")


@require_safe
@page_of_a_row
def provider_scorecard(request, domain):
    """Show a provider's figures for the period in `?period=`; the last month if that is not a period."""
    provider = outlet_of(Provider.objects.visible(), domain)
    if provider.domain != domain:
        return moved(request, domain, provider.domain)
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
        "bars": charts.stacked_bars(({"led": part.led, "others": part.others} for part in parts), **CHART),
        "period": period,
        "periods": scorecards.WINDOWS,
    }
    return render(request, "articles/provider_scorecard.html", context)


@require_safe
def archive(request):
    months = (
        _dated()
        .annotate(month=TruncMonth("published_at", tzinfo=UTC))
        .values("month")
        .annotate(count=Count("pk"))
        .order_by("-month")
    )
    years = defaultdict(list)
    for row in months:
        if row["month"]:  # a date that is none has no month
            years[row["month"].year].append(row)
    return render(request, "articles/archive.html", {"years": dict(years)})


def _dated():
    """Return the published articles of the years that an archive has."""
    return Article.objects.published().filter(published_at__gte=BEGINNING)


@require_safe
def archive_period(request, year, month, day=None):
    """Show a month, with a calendar of its days, or a day; with links to the nearest ones that have articles."""
    try:
        start = datetime(year if year in YEARS else 0, month, day or 1, tzinfo=UTC)
        end = start + timedelta(days=1 if day else monthrange(year, month)[1])
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    published = _dated()
    articles = published.filter(published_at__gte=start, published_at__lt=end)
    dates = published.only("published_at")
    context = {
        "period": _period(start, day),
        "start": start,
        "day": day,
        "weeks": () if day else _weeks(start, articles),
        "previous": _period_of(dates.filter(published_at__lt=start).order_by("-published_at"), day),
        "next": _period_of(dates.filter(published_at__gte=end).order_by("published_at"), day),
        "page": listed(request, articles.ranked("latest").for_cards(), "latest"),
    }
    return render(request, "articles/archive_period.html", context)


def _weeks(start, articles):
    """Return the weeks of the month that begins at `start`: days, each with the number of `articles`."""
    days = articles.annotate(day=TruncDay("published_at", tzinfo=UTC)).values("day").order_by("day")
    counts = {row["day"].date(): row["count"] for row in days.annotate(count=Count("pk")) if row["day"]}
    weeks = Calendar().monthdatescalendar(start.year, start.month)
    return [[{"date": date, "count": counts.get(date)} for date in week] for week in weeks]


def _period_of(articles, day):
    """Return the address and the name of the day or month of the first article whose date can be read, or None."""
    found = next((article for article in articles[:UNREADABLE_DATES] if article.published_at), None)
    return found and _period(found.published_at.astimezone(UTC), day)


def _period(moment, day):
    """Return the address and the name of the day or month of a moment."""
    if day:
        address = reverse("archive_day", args=[moment.year, moment.month, moment.day])
        return {"address": address, "name": date_format(moment, "DATE_FORMAT")}
    return {
        "address": reverse("archive_month", args=[moment.year, moment.month]),
        "name": date_format(moment, "YEAR_MONTH_FORMAT"),
    }


@require_safe
def search(request):
    text = request.GET.get("q", "")[:MAX_LENGTH].replace("\x00", "")
    query = parse(text)
    hits = finding.find(query)
    page = get_page(request, InOrder(Article.objects.published().for_cards(), hits)) if text.strip() else None
    context = {"query": text.strip(), "typed": text, "page": page, "asked": query, "total": len(hits)}
    return render(request, "articles/search.html", context | finding.facets(hits))


@require_safe
def opensearch(request):
    """Describe the search to browsers (OpenSearch 1.1)."""
    description = "application/opensearchdescription+xml; charset=utf-8"
    return render(request, "articles/opensearch.xml", {"base": settings.NEWSROOM_BASE_URL}, content_type=description)
