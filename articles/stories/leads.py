"""What follows from the articles in a story: its lead, whose heat is computed, and the scores.

Whatever takes a story's lead away, the best of the other published articles leads, and readers still see the story.
If no other is published, files may hide the story, but an editor is asked first (see `losses`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from ..db import bulk
from ..db.bulk import batches
from ..models import Article, Change, ImportedFile, Story
from ..provenance import conflicts, history
from ..ranking import scoring
from .actions import watch

TIMED = ("published", "published_at", "live_at", "ends_at")


@transaction.atomic
def recompute(story_ids: Iterable[int], article_ids: Iterable[int] = ()) -> None:
    """Recompute the leads and scores of stories, and the scores of articles that are in no story.

    Also decides whose heat is computed. Call it whenever an article joins or leaves a story, or changes its figures.
    """
    story_ids, article_ids = set(story_ids), set(article_ids)
    _elect_leads(story_ids)
    _set_heat_is_computed(story_ids, article_ids)
    scoring.rescore_stories(story_ids)
    scoring.rescore_articles(article_ids)


def _elect_leads(story_ids: Iterable[int]) -> None:
    """Set the lead of each story: the best of the articles that readers can see, or else the best of all.

    Of those, one that an editor chose is the best, then the highest quality, and among equals the first file name.
    Removed articles never lead. Articles out of their time lead only if nothing else is published. `elect_at` is the
    next moment at which another may lead.
    """
    now = timezone.now()
    for ids in batches(story_ids):
        ranked = _ranked(Article.objects.filter(story__in=ids), Q(story__chosen_lead=F("pk")), now)
        best, next_at = _best_of(ranked.values_list("story_id", "pk", *TIMED), now)
        _store_moments(ids, next_at)
        changed = [s for s in Story.objects.filter(pk__in=ids) if s.lead_id != best.get(s.pk)]
        # An article leads at most one story: clear the old leads before setting the new ones.
        Story.objects.filter(pk__in=[story.pk for story in changed]).update(lead=None)
        Story.objects.filter(lead__in=[best[story.pk] for story in changed if story.pk in best]).update(lead=None)
        bulk.update(Story, "lead", ((best[story.pk], story.pk) for story in changed if story.pk in best))
        # Readers see another article on top of such a story, though nothing in that article changed.
        new_leads = [best[story.pk] for story in changed if story.lead_id and story.pk in best]
        Article.objects.filter(pk__in=new_leads).update(updated_at=now)


def _ranked(articles: Any, chosen: Q, now: datetime) -> Any:
    """Return the articles that may lead, the best first. `chosen` is the condition for what an editor chose."""
    public = Case(When(Article.objects.is_published(now), then=1), default=0)
    first = Case(When(chosen, then=1), default=0)
    order = (public.desc(), first.desc(), "-published", "-quality", "file_name", "pk")
    return articles.filter(removed=False).order_by(*order)


def would_lead(story: Story | None, articles: Any) -> Article | None:
    """Return which of some articles would lead a story if it had just these. A story that is None is a new one."""
    chosen = Q(pk=(story and story.chosen_lead_id) or 0)
    found: Article | None = _ranked(articles, chosen, timezone.now()).first()
    return found


def first_to_lead(story: Story | None, articles: Iterable[Article]) -> Article:
    """Return the same of articles that are loaded: for a story that one joins, of its lead and that one."""
    chosen = story and story.chosen_lead_id
    return min(
        articles,
        key=lambda one: (not one.is_public, one.pk != chosen, not one.published, -one.quality, one.file_name, one.pk),
    )


def _best_of(rows: Iterable[tuple[Any, ...]], now: datetime) -> tuple[dict[int, int], dict[int, datetime]]:
    """Return the first article of each story, and the next moment at which one goes live or ends."""
    best: dict[int, int] = {}
    next_at: dict[int, datetime] = {}
    for story_id, article_id, is_published, *moments in rows:
        best.setdefault(story_id, article_id)
        for moment in moments if is_published else ():
            if moment and moment > now:
                next_at[story_id] = min(moment, next_at.get(story_id, moment))
    return best, next_at


def _store_moments(story_ids: Collection[int], next_at: Mapping[int, datetime]) -> None:
    """Store when stories elect their leads anew; None for those that are not in `next_at`."""
    dated = Story.objects.filter(pk__in=story_ids, elect_at__isnull=False)
    dated.exclude(pk__in=next_at).update(elect_at=None)
    bulk.update(Story, "elect_at", ((moment, pk) for pk, moment in next_at.items()))


def elect_due() -> int:
    """Store the leads that are due, and their scores. Returns the number of stories. Nobody needs to wait for it."""
    due = list(Story.objects.due().values_list("pk", flat=True))
    for ids in batches(due):
        recompute(ids)
    return len(due)


def _set_heat_is_computed(story_ids: Iterable[int], article_ids: Iterable[int]) -> None:
    """Set the column `heat_is_computed`: whether an article's heat is computed here instead of taken from its file.

    It is in stories that editors changed, and for articles that have no file.
    """
    here, filed = OuterRef("pk"), ImportedFile.objects.filter(grouped_story=OuterRef("pk"))
    for ids in batches(story_ids):
        edited = Story.objects.filter(pk__in=ids).filter(
            Q(chosen_lead__isnull=False)
            | Exists(Article.objects.filter(story=here).exclude(file__grouped_story=F("story")))
            | Exists(filed.exclude(article__story=F("grouped_story")))
        )
        edited_ids = set(edited.values_list("pk", flat=True))
        Article.objects.filter(story__in=edited_ids, heat_is_computed=False).update(heat_is_computed=True)
        Article.objects.filter(story__in=set(ids) - edited_ids, heat_is_computed=True).update(heat_is_computed=False)
    for ids in batches(article_ids):
        alone = Article.objects.filter(pk__in=ids, story=None)
        unedited = alone.filter(file__isnull=False, file__grouped_story=None)
        unedited.filter(heat_is_computed=True).update(heat_is_computed=False)
        alone.filter(heat_is_computed=False).exclude(pk__in=unedited.values("pk")).update(heat_is_computed=True)


def live_story(story_id: int | None) -> Story | None:
    """Return a story, or the one that it was merged into; None if it does not exist."""
    if story_id is None:
        return None
    story = Story.objects.select_related("merged_into").filter(pk=story_id).first()
    return story and (story.merged_into or story)


def live_ids(story_ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the id of each story with that of the story it was merged into, or its own."""
    for ids in batches(story_ids):
        yield from Story.objects.filter(pk__in=ids).values_list("pk", Coalesce("merged_into", "pk"))


