"""Feeds in RSS 2.0, Atom and JSON Feed 1.1: the newest stories of the site, a topic, an outlet or a search.

A feed's ETag is a hash of all that it says, so a client that has it gets 304 before anything is written.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, rfc3339_date
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..db.showing import page_of_a_row
from ..models import Article, Provider, Topic
from ..search.finding import MAX_HITS, find
from ..search.query import MAX_LENGTH, parse
from ..text.digests import hex_digest
from ..text.domains import normal_domain
from ..text.permalinks import absolute, moved
from ..text.plain import plain
from .entries import Entry, newest, tag_uri

JSON_FEED = "application/feed+json"
UNICODE = {"ensure_ascii": False}
RECENT = timedelta(days=7)  # always listed, even by a search with more hits than it ranks
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an empty feed changed


@dataclass(frozen=True)
class Feed:
    """What a feed says. Its address in each format is made of `folder`, the format's file name and `query`."""

    guid: str
    title: str
    description: str
    page: str
    folder: str
    entries: tuple[Entry, ...]
    query: str = ""
    has_hub: bool = True

    @property
    def updated(self):
        return max((entry.updated for entry in self.entries), default=NEVER)

    @property
    def hub(self):
        return settings.NEWSROOM_WEBSUB_HUB if self.has_hub else ""

    def address(self, name):
        return absolute(f"{self.folder}{name}{self.query}")

    def digest(self):
        """Return a hash of all that the feed says."""
        content = (self, self.hub, settings.NEWSROOM_BASE_URL, get_language())
        return hex_digest(repr(content), 12)


def site_feed():
    name = settings.NEWSROOM_SITE_NAME
    return Feed(
        guid=tag_uri("feed"),
        title=name,
        description=_("The newest on %(site)s: chosen, and grouped into stories.") % {"site": name},
        page=absolute("/"),
        folder="/feeds/",
        entries=tuple(newest(Article.objects.published())),
    )


def topic_feed(topic):
    name = plain(topic.name)
    return Feed(
        guid=tag_uri(f"topic/{topic.pk}"),
        title=f"{name} · {settings.NEWSROOM_SITE_NAME}",
        description=_("The newest about %(topic)s.") % {"topic": name},
        page=absolute(topic.get_absolute_url()),
        folder=topic.get_absolute_url(),
        entries=tuple(newest(Article.objects.published().about(topic))),
    )


def provider_feed(provider):
    name = provider.label
    return Feed(
        guid=tag_uri(f"provider/{provider.pk}"),
        title=f"{name} · {settings.NEWSROOM_SITE_NAME}",
        description=_("The newest of %(outlet)s.") % {"outlet": name},
        page=absolute(provider.get_absolute_url()),
        folder=provider.get_absolute_url(),
        entries=tuple(newest(Article.objects.published().filter(provider=provider))),
    )


def search_feed(text):
    """Return the feed of a search. It names no hub: there are endlessly many searches."""
    query = urlencode({"q": text})
    return Feed(
        guid=tag_uri(f"search?{query}"),
        title=f"{plain(text) or pgettext('page', 'Search')} · {settings.NEWSROOM_SITE_NAME}",
        description=_("The newest that a search for “%(query)s” finds.") % {"query": plain(text)},
        page=absolute(f"/search/?{query}"),
        folder="/search/",
        entries=tuple(newest(found(text))) if text else (),
        query=f"?{query}",
        has_hub=False,
    )


def found(text):
    """Return the published articles that a search finds: the best, and the recent ones if there are more."""
    query, since = parse(text), timezone.now().date() - RECENT
    ids = find(query)
    if len(ids) > MAX_HITS and (query.after is None or query.after < since):
        ids += find(replace(query, after=since))
    return Article.objects.published().filter(pk__in=ids)


@require_safe
def site(request, name):
    return respond(request, site_feed(), name)


@require_safe
@page_of_a_row
def topic(request, slug, name):
    found = Topic.objects.visible().filter(slug=slug).first()
    if found is None and (former := Topic.objects.formerly(slug)):
        return moved(request, slug, former.slug)
    if found is None:
        raise Http404
    return respond(request, topic_feed(found), name)


@require_safe
@page_of_a_row
def provider(request, domain, name):
    normal = normal_domain(domain)
    visible = Provider.objects.visible()
    found = visible.filter(domain=normal).first() or get_object_or_404(visible, aliases__domain=normal)
    if found.domain != domain:
        return moved(request, domain, found.domain)
    return respond(request, provider_feed(found), name)


