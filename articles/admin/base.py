"""What all admin classes share: strict addresses, lists that never count all rows, and accessible date fields.

Whoever may see a list may sort and filter it, but only by what it declares: with any other column and lookup a viewer
could read passwords and tokens letter by letter, or stop a worker with a regular expression.
"""

from functools import cache
from itertools import islice

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db import connection, models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext

from ..models import ArticleImage, ArticleTag, ArticleTopic, ProviderImage, TopicAlias
from ..text.numbers import read_id
from . import unsaved
from .conflict_aware_forms import ConflictAwareForm
from .drafts import DraftedAdmin
from .fields import Json, StrictFields
from .rights import MANY, NO_MANY, may_decide_about

MAX_COUNT = 10_000  # rows a list counts and pages through; search reaches the rest
MAX_WORDS, MAX_SEARCH = 20, 500  # words and characters of a search: databases limit the size of a statement


class CappedPaginator(Paginator):
    """Stop counting at MAX_COUNT rows."""

    @cached_property
    def count(self):
        return self.object_list.order_by().values("pk")[:MAX_COUNT].count()


class DateAndTime(AdminSplitDateTime):
    """Django's widget with a label for screen readers on each half."""

    def __init__(self, attrs=None):
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name

    def get_context(self, name, value, attrs):
        """Say in which zone the time is."""
        context = super().get_context(name, value, attrs)
        context["time_label"] = f"Time ({timezone.get_current_timezone_name()}):"
        return context


WIDGETS = {models.DateTimeField: {"widget": DateAndTime}, models.JSONField: {"form_class": Json}}


def may_group(user):
    """Return whether a user may change which articles are a story: it changes both, and what readers see."""
    return user.has_perms(["articles.change_article", "articles.change_story"])


def tell_of_file(model_admin, request, fields):
    """Tell an editor that an import changed fields which they changed too."""
    if fields:
        names = " and ".join(name.replace("_", " ") for name in fields)
        text = f"An import changed {names} while your form was open. Yours is saved; the file's waits under Conflicts."
        model_admin.message_user(request, text, messages.WARNING)


def isolated(text):
    """Return text of strangers as HTML in which it cannot change the order of what is around it."""
    return format_html("<bdi>{}</bdi>", text)


@cache
def isolated_column(model, name):
    """Return a column of a list that keeps text and names of rows to itself; another column as it is."""
    try:
        field = model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return name
    if not isinstance(field, (models.CharField, models.TextField, models.ForeignKey)) or field.choices:
        return name

    def column(row):
        value = getattr(row, name)
        return isolated(value) if value else None

    column.__name__ = name
    return admin.display(column, description=label_for_field(name, model), ordering=name)


def filtering(field):
    """Return the names of the parameters by which Django's filters filter by a field."""
    chosen = field.choices or isinstance(field, models.BooleanField)
    end = "__id__exact" if field.is_relation else "__exact" if chosen else ""
    return {f"{field.name}{end}", f"{field.name}__isnull"}