@dataclass(frozen=True)
class Loss:
    """A story that readers will not see any more once its lead, or more of its articles, are taken away.

    `heir` is the best of the other articles; None if readers could see none of them.
    """

    story_id: int
    lead: Article
    size: int
    heir: Article | None

    def __str__(self) -> str:
        return _(
            "is the lead of a story with %(size)d articles. None of the others is published, "
            "so readers will no longer see the story."
        ) % {"size": self.size}


DECISIVE = frozenset(
    {"removed", "published", "story", "published_at", "live_at", "ends_at"}
)  # what `takes_away` looks at


class LeadError(ValueError):
    """A change would hide a story, and nobody was asked. The message says so to an editor."""


def shown(story_ids: Iterable[int]) -> set[int]:
    """Return which of the stories readers see: those with a published lead."""
    return {
        pk for ids in batches(story_ids) for pk in Story.objects.led().filter(pk__in=ids).values_list("pk", flat=True)
    }


def is_last_at(article: Article, moment: datetime) -> bool:
    """Return whether an article is in a story of which readers will see nothing from a moment on."""
    others = Article.objects.filter(story=article.story_id, removed=False).exclude(pk=article.pk)
    return bool(article.story_id and others.exists() and not others.published(moment).exists())


def next_leads(story_ids: Iterable[int]) -> list[int]:
    """Return the best article of each story that readers could see if it were published."""
    best: dict[int, int] = {}
    for ids in batches(story_ids):
        for member in _members(ids):
            if member.is_due:
                best.setdefault(member.story_id, member.pk)
    return list(best.values())


def takes_away(article: Article, changes: Mapping[str, Any]) -> bool:
    """Return whether changes to some values, of which `story` is an id, take an article from readers or its story."""
    now, later = timezone.now(), datetime.max.replace(tzinfo=UTC)
    return (
        changes.get("removed") is True
        or changes.get("published") is False
        or changes.get("story", article.story_id) != article.story_id
        or max(changes.get("published_at") or now, changes.get("live_at") or now) > now
        or (changes.get("ends_at") or later) <= now
    )


def losses(article_ids: Iterable[int]) -> list[Loss]:
    """Return the stories that readers see now, but not without these articles, though others are in them."""
    taken = set(article_ids)
    found = []
    for ids in batches(taken):
        of_leads = Article.objects.published().leading().filter(pk__in=ids)
        led = {article.story_id: article for article in of_leads.order_by("pk") if article.story_id}
        members = defaultdict(list)
        for member in _members(led):
            members[member.story_id].append(member)
        for story_id, lead in led.items():
            rest = [member for member in members[story_id] if member.pk not in taken]
            if rest and not any(member.published and member.is_due for member in rest):
                heir = next((member for member in rest if member.is_due), None)
                found.append(Loss(story_id, lead, len(members[story_id]), heir))
    return found


def _members(story_ids: Iterable[int]) -> list[Any]:
    """Return the articles of stories, the best first, each with whether it `is_due`: in its time.

    Those that an editor unpublished come last.
    """
    rows = Article.objects.filter(story__in=list(story_ids), removed=False)
    members: list[Any] = list(rows.only("title", "story", *TIMED).order_by("-quality", "file_name"))
    for member in members:
        member.is_due = member.is_in_time
    last: dict[int, bool] = {}
    for ids in batches(member.pk for member in members):
        edits = Change.objects.filter(article__in=ids, by_import=False, deltas__has_key="published").order_by("pk")
        last |= {pk: deltas["published"][1] for pk, deltas in edits.values_list("article", "deltas")}
    return sorted(members, key=lambda member: last.get(member.pk) is False)


@transaction.atomic
def hand_over(found: Iterable[Loss], user: Any) -> None:
    """Publish the heirs of stories that are about to lose their leads. Call it before these are taken away."""
    heirs = [loss.heir for loss in found if loss.heir]
    watch(Article.objects.filter(pk__in=[heir.pk for heir in heirs]))
    for heir in heirs:
        Article.objects.filter(pk=heir.pk).update(published=True, updated_at=timezone.now())
        history.record_edit(heir, user, {"published": heir.published}, {"published": True})
        conflicts.update_after_edit(heir.pk, {"published": True}, user)
