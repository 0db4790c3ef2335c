"""The desk's addresses, below `/admin/`. Only staff get there, as everywhere in the admin."""

from django.contrib import admin
from django.urls import path

from . import log, restore, views

staff = admin.site.admin_view

urlpatterns = [
    path("desk/", staff(views.home), name="desk"),
    path("desk/triage/", staff(views.triage), name="desk_triage"),
    path("desk/triage/<int:pk>/", staff(views.card), name="desk_card"),
    path("desk/triage/<int:pk>/stories/", staff(views.candidates), name="desk_candidates"),
    path("desk/log/", staff(log.log), name="desk_log"),
    path("desk/restore/<int:pk>/", staff(restore.restore), name="desk_restore"),
    path("desk/restore/import/<int:pk>/", staff(restore.restore_imported), name="desk_restore_imported"),
    path("desk/imports/<int:pk>/", staff(restore.imported), name="desk_imported"),
    path("desk/filters/", staff(views.saved_filters), name="desk_filters"),
]
