"""What an editor does to an article in the triage list: one step, recorded, that can be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from ..admin.recorded import may_undo
from ..admin.removal import RemovalForm
from ..admin.succession import ANSWER, HIDE, NEXT
from ..frontmatter import schema
from ..models import Action, Article, Boost, Mark, Topic
from ..stories import deciding, editing, leads, undo
from ..stories.actions import Kind, quoted, recorded
from ..stories.leads import Loss
from ..stories.restoring import UndoError
from ..sync import decisions
from ..text.numbers import read_id, read_number

Sent = Mapping[str, str]
CHANGE, GROUP = ("articles.change_article",), ("articles.change_article", "articles.change_story")


class StepError(ValueError):
    """The step is impossible. The message says why, to an editor."""


@dataclass
class Outcome:
    """What a step did; if it has to ask first, the stories that would be hidden."""

    action: Action | None = None
    losses: list[Loss] = field(default_factory=list)


def take(name: str, article: Article, sent: Sent, user: Any) -> Outcome:
    """Take a step. Raises StepError if that is impossible; nothing was changed then."""
    try:
        return STEPS[name](article, sent, user)
    except ValidationError as error:
        raise StepError(" ".join(error.messages)) from error
    except (editing.StoryError, leads.LeadError, UndoError) as error:
        raise StepError(str(error)) from error


def _decide(kind: str) -> Callable[[Article, Sent, Any], Outcome]:
    def step(article: Article, sent: Sent, user: Any) -> Outcome:
        if kind == Kind.PUBLISH and article.removed:
            raise StepError(_("It is removed for good: restore it in its form first."))
        takes = kind in (Kind.UNPUBLISH, Kind.REMOVE)
        answer = sent.get(ANSWER)
        found = leads.losses([article.pk]) if takes and answer not in (NEXT, HIDE) else []
        if found:
            return Outcome(losses=found)
        told = _read_removal(sent) if kind == Kind.REMOVE else {}
        return Outcome(deciding.decide(kind, article, user, hands_over=takes and answer == NEXT, **told))

    return step


def _read_removal(sent: Sent) -> dict[str, str]:
    form = RemovalForm(dict(sent))
    if not form.is_valid():
        raise StepError(" ".join(str(message) for found in form.errors.values() for message in found))
    return {name: form.cleaned_data[name] for name in ("reason", "note")}


def _quality(article: Article, sent: Sent, user: Any) -> Outcome:
    given = sent.get("quality", "").strip()
    number = read_number(given, 0, schema.QUALITY.maximum)
    if number is None:
        raise StepError(
            _("Enter a whole number from 0 to %(most)s, not “%(given)s”.")
            % {"most": f"{schema.QUALITY.maximum:,}", "given": given[:40]}
        )
    action = Action(kind=Kind.CHANGE, user=user, what=f"Set the quality of {quoted(article)} to {number:,}")
    with recorded(action, only_changes=True) as record:
        record.watch_articles([article.pk])
        decisions.store(article, {"quality": number}, user)
        record.decides([article.pk])
    return Outcome(action)


def _topics(article: Article, sent: Sent, user: Any) -> Outcome:
    before = decisions.values_of(article.pk)["topics"]
    if gone := sent.get("remove"):
        now, what = [name for name in before if name != gone], f"Took the topic {quoted(gone)} off {quoted(article)}"
    else:
        name = sent.get("add", "").strip()
        topic = Topic.objects.filter(name__iexact=name).first() if "\0" not in name else None
        if topic is None:
            raise StepError(_("There is no topic “%(name)s”. Choose one of the list.") % {"name": name[:80]})
        now, what = list(dict.fromkeys([*before, topic.name])), f"Added the topic {quoted(topic)} to {quoted(article)}"
    action = Action(kind=Kind.CHANGE, user=user, what=what)
    with recorded(action, only_changes=True) as record:
        record.watch_articles([article.pk])
        decisions.store(article, {"topics": now}, user)
    return Outcome(action)


def _boost(article: Article, sent: Sent, user: Any) -> Outcome:
    given, reason = sent.get("points", "").strip(), sent.get("reason", "").strip()
    number = read_number(given.lstrip("+-"), 1, schema.BOOST.maximum)
    if number is None:
        raise StepError(
            _("Enter a number of points other than 0, such as 10 or -10, not “%(given)s”.") % {"given": given[:40]}
        )
    points = -number if given.startswith("-") else number
    boost = Boost(article=article, points=points, reason=reason, user=user)
    boost.full_clean()
    action = Action(kind=Kind.ADD, user=user, what=f"Added the boost of {points:+} for {quoted(article)}")
    with recorded(action) as record:
        record.about(Article, [article.pk])
        boost.save()
        record.made(Boost.objects.filter(pk=boost.pk))
    return Outcome(action)


def _grouped(do: Callable[[Article, Sent, Any], Action]) -> Callable[[Article, Sent, Any], Outcome]:
    """Return a step in stories, after which the article is decided."""

    def step(article: Article, sent: Sent, user: Any) -> Outcome:
        action = Action(kind=Kind.MOVE, user=user)
        with recorded(action) as record:
            done = do(article, sent, user)
            action.kind, action.what, action.effects = done.kind, done.what, done.effects
            record.decides([article.pk])
        return Outcome(action)

    return step


def _join(article: Article, sent: Sent, user: Any) -> Action:
    other = Article.objects.filter(pk=read_id(sent.get("with")) or 0).select_related("story").first()
    if other is None or other.pk == article.pk:
        raise StepError(_("Choose another article, whose story it joins."))
    if other.story:
        return editing.move([article], other.story, user)
    return editing.gather([other, article], user)


def _lead(article: Article, sent: Sent, user: Any) -> Action:
    return editing.set_lead(article, user)


def _mark(state: Mark.State) -> Callable[[Article, Sent, Any], Outcome]:
    def step(article: Article, sent: Sent, user: Any) -> Outcome:
        action = Action(kind=Kind.MARK, user=user, what=f"Marked {quoted(article)} as {state.label}")
        with recorded(action, only_changes=True) as record:
            record.about(Article, [article.pk])
            record.watch(Mark.objects.filter(article=article))
            values = {"state": state, "user": user, "at": timezone.now()}
            Mark.objects.update_or_create(article=article, defaults=values)
        return Outcome(action)

    return step


def _undo(article: Article, sent: Sent, user: Any) -> Outcome:
    """Undo what the same person did, if they may."""
    action = Action.objects.filter(pk=read_id(sent.get("undoes")) or 0, user=user, is_begun=True).first()
    if action is None or not may_undo(user, action):
        raise StepError(_("There is nothing of yours to undo."))
    return Outcome(undo.undo(action, user))


STEPS: dict[str, Callable[[Article, Sent, Any], Outcome]] = {
    "publish": _decide(Kind.PUBLISH),
    "unpublish": _decide(Kind.UNPUBLISH),
    "remove": _decide(Kind.REMOVE),
    "seen": _mark(Mark.State.SEEN),
    "later": _mark(Mark.State.LATER),
    "quality": _quality,
    "boost": _boost,
    "topics": _topics,
    "join": _grouped(_join),
    "lead": _grouped(_lead),
    "undo": _undo,
}
RIGHTS = dict.fromkeys(STEPS, CHANGE) | {
    "remove": (*CHANGE, "articles.withdraw_article"),
    **dict.fromkeys(("join", "lead"), GROUP),
    "boost": ("articles.add_boost",),
    "undo": (),
}


def may(user: Any, name: str) -> bool:
    """Return whether a person has the rights to what a step changes. Undoing asks for those of what it undoes."""
    return bool(user.has_perms(RIGHTS[name]))
