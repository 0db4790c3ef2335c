"""The articles before and after one in the list that its editor came from: keys and buttons lead to them.

The admin's own lists name themselves in an article's address, as Django does. Another page's list registers here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from ..models import Article
from ..text.numbers import read_id

CHANGELIST = "_changelist_filters"  # Django's name
NEXT = "_next"  # the button that saves and goes on; its value is the next article
LOOKED = 500  # articles of a list of the admin among which one is looked for
MAX_QUERY = 2000  # characters
Pair = tuple[int | None, int | None]


@dataclass(frozen=True)
class List:
    """Another page's list: what finds the articles before and after one, and where the list is."""

    around: Callable[[str, int], Pair]  # the list's query and an article's id
    address: str  # its route's name


LISTS: dict[str, List] = {}  # by the name of the parameter of an article's address


@dataclass(frozen=True)
class Queue:
    """Where somebody is in a list: the query that names it in addresses, and the ids before and after."""

    query: str
    before: int | None
    after: int | None

    def address(self, pk: int | None) -> str:
        return pk and f"{reverse('admin:articles_article_change', args=[pk])}?{self.query}"

    @property
    def previous(self) -> str:
        return self.address(self.before)

    @property
    def next(self) -> str:
        return self.address(self.after)


def _asked(request: HttpRequest) -> tuple[str, str] | None:
    """Return the parameter that names a list in the address, and the list's query; None if there is none."""
    names = (name for name in (*LISTS, CHANGELIST) if name in request.GET)
    return next(((name, request.GET[name].replace("\0", "")[:MAX_QUERY]) for name in names), None)


class QueuedAdmin(admin.ModelAdmin):
    """Lead from an article's form to the next one of the list that its editor came from."""

    def queue_of(self, request: HttpRequest, pk: int) -> Queue | None:
        asked = _asked(request)
        if asked is None:
            return None
        name, query = asked
        before, after = LISTS[name].around(query, pk) if name in LISTS else self._around(request, query, pk)
        return Queue(urlencode({name: query}), before, after)

    def _around(self, request: HttpRequest, query: str, pk: int) -> Pair:
        """Return the articles around one in the admin's list, which a query filters and sorts."""
        given, own = request.GET, QueryDict(query, mutable=True)
        page = read_id(own.get("p")) or 1
        for name in ("p", "e", "all"):
            own.pop(name, None)
        start = max((page - 2) * self.list_per_page, 0)
        request.GET = own
        try:
            rows = self.get_changelist_instance(request).queryset
            ids = list(rows.values_list("pk", flat=True)[start : start + LOOKED])
        except (IncorrectLookupParameters, SuspiciousOperation):
            return None, None
        finally:
            request.GET = given
        if pk not in ids:
            return None, None
        place = ids.index(pk)
        return ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Go on to the next article, or stay, in the list that the editor came from."""
        response = super().response_change(request, obj)
        asked = _asked(request)
        following = read_id(request.POST.get(NEXT))
        if following:
            address = reverse("admin:articles_article_change", args=[following])
            return HttpResponseRedirect(f"{address}?{urlencode([asked])}" if asked else address)
        if asked and asked[0] in LISTS:
            if "_continue" in request.POST:
                return HttpResponseRedirect(f"{request.path}?{urlencode([asked])}")
            return HttpResponseRedirect(f"{reverse(LISTS[asked[0]].address)}?{asked[1]}#a{obj.pk}")
        return response
