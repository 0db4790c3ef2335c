"""Addresses. Public ones are promises: see docs/addresses.md."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

urlpatterns = [
    path("admin/", admin.site.urls),
    # Our copies of pictures, for the admin's forms; readers get them below /pictures/.
    re_path(
        r"^media/(?P<path>pictures/[\w./-]+)$", admin.site.admin_view(serve), {"document_root": settings.MEDIA_ROOT}
    ),
    path("", include("articles.urls")),
]
