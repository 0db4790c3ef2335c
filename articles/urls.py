"""Public addresses. Once an address works it must stay."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import converters, include, path, register_converter

from .newsletter import archive
from .newsletter import views as newsletter_views
from .pictures import renditions, share_cards
from .public import display, views
from .syndication import api, catalogues, feeds, openapi, sitemaps


class NameConverter(converters.StringConverter):
    """Text without NUL, which PostgreSQL cannot search for."""

    regex = "[^/\\x00]+"


class DomainConverter(converters.StringConverter):
    """The domain of a provider. Some files print one with a path."""

    regex = "[^\\x00]+"


class FeedConverter(converters.StringConverter):
    """The file name of a feed's format."""

    regex = "|".join(feeds.FORMATS).replace(".", "[.]")


class WidthConverter(converters.IntConverter):
    """A width of renditions."""

    regex = "|".join(map(str, renditions.WIDTHS))


class EncodingConverter(converters.StringConverter):
    """An encoding of renditions."""

    regex = "|".join(renditions.ENCODINGS)


class DayConverter:
    """A date such as 2026-11-24."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    to_python, to_url = staticmethod(date.fromisoformat), staticmethod(str)


class KindConverter(converters.StringConverter):
    """A kind of picture: of an article or of a provider."""

    regex = "[ap]"


register_converter(NameConverter, "name")
register_converter(DomainConverter, "domain")
register_converter(WidthConverter, "width")
register_converter(EncodingConverter, "encoding")
register_converter(KindConverter, "kind")
register_converter(FeedConverter, "feed")
register_converter(DayConverter, "day")


View = Callable[..., HttpResponseBase]
Options = dict[str, Any]


def json_addresses(folder: str, view: View, options: Options | None = None, name: str | None = None) -> list[Any]:
    """Return the two addresses of a list or item: its folder, and the file that a static site has there."""
    return [path(folder, view, options, name), path(f"{folder}index.json", view, options)]


def json_pages(folder: str, view: View, first: View | None = None, older: Options | None = None) -> list[Any]:
    """Return the addresses of a list and its pages.

    `first` shows the first page, unless it is `view`; `older` are options of the pages at their older addresses.
    """
    return [
        *json_addresses(f"{folder}page/<int:page>/", view),
        *json_addresses(f"{folder}page<int:page>/", view, older),
        *json_addresses(folder, first or view),
    ]


OLDER: Options = {"older": True}


API = [
    *json_pages("news/", api.article_list, older=OLDER),
    *json_pages("news/tags/<name:tag>/", api.tag_list, older=OLDER),
    *json_pages("news/<name:slug>/", api.topic_list, first=api.topic_or_article, older=OLDER),
    *json_addresses("topics/", catalogues.topic_list),
    *json_pages("newsletters/", catalogues.newsletter_list),
    *json_addresses("newsletters/<day:date>/", catalogues.newsletter, name="api_newsletter"),
]

urlpatterns = [
    path("", views.front_page, name="front_page"),
    path("news/<slug:source>/<name:stem>/", views.article_detail, name="article_detail"),
    path("stories/<int:pk>-<name:slug>/", views.story_detail, name="story_detail"),
    path("why/<int:pk>/", views.why, name="why"),
    path("topics/", views.topic_list, name="topic_list"),
    path("topics/<name:slug>/", views.topic_detail, name="topic_detail"),
    path("providers/", views.provider_list, name="provider_list"),
    path("providers/<domain:domain>/scorecard/", views.provider_scorecard, name="provider_scorecard"),
    path("providers/<domain:domain>/<feed:name>", feeds.provider),
    path("providers/<domain:domain>/", views.provider_detail, name="provider_detail"),
    path("archive/", views.archive, name="archive"),
    path("archive/<int:year>/<int:month>/", views.archive_period, name="archive_month"),
    path("archive/<int:year>/<int:month>/<int:day>/", views.archive_period, name="archive_day"),
    path("search/", views.search, name="search"),
    path("opensearch.xml", views.opensearch, name="opensearch"),
    path("newsletter/", newsletter_views.newsletter, name="newsletter"),
    path("newsletters/", archive.issue_list, name="issue_list"),
    path("newsletters/<day:date>/", archive.issue_detail, name="issue"),
    path("newsletter/confirm/<name:token>/", newsletter_views.confirm, name="confirm"),
    path("newsletter/unsubscribe/<name:token>/", newsletter_views.unsubscribe, name="unsubscribe"),
    path("display/", display.choose, name="display"),
    path("feeds/<feed:name>", feeds.site),
    path("topics/<name:slug>/<feed:name>", feeds.topic),
    path("search/<feed:name>", feeds.search),
    path("stories/<int:pk>/picture.png", share_cards.of_story, name="story_picture"),
    path("news/<slug:source>/<name:stem>/picture.png", share_cards.of_article, name="article_picture"),
    path("pictures/<kind:kind>/<int:pk>/<width:width>.<encoding:encoding>", renditions.serve, name="rendition"),
    path("pictures/<kind:kind>/<int:pk>/original.<slug:suffix>", renditions.serve_original, name="original"),
    path("robots.txt", sitemaps.robots),
    path("sitemap.xml", sitemaps.sitemap),
    path("sitemap-lists.xml", sitemaps.sitemap_lists),
    path("sitemap-<int:number>.xml", sitemaps.sitemap_part),
    path("news-sitemap.xml", sitemaps.news_sitemap),
    path("api/openapi.json", openapi.openapi),
    path("api/", include(API)),
    path("<slug:source>/api/", include(API)),
]
