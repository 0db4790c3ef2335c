"""The WSGI application that a production server runs."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

if not settings.DEBUG and not os.environ.get("NEWSROOM_SECRET_KEY"):
    raise ImproperlyConfigured(
        "NEWSROOM_SECRET_KEY: expected at least 20 random characters that stay the same from start to start,"
        " found nothing. (For a look around, `manage.py demo` needs none.)"
    )

application = get_wsgi_application()
