"""Export from triage: the files of what a filter shows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..admin.export import answer, too_many
from ..sync import selection
from .filters import Filter
from .views import expect_right


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the files of the articles that a filter of triage shows, on all its pages."""
    expect_right(request)
    chosen = Filter.read(request.GET)
    ids = chosen.ids(selection.MOST + 1)
    if ids and len(ids) <= selection.MOST:
        return answer(request, ids)
    messages.error(request, _("There is nothing here to export.") if ids == [] else too_many())
    return HttpResponseRedirect(f"{reverse('desk_triage')}?{chosen.query()}")
