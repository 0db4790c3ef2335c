"""Undo what people did: restore the rows that an action changed, and compute what follows from them.

What a file said since is kept: a cell is restored only if it still is as the action left it.
"""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..db.bulk import batches
from ..models import Action, ActionRow, Article, ImportedFile, Issue, Story
from ..provenance import conflicts, history
from ..text.moments import in_own_zone
from . import leads
from .actions import RECORDED, Kind, Record, in_slices, listed, recorded
from .restoring import UndoError, by_model, changed_cells, followed_up, restore, taken

SLICE = 2000  # rows in one transaction
FILED = ("article", "importedfile")


@transaction.atomic
def undo(action: Action, user: Any, reason: str = "") -> Action:
    """Restore the rows that an action changed. An undo can be undone in turn.

    If there are many rows, nothing is restored yet: the undo has them `left`, for `go_on`.
    Raises UndoError if the action was undone already, or if something that it changed was changed again.
    """
    action = Action.objects.select_for_update(of=["self"]).get(pk=action.pk)
    last, stands = in_effect(action)
    if last and not stands:
        raise UndoError("Already undone.", last)
    action = last or action  # which did it again
    if action.left:  # it stops here
        action.left = []
        action.save()
    rows = list(action.rows.all())
    if not rows:
        raise UndoError("It changed nothing that could be restored.")
    what = f"Undid: {action.what or action.get_kind_display()}"
    undone = Action(kind=Kind.UNDO, user=user, what=what, reason=reason, undoes=action)
    if len(rows) <= SLICE:
        return _restored(undone, action, rows)
    _expect_free(rows)
    undone.left, undone.total = [row.pk for row in rows], len(rows)
    undone.save()
    return undone


def go_on(undone: Action) -> Action:
    """Restore the next of the many rows that an undo has left, for some seconds at most. Return it as it is then.

    Raises UndoError as `undo` does.
    """
    return in_slices(lambda: _slice(undone))


@transaction.atomic
def _slice(undone: Action) -> Action:
    undone = Action.objects.select_for_update(of=["self"]).get(pk=undone.pk)
    keys, undone.left = undone.left[:SLICE], undone.left[SLICE:]
    if keys and undone.undoes:
        _restored(undone, undone.undoes, list(ActionRow.objects.filter(pk__in=keys)))
    return undone


def _restored(undone: Action, action: Action, rows: list[ActionRow]) -> Action:
    """Restore rows that an action changed, as a part of an undo. Return the undo."""
    with recorded(undone) as record:
        _watch(record, rows)
        _expect_free(rows)
        joined = _joined_since(action, rows)
        record.watch(Article.objects.filter(pk__in=joined))
        try:
            with transaction.atomic(), followed_up(rows, joined, undone):
                restore(rows)
                for pk, story_id in joined.items():
                    Article.objects.filter(pk=pk).update(story=story_id)
        except IntegrityError as error:
            raise taken(rows) from error
        _keep_visible(record, action)
        undone.story_articles = action.story_articles or _members(rows)
    return undone


def _keep_visible(record: Record, action: Action) -> None:
    """Publish the best article of each story that readers saw before the action and the undo, but would not any more.

    That is only so if something else took its lead away meanwhile.
    """
    lost = {*record.action.shown} & {*action.shown}
    lost = set(Story.objects.filter(pk__in=lost - leads.shown(lost), merged_into=None).values_list("pk", flat=True))
    if heirs := leads.next_leads(lost):
        rows = Article.objects.filter(pk__in=heirs)
        record.watch(rows)
        before = {pk: {"published": published} for pk, published in rows.values_list("pk", "published")}
        rows.update(published=True, updated_at=timezone.now())
        history.record_edits({pk: (was, {"published": True}) for pk, was in before.items()}, record.action.user)
        conflicts.update_after_edits({pk: {"published": True} for pk in heirs}, record.action.user)
        leads.recompute(lost)
        record.action.what += f", but {listed(list(rows))} stays published, so that readers see the story"


