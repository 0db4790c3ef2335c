"""Public addresses. They are promises: once one works it stays."""

from django.urls import path

from . import api

API = [
    ("index.json", api.article_list),
    ("page/<int:page>/index.json", api.article_list),
    ("<str:slug>/index.json", api.topic_or_article),
    ("<str:slug>/page/<int:page>/index.json", api.topic_list),
]

urlpatterns = [
    *(path(f"api/news/{address}", view) for address, view in API),
    *(path(f"<slug:source>/api/news/{address}", view) for address, view in API),
]
