"""Tells a WebSub hub (https://www.w3.org/TR/websub/) which feeds changed, so that it passes them on at once.

A command does it, after imports and every minute: nobody who saves waits for a hub, or fails with it. Whether a
feed changed is told by what it says, so that none is forgotten, and none is told twice.
"""

from datetime import timedelta
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.http import urlencode

from ..models import Article, DeletedArticle, HubNotice, Provider, StoryAction, Topic
from .feeds import FORMATS, provider_feed, site_feed, topic_feed

OVERLAP = timedelta(hours=1)  # longer than any transaction: what it changed before it was committed counts too
TIMEOUT = 10  # seconds


def changed_feeds():
    """The feeds that say something else than what the hub was told last, or was to be told."""
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
        except URLError as error:
            problem = str(error.reason)
            failed.append(feed)
    return told, failed, problem


def tell(hub, feed):
    """Tell the hub of a feed's addresses, and remember that. Raises URLError if it does not take it."""
    postpone(feed)
    for name in FORMATS:
        body = urlencode({"hub.mode": "publish", "hub.topic": feed.address(name), "hub.url": feed.address(name)})
        _post(hub, body.encode())
    HubNotice.objects.filter(feed=feed.guid).update(digest=feed.digest())


def postpone(feed):
    """Remember that the hub is to be told of a feed."""
    HubNotice.objects.update_or_create(feed=feed.guid, defaults={"digest": "", "at": timezone.now()})


def _post(hub, body):
    try:
        with urlopen(Request(hub, body), timeout=TIMEOUT):  # noqa: S310 (http or https: the setting is checked)
            pass
    except (OSError, ValueError) as error:  # URLError, timeouts, answers that are none
        raise URLError(str(error)) from error


def _candidates(since, told):
    """Feeds that may have changed: of the articles that did, or that came to be public, and those not taken yet."""
    now = timezone.now()
    edited = StoryAction.objects.filter(at__gte=since).values("story")
    articles = Article.objects.filter(
        Q(updated_at__gte=since) | Q(published_at__gte=since, published_at__lte=now) | Q(story__in=edited)
    )
    topics = set(articles.values_list("topic_links__tag", flat=True))
    providers = set(articles.values_list("provider", flat=True))
    deleted = DeletedArticle.objects.filter(deleted_at__gte=since)
    if providers or not told or not all(told.values()) or deleted.exists():
        yield site_feed()
        topics |= _numbers(told, "topic")  # that an article may have left
        providers |= _numbers(told, "provider")
    for topic in Topic.objects.filter(pk__in=topics - {None}):
        yield topic_feed(topic)
    for provider in Provider.objects.filter(pk__in=providers):
        yield provider_feed(provider)


def _numbers(guids, kind):
    """The numbers of the topics or providers whose feeds these are."""
    parts = [guid.rpartition(":")[2].split("/") for guid in guids]
    return {int(part[1]) for part in parts if part[0] == kind}
