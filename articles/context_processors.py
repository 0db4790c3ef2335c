"""What every template may print."""

from django.conf import settings


def site(request):
    return {"site_name": settings.NEWSROOM_SITE_NAME, "base_url": settings.NEWSROOM_BASE_URL}
