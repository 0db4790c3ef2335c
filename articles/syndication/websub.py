"""WebSub: tell a hub (https://www.w3.org/TR/websub/) which feeds changed, so that it passes them on at once.

A command does it, after imports and every minute, so that nobody who saves an article waits for the hub or fails with
it. A feed changed if the hash of what it says did: none is forgotten, and none is announced twice.
"""

from datetime import timedelta

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.http import urlencode

from ..models import ActionRow, Article, DeletedArticle, HubNotice, Provider, Topic
from ..net import fetching
from .feeds import FORMATS, provider_feed, site_feed, topic_feed

OVERLAP = timedelta(hours=1)  # longer than any transaction, which may commit rows dated before the last run


def changed_feeds():
    """Yield the feeds that changed since the hub was told of them, or that it did not accept."""
    told = dict(HubNotice.objects.values_list("feed", "digest"))
    last = HubNotice.objects.aggregate(last=Max("at"))["last"]
    for feed in _candidates((last or timezone.now()) - OVERLAP, told):
        if told.get(feed.guid) != feed.digest():
            yield feed


def tell_all(hub, feeds):
    """Tell the hub of `feeds`. Return the feeds told, those that failed, and why the first one failed, or "".

    Once one failed the hub is down: the others would only wait for it too, and are left to the next run.
    """
    told, failed, problem = [], [], ""
    for feed in feeds:
        if problem:
            postpone(feed)
            failed.append(feed)
            continue
        try:
            tell(hub, feed)
            told.append(feed)
        except fetching.FetchError as error:
            problem = str(error)
            failed.append(feed)
    return told, failed, problem


def tell(hub, feed):
    """Tell the hub of a feed's addresses, and store that it was told. Raises FetchError if it does not accept it."""
    postpone(feed)
    for name in FORMATS:
        body = urlencode({"hub.mode": "publish", "hub.topic": feed.address(name), "hub.url": feed.address(name)})
        fetching.post(hub, body.encode())
    HubNotice.objects.filter(feed=feed.guid).update(digest=feed.digest())


def postpone(feed):
    """Store that the hub must still be told of a feed."""
    HubNotice.objects.update_or_create(feed=feed.guid, defaults={"digest": "", "at": timezone.now()})


def _candidates(since, told):
    """Yield the feeds of articles that changed or became public since, and those the hub did not accept."""
    now = timezone.now()
    edited = ActionRow.objects.filter(model="story", action__at__gte=since).values("key")
    timed = Q()
    for name in ("published_at", "live_at", "ends_at"):
        timed |= Q(**{f"{name}__gte": since, f"{name}__lte": now})
    others = Article.objects.filter(timed, story__isnull=False).values("story")  # of which another may lead now
    articles = Article.objects.filter(Q(updated_at__gte=since) | timed | Q(story__in=edited) | Q(story__in=others))
    topics = set(articles.values_list("topic_links__tag", flat=True))
    providers = set(articles.values_list("provider", flat=True))
    deleted = DeletedArticle.objects.filter(deleted_at__gte=since)
    if providers or not told or not all(told.values()) or deleted.exists():
        yield site_feed()
        topics |= _keys(told, "topic")  # which an article may have left
        providers |= _keys(told, "provider")
    for topic in Topic.objects.filter(pk__in=topics - {None}):
        yield topic_feed(topic)
    for provider in Provider.objects.filter(pk__in=providers):
        yield provider_feed(provider)


def _keys(guids, kind):
    """Return the primary keys of the topics, or providers, of these feeds."""
    parts = [guid.rpartition(":")[2].split("/") for guid in guids]
    return {int(part[1]) for part in parts if part[0] == kind}
