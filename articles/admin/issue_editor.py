"""The page where an issue of the newsletter is edited before it is sent. Each step is recorded and can be undone."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Action, Article, Issue, IssueArticle
from ..newsletter import editing, issues
from ..newsletter.editing import IssueError
from ..search import finding
from ..search.query import MAX_LENGTH, parse
from ..stories.actions import Kind, quoted, recorded
from ..text.numbers import read_id
from . import drafts
from .conflict_aware_forms import ConflictAwareForm
from .recorded import done_to, tell

MAX_FOUND = 10  # articles that a search offers
MOVES = {editing.UP, editing.DOWN, editing.TOP}


class IssueForm(ConflictAwareForm):
    class Meta:
        model = Issue
        fields = ["introduction"]
        widgets = {"introduction": forms.Textarea({"rows": 5, "cols": 80})}


class NoteForm(ConflictAwareForm):
    class Meta:
        model = Article
        fields = ["note"]
        labels = {"note": gettext_lazy("Editor's note")}
        help_texts = {"note": ""}
        widgets = {"note": forms.Textarea({"rows": 2, "cols": 60})}


class Forms:
    """The texts of an issue: its introduction, and the note of each of its articles if the person may write them."""

    def __init__(self, issue, places, data, may_write_notes):
        has_all = data is not None and "introduction" in data
        self.issue = IssueForm(data if has_all else None, instance=issue)
        self.notes = {}
        for place in places if may_write_notes else ():
            prefix = f"note-{place.article_id}"
            is_sent = has_all and f"{prefix}-note" in data
            self.notes[place.pk] = NoteForm(data if is_sent else None, instance=place.article, prefix=prefix)

    def all(self):
        return [form for form in (self.issue, *self.notes.values()) if form.is_bound]

    def are_valid(self):
        return not [form for form in self.all() if not form.is_valid()]  # of each, so that each shows what is wrong

    def changes(self):
        """Return pairs of a row and the columns that were changed. Forms write into their rows: give the values too."""
        return [(form.instance, {name: form.cleaned_data[name] for name in form.changed_data}) for form in self.all()]


def view(model_admin, request, pk):
    """Show an issue's texts and articles. A POST does what its button says, and saves the texts too."""
    if request.method != "POST":
        return _show(model_admin, request, _issue(pk))
    if not model_admin.may_edit(request, _issue(pk)):
        raise PermissionDenied
    with transaction.atomic():  # of two people the second waits, so that it is told of what was saved
        list(Issue.objects.select_for_update(of=["self"]).filter(pk=pk).values_list("pk"))
        return _answer(model_admin, request, _issue(pk))


def _issue(pk):
    return get_object_or_404(Issue.objects.select_related("source"), pk=pk)


def _answer(model_admin, request, issue):
    row, do = str(issue.pk), request.POST.get("do", "")
    places = editing.places_of(issue)
    texts = Forms(issue, places, request.POST, _may_write_notes(request))
    if do != "find":
        try:
            action = _done(request, issue, texts, do)
        except IssueError as error:
            model_admin.message_user(request, _("Nothing was changed: %(why)s") % {"why": error}, messages.ERROR)
        else:
            if drafts.OFFERED not in request.POST:
                drafts.forget(request.user, drafts.ISSUE, row)
            if action.pk:
                model_admin.log_change(request, issue, str(action))
                tell(model_admin, request, action)
            else:
                model_admin.message_user(request, _("Nothing had to be changed."), messages.INFO)
            return HttpResponseRedirect(reverse("admin:articles_issue_edit", args=[issue.pk]))
    drafts.keep(request.user, drafts.ISSUE, row, request.POST)
    return _show(model_admin, request, issue, texts)


def _may_write_notes(request):
    return request.user.has_perm("articles.change_article")


def _done(request, issue, texts, do):
    """Save the texts, do what the pressed button says, and build the issue again. Return the action.

    Raises IssueError if that is not possible; then nothing is changed.
    """
    if not texts.are_valid():
        raise IssueError(_("look at the texts below."))
    action = Action(kind=Kind.CHANGE, user=request.user)
    changed = texts.changes()
    ids = [row.pk for row, values in changed if values and isinstance(row, Article)]
    with transaction.atomic(), recorded(action, only_changes=True) as record:
        record.watch(Issue.objects.filter(pk=issue.pk), IssueArticle.objects.filter(issue=issue))
        record.watch(Article.objects.filter(pk__in=ids))
        said = [_write(row, values) for row, values in changed if values]
        said += _step(issue, do)
        issue.refresh_from_db()
        issues.rebuild(issue)
        name = f"the newsletter {quoted(issue)}"
        action.what = f"Changed {name}: {', '.join(said)}" if said else f"Changed {name}"
        if record.compare():
            record.about(Issue, [issue.pk])
    return action


def _write(row, values):
    """Store the texts that were changed. Return what was done, in words."""
    if isinstance(row, Issue):
        Issue.objects.filter(pk=row.pk).update(**values)
        return "introduction"
    Article.objects.filter(pk=row.pk).update(**values, updated_at=timezone.now())
    return f"note of {quoted(row)}"


def _step(issue, do):
    """Do what a button says that names an article, such as `up-12`. Return what was done, in words."""
    verb, _dash, key = do.partition("-")
    key = read_id(key)
    if verb == "in" and key:
        article = Article.objects.filter(pk=key).first()
        if article is None:
            raise IssueError(_("This article is gone."))
        try:
            with transaction.atomic():
                editing.put_in(issue, article)
        except IntegrityError as error:
            raise IssueError(_("Another issue has just got this article.")) from error
        return [f"put in {quoted(article)}"]
    if verb not in MOVES | {"out"}:
        return []
    place = issue.places.select_related("article").filter(pk=key).first() if key else None
    if place is None or place.article is None:
        raise IssueError(_("The issue does not have this article any more."))
    if verb == "out":
        editing.leave_out(place)
        return [f"left out {quoted(place.article)}"]
    editing.move(issue, place, verb)
    return [f"moved {quoted(place.article)}"]


def _show(model_admin, request, issue, texts=None):
    may_edit = model_admin.may_edit(request, issue)
    if not model_admin.has_view_permission(request, issue):
        raise PermissionDenied
    row = str(issue.pk)
    places = editing.in_printed_order(issue, editing.places_of(issue))
    if texts is None:
        request.draft = drafts.find(request.user, drafts.ISSUE, row) if "draft" in request.GET and may_edit else None
        typed = QueryDict(request.draft.values) if request.draft else None
        texts = Forms(issue, places, typed, _may_write_notes(request))
    shown = set(issues.publishable_places(issue).values_list("pk", flat=True))
    find = request.POST.get("find", "")[:MAX_LENGTH].replace("\0", "")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Edit issue"),
        "issue": issue,
        "texts": texts,
        "places": [(place, texts.notes.get(place.pk), place.pk in shown) for place in places],
        "may_edit": may_edit,
        "find": find,
        "found": _found(find),
        "was_sought": bool(find.strip()),
        "done": done_to("issue", [issue.pk]),
        **(drafts.offered(request, drafts.ISSUE, row) if may_edit else {}),
    }
    return render(request, "admin/articles/issue/edit.html", context)


def _found(text):
    """Return the published articles that a search finds, the best first, with the issues that have them."""
    ids = finding.find(parse(text))[:MAX_FOUND] if text.strip() else []
    rows = Article.objects.select_related("provider", "newsletter_place__issue__source").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]
