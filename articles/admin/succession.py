"""What editors are asked before a step takes the leads of stories away, and what they are told after it."""

from contextlib import contextmanager

from django.contrib import messages
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from ..db.bulk import batches
from ..models import Article, Story
from ..stories import leads
from .presentation import names

ANSWER = "stories"  # the name of the answer in a request
NEXT, HIDE = "next", "hide"
ANSWERS = [(NEXT, _("Let the next best article lead, and publish it")), (HIDE, _("Hide the story from readers"))]
OF_MANY = [(NEXT, _("Let the next best articles lead, and publish them")), (HIDE, _("Hide the stories from readers"))]
MAX_STORIES_TOLD = 5


def question(model_admin, request, articles):
    """Return a page that asks what becomes of stories that would be hidden without these articles; None if none would.

    Its buttons send the request again with an answer. If that is to let the next best articles lead, publish them.
    """
    found = leads.losses([article.pk for article in articles])
    answer = request.POST.get(ANSWER)
    may_publish = request.user.has_perm("articles.change_article")
    if found and answer not in ((NEXT, HIDE) if may_publish else (HIDE,)):
        sent = [(name, value) for name, found in request.POST.lists() for value in found]
        context = {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": "Stories that would be hidden",
            "losses": found,
            "sent": [(name, value) for name, value in sent if name not in ("csrfmiddlewaretoken", ANSWER)],
            "answers": answers(found) if may_publish else answers(found)[-1:],
            "name": ANSWER,
        }
        return TemplateResponse(request, "admin/articles/article/lead_question.html", context)
    if answer == NEXT:
        hand_over(model_admin, request, found)
    return None


def answers(found):
    """Return the answers to what becomes of stories that would be hidden: pairs of a value and its words."""
    words = ANSWERS if len(found) == 1 else OF_MANY
    return words if any(loss.heir for loss in found) else words[1:]


def hand_over(model_admin, request, found):
    """Publish the next leads of stories that are about to lose theirs, and say so."""
    leads.hand_over(found, request.user)
    if heirs := [loss.heir.title for loss in found if loss.heir]:
        model_admin.message_user(request, format_html("Published: {}.", names(heirs)), messages.INFO)


@contextmanager
def told(model_admin, request, articles):
    """Tell an editor which stories have another lead, or are hidden, after the block did something to articles."""
    before, titles = {}, {}
    for ids in batches({article.story_id for article in articles if article.story_id}):
        led = Article.objects.published().leading().filter(story__in=ids)
        for story_id, article_id, title in led.values_list("story", "pk", "title"):
            before[story_id], titles[story_id] = article_id, title
    yield
    now = Story.objects.select_related("lead").filter(pk__in=before)
    changed = [story for story in now if story.lead_id != before[story.pk]]
    shown = leads.shown(before)
    for story in changed[:MAX_STORIES_TOLD]:
        if story.pk in shown:
            said = format_html("{} leads its story now.", names([story.lead.title]))
            model_admin.message_user(request, said, messages.INFO)
    hidden = [title for pk, title in titles.items() if pk not in shown]
    if hidden:
        said = format_html("Readers no longer see these stories: {}.", names(hidden))
        model_admin.message_user(request, said, messages.WARNING)


def tell_of_coverage(model_admin, request, articles):
    """Tell an editor which articles readers still see, though they are not published."""
    seen = [article.title for article in Article.objects.shown().filter(published=False, pk__in=articles.values("pk"))]
    if seen:
        said = format_html(
            "Readers still see {} as coverage on the pages of their stories, which shows what is not published. "
            "To take coverage off these pages too, remove it.",
            names(seen),
        )
        model_admin.message_user(request, said, messages.WARNING)


def tell_of_times(model_admin, request, article, changed):
    """Tell an editor what the times of an article will not do, or will do to its story, if they were changed."""
    if {"live_at", "ends_at"}.isdisjoint(changed):
        return
    if not article.published and (article.live_at or article.ends_at):
        text = "It is not published, so it does not go live by itself: tick Published for that."
        model_admin.message_user(request, text, messages.WARNING)
    elif article.ends_at and not article.has_ended and leads.is_last_at(article, article.ends_at):
        text = "When it ends, readers will no longer see its story: none of the other articles is published then."
        model_admin.message_user(request, text, messages.WARNING)


def consequences(found):
    """Return as HTML what else a step in stories did: what is published, who leads, what stays, and what is hidden.

    `found` are its `Effects`, or None.
    """
    if found is None:
        return ""
    told = (
        (_("Published: {}."), found.published),
        (_("No longer published: {}."), found.unpublished),
        (_("Leading now: {}."), found.leading),
        (_("Still published, as coverage: {}."), found.deposed),
        (_("Readers do not see: {}."), found.unseen),
    )
    lines = ((sentence, names([article.title for article in articles])) for sentence, articles in told if articles)
    return format_html_join(" ", "{}", ((format_html(sentence, titles),) for sentence, titles in lines))
