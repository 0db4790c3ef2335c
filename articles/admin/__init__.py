"""The admin for editors. Each module imported here registers its models."""

from django.conf import settings
from django.contrib import admin

from . import (  # noqa: F401
    accounts,
    actions,
    articles,
    imports,
    newsletter,
    ranking,
    stories,
    suggestions,
    taxonomy,
    users,
)

admin.site.site_header = admin.site.site_title = settings.NEWSROOM_SITE_NAME
admin.site.index_title = "Site administration"
admin.site.enable_nav_sidebar = False  # lists need the room
