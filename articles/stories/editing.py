"""What editors do to stories: merge, split, move, withdraw, set the lead, write texts.

Each action is recorded and can be undone. An article that an editor moved stays where it is: a file that would put
it elsewhere raises a conflict.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..db.bulk import batches
from ..models import Action, Article, Conflict, Story
from ..provenance import conflicts, history
from ..text.moments import in_own_zone
from . import effects, leads
from .actions import Kind, listed, quoted, recorded

PLACE = ("story", "published")  # what the actions here change in an article


class StoryError(ValueError):
    """The action is impossible for these stories. The message says why, to an editor."""


@transaction.atomic
def merge(into: Story, others: Collection[Story], user: Any, reason: str = "") -> Action:
    """Move all articles of other stories into one, to which the others' addresses lead from then on.

    Raises StoryError for a story that is merged already, and if there is no other story.
    """
    others = [story for story in others if story.pk != into.pk]
    _expect_live(into, *others)
    if not others:
        raise StoryError("Choose another story to merge with.")
    ids = [story.pk for story in others]
    signposts = list(Story.objects.filter(merged_into__in=ids).values_list("pk", flat=True))
    moved = list(Article.objects.filter(story__in=ids).values_list("pk", flat=True))
    what = f"Merged {listed(others)} into {quoted(into)}"
    action = Action(kind=Kind.MERGE, user=user, reason=reason, what=what)
    with _recorded(action, into, [*ids, *signposts], moved):
        Article.objects.filter(pk__in=moved).update(story=into)
        Story.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).update(merged_into=into)
    return action


@transaction.atomic
def split(articles: Collection[Article], user: Any, reason: str = "", headline: str = "") -> Action:
    """Move some articles of a story into a new one, the first of the action's stories.

    Raises StoryError unless they are in one story and leave an article in it.
    """
    old = _one_story(articles)
    ids = [article.pk for article in articles]
    if not Article.objects.filter(story=old).exclude(pk__in=ids).exists():
        raise StoryError("These are all of the story's articles: leave at least one in it.")
    new = Story.objects.create(source=old.source, merged_into=old)  # what an undo leaves: a signpost
    what = f"Split {listed(articles)} off from {quoted(old)}"
    action = Action(kind=Kind.SPLIT, user=user, reason=reason, what=what)
    with _recorded(action, new, [old.pk], ids):
        Story.objects.filter(pk=new.pk).update(merged_into=None, headline=headline)
        Article.objects.filter(pk__in=ids).update(story=new)
    return action


@transaction.atomic
def move(articles: Collection[Article], to: Story, user: Any, reason: str = "", what: str = "") -> Action:
    """Move articles from other stories, or from none, into a story.

    `what` are other words for it. Raises StoryError for a merged story, and if all articles are in it already.
    """
    _expect_live(to)
    moved = [article for article in articles if article.story_id != to.pk]
    if not moved:
        raise StoryError("Choose articles that are not in the story yet.")
    left = {article.story_id for article in moved if article.story_id}
    action = Action(
        kind=Kind.MOVE, user=user, reason=reason, what=what or f"Moved {listed(moved)} to the story {quoted(to)}"
    )
    with _recorded(action, to, left, [article.pk for article in moved]):
        Article.objects.filter(pk__in=[article.pk for article in moved]).update(story=to)
    return action


@transaction.atomic
def gather(articles: Sequence[Article], user: Any, reason: str = "") -> Action:
    """Put articles into one story: the one that some of them are in, else a new one.

    Raises StoryError if they are in several stories, or already together.
    """
    found = {article.story_id for article in articles if article.story_id}
    if len(found) > 1:
        raise StoryError("These are of several stories: merge those instead.")
    if len(articles) < 2:
        raise StoryError("Choose two articles or more.")
    story = Story.objects.get(pk=found.pop()) if found else Story.objects.create(source=articles[0].source)
    return move(articles, story, user, reason, f"Combined {listed(articles)} into one story")


@transaction.atomic
def withdraw(articles: Collection[Article], user: Any, reason: str = "") -> Action:
    """Take articles out of their story, so that each stands alone. Raises StoryError unless they are in one story."""
    old = _one_story(articles)
    ids = [article.pk for article in articles]
    what = f"Withdrew {listed(articles)} from {quoted(old)}"
    action = Action(kind=Kind.WITHDRAW, user=user, reason=reason, what=what)
    with _recorded(action, old, article_ids=ids):
        Article.objects.filter(pk__in=ids).update(story=None)
    return action


@transaction.atomic
def set_lead(article: Article, user: Any, reason: str = "") -> Action:
    """Make an article lead its story, whatever its quality. If readers see the story, the article is published.

    Raises StoryError if it is in no story, removed, or dated in the future.
    """
    story = _one_story([article])
    if article.removed:
        raise StoryError("A removed article is not shown, so it cannot lead.")
    if not article.is_in_time:
        raise StoryError(f"It cannot lead before its time, {in_own_zone(article.starts_at)}, nor after its end.")
    instead = f" instead of {quoted(story.lead)}" if story.lead and story.lead_id != article.pk else ""
    what = f"Made {quoted(article)} the lead{instead}"
    action = Action(kind=Kind.LEAD, user=user, reason=reason, what=what)
    with _recorded(action, story, article_ids=[article.pk]):
        Story.objects.filter(pk=story.pk).update(chosen_lead=article)
        if leads.shown([story.pk]):
            _publish([article.pk])
    return action


@transaction.atomic
def release_lead(story: Story, user: Any, reason: str = "") -> Action:
    """Let the best article lead again. Raises StoryError if none was chosen."""
    if not story.chosen_lead_id:
        raise StoryError("No lead was chosen: the best article leads.")
    what = f"Let the best article lead instead of {quoted(story.chosen_lead)}"
    action = Action(kind=Kind.RELEASE, user=user, reason=reason, what=what)
    with _recorded(action, story):
        Story.objects.filter(pk=story.pk).update(chosen_lead=None)
    return action


@transaction.atomic
def write(story: Story, headline: str, summary: str, user: Any, reason: str = "") -> Action:
    """Set a story's own headline and summary. If they are empty, those of its lead are shown."""
    action = Action(kind=Kind.TEXT, user=user, reason=reason, what=f"Wrote headline and summary of {quoted(story)}")
    with _recorded(action, story):
        Story.objects.filter(pk=story.pk).update(headline=headline, summary=summary)
    return action


