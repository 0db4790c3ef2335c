"""What follows from the articles in a story: its lead, whose heat is computed, and the scores.

Whatever takes a story's lead away, the best of the other published articles leads, and readers still see the story.
If no other is published, files may hide the story, but an editor is asked first (see `losses`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..db import bulk
from ..db.bulk import batches
from ..models import Article, Change, ImportedFile, Story
from ..provenance import conflicts, history
from ..ranking import scoring
from .actions import watch


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
    Removed articles never lead. Articles with a date in the future lead only if nothing else is published.
    """
    now = timezone.now()
    public = Case(When(published=True, published_at__lte=now, then=1), default=0)
    chosen = Case(When(story__chosen_lead=F("pk"), then=1), default=0)
    for ids in batches(story_ids):
        rows = (
            Article.objects.filter(story__in=ids, removed=False)
            .order_by("story", public.desc(), chosen.desc(), "-published", "-quality", "file_name")
            .values_list("story_id", "pk")
        )
        best: dict[int, int] = {}
        for story_id, article_id in rows:
            best.setdefault(story_id, article_id)
        changed = [s for s in Story.objects.filter(pk__in=ids) if s.lead_id != best.get(s.pk)]
        # An article leads at most one story: clear the old leads before setting the new ones.
        Story.objects.filter(pk__in=[story.pk for story in changed]).update(lead=None)
        Story.objects.filter(lead__in=[best[story.pk] for story in changed if story.pk in best]).update(lead=None)
        bulk.update(Story, "lead", ((best[story.pk], story.pk) for story in changed if story.pk in best))
        # Readers see another article on top of such a story, though nothing in that article changed.
        new_leads = [best[story.pk] for story in changed if story.lead_id and story.pk in best]
        Article.objects.filter(pk__in=new_leads).update(updated_at=now)


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
        return (
            f"is the lead of a story with {self.size} articles. None of the others is published, "
            "so readers will no longer see the story."
        )


DECISIVE = frozenset({"removed", "published", "story", "published_at"})  # what `takes_away` looks at


class LeadError(ValueError):
    """A change would hide a story, and nobody was asked. The message says so to an editor."""


def shown(story_ids: Iterable[int]) -> set[int]:
    """Return which of the stories readers see: those with a published lead."""
    return {
        pk
        for ids in batches(story_ids)
        for pk in Article.objects.published().filter(leads__in=ids).values_list("leads", flat=True)
    }


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
    now = timezone.now()
    return (
        changes.get("removed") is True
        or changes.get("published") is False
        or changes.get("story", article.story_id) != article.story_id
        or (changes.get("published_at") or now) > now
    )


def losses(article_ids: Iterable[int]) -> list[Loss]:
    """Return the stories that readers see now, but not without these articles, though others are in them."""
    taken = set(article_ids)
    found = []
    for ids in batches(taken):
        of_leads = Article.objects.published().filter(pk__in=ids, leads__isnull=False)
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
    """Return the articles of stories, the best first, each with whether its date `is_due`.

    Those that an editor unpublished come last.
    """
    is_due = Case(When(published_at__lte=timezone.now(), then=True), default=False)
    rows = Article.objects.filter(story__in=list(story_ids), removed=False).only("title", "story", "published")
    members = list(rows.annotate(is_due=is_due).order_by("-quality", "file_name"))
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
