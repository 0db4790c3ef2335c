"""What a second person is told who decides about an article on a page that shows what a first one changed since.

A card sends what it shows with each step. The step is refused, once, if somebody changed just that to something else
than what it asks for: the card then shows what there is now, and the same step does it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ..admin.collisions import said_at, who_changed
from ..models import Action, Article, Change, Mark
from ..stories.actions import Kind
from ..text.numbers import read_id

NAMES = ("decision", "quality", "story", "lead", "mark")
OF_STEP: dict[str, str] = {
    **dict.fromkeys((Kind.PUBLISH, Kind.UNPUBLISH, Kind.REMOVE), "decision"),
    **dict.fromkeys(("seen", "later"), "mark"),
    **{"quality": "quality", "join": "story", "lead": "lead"},
}
WANTED = {"publish": "published", "unpublish": "unpublished", "remove": "removed", "seen": "seen", "later": "later"}
SENTENCES: dict[str, Any] = {
    "decision": gettext_lazy(
        "Nothing was changed: %(who)s changed this article from %(was)s to %(now)s while your page was open. Do it "
        "again if you still want to."
    ),
    "quality": gettext_lazy(
        "Nothing was changed: %(who)s changed the quality from %(was)s to %(now)s while your page was open. Do it "
        "again if you still want to."
    ),
    "story": gettext_lazy(
        "Nothing was changed: %(who)s changed the article's story while your page was open. Do it again if you still "
        "want to."
    ),
    "lead": gettext_lazy(
        "Nothing was changed: %(who)s changed the story's lead while your page was open. Do it again if you still want "
        "to."
    ),
    "mark": gettext_lazy(
        "Nothing was changed: %(who)s changed the mark from %(was)s to %(now)s while your page was open. Do it again "
        "if you still want to."
    ),
}
WORDS: dict[str, Any] = {  # for what is sent as a word; numbers are told as they are
    "published": pgettext_lazy("article", "published"),
    "unpublished": pgettext_lazy("article", "unpublished"),
    "removed": pgettext_lazy("article", "removed"),
    **dict(Mark.State.choices),
}
COLUMNS = {"decision": ("removed", "published"), "quality": ("quality",), "story": ("story",)}


def shown(article: Any) -> str:
    """Return what a card shows of an article, as it is sent with its steps."""
    return "/".join(_values(article).values())


def _values(article: Any) -> dict[str, str]:
    decision = "removed" if article.removed else "published" if article.published else "unpublished"
    lead, mark = article.story and article.story.lead_id, getattr(article, "mark", None)
    found = (decision, article.quality, article.story_id or "none", lead or "none", mark.state if mark else "decided")
    return dict(zip(NAMES, map(str, found), strict=True))


def collision(step: str, article: Any, sent: Mapping[str, str], user: Any) -> str:
    """Return what to tell the second of two people about a step; nothing if it does not undo what the first did."""
    name, parts = OF_STEP.get(step), sent.get("shown", "").split("/")
    if name is None or len(parts) != len(NAMES):
        return ""
    was, now = dict(zip(NAMES, parts, strict=True))[name], _values(article)[name]
    wanted = {"quality": sent.get("quality", "").strip(), "lead": str(article.pk)}.get(name, WANTED.get(step))
    if name == "story" and now != was:
        wanted = str(Article.objects.filter(pk=read_id(sent.get("with")) or 0).values_list("story", flat=True).first())
    if now in (was, wanted):
        return ""
    who, is_own = _who(article, name, user)
    if is_own:
        return ""
    return str(SENTENCES[name]) % {"who": who, "was": WORDS.get(was, was), "now": WORDS.get(now, now)}


def _who(article: Any, name: str, user: Any) -> tuple[str, bool]:
    """Return who changed something last and when, in words; and whether that was the user."""
    if name == "mark":
        mark: Any = getattr(article, "mark", None)
        return _said(mark and mark.user, mark and mark.at), mark is not None and mark.user_id == user.pk
    if name == "lead":
        about = Action.objects.filter(rows__model="story", rows__key=article.story_id).select_related("user").first()
        return _said(about and about.user, about and about.at), about is not None and about.user_id == user.pk
    changes = Change.objects.filter(article=article, deltas__has_any_keys=COLUMNS[name])
    if change := changes.select_related("user").first():
        return _said(_("An import") if change.by_import else change.user, change.at), change.user_id == user.pk
    return who_changed(article, COLUMNS[name][0]), False


def _said(who: Any, at: Any) -> str:
    return said_at(who, at) if who and at else _("Somebody else")
