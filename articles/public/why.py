"""Why a card is where it is: the terms of its scores, its boosts and pins, and the limit for outlets."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from .. import ranking
from ..models import ORDERS, Article, Boost, Pin
from . import lists

SENTENCES = {
    "published": _("published %(moment)s"),
    "member": _("its story has another lead"),
    "rated": _("as its source or an editor rates it"),
    "beyond": _("what its source gives beyond these"),
    "boost": _("an editor's boost"),
    "bury": _("an editor's bury"),
    "newest": _("newest coverage %(moment)s, %(points)d points a day"),
    "others": ngettext_lazy(
        "%(others)d other, %(points)d points each", "%(others)d others, %(points)d points each", "others"
    ),
    "most others": ngettext_lazy(
        "%(others)d other, %(counted)d of which count, %(points)d points each",
        "%(others)d others, %(counted)d of which count, %(points)d points each",
        "others",
    ),
    "too thin": ngettext_lazy(
        "%(others)d other; below quality %(threshold)d they do not count",
        "%(others)d others; below quality %(threshold)d they do not count",
        "others",
    ),
    "pinned": _("pinned by an editor at place %(place)d"),
    "by an editor": _("by an editor: %(reason)s"),
    "by an editor for a time": _("by an editor: %(reason)s, until %(until)s"),
}


@dataclass(frozen=True)
class Explained:
    """The terms of an order, and the score that they add up to."""

    order: str
    terms: list[ranking.Term]

    @property
    def score(self):
        return sum(term.points for term in self.terms)


def explained(article, pin=None):
    """Return the terms of an article's score in each order, and a term for the `pin` if there is one.

    Without a pin they add up to the score exactly: the stored one, less the points of due boosts. Load the article
    with `for_cards()`.
    """
    facts, rules = article.facts, article.source.rules
    extra = [ranking.pin(pin.position)] if pin else []
    boosts = boosts_of(article) if facts.boost else []
    found = []
    for order in ORDERS:
        terms = [
            each for term in ranking.terms(order, facts, rules) for each in (boosts if term.name == "boost" else [term])
        ]
        found.append(Explained(order, [*terms, *extra]))
    return found


def sentence(term):
    """Return the reason of a term as a sentence for readers."""
    return SENTENCES[term.reason] % term.facts


def boosts_of(article):
    """Return a term for each boost that counts for a card: those of all articles in its story."""
    counting = Boost.objects.active()
    story = article.story_id
    counting = counting.filter(article__story=story) if story else counting.filter(article=article)
    terms = []
    for boost in counting.order_by("pk"):
        until = f"{boost.until:%Y-%m-%d %H:%M} UTC" if boost.until else ""
        what = "boost" if boost.points > 0 else "bury"
        why = "by an editor for a time" if until else "by an editor"
        terms.append(ranking.Term(what, boost.points, why, {"reason": boost.reason, "until": until}))
    return terms


def pins_of(article):
    """Return the pins that are in force for an article now."""
    pins = Pin.objects.now().select_related("topic", "provider")
    of_story = article.leads_story
    return list(pins.filter(article__story=article.story_id) if of_story else pins.filter(article=article))


def front_page_place(article, limit):
    """Return how far the limit for outlets moved a card down on the front page: `ranked_at` and `shown_at`, from 1."""
    if not limit:
        return {}
    cards = Article.objects.published().leads().ranked(exact=article.is_any_due)
    pinned = lists.pinned_in(cards, Pin.objects.filter(topic=None, provider=None))
    plain, shown = lists.first_of(cards, pinned, lists.LOOK_AHEAD), lists.first_of(cards, pinned, limit)
    if article.pk not in plain:
        return {}
    ranked_at, shown_at = plain.index(article.pk) + 1, shown.index(article.pk) + 1
    return {"ranked_at": ranked_at, "shown_at": shown_at, "limit": limit} if ranked_at < shown_at else {}
