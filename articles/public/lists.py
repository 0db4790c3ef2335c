"""Readers' lists: which cards are on a page, in which order, with their coverage."""

from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import OuterRef, Subquery

from .. import ranking
from ..db import keyset
from ..db.showing import showable
from ..models import ORDERS, PERIODS, Article, Boost, RelatedLink, Story
from ..text.numbers import read_number

CARDS = 30  # on a page
SHOWN_COVERAGE = 2  # articles and links on a card; the rest is on the story's page
MAX_PAGE, MAX_ASKED = 1_000, 99_999  # a larger number is the last page, or no number at all
LOOK_AHEAD = 200  # cards in which to look for others when an outlet has too many


@dataclass
class Page:
    """One page of a longer list. One extra row tells whether another page follows; nothing is counted.

    In a list of cards, `after` and `before` are the cursors of the next and previous pages, "" if there is none.
    """

    number: int
    items: list
    has_next: bool
    after: str = ""
    before: str = ""

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self):
        return self.number + 1 if self.has_next and self.number < MAX_PAGE else None


class Arranged:
    """A list that begins with the articles of the ids `first`; the others follow as they are ranked."""

    def __init__(self, articles, first):
        self.articles = articles
        self.first = first

    def __getitem__(self, part):
        first = InOrder(self.articles, self.first)[part]
        after = slice(max(part.start - len(self.first), 0), max(part.stop - len(self.first), 0))
        rest = self.articles.exclude(pk__in=self.first)[after] if after.stop else ()
        return [*first, *rest]


class InOrder:
    """The articles of `ids`, in that order, if they are among `articles`."""

    def __init__(self, articles, ids):
        self.articles = articles
        self.ids = ids

    def __getitem__(self, part):
        ids = self.ids[part]
        there = {article.pk: article for article in self.articles.filter(pk__in=ids)} if ids else {}
        return [there[pk] for pk in ids if pk in there]


def get_page(request, articles, size=CARDS):
    """Return the page that `?page=` asks for, from 1; the first page for anything that is not a number."""
    number = read_number(request.GET.get("page"), 1, MAX_ASKED) or 1
    number = min(number, MAX_PAGE)
    rows = list(articles[(number - 1) * size : number * size + 1])
    return Page(number, rows[:size], len(rows) > size)


def asked_for(request):
    """Return the order and period in the address, or the defaults."""
    order, period = request.GET.get("order"), request.GET.get("period")
    return {
        "order": order if order in ORDERS else "quality",
        "period": period if period in PERIODS else "all",
        "orders": ORDERS,
        "periods": [*PERIODS, "all"],
    }


def ranked_cards(request, articles, pins, spread=0):
    """Return what a page of ranked cards needs: one card a story, with the start of its coverage.

    `pins` are those of the page; `spread` is how many of its first cards one outlet may have, 0 for any number.
    """
    chosen = asked_for(request)
    cards = articles.leads().within(chosen["period"])
    return {"page": page_of(request, cards, pins, chosen["order"], spread), **chosen}


def page_of(request, cards, pins, order, spread=0):
    """Return a page of `cards` ranked by `order`, with their coverage, the pinned ones first.

    Stored scores rank them, by an index, except while a boost or a lead is due: see `ranked`.
    """
    page, pinned = _page_of(request, cards.ranked(order), pins, order, spread)
    if order != "latest" and _is_any_due(page):
        page, pinned = _page_of(request, cards.ranked(order, exact=True), pins, order, spread)
    for article in page.items:
        article.is_pinned = article.pk in pinned
    add_coverage(page.items)
    return page


def _is_any_due(page):
    if page.items:
        return page.items[0].is_any_due
    return Boost.objects.due().exists() or Story.objects.due().exists()


def _page_of(request, cards, pins, order, spread):
    """Return the page, and the pins of the cards that stand first in the list."""
    loaded = cards.for_cards()
    page = page_from(request, loaded, order)
    if page:
        return page, ()
    pinned = pinned_in(cards, pins)
    first = first_of(cards, pinned, spread)
    page = get_page(request, Arranged(loaded, first))
    if page.has_next:
        page.after = _cursor_after(page, cards, order, pinned, first).token
    return page, pinned


