"""The desk's addresses, below `/admin/`. Only staff get there, as everywhere in the admin."""

from django.contrib import admin
from django.http import QueryDict
from django.urls import path

from ..admin import queue
from . import combining, intake, log, merging, outgo, restore, story, suggestions, topics, views
from .filters import Filter

staff = admin.site.admin_view
queue.LISTS["triage"] = queue.List(lambda query, pk: Filter.read(QueryDict(query)).around(pk), "desk_triage")

urlpatterns = [
    path("desk/", staff(views.home), name="desk"),
    path("desk/triage/", staff(views.triage), name="desk_triage"),
    path("desk/triage/<int:pk>/", staff(views.card), name="desk_card"),
    path("desk/triage/<int:pk>/stories/", staff(views.candidates), name="desk_candidates"),
    path("desk/log/", staff(log.log), name="desk_log"),
    path("desk/restore/<int:pk>/", staff(restore.restore), name="desk_restore"),
    path("desk/restore/import/<int:pk>/", staff(restore.restore_imported), name="desk_restore_imported"),
    path("desk/imports/<int:pk>/", staff(restore.imported), name="desk_imported"),
    path("desk/import/", staff(intake.start), name="desk_import"),
    path("desk/import/<int:pk>/", staff(intake.upload), name="desk_upload"),
    path("desk/import/<int:pk>/part/", staff(intake.part), name="desk_upload_part"),
    path("desk/export/", staff(outgo.export), name="desk_export"),
    path("desk/filters/", staff(views.saved_filters), name="desk_filters"),
    path("desk/stories/", staff(combining.stories), name="desk_stories"),
    path("desk/stories/<int:pk>/", staff(story.view), name="desk_story"),
    path("desk/stories/<int:pk>/find/", staff(story.find), name="desk_story_find"),
    path("desk/combine/", staff(combining.view), name="desk_combine"),
    path("desk/suggestions/", staff(suggestions.view), name="desk_suggestions"),
    path("desk/suggestions/accept/", staff(suggestions.accept), name="desk_accept"),
    path("desk/suggestions/<int:pk>/", staff(suggestions.decide), name="desk_suggestion"),
    path("desk/topics/", staff(topics.tree), name="desk_topics"),
    path("desk/topics/merge/", staff(merging.topics), name="desk_topics_merge"),
    path("desk/outlets/merge/", staff(merging.outlets), name="desk_outlets_merge"),
]
