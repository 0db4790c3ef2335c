"""Variables available in every template."""

from collections import defaultdict

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from ..db.showing import showable
from ..models import Article, Topic
from .display import CHOICES, display_of

MAX_MENU_TOPICS = 12


def site(request):
    """Return the site's variables. `menu` costs a query, but only on pages that print it."""
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
    """Return pairs of a topic and the topics below it, of the first topics with a published article."""
    in_use = Article.objects.published().values("topic_links__tag")
    topics = showable(Topic.objects.exclude(parent=None).filter(pk__in=in_use).select_related("parent"))
    topics = topics[:MAX_MENU_TOPICS]
    below = defaultdict(list)
    for topic in topics:
        below[topic.parent].append(topic)
    return list(below.items())
