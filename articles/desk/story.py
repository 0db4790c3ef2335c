"""The page of a story: its texts, its articles and what can be done with them, and what was done.

All is one form: every button saves the texts too, and what was typed and ticked survives a button that cannot do its
work. Searching is a form of its own.
"""

from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..admin import drafts, succession
from ..admin.base import may_group
from ..admin.forms import StoryTextForm
from ..admin.recorded import done_to, may_undo, tell, tell_why_not, undoable
from ..admin.rights import may_withdraw
from ..models import Action, Article, Story
from ..stories import deciding, editing, leads, undo
from ..stories.actions import Kind
from ..stories.editing import StoryError
from ..stories.restoring import UndoError
from ..text.numbers import read_id
from . import searching
from .queues import sees

MAX_SHOWN = 300  # articles on the page
MAX_LINE = 500  # characters of a reason or a new headline
ORDERS = {
    "": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
    "outlet": gettext_lazy("By outlet"),
}
DECISIONS = {"publish": Kind.PUBLISH, "unpublish": Kind.UNPUBLISH, "remove": Kind.REMOVE}
Texts = dict[str, str]


def view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show a story. A POST does what its button says, and saves the texts too."""
    if request.method != "POST":
        return _page(request, pk)
    with transaction.atomic():  # of two people the second waits, so that it is told of what was saved
        list(Story.objects.select_for_update().filter(pk=pk).values_list("pk"))
        return _page(request, pk)


def _page(request: HttpRequest, pk: int) -> HttpResponseBase:
    story = _story(pk)
    user: Any = request.user
    may_change = user.has_perm("articles.change_story")
    if not sees(user, "story") or (request.method == "POST" and not may_change):
        raise PermissionDenied
    if request.method == "POST":
        if request.POST.get("do") != "text" and not may_group(user):
            raise PermissionDenied
        texts = StoryTextForm(request.POST, instance=story)
        if answer := _act(request, story, texts):
            return answer
        drafts.keep(user, drafts.STORY, str(pk), request.POST)  # nothing that was typed is lost
    typed = _typed(request, story)
    if request.method != "POST" or "headline" not in typed:
        texts = StoryTextForm(typed if "headline" in typed else None, instance=story)
    done = list(_done(story))
    context = _members(request, story, typed) | {
        "title": str(story)[:MAX_LINE],
        "story": story,
        "texts": texts,
        "typed": typed,
        "text": request.GET.get("q", ""),
        "found": searching.find(request.GET.get("q", "")),
        "done": done,
        "may_change": may_change and not story.merged_into,
        "may_group": may_group(user) and not story.merged_into,
        "may_withdraw": may_withdraw(user),
        "undoable": undoable(user, done) if may_group(user) else set(),
        **(drafts.offered(request, drafts.STORY, str(pk)) if may_change else {}),
    }
    return render(request, "desk/story.html", context)


def find(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a search finds, for a script."""
    if not sees(request.user, "story"):
        raise PermissionDenied
    text = request.GET.get("q", "")
    context = {"story": _story(pk), "text": text, "found": searching.find(text), "may_group": may_group(request.user)}
    return render(request, "desk/_story_found.html", context)


def _story(pk: int) -> Story:
    rows = Story.objects.select_related("lead__provider", "chosen_lead", "merged_into__lead", "source")
    return get_object_or_404(rows, pk=read_id(str(pk)) or 0)


def _typed(request: Any, story: Story) -> QueryDict:
    """Return what was typed and is not saved: what was sent, or the draft that the address asks for."""
    sent: QueryDict = request.POST
    if "draft" in request.GET and request.method != "POST":
        request.draft = drafts.find(request.user, drafts.STORY, str(story.pk))
        return QueryDict(request.draft.values) if request.draft else sent
    return sent