def _expect_live(*found: Story) -> None:
    for story in found:
        if story.merged_into_id:
            raise StoryError(f"Story {story.pk} was merged into story {story.merged_into_id}: choose that one.")


def _one_story(articles: Iterable[Article]) -> Story:
    ids = {article.story_id for article in articles}
    story_id = ids.pop() if len(ids) == 1 else None
    if story_id is None:
        raise StoryError("Choose one or more articles of one story.")
    return Story.objects.get(pk=story_id)


@contextmanager
def _recorded(
    action: Action, story: Story, others: Collection[int] = (), article_ids: Collection[int] = ()
) -> Iterator[None]:
    """Record what the block does to stories and articles, and recompute leads and scores."""
    with recorded(action) as record:
        story_ids = list(dict.fromkeys([story.pk, *others]))
        record.about(Story, story_ids)
        record.watch(Story.objects.filter(pk__in=story_ids))
        members = Article.objects.filter(story__in=story_ids)
        concerned = {*article_ids, *members.values_list("pk", flat=True)}
        for some in batches(concerned):
            record.watch(Article.objects.filter(pk__in=some), Conflict.objects.filter(article__in=some))
        before = _placed(concerned)
        led, shown = effects.leads_of(story_ids), leads.shown(story_ids)
        yield
        if action.kind != Kind.TEXT:  # which changes no article: it takes no right to do that
            leads.recompute(story_ids, article_ids)
            if action.kind == Kind.SPLIT and shown:
                shown.add(story.pk)
            _keep_visible(shown, led)
            _tell(before, _placed(concerned), action.user)
        action.effects = effects.between(before, _placed(concerned), led, effects.leads_of(story_ids))
        action.what += f", and published {listed(action.effects.published)}" if action.effects.published else ""
        if action.kind == Kind.MERGE:
            record.action.story_articles = sorted(concerned)
    story.refresh_from_db()


def _placed(article_ids: Collection[int]) -> effects.Placed:
    rows = (Article.objects.filter(pk__in=some).values_list("pk", *PLACE) for some in batches(article_ids))
    return {pk: (story_id, published) for some in rows for pk, story_id, published in some}


def _keep_visible(shown: set[int], led: dict[int, int]) -> None:
    """Publish an article of each story that readers saw before, or whose articles they saw, and do not see now.

    It is the lead if that is still there, else the best.
    """
    standing = Story.objects.filter(pk__in=shown - leads.shown(shown), merged_into=None)
    hidden = set(standing.values_list("pk", flat=True))
    if hidden:
        former = Article.objects.filter(pk__in=[led.get(pk) for pk in hidden], story__in=hidden, removed=False)
        stayed = dict(former.values_list("story", "pk"))
        _publish([*stayed.values(), *leads.next_leads(hidden - stayed.keys())])
        leads.recompute(hidden)


def _publish(article_ids: Collection[int]) -> None:
    rows = Article.objects.filter(pk__in=article_ids, published=False)
    rows.update(published=True, updated_at=timezone.now())


def _tell(before: effects.Placed, now: effects.Placed, user: Any) -> None:
    """Record the changes in each article's history, and update open conflicts about them."""
    changed = {pk: dict(zip(PLACE, place, strict=True)) for pk, place in now.items() if place != before[pk]}
    history.record_edits(
        {pk: (dict(zip(PLACE, before[pk], strict=True)), place) for pk, place in changed.items()}, user
    )
    conflicts.update_after_edits(changed, user)
