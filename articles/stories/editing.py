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

from ..models import Article, Story, StoryAction
from ..provenance import conflicts, history
from . import effects, leads

Kind = StoryAction.Kind
State = dict[str, Any]  # of stories and articles, by their ids as text: JSON has no other keys
TEXTS = ("headline", "summary", "chosen_lead_id", "merged_into_id")  # of a story


class StoryError(ValueError):
    """The action is impossible for these stories. The message says why, to an editor."""


@transaction.atomic
def merge(into: Story, others: Collection[Story], user: Any, reason: str = "") -> StoryAction:
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
    with _recorded(Kind.MERGE, into, [into.pk, *ids, *signposts], moved, user, reason) as action:
        Article.objects.filter(pk__in=moved).update(story=into)
        Story.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).update(merged_into=into)
    return action


@transaction.atomic
def split(articles: Collection[Article], user: Any, reason: str = "", headline: str = "") -> StoryAction:
    """Move some articles of a story into a new one, the action's `story`.

    Raises StoryError unless they are in one story and leave an article in it.
    """
    old = _one_story(articles)
    ids = [article.pk for article in articles]
    if not Article.objects.filter(story=old).exclude(pk__in=ids).exists():
        raise StoryError("These are all of the story's articles: leave at least one in it.")
    new = Story.objects.create(source=old.source, merged_into=old)  # what an undo leaves: a signpost
    with _recorded(Kind.SPLIT, new, [old.pk, new.pk], ids, user, reason) as action:
        Story.objects.filter(pk=new.pk).update(merged_into=None, headline=headline)
        Article.objects.filter(pk__in=ids).update(story=new)
    return action


@transaction.atomic
def move(articles: Collection[Article], to: Story, user: Any, reason: str = "") -> StoryAction:
    """Move articles from other stories, or from none, into a story.

    Raises StoryError for a merged story, and if all articles are in it already.
    """
    _expect_live(to)
    moved = [article for article in articles if article.story_id != to.pk]
    if not moved:
        raise StoryError("Choose articles that are not in the story yet.")
    left = {article.story_id for article in moved if article.story_id}
    with _recorded(Kind.MOVE, to, [to.pk, *left], [article.pk for article in moved], user, reason) as action:
        Article.objects.filter(pk__in=[article.pk for article in moved]).update(story=to)
    return action


@transaction.atomic
def gather(articles: Sequence[Article], user: Any, reason: str = "") -> StoryAction:
    """Put articles into one story: the one that some of them are in, else a new one.

    Raises StoryError if they are in several stories, or already together.
    """
    found = {article.story_id for article in articles if article.story_id}
    if len(found) > 1:
        raise StoryError("These are of several stories: merge those instead.")
    if len(articles) < 2:
        raise StoryError("Choose two articles or more.")
    story = Story.objects.get(pk=found.pop()) if found else Story.objects.create(source=articles[0].source)
    return move(articles, story, user, reason)


@transaction.atomic
def withdraw(articles: Collection[Article], user: Any, reason: str = "") -> StoryAction:
    """Take articles out of their story, so that each stands alone. Raises StoryError unless they are in one story."""
    old = _one_story(articles)
    ids = [article.pk for article in articles]
    with _recorded(Kind.WITHDRAW, old, [old.pk], ids, user, reason) as action:
        Article.objects.filter(pk__in=ids).update(story=None)
    return action


@transaction.atomic
def set_lead(article: Article, user: Any, reason: str = "") -> StoryAction:
    """Make an article lead its story, whatever its quality. If readers see the story, the article is published.

    Raises StoryError if it is in no story, removed, or dated in the future.
    """
    story = _one_story([article])
    if article.removed:
        raise StoryError("A removed article is not shown, so it cannot lead.")
    if article.published_at > timezone.now():
        raise StoryError(f"It cannot lead before its date, {article.published_at:%Y-%m-%d %H:%M} UTC.")
    with _recorded(Kind.LEAD, story, [story.pk], [article.pk], user, reason) as action:
        Story.objects.filter(pk=story.pk).update(chosen_lead=article)
        if leads.shown([story.pk]):
            _publish([article.pk])
    return action


@transaction.atomic
def release_lead(story: Story, user: Any, reason: str = "") -> StoryAction:
    """Let the best article lead again. Raises StoryError if none was chosen."""
    if not story.chosen_lead_id:
        raise StoryError("No lead was chosen: the best article leads.")
    with _recorded(Kind.RELEASE, story, [story.pk], [], user, reason) as action:
        Story.objects.filter(pk=story.pk).update(chosen_lead=None)
    return action


@transaction.atomic
def write(story: Story, headline: str, summary: str, user: Any, reason: str = "") -> StoryAction:
    """Set a story's own headline and summary. If they are empty, those of its lead are shown."""
    with _recorded(Kind.TEXT, story, [story.pk], [], user, reason) as action:
        Story.objects.filter(pk=story.pk).update(headline=headline, summary=summary)
    return action


