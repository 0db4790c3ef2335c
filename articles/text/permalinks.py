"""Full URLs of pages, for feeds, mail and machines."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.utils.encoding import escape_uri_path


def absolute(address: str) -> str:
    """Return a path of this site as a full URL. A full URL, such as a picture's, is returned as it is."""
    return address if address.startswith(("http://", "https://")) else settings.NEWSROOM_BASE_URL + address


def page_of(article: Any) -> str:
    """Return the path of an article's page, or of its story's if it leads one. Fetch with story and source."""
    if not article.leads_story:
        return article.get_absolute_url()
    article.story.show_below(article)  # saves a query: the story's URL holds its lead's title
    return article.story.get_absolute_url()


def moved(request: HttpRequest, old: str, new: str) -> HttpResponsePermanentRedirect:
    """Redirect for good to the address that has `new` as a part where this one has `old`. The query stays."""
    start, _, end = request.path.rpartition(f"/{old}/")
    query = request.META.get("QUERY_STRING", "")
    path = escape_uri_path(f"{start}/{new}/{end}")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