@require_safe
def search(request, name):
    text = plain(request.GET.get("q", "")[:MAX_LENGTH])
    return respond(request, search_feed(text), name)


def respond(request, feed, name):
    """Return the feed in the format of the file `name`, a key of FORMATS; 304 if the client has it already."""
    etag = f'"{feed.digest()}-{name.partition(".")[2]}"'
    response = get_conditional_response(request, etag, int(feed.updated.timestamp()))
    if response is None:
        _media_type, write = FORMATS[name]
        response = write(feed, feed.address(name))
    response["ETag"] = etag
    response["Last-Modified"] = f"{feed.updated.astimezone(UTC):%a, %d %b %Y %H:%M:%S GMT}"
    response["Cache-Control"] = "public, no-cache"
    if feed.hub:
        response["Link"] = f'<{feed.hub}>; rel="hub", <{feed.address(name)}>; rel="self"'
    return response


def html(entry):
    """Return an entry's text as HTML, with a link to its outlet."""
    text = format_html("<p>{}</p>", entry.summary) if entry.summary else ""
    if entry.correction:
        text += format_html("<p>{}: {}</p>", _("Correction"), entry.correction)
    if not entry.outlet_url:
        return text or format_html("<p>{}</p>", entry.title)
    read = _("Read it at %(outlet)s") % {"outlet": entry.outlet}
    return format_html('{}<p><a href="{}">{}</a></p>', text, entry.outlet_url, read)


class Dated:
    """A feed that states its own date even if it has no entries, and names its hub."""

    def latest_post_date(self):
        return self.feed["updated"]

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        if self.feed["hub"]:
            handler.addQuickElement(self.atom_link, None, {"rel": "hub", "href": self.feed["hub"]})


class Rss(Dated, Rss201rev2Feed):
    atom_link = "atom:link"

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))


class Atom(Dated, Atom1Feed):
    atom_link = "link"

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        if item["outlet_url"]:
            handler.addQuickElement("link", None, {"rel": "related", "href": item["outlet_url"]})


def xml(kind):
    """Return a function that writes a feed as that kind of XML."""

    def write(feed, address):
        generator = kind(
            title=feed.title,
            link=feed.page,
            description=feed.description,
            subtitle=feed.description,
            language=get_language(),
            author_name=settings.NEWSROOM_SITE_NAME,
            author_link=absolute("/"),
            feed_url=address,
            feed_guid=feed.guid,
            updated=feed.updated.astimezone(UTC),
            hub=feed.hub,
        )
        for entry in feed.entries:
            generator.add_item(
                title=entry.title,
                link=entry.url,
                description=html(entry),
                author_name=entry.outlet,
                author_link=entry.outlet_page,
                pubdate=entry.published.astimezone(UTC),
                updateddate=entry.updated.astimezone(UTC),
                unique_id=entry.guid,
                unique_id_is_permalink=False,
                categories=entry.topics,
                outlet_url=entry.outlet_url,
            )
        return HttpResponse(generator.writeString("utf-8"), content_type=kind.content_type)

    return write


def json_feed(feed, address):
    value = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": address,
        "description": feed.description,
        "language": get_language(),
        "authors": [{"name": settings.NEWSROOM_SITE_NAME, "url": absolute("/")}],
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else None,
        "items": [_json_item(entry) for entry in feed.entries],
    }
    return JsonResponse(_without_empty(value), content_type=JSON_FEED, json_dumps_params=UNICODE)


def _json_item(entry):
    value = {
        "id": entry.guid,
        "url": entry.url,
        "external_url": entry.outlet_url,
        "title": entry.title,
        "content_html": html(entry),
        "summary": entry.summary,
        "image": entry.picture,
        "date_published": rfc3339_date(entry.published.astimezone(UTC)),
        "date_modified": rfc3339_date(entry.updated.astimezone(UTC)),
        "authors": [{"name": entry.outlet, "url": entry.outlet_page}],
        "tags": list(entry.topics),
    }
    return _without_empty(value)


def _without_empty(value):
    return {name: part for name, part in value.items() if part or name == "items"}


FORMATS = {  # by file name: the media type that pages announce, and the function that writes it
    "rss.xml": ("application/rss+xml", xml(Rss)),
    "atom.xml": ("application/atom+xml", xml(Atom)),
    "feed.json": (JSON_FEED, json_feed),
}
