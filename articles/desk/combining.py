"""The page before stories are merged or articles combined, wherever that began, and the list of stories."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ..admin import succession
from ..admin.base import may_group
from ..admin.recorded import tell
from ..admin.rights import NO_MANY, may_decide_about
from ..models import Article, Story
from ..stories.editing import StoryError
from ..text.numbers import read_id
from . import joining, searching
from .queues import sees

LATEST = 30  # stories of the list


def stories(request: HttpRequest) -> HttpResponse:
    """Show the latest stories, or those that a search finds. Some can be chosen to become one."""
    if not sees(request.user, "story"):
        raise PermissionDenied
    text = request.GET.get("q", "")
    has_articles = Exists(Article.objects.filter(story=OuterRef("pk")))
    rows = Story.objects.filter(has_articles, merged_into=None).select_related("lead__provider")
    if text:
        ids = list(dict.fromkeys(article.story_id for article in searching.find(text) if article.story_id))
        found = rows.in_bulk(ids)
        shown = [found[pk] for pk in ids if pk in found]
    else:
        shown = list(rows.order_by("-pk")[:LATEST])
    context = {
        "title": _("Stories"),
        "page": "stories",
        "stories": shown,
        "text": text,
        "may_group": may_group(request.user),
    }
    return render(request, "desk/stories.html", context)


def view(request: HttpRequest) -> HttpResponse:
    """Show what becomes one story, and what that does. A POST does it."""
    if not may_group(request.user):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    ids = [[pk for pk in map(read_id, given.getlist(name)) if pk] for name in ("story", "article")]
    if not may_decide_about(request.user, len(ids[0]) + len(ids[1])):
        raise PermissionDenied(NO_MANY)
    joined = joining.read(ids[0], ids[1], read_id(given.get("into")))
    if request.method == "POST" and _is_as_shown(request, joined):
        try:
            return _join(request, joined)
        except StoryError as error:
            messages.error(request, _("Nothing was changed: %(reason)s") % {"reason": error})
    elif request.method == "POST":
        messages.info(request, _("This is what happens then. Nothing is changed yet."))
    text = request.GET.get("q", "")
    context = {
        "title": _("Make one story"),
        "joined": joined,
        "told": joined.told() if joined.is_possible else [],
        "text": text,
        "found": searching.find(text),
        "query": urlencode({"story": ids[0], "article": ids[1]}, doseq=True),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "desk/combine.html", context)


def _is_as_shown(request: HttpRequest, joined: joining.Joined) -> bool:
    """Return whether the page said what will be done: for this story, and with these articles in all."""
    shown = f"{joined.into.pk if joined.into else ''} {joined.size}"
    return request.POST.get("shown") == shown


def _join(request: HttpRequest, joined: joining.Joined) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:500]
    if not joined.is_possible:
        raise StoryError(_("Choose two stories, or a story and an article, or two articles."))
    user: Any = request.user
    action, effects = joined.join(user, reason)
    told = mark_safe(" ".join(succession.consequences(one) for one in effects))  # noqa: S308 (each part is escaped)
    tell(admin.site.get_model_admin(Story), request, action, told)
    story = joined.into or action.story
    return HttpResponseRedirect(reverse("desk_story", args=[story.pk]))
