"""What editors decide about many articles at once: shown before it is done, then done in slices.

An action that is planned knows its articles. Each slice is one transaction, which takes them off what is left: so it
goes on where it stopped, whatever stopped it. The articles of a story are in one slice, as far as they fit.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..db.bulk import batches
from ..models import Action, ActionRow, Article, ArticleQuerySet, Conflict
from ..provenance import conflicts, history
from ..text.plain import counted
from . import leads
from .actions import NAMED, Kind, Record, in_slices, listed, quoted, recorded

SLICE = 1000  # articles in one transaction
MAX_SHOWN = 10  # articles that are named before
KEPT = timedelta(days=1)  # for which what was planned and not begun is kept
COLUMNS: dict[str, dict[str, bool]] = {
    Kind.PUBLISH: {"published": True},
    Kind.UNPUBLISH: {"published": False},
    Kind.REMOVE: {"published": False, "removed": True},
    Kind.RESTORE: {"removed": False},
}
ALREADY = {
    Kind.PUBLISH: "published already",
    Kind.UNPUBLISH: "not published as it is",
    Kind.REMOVE: "removed already",
    Kind.RESTORE: "not removed",
}  # what is said of those that do not change


@dataclass
class Preview:
    """What an action would do: to how many articles, the first of them, and to how many it does nothing and why."""

    changed: int = 0
    first: list[Article] = field(default_factory=list)
    unchanged: int = 0
    removed: int = 0  # which stay so
    gone: int = 0


def plan(kind: str, articles: ArticleQuerySet, user: Any) -> Action:
    """Store what a person is about to decide about some articles, so that it can be shown first."""
    Action.objects.filter(user=user, is_begun=False, at__lt=timezone.now() - KEPT).delete()
    ids = list(dict.fromkeys(articles.order_by("story", "pk").values_list("pk", flat=True)))
    return Action.objects.create(kind=kind, user=user, total=len(ids), left=ids, is_begun=False)


def preview(action: Action) -> Preview:
    """Return what an action will do to the articles that are left."""
    found = Preview(gone=len(action.left))
    for ids in batches(action.left):
        there = Article.objects.filter(pk__in=ids)
        number, changing = there.count(), _changing(action, there)
        changed, removed = changing.count(), _removed(action.kind, there).count()
        found.changed += changed
        found.removed += removed
        found.unchanged += number - changed - removed
        found.gone -= number
        found.first += changing.order_by("-published_at", "pk")[: MAX_SHOWN - len(found.first)]
    return found


def losses(action: Action) -> list[leads.Loss]:
    """Return the stories that readers would not see any more after an action."""
    return leads.losses(action.left) if action.kind in (Kind.UNPUBLISH, Kind.REMOVE) else []


def _removed(kind: str, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return the articles that are removed for good, which are not published by publishing many."""
    return articles.filter(removed=True) if kind == Kind.PUBLISH else articles.none()


def _told(action: Action) -> dict[str, str]:
    """Return what a decision does to what readers are told of a removed article."""
    if action.kind == Kind.RESTORE:
        return {"withdrawal_note": ""}
    return {"withdrawal_note": action.note} if action.kind == Kind.REMOVE and action.note else {}


def _changing(action: Action, articles: ArticleQuerySet) -> ArticleQuerySet:
    kind = action.kind
    rows = articles.exclude(**COLUMNS[kind], **(_told(action) if kind == Kind.REMOVE else {}))
    return rows.filter(removed=False) if kind == Kind.PUBLISH else rows


def go_on(action: Action, hands_over: bool = False) -> Action:
    """Do the next slices of an action, for some seconds at most. Return it as it is then.

    With `hands_over`, the next best articles of stories that would lose their leads are published before.

    Its `left` says what is left. It has no key if there was nothing to change.
    """
    return in_slices(lambda: _slice(action, hands_over))


@transaction.atomic
def _slice(action: Action, hands_over: bool) -> Action:
    action = Action.objects.select_for_update(of=["self"]).get(pk=action.pk)
    if not action.left:
        return action
    found = losses(action) if hands_over else []
    ids, action.left = action.left[:SLICE], action.left[SLICE:]
    if not action.is_begun:
        action.is_begun, action.at = True, timezone.now()
    with recorded(action) as record:
        leads.hand_over(found, action.user)
        _decide(record, ids)
    if not action.left and not action.rows.exists():
        action.delete()  # nothing had to be changed
    else:
        action.what = _in_words(action)
        action.save(update_fields=["what"])
    return action


def _decide(record: Record, ids: Collection[int]) -> None:
    action = record.action
    kind, user = action.kind, action.user
    for some in batches(ids):
        likely = list(_changing(action, Article.objects.filter(pk__in=some)).values_list("pk", flat=True))
        rows = Article.objects.filter(pk__in=likely)
        record.watch(rows, Conflict.objects.filter(article__in=likely))  # locks them: nobody changes them from here on
        before = {row.pop("pk"): row for row in _changing(action, rows).values("pk", *COLUMNS[kind])}
        rows = Article.objects.filter(pk__in=before)
        rows.update(**COLUMNS[kind], **_told(action), updated_at=timezone.now())
        history.record_edits({pk: (found, dict(COLUMNS[kind])) for pk, found in before.items()}, user)
        conflicts.update_after_edits({pk: dict(COLUMNS[kind]) for pk in before}, user)
        leads.recompute(rows.exclude(story=None).order_by().values_list("story", flat=True).distinct(), before)


@transaction.atomic
def decide(
    kind: str, article: Article, user: Any, hands_over: bool = False, reason: str = "", note: str = ""
) -> Action:
    """Decide about one article at once. Whoever asks for what it has already has decided too, to leave it so.

    With `hands_over`, the next best article of a story that would lose its lead is published before. `note` is what
    readers are told of an article that is removed. Return the action, which has no key if nothing was new.
    """
    action = Action(kind=kind, user=user, total=1, reason=reason, note=note)
    found = leads.losses([article.pk]) if hands_over else []
    with recorded(action, only_changes=True) as record:
        leads.hand_over(found, user)
        changes = _changing(action, Article.objects.filter(pk=article.pk)).exists()
        _decide(record, [article.pk])
        record.decides([article.pk])
        heirs = [loss.heir for loss in found if loss.heir]
        what = f"{action.get_kind_display().capitalize()} {quoted(article)}"
        action.what = what if changes else f"Left {quoted(article)} as it is: {ALREADY[Kind(kind)]}"
        action.what += f", and published {listed(heirs)}" if heirs else ""
    return action


def _in_words(action: Action) -> str:
    changed = ActionRow.objects.filter(action=action, model="article").exclude(before={})
    first = changed.values_list("key", flat=True)[: NAMED + 1]
    rows = Article.objects.in_bulk(list(first))
    what = f"{action.get_kind_display().capitalize()} {listed([rows[key] for key in first], changed.count())}"
    return f"{what}; {counted(len(action.left), 'article')} left" if action.left else what
