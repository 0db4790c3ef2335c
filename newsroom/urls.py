"""Addresses. Public ones are promises: see README.md."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

urlpatterns = [
    path("admin/", admin.site.urls),
    # Our copies of pictures. A web server in front may serve the folder itself.
    re_path(r"^media/(?P<path>pictures/[\w./-]+)$", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include("articles.urls")),
]
