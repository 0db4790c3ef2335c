"""What was typed survives: drafts of forms, and files that were chosen, for the person alone who typed and chose them.

static/admin.js sends what is typed every few seconds; a form that could not be saved is kept too. A draft is offered
when its form is opened again, and goes when the form is saved.
"""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from ..models import FILES_KEPT, Draft, KeptFile
from ..pictures import imaging
from ..text.numbers import read_id
from .fields import PictureField

MAX_VALUES = 400_000  # characters of a draft
MAX_DRAFTS, MAX_FILES = 100, 10  # of a person: the oldest go
NEW = "new"  # instead of the id of a row that is not stored yet
STORY = "articles.story.edit"  # the page of a story's texts and articles
ISSUE = "articles.issue.edit"  # the page of an issue's texts and articles
PAGES = {STORY: "articles.story", ISSUE: "articles.issue"}  # forms that are not the admin's: their models
OFFERED = "draft_offered"  # sent by a form that offered a draft, which stays until its person takes it or not
LEFT_OUT = ("csrfmiddlewaretoken", OFFERED, "_save", "_continue", "_addanother", "do")  # tokens, and buttons
SHOWN = "?draft=1"  # after the address of a form, to show its draft
FILE = "-kept"  # after the name of a field: the number of the file that was kept for it


def find(user, form, row):
    """Return a person's draft of a form, or None."""
    return Draft.objects.filter(user=user, form=form, row=row).first()


def keep(user, form, row, values):
    """Store what a person typed in a form: the fields as a QueryDict. Return whether it is not too long.

    What was typed beside the offer of another draft does not take its place.
    """
    if OFFERED in values:
        return True
    values = values.copy()
    for name in list(values):
        if name in LEFT_OUT or "password" in name:
            del values[name]
    text = values.urlencode()
    if len(text) > MAX_VALUES:
        return False
    Draft.objects.update_or_create(user=user, form=form, row=row, defaults={"values": text, "at": timezone.now()})
    _delete_all_but(Draft.objects.filter(user=user), MAX_DRAFTS)
    return True


def _delete_all_but(rows, number):
    kept = list(rows.order_by("-at", "-pk").values_list("pk", flat=True)[:number])
    if len(kept) == number:
        rows.exclude(pk__in=kept).delete()


def forget(user, form, row):
    """Delete a draft: its form was saved, or it was thrown away."""
    Draft.objects.filter(user=user, form=form, row=row).delete()


def view(request):
    """Store or throw away a draft of who asks. A GET answers with a token, for a form from before a new log-in."""
    if request.method != "POST":
        return JsonResponse({"token": get_token(request)})
    form, row = request.POST.get("form", ""), request.POST.get("row", "")
    if not _may_write(request, form, row):
        raise PermissionDenied
    if "throw_away" in request.POST:
        forget(request.user, form, row)
        return HttpResponseRedirect(address_of(form, row))
    is_kept = keep(request.user, form, row, QueryDict(request.POST.get("values", "")))
    return HttpResponse(status=204 if is_kept else 413)


def _may_write(request, form, row):
    """Return whether somebody may save the form that a draft is of."""
    label = PAGES.get(form, form)
    model_admin = next((one for model, one in admin.site._registry.items() if model._meta.label_lower == label), None)
    if not getattr(model_admin, "has_drafts", False):
        return False
    if row == NEW:
        return form not in PAGES and model_admin.has_add_permission(request)
    found = model_admin.get_object(request, row) if read_id(row) else None
    may = getattr(model_admin, "may_edit", model_admin.has_change_permission)
    return found is not None and may(request, found)


def address_of(form, row):
    """Return the address of the form that a draft is of."""
    if form == STORY:
        return reverse("desk_story", args=[row])
    if form in PAGES:
        return reverse(f"admin:{PAGES[form].replace('.', '_')}_edit", args=[row])
    name = form.replace(".", "_")
    return reverse(f"admin:{name}_add") if row == NEW else reverse(f"admin:{name}_change", args=[row])


urlpatterns = [path("drafts/", admin.site.admin_view(view), name="drafts")]


