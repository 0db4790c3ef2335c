"""The answer that sends the files of some articles."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..sync import selection


def answer(request: HttpRequest, ids: Collection[int]) -> StreamingHttpResponse:
    """Send the files of articles as an archive, with what is secured only to who may see that."""
    user: Any = request.user
    found = selection.archive(ids, user.has_perm("articles.view_secured"))
    name = f"articles-{timezone.now():%Y-%m-%d-%H%M}.tar.gz"
    response = StreamingHttpResponse(found, content_type="application/gzip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def too_many() -> str:
    return _("Nothing was exported: choose at most %(most)s articles, or use export_articles.") % {
        "most": f"{selection.MOST:,}"
    }