def in_effect(action: Action) -> tuple[Action | None, bool]:
    """Return the last of the undos of an action, and of their undos; and whether the action is in effect."""
    last, number = None, 0
    while following := Action.objects.filter(undoes=last or action).first():
        last, number = following, number + 1
    return last, number % 2 == 0


def _members(rows: Iterable[ActionRow]) -> list[int]:
    ids = [row.key for row in rows if row.model == "story"]
    return list(Article.objects.filter(story__in=ids).order_by("pk").values_list("pk", flat=True))


def _watch(record: Record, rows: list[ActionRow]) -> None:
    record.about(Story, [row.key for row in rows if row.model == "story"])
    record.about(Article, [row.key for row in rows if row.model == "article"])
    for name, found in by_model(rows).items():
        for some in batches(row.key for row in found):
            record.watch(RECORDED[name]._base_manager.filter(pk__in=some))


# What stands in the way


def _expect_free(rows: list[ActionRow]) -> None:
    """Raise UndoError if a later action, still in effect, built on what changed these rows."""
    _expect_unsent([row.key for row in rows if row.model == "issue"])
    found: dict[int, Action] = {}
    for name, theirs in by_model(rows).items():
        for some in batches(theirs if name != "mark" else []):  # what was looked at since, stays so
            found |= _built_on(name, {row.key: row for row in some})
    for _, later in sorted(found.items(), reverse=True):
        last, stands = in_effect(later)
        if stands:
            raise _in_the_way(last or later)
    made = {name: {row.key for row in rows if row.model == name and row.before is None} for name in FILED}
    if ImportedFile.objects.filter(article__in=made["article"] - made["importedfile"]).exists():
        raise UndoError("An import has brought the article's file since: delete the article instead.")


def _expect_unsent(issues: list[int]) -> None:
    """Raise UndoError if readers have one of these issues."""
    if Issue.objects.filter(pk__in=issues).exclude(state=Issue.State.BUILT).exists():
        raise UndoError("The issue was sent, or is being sent, and stays as readers have it.")


def _built_on(name: str, own: dict[int, ActionRow]) -> dict[int, Action]:
    """Return the later actions that built on what was done to rows of a model, by the ids of their rows.

    Rows are in the order in which things happened: an action that is done in slices has them from several moments.
    """
    later = ActionRow.objects.filter(model=name, key__in=own, pk__gt=min(row.pk for row in own.values()))
    rows = [row for row in later.select_related("action") if row.pk > own[row.key].pk]
    happened = {(row.key, row.action_id) for row in rows}
    return {
        row.pk: row.action
        for row in rows
        if _clash(own[row.key], row)
        if (row.key, row.action.undoes_id) not in happened  # else it restored what is in question itself
    }


def _clash(row: ActionRow, later: ActionRow) -> bool:
    """Return whether two actions changed the same cell of a row, or one made, deleted or merged what both are about."""
    if None in (row.before, row.after, later.before, later.after):
        return True
    one, other = dict(row.after or {}), dict(later.after or {})
    return bool(one.keys() & other.keys()) or "merged_into_id" in one | other


def _in_the_way(later: Action) -> UndoError:
    who = later.user or "Newsroom"
    return UndoError(f"{who} changed the same later, on {in_own_zone(later.at)}: “{later}”. Undo that first.", later)


def _joined_since(action: Action, rows: Iterable[ActionRow]) -> dict[int, int]:
    """Return the articles that files added to a merged story after the merge, with their stories."""
    parted = {
        row.key: into
        for row in rows
        if row.model == "story"
        for name, was, into in changed_cells(row)
        if name == "merged_into_id" and was is None
    }
    found = Article.objects.filter(file__grouped_story__in=parted, story__in=parted.values())
    pairs = found.exclude(pk__in=action.story_articles).values_list("pk", "file__grouped_story")
    return {pk: story_id for pk, story_id in pairs if story_id}
