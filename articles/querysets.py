"""What the site may show, and in which order. Every public page, feed and API starts here."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

# Each order ends in what makes it total: no two articles of a site share a stem.
ORDERS = {
    "quality": ["-quality", "-heat", "-published_at", "stem", "pk"],
    "heat": ["-heat", "-quality", "-published_at", "stem", "pk"],
    "latest": ["-published_at", "stem", "pk"],
}
PERIODS = {"day": 1, "week": 7, "month": 30, "year": 365}  # days
HIDDEN_HEAT = -1  # of a story's members other than its lead, which carries the heat of them all


class ArticleQuerySet(QuerySet):
    def published(self):
        """Articles the public may see. Every public page, feed and API starts here."""
        return self.filter(published=True, removed=False, published_at__lte=timezone.now())

    def leads(self):
        """One article a story: its lead, and articles that are in no story."""
        return self.filter(Q(story=None) | Q(story__lead=F("pk")) | Q(story__lead=None))

    def coverage(self):
        """Articles that may stand below a published lead: those published, and those that only its heat counts."""
        return self.filter(Q(published=True) | Q(heat=HIDDEN_HEAT), removed=False)

    def ranked(self, order="quality"):
        """`order` is a key of ORDERS."""
        return self.order_by(*ORDERS[order])

    def best_first(self):
        """The order within a story, whose first is its lead."""
        return self.order_by("-quality", "stem", "pk")

    def within(self, period):
        """Published in the last day, week, month or year; any other `period` means ever."""
        if days := PERIODS.get(period):
            return self.filter(published_at__gte=timezone.now() - timedelta(days=days))
        return self

    def about(self, topic):
        links = self.model.topics.through.objects.filter(content_object=OuterRef("pk"), tag=topic)
        return self.filter(Exists(links))

    def search(self, text):
        """Articles that have every word of `text` in title, excerpt or provider's name."""
        for word in text.replace("\x00", " ").split()[:10]:
            self = self.filter(
                Q(title__icontains=word) | Q(excerpt__icontains=word) | Q(provider__name__icontains=word)
            )
        return self

    def with_topics(self):
        """Loads what `Article.topic_list` reads, in one query."""
        links = self.model.topics.through.objects.select_related("tag").order_by("position", "pk")
        return self.prefetch_related(Prefetch("topic_links", links))

    def for_cards(self):
        """Loads what a card prints, but for its coverage, in three queries."""
        return self.select_related("source", "provider", "story").prefetch_related("images").with_topics()

    def for_items(self):
        """Loads what an item of the JSON API prints, in four queries."""
        return (
            self.select_related("source", "provider")
            .prefetch_related("images", "provider__images")
            .with_topics()
        )

    def first_of_stories(self, stories, limit):
        """At most `limit` articles of each of `stories`, best first."""
        position = Window(RowNumber(), partition_by=F("story"), order_by=["-quality", "stem", "pk"])
        return self.filter(story__in=stories).annotate(position=position).filter(position__lte=limit)
