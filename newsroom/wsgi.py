"""The WSGI application that a production server runs."""

import logging
import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from newsroom.environment import is_private
from newsroom.logs import Masked

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

if not settings.DEBUG and not os.environ.get("NEWSROOM_SECRET_KEY"):
    raise ImproperlyConfigured(
        "NEWSROOM_SECRET_KEY: expected at least 20 random characters that stay the same from start to start,"
        " found nothing. (For a look around, `manage.py demo` needs none.)"
    )

application = get_wsgi_application()
if not is_private(settings.BASE_DIR / ".env"):
    logging.getLogger("newsroom.start").warning("Other accounts can read .env: run chmod 600 .env")
logging.getLogger("gunicorn.error").addFilter(Masked())  # which says what fails before and after a request
