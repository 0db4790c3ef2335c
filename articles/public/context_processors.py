"""What every template may print."""

from collections import defaultdict

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from ..models import Article, Topic
from .display import CHOICES, display_of

MENU = 12  # topics


def site(request):
    """`menu` costs a query, and only on pages that print it."""
    display = display_of(request)
    return {
        "site_name": settings.NEWSROOM_SITE_NAME,
        "base_url": settings.NEWSROOM_BASE_URL,
        "display": display,
        "choices": [(choice, display[choice.name]) for choice in CHOICES],
        "has_newsletter": settings.NEWSROOM_SENDS_MAIL,
        "menu": SimpleLazyObject(menu),
    }


def menu():
    """The first topics that something is published about and that are below another, each list after that one."""
    in_use = Article.objects.published().values("topic_links__tag")
    topics = Topic.objects.exclude(parent=None).filter(pk__in=in_use).select_related("parent")[:MENU]
    below = defaultdict(list)
    for topic in topics:
        below[topic.parent].append(topic)
    return list(below.items())
