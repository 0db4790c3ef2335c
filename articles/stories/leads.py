"""Which article leads a story, and whose heat is computed here."""

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
def settle(story_ids: Iterable[int], article_ids: Iterable[int] = ()) -> None:
    """Bring up to date what follows from who is in which story, for stories and for articles that stand alone.

    That is leads, whose figure heat is, and all scores.
    """
    story_ids, article_ids = set(story_ids), set(article_ids)
    _elect_leads(story_ids)
    _own_heat(story_ids, article_ids)
    scoring.rescore_stories(story_ids)
    scoring.rescore_articles(article_ids)


def _elect_leads(story_ids: Iterable[int]) -> None:
    """Set the lead of each story: the one that an editor chose, else its best published article, else its best.

    Best is the highest quality, and of equals the first by file name. Removed articles never lead, those dated ahead
    only if nothing else is published.
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
        # An article leads one story at most: let go of the old ones before taking the new.
        Story.objects.filter(pk__in=[story.pk for story in changed]).update(lead=None)
        Story.objects.filter(lead__in=[best[story.pk] for story in changed if story.pk in best]).update(lead=None)
        bulk.update(Story, "lead", ((best[story.pk], story.pk) for story in changed if story.pk in best))
        # What readers see of such a story is the new lead's, though nothing in that article changed.
        instead = [best[story.pk] for story in changed if story.lead_id and story.pk in best]
        Article.objects.filter(pk__in=instead).update(updated_at=now)


def _own_heat(story_ids: Iterable[int], article_ids: Iterable[int]) -> None:
    """Note whose heat is computed here: of stories that are not as files say, and of articles without a file."""
    here, filed = OuterRef("pk"), ImportedFile.objects.filter(grouped_story=OuterRef("pk"))
    for ids in batches(story_ids):
        own = Story.objects.filter(pk__in=ids).filter(
            Q(chosen_lead__isnull=False)
            | Exists(Article.objects.filter(story=here).exclude(file__grouped_story=F("story")))
            | Exists(filed.exclude(article__story=F("grouped_story")))
        )
        own_ids = set(own.values_list("pk", flat=True))
        Article.objects.filter(story__in=own_ids, own_heat=False).update(own_heat=True)
        Article.objects.filter(story__in=set(ids) - own_ids, own_heat=True).update(own_heat=False)
    for ids in batches(article_ids):
        alone = Article.objects.filter(pk__in=ids, story=None)
        as_filed = alone.filter(file__isnull=False, file__grouped_story=None)
        as_filed.filter(own_heat=True).update(own_heat=False)
        alone.filter(own_heat=False).exclude(pk__in=as_filed.values("pk")).update(own_heat=True)


def live(story_id: int | None) -> Story | None:
    """A story, or the one that it was merged into; None if it is no more."""
    story = Story.objects.select_related("merged_into").filter(pk=story_id).first()
    return story and (story.merged_into or story)


def live_ids(story_ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Stories and what they were merged into, or themselves."""
    for ids in batches(story_ids):
        yield from Story.objects.filter(pk__in=ids).values_list("pk", Coalesce("merged_into", "pk"))
