"""Keep the better of two articles that are one, and what only the other has."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from ..models import Article, Boost, Pin, RelatedLink, Story
from ..provenance import values
from ..stories import editing, leads
from ..sync import decisions

SHARED = ("excerpt", "images", "featured_content")  # what an article may take from its duplicate
ALL = (*SHARED, "web_url", "amp_web_url", "topics")  # what makes one more complete


@dataclass(frozen=True)
class Kept:
    """Of two articles, the one that was kept and the one that was removed; and who leads the removed one's story."""

    kept: Article
    removed: Article
    leads_now: Article | None = None


REASONS = (  # why one is better, in the order in which they count
    _("readers see it"), _("the other is removed"), _("it leads a story"), _("it is in a story"),
    _("its quality is higher"), _("it is more complete"), _("it is older"), _("it came first"),
)  # fmt: skip


def better_first(one: Article, other: Article) -> list[Article]:
    """Return two articles, the better first: published, a lead, in a story, of high quality, complete, and older."""
    return list(better(one, other)[:2])


def better(one: Article, other: Article, has: dict[int, Any] | None = None) -> tuple[Any, ...]:
    """Return two articles, the better first, and why it is the better, in words. `has` are their values, if known."""
    has = has or values.from_rows([one, other])
    (rank, _, first), (next_rank, _, last) = sorted(
        (_rank(article, has[article.pk]), place, article) for place, article in enumerate((one, other))
    )
    why = next(reason for reason, a, b in zip(REASONS, rank, next_rank, strict=True) if a != b)
    return first, last, why


def _rank(article: Article, has: dict[str, Any]) -> tuple[Any, ...]:
    wanted = (
        article.is_public,
        not article.removed,
        bool(article.story and article.leads_story),
        bool(article.story_id),
    )
    full = sum(bool(has[name]) for name in ALL)
    return (*(not each for each in wanted), -article.quality, -full, article.published_at, article.pk)


@transaction.atomic
def keep_one(one: Article, other: Article, user: Any, chosen: Article | None = None) -> Kept:
    """Keep the better of two articles, and remove the other, whose story, topics, boosts and pins it gets.

    An editor may have chosen another one: it is published if readers saw the one that is removed. If both are in
    stories, these stay two, and the next best article leads that of the removed one.
    Raises StoryError if the chosen one is removed already.
    """
    kept, removed = better_first(one, other)
    if chosen and chosen.pk == removed.pk:
        kept, removed = removed, kept
    if chosen and kept.removed:
        raise editing.StoryError("It is removed already: restore it first, or keep the other one.")
    _complete(kept, removed, user)
    if removed.is_public and not kept.published:
        decisions.store(kept, {"published": True}, user)
        kept.refresh_from_db(fields=["published"])
    story = removed.story
    if story and kept.story_id is None:
        editing.move([kept], story, user, f"instead of its duplicate “{removed}”")
        Story.objects.filter(pk=story.pk, chosen_lead=removed).update(chosen_lead=kept)
    _take_over_rows(kept, removed)
    leads.hand_over(leads.losses([removed.pk]), user)
    decisions.store(removed, {"removed": True, "published": False}, user)
    if story is None or story.lead_id != removed.pk:
        return Kept(kept, removed)
    story.refresh_from_db()
    return Kept(kept, removed, story.lead if leads.shown([story.pk]) else None)


def _complete(kept: Article, removed: Article, user: Any) -> None:
    """Give an article what only its duplicate has: texts and pictures, and the topics of the same site."""
    has, other = values.from_row(kept), values.from_row(removed)
    changes = {name: other[name] for name in SHARED if other[name] and not has[name]}
    missing = [name for name in other["topics"] if name not in has["topics"]]
    if missing and kept.source_id == removed.source_id:
        changes["topics"] = [*has["topics"], *missing]
    if changes:
        decisions.store(kept, changes, user)


def _take_over_rows(kept: Article, removed: Article) -> None:
    """Let boosts, pins and links that name the removed article name the other."""
    Pin.objects.filter(article=removed).update(article=kept)
    RelatedLink.objects.filter(target=removed).update(target=kept)
    Boost.move(removed, kept)