@transaction.atomic
def undo(action: StoryAction, user: Any, reason: str = "") -> StoryAction:
    """Restore the state before an action. An undo can be undone in turn.

    Raises StoryError if the action was undone already, or if something it changed was changed again.
    """
    if StoryAction.objects.filter(undoes=action).exists():
        raise StoryError("Already undone.")
    now = _state([*map(int, action.after["stories"])], [*map(int, action.after["articles"])])
    _expect_unchanged(action.after, now)
    story = Story.objects.filter(pk=action.story_id).first() if action.story_id else None
    joined = _joined_since(action)
    ids = [*map(int, now["articles"]), *joined]
    touched = {*map(int, now["stories"]), *_stories_in(now), *_stories_in(action.before)}
    with _recorded(Kind.UNDO, story, touched, ids, user, reason) as undone:
        undone.undoes = action
        for pk, texts in action.before["stories"].items():
            Story.objects.filter(pk=pk).update(**dict(zip(TEXTS, texts, strict=True)))
        there = set(Story.objects.filter(pk__in=_stories_in(action.before)).values_list("pk", flat=True))
        for pk, (story_id, published) in action.before["articles"].items():
            columns = {"story": story_id if story_id in there else None}
            if pk in now["articles"] and now["articles"][pk][1] == action.after["articles"][pk][1]:
                columns["published"] = published
            Article.objects.filter(pk=pk).update(**columns)
        for pk, story_id in joined.items():
            Article.objects.filter(pk=pk).update(story=story_id)
    return undone


def _joined_since(action: StoryAction) -> dict[int, int]:
    """Return the articles that files added to a merged story after the merge, with their stories."""
    parted = [
        int(pk)
        for pk, texts in action.before["stories"].items()
        if texts[-1] is None and action.after["stories"][pk][-1] is not None
    ]
    known = action.before["concerned"]
    rows = Article.objects.filter(file__grouped_story__in=parted, story=action.story_id).exclude(pk__in=known)
    return {pk: story_id for pk, story_id in rows.values_list("pk", "file__grouped_story") if story_id}


def _stories_in(state: State) -> set[int]:
    return {story_id for story_id, _ in state["articles"].values() if story_id}


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


def _expect_unchanged(after: State, now: State) -> None:
    for pk, texts in after["stories"].items():
        if now["stories"].get(pk, texts) != texts:
            raise StoryError(f"Story {pk} was changed since: undo that first.")
    for pk, (story_id, _) in after["articles"].items():
        if now["articles"].get(pk, [story_id])[0] != story_id:
            article = Article.objects.get(pk=pk)
            raise StoryError(f"“{article}” was moved since: undo that first.")


@contextmanager
def _recorded(
    kind: str, story: Story | None, story_ids: Collection[int], article_ids: Collection[int], user: Any, reason: str
) -> Iterator[StoryAction]:
    """Record what the block does to stories and articles, and recompute leads and scores."""
    list(Story.objects.select_for_update().filter(pk__in=story_ids).order_by("pk"))
    concerned = {*article_ids, *Article.objects.filter(story__in=story_ids).values_list("pk", flat=True)}
    before = _state(story_ids, concerned)
    action = StoryAction(story=story, kind=kind, user=user, reason=reason)
    led, shown = effects.leads_of(story_ids), leads.shown(story_ids)
    action.before["shown"] = sorted(shown)
    yield action
    if kind != Kind.TEXT:  # which changes no article: it takes no right to do that
        leads.recompute(story_ids, article_ids)
        _keep_visible(shown, led, action)
    after = _state(story_ids, concerned)
    changed = {pk for pk, found in after["articles"].items() if found != before["articles"][pk]}
    for name, state in (("before", before), ("after", after)):
        articles = {pk: found for pk, found in state["articles"].items() if pk in changed}
        getattr(action, name).update(stories=state["stories"], articles=articles)
    action.before["concerned"] = sorted(concerned)
    action.effects = effects.between(_placed(before), _placed(after), led, effects.leads_of(story_ids))
    action.save()
    if story:
        story.refresh_from_db()
    _tell(action)


def _state(story_ids: Collection[int], article_ids: Collection[int]) -> State:
    texts = Story.objects.filter(pk__in=story_ids).values_list("pk", *TEXTS)
    placed = Article.objects.filter(pk__in=article_ids).values_list("pk", "story_id", "published")
    return {
        "stories": {str(pk): found for pk, *found in texts},
        "articles": {str(pk): found for pk, *found in placed},
    }


def _placed(state: State) -> effects.Placed:
    return {int(pk): (story_id, published) for pk, (story_id, published) in state["articles"].items()}


def _keep_visible(shown: set[int], led: dict[int, int], action: StoryAction) -> None:
    """Publish an article of each story that readers saw before, or whose articles they saw, and do not see now.

    It is the lead if that is still there, else the best. An undo hides again what only the undone action showed.
    """
    if action.kind == Kind.SPLIT and shown and action.story_id:
        shown = shown | {action.story_id}
    if action.undoes:
        shown = shown & {*action.undoes.before.get("shown", ())}
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


def _tell(action: StoryAction) -> None:
    """Record the changes in each article's history, and update open conflicts about them."""
    names = ("story", "published")
    for pk, now in action.after["articles"].items():
        before, after = (dict(zip(names, found, strict=True)) for found in (action.before["articles"][pk], now))
        history.record_edit(Article(pk=int(pk)), action.user, before, after)
        conflicts.update_after_edit(int(pk), after, action.user)
