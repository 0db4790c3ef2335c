"""What follows from the articles in a story: its lead, whose heat is computed, and the scores."""

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..db import bulk
from ..db.bulk import batches
from ..models import Article, ImportedFile, Story
from ..ranking import scoring


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
    """Set the lead of each story: the one that an editor chose, else its best published article, else its best.

    The best has the highest quality, and among equals the first file name. Removed articles never lead. Articles
    with a date in the future lead only if nothing else is published.
    """
    now = timezone.now()
    public = Case(When(published=True, published_at__lte=now, then=1), default=0)
    for ids in batches(story_ids):
        rows = (
            Article.objects.filter(story__in=ids, removed=False)
            .order_by("story", public.desc(), "-published", "-quality", "file_name")
            .values_list("story_id", "pk")
        )
        best: dict[int, int] = {}
        for story_id, article_id in rows:
            best.setdefault(story_id, article_id)
        chosen = Story.objects.filter(pk__in=ids, chosen_lead__story=F("pk"), chosen_lead__removed=False)
        best |= dict(chosen.values_list("pk", "chosen_lead"))
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
