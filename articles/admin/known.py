"""Whether an article here has an address already: said at once to who pastes it into the form of a new one."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import path

from ..models import Article
from ..suggestions import matching
from ..text.addresses import MAX_URL


class KnowingAdmin(admin.ModelAdmin):
    """Answer the form's script."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.known_view)
        return [path("known/", view, name="articles_article_known"), *super().get_urls()]

    def known_view(self, request):
        """Name the articles with an address, of whatever site."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        url = request.GET.get("url", "").replace("\0", "").strip()[:MAX_URL]
        found = matching.with_page(Article(web_url=url)) if url else Article.objects.none()
        articles = list(found.select_related("source", "provider", "story__lead"))
        return render(request, "admin/articles/article/known.html", {"articles": articles, "url": url})
