"""What every template may print."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from .models import Article, Topic

MENU = 12  # topics


def site(request):
    """`menu` costs a query, and only on pages that print it."""
    return {
        "site_name": settings.NEWSROOM_SITE_NAME,
        "base_url": settings.NEWSROOM_BASE_URL,
        "menu": SimpleLazyObject(menu),
    }


def menu():
    """The first topics below the sites' own that something is published about."""
    in_use = Article.objects.published().values("topic_links__tag")
    return list(Topic.objects.exclude(parent=None).filter(pk__in=in_use)[:MENU])