class DraftedAdmin(admin.ModelAdmin):
    """Keep what was typed in the forms of a model, and offer it again."""

    has_drafts = True

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        given = give_files_again(request) if request.method == "POST" and self.has_drafts else []
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and response.status_code == 302 and self.has_drafts:
            if OFFERED not in request.POST:
                forget(request.user, *self._key(object_id))
            KeptFile.objects.filter(pk__in=given).delete()
            response["Location"] = response.url.removesuffix(SHOWN)
        return response

    def _key(self, object_id):
        return self.opts.label_lower, NEW if object_id is None else str(read_id(unquote(str(object_id))) or "")

    def _changeform_view(self, request, object_id, form_url, extra_context):
        """Show a form, with a draft in it if the address asks for that."""
        asked = request.method == "GET" and "draft" in request.GET and self.has_drafts
        request.draft = find(request.user, *self._key(object_id)) if asked else None
        if request.draft is None:
            return super()._changeform_view(request, object_id, form_url, extra_context)
        # As if it were sent again; `get_form` sees to it that nothing is saved.
        request.POST, request.method = QueryDict(request.draft.values), "POST"
        try:
            return super()._changeform_view(request, object_id, form_url, extra_context)
        finally:
            request.method = "GET"

    def get_form(self, request, obj=None, change=False, **options):
        form = super().get_form(request, obj, change=change, **options)
        form.is_draft = getattr(request, "draft", None) is not None
        return form

    def save_form(self, request, form, change):
        if form.is_draft:
            raise PermissionDenied  # never reached: a draft is not valid
        return super().save_form(request, form, change)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        may_save = self.has_change_permission(request, obj) if change else self.has_add_permission(request)
        if self.has_drafts and may_save:
            form, row = self._key(obj and obj.pk)
            if request.method == "POST" and request.draft is None:
                keep(request.user, form, row, keep_files(request, context["inline_admin_formsets"]))
            context |= offered(request, form, row)
        return super().render_change_form(request, context, add, change, form_url, obj)


def offered(request, form, row):
    """Return what templates need to keep a draft of a form, and to offer the one that there is."""
    is_unsaved = request.method == "POST" or getattr(request, "draft", None) is not None
    found = None if is_unsaved else find(request.user, form, row)
    offers = found is not None or OFFERED in request.POST
    return {"draft_of": {"form": form, "row": row, "is_unsaved": is_unsaved, "offers": offers}, "draft": found}


def keep_files(request, formsets):
    """Keep each picture that was sent in a form which is shown again. Return the form's fields, with their numbers."""
    values = request.POST.copy()
    bounds = [form[name] for inline in formsets for form in inline.formset.forms for name in form.fields]
    for bound in bounds:
        file = request.FILES.get(bound.html_name)
        if not isinstance(bound.field, PictureField) or not file or bound.errors or file.size > imaging.MAX_BYTES:
            continue
        file.seek(0)
        kept = KeptFile.objects.create(user=request.user, name=file.name[-200:], content=file.read(), at=timezone.now())
        values[f"{bound.html_name}{FILE}"] = str(kept.pk)
        bound.help_text = format_html(
            '<strong>{} is kept.</strong> Choose another to replace it.<input type="hidden" name="{}" value="{}"> {}',
            kept.name, f"{bound.html_name}{FILE}", kept.pk, bound.help_text,
        )  # fmt: skip
    _delete_all_but(KeptFile.objects.filter(user=request.user), MAX_FILES)
    return values


def give_files_again(request):
    """Add to what was sent the files that were kept when the form could not be saved before. Return their ids."""
    given = []
    recent = KeptFile.objects.filter(user=request.user, at__gte=timezone.now() - FILES_KEPT)
    for name in [name for name in request.POST if name.endswith(FILE)]:
        field, pk = name.removesuffix(FILE), read_id(request.POST[name])
        kept = recent.filter(pk=pk).first() if pk else None
        if kept and field not in request.FILES:
            request.FILES[field] = SimpleUploadedFile(kept.name, bytes(kept.content))
            given.append(kept.pk)
    return given
