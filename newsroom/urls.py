"""Addresses. Public ones are promises: see docs/addresses.md."""

from django.contrib import admin
from django.urls import include, path, re_path

from articles.admin import drafts, media
from articles.desk import urls as desk

handler500 = "newsroom.unavailable.error_page"
urlpatterns = [
    path("admin/", include("newsroom.accounts.urls")),
    path("admin/", include(drafts.urlpatterns)),
    path("admin/", include(desk.urlpatterns)),
    path("admin/", admin.site.urls),
    re_path(r"^media/pictures/(?P<name>[\w-]{1,200}\.\w{1,10})$", admin.site.admin_view(media.serve)),
    path("", include("articles.urls")),
]
