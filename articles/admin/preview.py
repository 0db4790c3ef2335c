"""What readers will see of an article, in any state: its card, its page and its share card, by the public templates.

A GET shows what is stored. A POST shows what was typed in the form, and stores nothing.
"""

import base64
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from ..db.showing import UNSHOWABLE
from ..models import Article, ArticleImage, ArticleTopic, Topic
from ..pictures import share_cards
from ..public.lists import add_coverage
from ..public.views import parts_of
from ..text.numbers import read_id

CARD, PAGE, SHARE = "card", "page", "share"
LOOKS = {PAGE: gettext_lazy("Page"), CARD: gettext_lazy("Card"), SHARE: gettext_lazy("Share card")}
UNSAVED = 0  # the id of an article that is not stored yet


class PreviewedAdmin(admin.ModelAdmin):
    """Show in a frame beside the form what readers will see."""

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def changeform_view(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        return super().changeform_view(request, *arguments, **options)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview_view)
        return [
            path("add/preview/", view, name="articles_article_add_preview"),
            path("<path:object_id>/preview/", view, name="articles_article_preview"),
            *super().get_urls(),
        ]

    @method_decorator([xframe_options_sameorigin, csp_replace({"frame-ancestors": [SELF]})])
    def preview_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show an article as readers will see it, to who may look at it in the admin."""
        asked = request.POST if request.method == "POST" else request.GET
        look = asked.get("as", PAGE)
        try:
            article = self._asked_for(request, object_id)
            response = _shown(request, article, look if look in LOOKS else PAGE)
        except (*UNSHOWABLE, ValidationError):
            response = _bare(request, why=_("It cannot be shown: look at the values of its fields."))
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
        return response

    def _asked_for(self, request: HttpRequest, object_id: str | None) -> Any:
        """Return the article, with what was typed if that was sent. Raises Http404 or PermissionDenied."""
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return self._typed(request, Article(published_at=None))
        found = Article.objects.for_cards().filter(pk=read_id(unquote(object_id)))
        article: Any = found.select_related("source", "provider", "story__lead").first()
        if article is None:
            raise Http404
        if not self.has_view_permission(request, article):
            raise PermissionDenied
        is_typed = request.method == "POST" and self.has_change_permission(request, article)
        return self._typed(request, article) if is_typed else _with_pictures(request, article, article.images.all())

    def _typed(self, request: HttpRequest, article: Any) -> Any:
        """Set the values that were typed in the form, as far as they are valid."""
        is_new = article.pk is None
        stored = None if is_new else article
        form: Any = self.get_form(request, stored, change=not is_new)(request.POST, instance=article)
        form.full_clean()
        formsets = self._create_formsets(request, article, change=not is_new)[0]
        lists = {formset.prefix: [row for row in formset.forms if _is_kept(formset, row)] for formset in formsets}
        article.pk = UNSAVED if is_new else article.pk
        article.updated_at = article.updated_at or timezone.now()
        cache = article.__dict__.setdefault("_prefetched_objects_cache", {})
        if is_new or "topic_links" in lists:
            added = form.cleaned_data.get("suggested_topics") or []
            rows = sorted(lists.get("topic_links", []), key=_position)
            tags = [row.cleaned_data["tag"] for row in rows if row.cleaned_data.get("tag")]
            cache["topic_links"] = _links([*tags, *added])
        if is_new or "images" in lists:
            rows = sorted(lists.get("images", []), key=_position)
            return _with_pictures(request, article, [row.instance for row in rows])
        return _with_pictures(request, article, article.images.all())


def _is_kept(formset: Any, row: Any) -> bool:
    return bool(row.is_valid() or row.cleaned_data) and row not in formset.deleted_forms


def _position(row: Any) -> tuple[bool, int]:
    position = row.cleaned_data.get("position")
    return position is None, position or 0


def _links(tags: list[Topic]) -> list[Any]:
    """Return what an article's topics are read from, as `with_topics` loads it."""
    above = set(Topic.objects.filter(parent__in=tags).values_list("parent", flat=True))
    links: list[Any] = [ArticleTopic(tag=tag, name=tag.name) for tag in dict.fromkeys(tags)]
    for link in links:
        link.is_above_others = link.tag_id in above
    return links


def _with_pictures(request: HttpRequest, article: Any, images: Any) -> Any:
    """Let the article have the pictures whose copies the person may see, at addresses that need no publication."""
    may_see = any(request.user.has_perm(f"articles.{verb}_articleimage") for verb in ("view", "change"))
    shown: list[ArticleImage] = [image for image in images if may_see and image.file]
    for image in shown:
        image.is_previewed = True
    article.__dict__.setdefault("_prefetched_objects_cache", {})["images"] = shown
    return article


def _shown(request: HttpRequest, article: Any, look: str) -> HttpResponse:
    if not (article.title and article.published_at and article.provider_id and article.source_id):
        return _bare(request, why=_("Enter a title, a date, a provider and a source to see what readers will see."))
    if look == SHARE:
        drawn = base64.b64encode(share_cards.drawn(article)).decode()
        return _bare(request, "share", picture=drawn, alternative=share_cards.alternative(article))
    if look == CARD:
        add_coverage([article])
        return _bare(request, "card", article=article)
    if not article.removed:
        return render(request, "articles/article_detail.html", {**parts_of(article), "preview": True})
    if article.withdrawal_note:
        return render(request, "articles/withdrawn.html", {"note": article.withdrawal_note, "preview": True})
    return _bare(request, why=_("Readers find nothing here: it is removed, and there is no public note."))


def _bare(request: HttpRequest, kind: str = "bare", **context: Any) -> HttpResponse:
    return render(request, f"admin/articles/article/preview_{kind}.html", {**context, "preview": True})
