"""Variables available in every template."""

from collections import defaultdict

from django.conf import settings
from django.db.models import Count
from django.utils.functional import SimpleLazyObject

from ..db.showing import showable
from ..models import Article, ArticleTopic, Topic
from .display import CHOICES, display_of

MAX_MENU_TOPICS = 12
FRONT = 200  # the best articles, whose topics are the menu where no topic is below another


def site(request):
    """Return the site's variables. `menu` and `may_edit` cost queries, but only on pages that ask for them."""
    display = display_of(request)
    return {
        "site_name": settings.NEWSROOM_SITE_NAME,
        "base_url": settings.NEWSROOM_BASE_URL,
        "display": display,
        "choices": [(choice, display[choice.name]) for choice in CHOICES],
        "has_newsletter": settings.NEWSROOM_SENDS_MAIL,
        "menu": SimpleLazyObject(menu),
        "may_edit": SimpleLazyObject(lambda: may_edit(request)),
    }


def may_edit(request):
    """Return whether readers' pages lead somebody to the forms of articles, and keep such a page from shared caches.

    Only who sends the cookie of a session is looked for, so that everybody else gets the same page for no query.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not hasattr(request, "user"):
        return False
    request.is_for_staff = request.user.is_staff and request.user.has_perm("articles.change_article")
    return request.is_for_staff


def menu():
    """Return pairs of a topic and the topics below it, of the first topics with a published article.

    Where no topic is below another, these are the largest topics. That costs a second query.
    """
    in_use = Article.objects.published().values("topic_links__tag")
    topics = showable(Topic.objects.exclude(parent=None).filter(pk__in=in_use).select_related("parent"))
    topics = topics[:MAX_MENU_TOPICS]
    below = defaultdict(list)
    for topic in topics:
        below[topic.parent].append(topic)
    return list(below.items()) or [(topic, ()) for topic in largest()]


def largest():
    """Return the topics that most of the front page's articles have, in the order of the menu. Costs one query."""
    front = Article.objects.published().ranked().values("pk")[:FRONT]
    used = ArticleTopic.objects.filter(content_object__in=front).order_by()
    most = used.values("tag").annotate(number=Count("content_object", distinct=True)).order_by("-number", "tag")
    topics = showable(Topic.objects.filter(pk__in=most.values("tag")[:MAX_MENU_TOPICS]))
    return list(topics)