class StrictAdmin(StrictFields, DraftedAdmin):
    """Take nothing from an address but what is declared, whatever it says."""

    form = ConflictAwareForm
    list_per_page = MANY
    linked = []  # parameters of the list that other pages link to, besides those of its filters

    def lookup_allowed(self, lookup, value, request=None):
        """Return whether the list may be filtered by this: if not, Django answers 400 and logs it.

        What names no column is ignored, as Django does: it leads to the whole list.
        """
        if lookup in self._parameters(request):
            if lookup.endswith("__id__exact") and not read_id(value):
                raise IncorrectLookupParameters
            return True
        if {lookup.partition("__")[0]} & {"pk", *(field.name for field in self.opts.get_fields())}:
            return False
        raise IncorrectLookupParameters

    def _parameters(self, request):
        """Return the names of the parameters that filter the list."""
        found = {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day") if self.date_hierarchy}
        for declared in self.get_list_filter(request):
            name = declared[0] if isinstance(declared, (list, tuple)) else declared
            found |= filtering(self.opts.get_field(name)) if isinstance(name, str) else {name.parameter_name}
        return found.union(self.linked)

    def changelist_view(self, request, extra_context=None):
        """Show the list. Of each parameter the last value counts, without NUL, which PostgreSQL cannot compare."""
        request.GET, given = request.GET.copy(), request.GET
        for name in given:
            request.GET.pop(name)
            request.GET[name.replace("\0", "")] = given[name].replace("\0", "")
        if request.method == "POST":
            request.POST = request.POST.copy()
            chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
            request.POST.setlist(ACTION_CHECKBOX_NAME, [text for text in chosen if read_id(text)])
            self._expect_permitted_action(request)
        context = {"may_select_all": may_decide_about(request.user, MANY + 1), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _expect_permitted_action(self, request):
        """Refuse an action that is not offered for want of a permission, which Django would ignore."""
        offered = self.get_actions(request)
        for _, name, description in self._get_base_actions() if self.actions is not None else ():
            if name in request.POST.getlist("action") and name not in offered:
                text = str(description) % {"verbose_name_plural": self.opts.verbose_name_plural}
                raise PermissionDenied(gettext("It takes another permission to do this: %(what)s.") % {"what": text})

    def response_action(self, request, queryset):
        """Do an action to the rows that were chosen, if the user may decide about so many."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        number = queryset.order_by()[: MANY + 1].count() if request.POST.get("select_across") == "1" else len(chosen)
        if not may_decide_about(request.user, number):
            raise PermissionDenied(NO_MANY)
        return super().response_action(request, queryset)

    def get_object(self, request, object_id, from_field=None):
        """Return a row. Of two people who save it at once, the second waits, so that it is told of what was saved."""
        found = super().get_object(request, object_id, from_field or None)
        if found and request.method == "POST" and connection.in_atomic_block:
            list(self.model._base_manager.select_for_update().filter(pk=found.pk).values_list("pk"))
            found = super().get_object(request, object_id, from_field or None)
        return found

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Give the texts of a form back whose row somebody deleted meanwhile."""
        if request.method == "POST":
            return unsaved.page(request, f"Somebody deleted this {opts.verbose_name} meanwhile.", status=404)
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)

    def get_search_results(self, request, queryset, search_term):
        words = search_term[:MAX_SEARCH].replace("\0", " ").split()
        return super().get_search_results(request, queryset, " ".join(islice(words, MAX_WORDS)))

    def get_changeform_initial_data(self, request):
        """Fill in nothing from the address: no page links to a form with values."""
        return {}

    def get_list_display(self, request):
        return [isolated_column(self.model, name) for name in super().get_list_display(request)]

    def get_deleted_objects(self, objs, request):
        """Return what goes with rows: what people know by its name. The rest is only computed from it, or records."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        known = {*self.admin_site._registry, ArticleImage, ArticleTag, ArticleTopic, ProviderImage, TopicAlias}
        names = {str(model._meta.verbose_name): str(model._meta.verbose_name_plural) for model in apps.get_models()}
        for model in known:
            names.pop(str(model._meta.verbose_name), None)
        begin = tuple(f"{capfirst(name)}: " for name in names)
        counts = {name: number for name, number in counts.items() if str(name) not in names.values()}
        return list(without(listed, begin)), counts, needed, protected


def without(listed, begin):
    """Yield the items of a nested list that do not begin so, without lists that become empty."""
    for item in listed:
        if isinstance(item, list):
            if rest := list(without(item, begin)):
                yield rest
        elif not item.startswith(begin):
            yield item


class QuickAdmin(StrictAdmin):
    """List rows at a cost that does not grow with the table."""

    formfield_overrides = WIDGETS
    paginator = CappedPaginator
    show_full_result_count = False


class ReadOnlyAdmin(QuickAdmin):
    """List rows that nobody adds, changes or deletes here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
