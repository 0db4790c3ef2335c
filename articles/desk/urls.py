"""The desk's addresses, below `/admin/`. Only staff get there, as everywhere in the admin."""

from django.contrib import admin
from django.urls import path

from . import intake, outgo, views

staff = admin.site.admin_view

urlpatterns = [
    path("desk/", staff(views.home), name="desk"),
    path("desk/triage/", staff(views.triage), name="desk_triage"),
    path("desk/triage/<int:pk>/", staff(views.card), name="desk_card"),
    path("desk/triage/<int:pk>/stories/", staff(views.candidates), name="desk_candidates"),
    path("desk/import/", staff(intake.start), name="desk_import"),
    path("desk/import/<int:pk>/", staff(intake.upload), name="desk_upload"),
    path("desk/import/<int:pk>/part/", staff(intake.part), name="desk_upload_part"),
    path("desk/export/", staff(outgo.export), name="desk_export"),
    path("desk/filters/", staff(views.saved_filters), name="desk_filters"),
]
