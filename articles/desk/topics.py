"""The topics of each site as a tree, in which they are moved."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ..stories import trees
from ..text.numbers import read_id
from .merging import TOPICS, done
from .queues import sees


def tree(request: HttpRequest) -> HttpResponse:
    """Show the trees. A POST moves a topic: `do` is the step, `topic` and `at` are ids."""
    user: Any = request.user
    may = user.has_perm("articles.change_topic")
    if not sees(user, "topic") or (request.method == "POST" and not may):
        raise PermissionDenied
    said = error = ""
    moved = read_id(request.POST.get("topic")) or 0
    if request.method == "POST":
        said, error = _move(request, moved)
        if not getattr(request, "htmx", False):
            if error:
                messages.error(request, error)
            else:
                messages.success(request, said)
            return HttpResponseRedirect(f"{reverse('desk_topics')}#t{moved}")
    found = trees.trees(counts=True)
    context = {
        "title": _("Topics"),
        "page": "topics",
        "sites": [(site or _("No site"), tops) for site, tops in found.items()],
        "all": [node for tops in found.values() for top in tops for node in top.walk()],
        "may_move": may,
        "may_merge": TOPICS.may(user),
        "said": said,
        "error": error,
    }
    return render(request, "desk/_topics.html" if request.method == "POST" else "desk/topics.html", context)


def _move(request: HttpRequest, topic: int) -> tuple[str, str]:
    """Move a topic. Return what was done, or why nothing was."""
    step = request.POST.get("do", "")
    if step not in trees.STEPS:
        raise Http404
    try:
        action = trees.move(topic, step, request.user, read_id(request.POST.get("at")))
    except trees.TreeError as error:
        return "", f"Nothing was changed: {error}"
    return (done(action) if action.pk else "It is there already."), ""