def _cursor_after(page, cards, order, pinned, first):
    """Return the cursor after a page of a list whose `first` cards (ids) do not stand as they are ranked."""
    shown = first[: page.number * CARDS]
    already_shown = [pk for pk in shown if pk in pinned]
    in_turn = [article for article in page.items if article.pk not in pinned]
    last = in_turn[-1] if in_turn else None
    if len(first) > len(shown):  # some cards that an outlet has too many of are still to come
        ranked = list(cards.exclude(pk__in=pinned).values_list("pk", flat=True)[:LOOK_AHEAD])
        before, early = keyset.resume(ranked, set(shown))
        last = cards.filter(pk=before).first()
        already_shown += early
    values = keyset.values_of(last, keyset.fields_of(cards)) if last else ()
    return keyset.Cursor(ORDERS[order][0], page.number + 1, values, tuple(already_shown))


def listed(request, rows, order):
    """Return a page of `rows`, which are ranked by `order`, each in its turn."""
    page = page_from(request, rows, order)
    if page is None:
        page = get_page(request, rows)
        if page.has_next:
            page.after = _cursor_after(page, rows, order, (), []).token
    return page


def page_from(request, rows, order):
    """Return the page of CARDS rows after, or before, the cursor in the address; None if there is none.

    `rows` are ranked by `order`.
    """
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    cursor = keyset.read(after or before, ORDERS[order], backwards=not after)
    if cursor is None:
        return None
    items, more = cursor.page_of(rows, CARDS)
    fields = keyset.fields_of(rows)
    page = Page(cursor.page, items, cursor.backwards or more)
    if items and page.has_next:
        page.after = replace(cursor, page=cursor.page + 1, values=keyset.values_of(items[-1], fields)).token
    if items and cursor.page > 2:
        page.before = replace(cursor, page=cursor.page - 1, values=keyset.values_of(items[0], fields)).token
    return page


def pinned_in(cards, pins):
    """Return the cards that pins put on top, in their order: pins by the ids of articles among `cards`.

    A pin counts for its article's story: for the story's lead, if that is among the cards.
    """
    found = [(pin, [pin.lead_now, pin.article_id]) for pin in _now(pins)]
    asked = {pk for _, ids in found for pk in ids if pk}
    there = set(cards.filter(pk__in=asked).values_list("pk", flat=True)) if asked else ()
    pinned = {}
    for pin, ids in found:
        if pk := next((pk for pk in ids if pk in there), None):
            pinned.setdefault(pk, pin)
    return pinned


def _now(pins):
    leads = Article.objects.published().leading().filter(story=OuterRef("article__story"))
    return showable(pins.now().annotate(lead_now=Subquery(leads.values("pk")[:1])))


def first_of(cards, pinned, spread=0):
    """Return the ids of the first cards of a list, if they are not in ranked order: pinned, or spread over outlets."""
    if not spread:
        return list(pinned)
    ranked = list(cards.exclude(pk__in=pinned).values_list("pk", "provider")[:LOOK_AHEAD])
    fixed = list(cards.filter(pk__in=pinned).values_list("pk", "provider")) if pinned else []
    together = sorted(fixed, key=lambda card: list(pinned).index(card[0])) + ranked
    places = ranking.spread([provider for _, provider in together], spread, len(fixed))
    return [together[place][0] for place in places]


def add_coverage(articles):
    """Set `coverage` of each article, the first of its story's, and `all_coverage`, their number if there are more."""
    stories = [article.story_id for article in articles if article.story_id]
    members = Article.objects.coverage().best_first()
    links = RelatedLink.objects.coverage()
    found, totals = defaultdict(list), defaultdict(int)
    for queryset in (members.select_related("provider", "source"), links.select_related("provider")):
        for item in queryset.first_of_stories(stories, SHOWN_COVERAGE + 1):  # one of them is the card itself
            found[item.live_story].append(item)
            totals[item.live_story] += item.total if item.place == 1 else 0
    for article in articles:
        if article.leads_story:
            article.story.show_below(article)  # needed for the story's address
        article.coverage = [item for item in found[article.story_id] if item != article][:SHOWN_COVERAGE]
        others = totals[article.story_id] - 1
        article.all_coverage = others if others > SHOWN_COVERAGE else None
