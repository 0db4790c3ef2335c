"""The desk's addresses, below `/admin/`. Only staff get there, as everywhere in the admin."""

from django.contrib import admin
from django.http import QueryDict
from django.urls import path

from ..admin import queue
from . import views
from .filters import Filter

staff = admin.site.admin_view
queue.LISTS["triage"] = queue.List(lambda query, pk: Filter.read(QueryDict(query)).around(pk), "desk_triage")

urlpatterns = [
    path("desk/", staff(views.home), name="desk"),
    path("desk/triage/", staff(views.triage), name="desk_triage"),
    path("desk/triage/<int:pk>/", staff(views.card), name="desk_card"),
    path("desk/triage/<int:pk>/stories/", staff(views.candidates), name="desk_candidates"),
    path("desk/filters/", staff(views.saved_filters), name="desk_filters"),
]