def _members(request: HttpRequest, story: Story, typed: QueryDict) -> dict[str, Any]:
    """Return the articles in the order that is asked for: groups of a name and articles, and what is said of them."""
    order = request.GET.get("order", typed.get("order", ""))
    order = order if order in ORDERS else ""
    rows = story.articles.select_related("provider").order_by("-published_at", "pk")
    found = list(rows.defer("extra", "featured_content")[: MAX_SHOWN + 1])
    number = len(found) if len(found) <= MAX_SHOWN else story.articles.count()
    found = found[:MAX_SHOWN]
    for article in found:
        article.story = story  # whose lead is loaded
    outlets = len({article.provider_id for article in found})
    groups = [("", found[::-1] if order == "oldest" else found)]
    if order == "outlet":
        found.sort(key=lambda article: (article.provider.label.casefold(), article.provider_id))
        named = groupby(found, key=lambda article: (article.provider_id, article.provider.label))
        groups = [(label, list(theirs)) for (_, label), theirs in named]
    ticked = [*typed.getlist("article"), *request.GET.getlist("article")]
    return {
        "groups": groups,
        "order": order,
        "orders": ORDERS.items(),
        "number": number,
        "more": number - len(found),
        "outlets": outlets,
        "is_seen": story.lead is not None and story.lead.is_public,
        "ticked": {read_id(text) for text in ticked},
    }


def _done(story: Story) -> Any:
    """Return the story's actions, and those of stories merged into it, newest first."""
    return done_to("story", [story.pk, *story.merged.values_list("pk", flat=True)])


def address(story: Story, order: str = "") -> str:
    return reverse("desk_story", args=[story.pk]) + (f"?order={order}" if order in ORDERS and order else "")


def _act(request: HttpRequest, story: Story, texts: Any) -> HttpResponseBase | None:
    """Do what the pressed button says. Return where to go on, or None if nothing was done."""
    story_admin: Any = admin.site.get_model_admin(Story)
    try:
        with transaction.atomic():
            actions, ahead = _asked_for(request, story, texts)
    except StoryError as error:
        messages.error(request, _("Nothing was changed: %(reason)s") % {"reason": error})
        return None
    except UndoError as error:
        tell_why_not(story_admin, request, error)
        return None
    for action in actions:
        told = succession.consequences(action.effects)
        tell(story_admin, request, action, told)
    rest = _still_typed(request)
    if rest and drafts.OFFERED not in request.POST:
        drafts.keep(request.user, drafts.STORY, str(story.pk), rest)
        return HttpResponseRedirect(ahead or address(story) + drafts.SHOWN)
    if drafts.OFFERED not in request.POST:
        drafts.forget(request.user, drafts.STORY, str(story.pk))
    if unfinished := [action for action in actions if action.left]:  # an undo of much
        ahead = _going_on(unfinished[0], story)
    now = actions[-1].story if actions and actions[-1].kind == Kind.SPLIT else story
    return HttpResponseRedirect(ahead or address(now or story, request.POST.get("order", "")))


def _going_on(action: Action, story: Story) -> str:
    return reverse("admin:articles_action_go", args=[action.pk]) + f"?story={story.pk}"


def _still_typed(request: HttpRequest) -> QueryDict:
    """Return what was typed or chosen beside what the pressed button used."""
    do, rest = request.POST.get("do", ""), QueryDict(mutable=True)
    for name in ("new_headline", "article") if do == "text" else ("new_headline",):
        if do != "split" and any(request.POST.getlist(name)):
            rest.setlist(name, request.POST.getlist(name))
    return rest


