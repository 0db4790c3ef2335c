"""Rights of their own: to withdraw articles, and to decide about many rows at once. Refusals are sentences.

Each is asked for by what it changes, whatever page, button or undo does it.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Action
from ..stories.actions import Kind

MANY = 50  # rows of a list that whoever may change them may decide about at once
WITHDRAWS = (Kind.REMOVE, Kind.RESTORE)
WITHDRAWAL_FIELDS = ("removed", "withdrawal_note")  # of an article
NO_MANY = gettext_lazy("You may decide about 50 rows at once, and these are more.")


def may_withdraw(user: Any) -> bool:
    """Return whether a user may withdraw articles for good, and restore them."""
    return bool(user.has_perms(["articles.change_article", "articles.withdraw_article"]))


def may_set(user: Any, field: str) -> bool:
    """Return whether a user who may change articles may set this field of theirs."""
    return field not in WITHDRAWAL_FIELDS or may_withdraw(user)


def may_merge(user: Any, model: str) -> bool:
    """Return whether a user may merge outlets, or topics: it takes what undoing it takes."""
    return bool(user.has_perms([f"articles.add_{model}", f"articles.change_{model}", "articles.change_article"]))


def may_decide_about(user: Any, number: int) -> bool:
    """Return whether a user may decide about this number of rows at once."""
    return bool(number <= MANY or user.has_perm("articles.decide_many"))


def expect_plan(user: Any, action: Action) -> None:
    """Raise PermissionDenied unless a user may do what was planned about many articles."""
    if not user.has_perm("articles.change_article"):
        raise PermissionDenied(_("This takes the permission to change articles."))
    if action.kind in WITHDRAWS and not may_withdraw(user):
        raise PermissionDenied(_("This takes the permission to withdraw articles."))
    if action.kind != Kind.UNDO and not may_decide_about(user, action.total):
        raise PermissionDenied(NO_MANY)


def undo_needs(action: Action, withdraws: bool) -> list[str]:
    """Return the permissions of their own that undoing takes, as doing it did.

    `withdraws` is whether it changed what WITHDRAWAL_FIELDS are of. Accepting a duplicate does so too, and is an
    editor's decision: so is taking that back.
    """
    first = action
    while first.undoes:
        first = first.undoes
    withdraws = withdraws and first.kind != Kind.ACCEPT
    is_of_many = first.kind != Kind.UNDO and first.total > MANY
    return ["articles.withdraw_article"] * withdraws + ["articles.decide_many"] * is_of_many
