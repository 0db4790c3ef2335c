"""Public addresses. Once an address works it must stay."""

from django.urls import converters, path, register_converter

from .newsletter import views as newsletter_views
from .pictures import renditions, share_cards
from .public import display, views
from .syndication import api, feeds, sitemaps


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


class KindConverter(converters.StringConverter):
    """A kind of picture: of an article or of a provider."""

    regex = "[ap]"


register_converter(NameConverter, "name")
register_converter(DomainConverter, "domain")
register_converter(WidthConverter, "width")
register_converter(EncodingConverter, "encoding")
register_converter(KindConverter, "kind")
register_converter(FeedConverter, "feed")

API = [
    ("index.json", api.article_list),
    ("page/<int:page>/index.json", api.article_list),
    ("<name:slug>/index.json", api.topic_or_article),
    ("<name:slug>/page/<int:page>/index.json", api.topic_list),
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
    path("api/openapi.json", api.openapi),
    *(path(f"api/news/{address}", view) for address, view in API),
    *(path(f"<slug:source>/api/news/{address}", view) for address, view in API),
]