def _asked_for(request: HttpRequest, story: Story, texts: Any) -> tuple[list[Action], str]:
    """Save the texts if they were changed, and do what the pressed button says.

    Return what was done, and the address of a page that shows the rest before it is done. Raises StoryError if that is
    not possible.
    """
    are_right = texts.is_valid()
    story.refresh_from_db()  # the form wrote into it
    if not are_right:
        raise StoryError(_("look at the headline and the summary."))
    do, _dash, key = request.POST.get("do", "").partition("-")
    reason, done, ahead = _line(request, "reason"), [], ""
    if do == "undo":  # first: a text written before would stand in its way
        done.append(_undo(request, story, key, reason))
        story.refresh_from_db()
    if texts.changed_data or do == "text":
        written = {"headline": story.headline, "summary": story.summary} | {
            name: texts.cleaned_data[name] for name in texts.changed_data
        }
        done.append(editing.write(story, **written, user=request.user, reason=reason))
    if do == "merge":
        other = _other(request, key)
        if other.pk == story.pk:
            raise StoryError(_("Choose another story to merge with."))
        ahead = reverse("desk_combine") + f"?story={other.pk}&story={story.pk}"
    elif do in DECISIONS:
        action, ahead = _decide(request, story, DECISIONS[do])
        done += [action] if action else []
    elif do not in ("text", "undo"):
        done.append(_group(request, story, do, key, reason))
    return done, ahead


def _line(request: HttpRequest, name: str) -> str:
    """Return a text that was sent, without NUL, which PostgreSQL cannot store."""
    return request.POST.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:MAX_LINE]


def _ticked(request: HttpRequest, story: Story) -> Any:
    ticked = map(read_id, request.POST.getlist("article"))
    return story.articles.filter(pk__in=[pk for pk in ticked if pk])


def _other(request: HttpRequest, key: str) -> Story:
    """Return the other story that a button names, or that was chosen beside it."""
    pk = read_id(key or request.POST.get("story", ""))
    found = Story.objects.select_related("lead").filter(pk=pk or 0, merged_into=None).first()
    if found is None:
        raise StoryError(_("Choose another story that still exists."))
    return found


def _group(request: HttpRequest, story: Story, do: str, key: str, reason: str) -> Action:
    user: Any = request.user
    articles = list(_ticked(request, story))
    if do == "add":
        found = Article.objects.filter(pk=read_id(key) or 0).first()
        if found is None:
            raise StoryError(_("The article is gone."))
        return editing.move([found], story, user, reason)
    if do == "split":
        return editing.split(articles, user, reason, _line(request, "new_headline"))
    if do == "withdraw":
        return editing.withdraw(articles, user, reason)
    if do == "lead":
        if len(articles) != 1:
            raise StoryError(_("Select exactly one article to lead the story."))
        return editing.set_lead(articles[0], user, reason)
    if do == "release":
        return editing.release_lead(story, user, reason)
    if do == "move":
        if not articles:
            raise StoryError(_("Select the articles."))
        return editing.move(articles, _other(request, key), user, reason)
    raise StoryError(_("Choose an action."))


def _undo(request: HttpRequest, story: Story, key: str, reason: str) -> Action:
    ids = [action.pk for action in _done(story)]
    action = Action.objects.filter(pk__in=ids, pk=read_id(key) or 0).first()
    if action is None:
        raise StoryError(_("this step is not one of the story's."))
    if not may_undo(request.user, action):
        raise PermissionDenied
    return undo.undo(action, request.user, reason)


def _decide(request: HttpRequest, story: Story, kind: str) -> tuple[Action | None, str]:
    """Decide about one article at once; if a story would be hidden, or of several, lead to a page that asks first."""
    if kind == Kind.REMOVE and not may_withdraw(request.user):
        raise PermissionDenied(_("This takes the permission to withdraw articles."))
    found = list(_ticked(request, story))
    if not found:
        raise StoryError(_("Select the articles."))
    takes = kind in (Kind.UNPUBLISH, Kind.REMOVE)
    if len(found) > 1 or (takes and leads.losses([found[0].pk])):
        action = deciding.plan(kind, _ticked(request, story), request.user)
        return None, _going_on(action, story)
    if kind == Kind.PUBLISH and found[0].removed:
        raise StoryError(_("It is removed for good: restore it in its form first."))
    action = deciding.decide(kind, found[0], request.user, reason=_line(request, "reason"))
    if not action.pk:
        raise StoryError(_("Nothing had to be changed."))
    return action, ""
