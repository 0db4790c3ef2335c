"""What the public may see, and in which order. Every public page, feed and API starts here."""

from datetime import timedelta
from urllib.parse import unquote

from django.db import transaction
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from ..db.bulk import BATCH, batches
from ..db.showing import showable
from ..ranking import MEMBER_HEAT
from ..text import domains
from . import states, timing

# The fields of each order. `pk` makes it total.
ORDERS = {
    "quality": ["-quality_score", "-heat_score", "-published_at", "file_name", "pk"],
    "heat": ["-heat_score", "-quality_score", "-published_at", "file_name", "pk"],
    "hot": ["-hot_score", "-quality_score", "-published_at", "file_name", "pk"],
    "latest": ["-published_at", "file_name", "pk"],
}
PERIODS = {"day": 1, "week": 7, "month": 30, "year": 365}  # days


def start_of(period, now):
    """Return the moment a day, week, month or year before `now`; None for any other `period`."""
    days = PERIODS.get(period)
    return days and now - timedelta(days=days)


class ProviderQuerySet(QuerySet):
    def visible(self):
        """Return the outlets that readers see: of articles or links that they see, or of none at all."""
        articles = self.model._meta.get_field("articles").related_model.objects
        links = self.model._meta.get_field("related_links").related_model.objects
        own = {"provider": OuterRef("pk")}
        story = Coalesce(OuterRef("story__merged_into"), OuterRef("story"))
        led = timing.is_led(articles.published(), story, timezone.now())
        is_seen = Exists(articles.shown().filter(**own)) | Exists(links.coverage().filter(led, **own))
        is_used = Exists(articles.filter(**own)) | Exists(links.filter(**own))
        return showable(self.filter(is_seen | ~is_used))

    def ensure(self, names):
        """Return the ids of providers by domain, for a dictionary of domains and names. Missing ones are created.

        The domains may have any spelling: those with the same normal form are one provider. The domain of one that was
        merged into another gives the other.
        """
        normal = {domain: domains.normal_domain(domain) for domain in names}
        known = self._by_domain(set(normal.values())) | self.merged(normal.values())
        missing = {normal[domain]: name for domain, name in sorted(names.items()) if normal[domain] not in known}
        if missing:
            made = [self.model(domain=domain, name=readable(name or domain)) for domain, name in missing.items()]
            self.bulk_create(made, ignore_conflicts=True, batch_size=BATCH)
            known |= self._by_domain(missing)
        return {domain: known[key] for domain, key in normal.items()}

    def merged(self, domains):
        """Return the ids of the providers that domains of merged ones lead to. Costs a query for 500 domains."""
        rows = self.model._meta.apps.get_model("articles", "ProviderAlias").objects.values_list("domain", "provider")
        return {domain: pk for some in batches(set(domains)) for domain, pk in rows.filter(domain__in=some)}

    def _by_domain(self, domains):
        rows = self.values_list("domain", "pk")
        return {domain: pk for some in batches(domains) for domain, pk in rows.filter(domain__in=some)}


def readable(name):
    """Return a name without percent-encoding, which some files have; unchanged if it would contain NUL."""
    decoded = unquote(name)
    return name if "\x00" in decoded else decoded


class ArticleQuerySet(QuerySet):
    def delete(self):
        """Delete the articles for good: their files are never imported again."""
        remembered = self.model._meta.apps.get_model("articles", "DeletedArticle").objects
        with transaction.atomic():
            for article in list(self.only("source_id", "stem", "title", "web_url")):
                remembered.update_or_create(
                    source_id=article.source_id,
                    stem=article.stem,
                    defaults={"title": article.title, "web_url": article.web_url},
                )
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def published(self, now=None):
        """Return the articles that the public may see, at the moment `now`. Every page, feed and API starts here."""
        return showable(self.filter(self.is_published(now)))

    def is_published(self, now=None):
        """Return the condition of `published`."""
        return timing.in_time(now or timezone.now()) & Q(published=True, removed=False)

    def in_state(self, state, now=None):
        """Return the articles in a `State` at a moment."""
        return self.filter(self.is_in_state(state, now))

    def is_in_state(self, state, now=None):
        """Return the condition of `in_state`."""
        return states.in_state(state, self.below_a_published_lead(now), now)

    def leads(self, now=None):
        """Return the leads of stories, and the articles that are in none: of published articles, at the same moment."""
        return self.filter(self.is_card(now))

    def is_card(self, now=None):
        """Return the condition of `leads`."""
        now = now or timezone.now()
        return timing.cards(self.model.objects.published(now), now)

    def leading(self, now=None):
        """Return the leads of stories: of published articles, at the same moment."""
        return self.filter(self._leading(now or timezone.now()))

    def _leading(self, now):
        return timing.leading(self.model.objects.published(now), now)

    def coverage(self, now=None):
        """Return the articles that may be shown below a published lead: published ones, and members of heat -1."""
        now = now or timezone.now()
        seen = Q(published=True) | Q(heat=MEMBER_HEAT)
        return showable(self.filter(seen, timing.in_time(now), removed=False))

    def shown(self, now=None):
        """Return the articles that readers see: published ones, and coverage below a published lead."""
        return self.coverage(now).filter(Q(published=True) | self.below_a_published_lead(now))

    def in_shown_stories(self, now=None):
        """Return the coverage of stories with a published lead, and these leads."""
        return self.coverage(now).filter(self.below_a_published_lead(now))

    def below_a_published_lead(self, now=None):
        """Return the condition for articles whose story readers see."""
        now = now or timezone.now()
        return timing.is_led(self.model.objects.published(now), OuterRef("story"), now)

    def ranked(self, order="quality", exact=False):
        """Order cards by their stored scores. `order` is a key of ORDERS; it ends in `pk`, so it is total.

        `exact` takes off the points of boosts that are due, which stored scores still hold (see `BoostQuerySet.due`),
        and ranks leads that are not stored yet. Then no index helps: use it only while one of them is due, as
        `Article.is_any_due` tells.
        """
        fields = ORDERS[order]
        if not exact:
            return self.order_by(*fields)
        scores = [name for name in (field.lstrip("-") for field in fields) if name.endswith("_score")]
        due, now = self._due_points(), timezone.now()
        rows = self.annotate(**{f"{name}_now": F(name) + timing.points_of_heir(name, now) - due for name in scores})
        return rows.order_by(*(f"{field}_now" if field.lstrip("-") in scores else field for field in fields))

    def _boosts(self):
        return self.model._meta.get_field("boosts").related_model.objects

    def any_due(self):
        """Return the condition that a boost or a lead is due, so that stored scores or leads are out of date."""
        stories = self.model._meta.get_field("story").related_model.objects
        return Exists(self._boosts().due()) | Exists(stories.due())

    def _due_points(self):
        """The points of a card's due boosts: those of all its story's articles."""
        of_card = Q(article=OuterRef("pk")) | Q(article__story=OuterRef("story"))
        due = self._boosts().due().filter(of_card).order_by()
        total = Func("points", function="SUM", output_field=IntegerField())  # `Sum` would group by row
        return Coalesce(Subquery(due.values(total=total)), 0)

    def best_first(self):
        """Order the articles as within a story: the first is its lead."""
        return self.order_by("-quality", "file_name", "pk")

    def within(self, period, now=None):
        """Return the articles published within a day, week, month or year before `now`; all for any other `period`."""
        start = start_of(period, now or timezone.now())
        return self.filter(published_at__gte=start) if start else self

    def about(self, topic):
        """Return the articles that have the topic."""
        links = self.model.topics.through.objects.filter(content_object=OuterRef("pk"), tag=topic)
        return self.filter(Exists(links))

    def tagged(self, name):
        """Return the articles that have the tag. Costs by their number, not the site's: any text may be asked for."""
        tags = self.model._meta.get_field("tags").related_model.objects
        return self.filter(pk__in=tags.filter(name=name).values("article"))

    def with_topics(self):
        """Load what `Article.topic_list` and `Article.subtopics` read, in one query."""
        links = self.model.topics.through.objects.select_related("tag").order_by("position", "pk")
        topics = self.model.topics.through._meta.get_field("tag").related_model.objects
        links = links.annotate(is_above_others=Exists(topics.filter(parent=OuterRef("tag"))))
        return self.prefetch_related(Prefetch("topic_links", showable(links)))

    def with_images(self):
        """Load the articles' images, in one query."""
        return self.prefetch_related(self._rows("images", "ArticleImage"))

    def _rows(self, name, model):
        """Load rows that belong to the articles, as far as they can be read."""
        return Prefetch(name, showable(self.model._meta.apps.get_model("articles", model).objects.all()))

    def for_cards(self):
        """Load what a card prints, except its coverage, in three queries."""
        cards = self.annotate(
            due_points=self._due_points(),
            is_any_due=timing.as_bool(self.any_due()),
            leads_now=timing.as_bool(self._leading(timezone.now())),
        )
        cards = cards.select_related("source", "provider", "story")
        return cards.with_images().with_topics()

    def for_items(self):
        """Load what an item of the JSON API prints, in six queries."""
        files = self.model._meta.get_field("file").related_model.objects.only("text", "related")
        items = self.select_related("source", "provider").prefetch_related(Prefetch("file", showable(files)))
        logos = self._rows("provider__images", "ProviderImage")
        return items.prefetch_related(self._rows("tags", "ArticleTag"), logos).with_images().with_topics()

    def first_of_stories(self, stories, limit):
        """Return at most `limit` articles of each of `stories`, best first, each with its story's `total`."""
        return first_of_stories(self, stories, limit, ["-quality", "file_name", "pk"], F("story"))


class StoryQuerySet(QuerySet):
    def due(self):
        """Return the stories whose stored lead is out of date."""
        return self.filter(timing.is_due(timezone.now(), ""))

    def led(self, now=None):
        """Return the stories that readers see: those with a published lead."""
        now = now or timezone.now()
        published = self.model._meta.get_field("lead").related_model.objects.published(now)
        heir = timing.is_due(now, "") & Exists(published.filter(story=OuterRef("pk")))
        return self.filter(timing.is_settled(now, "") & Q(lead__in=published) | heir)


class ConflictQuerySet(QuerySet):
    def open(self):
        """Return the conflicts that nobody has decided yet."""
        return self.filter(resolved_at=None)


class BoostQuerySet(QuerySet):
    def due(self):
        """Return the boosts whose time is over but whose points are still in stored scores."""
        return self.filter(ended=False, until__lte=timezone.now())

    def active(self):
        """Return the boosts that count now."""
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()), ended=False)


class PinQuerySet(QuerySet):
    def now(self):
        """Return the pins in force, in their order."""
        return self.filter(Q(until=None) | Q(until__gt=timezone.now())).order_by("position", "-pk")


class RelatedLinkQuerySet(QuerySet):
    def coverage(self, now=None):
        """Return the links that may be shown below a lead: all but those to an article of ours that readers do not see.

        This is what the public may see of a link's target.
        """
        articles = self.model._meta.get_field("target").related_model.objects
        return showable(self.filter(Q(target=None) | Exists(articles.shown(now).filter(pk=OuterRef("target")))))

    def first_of_stories(self, stories, limit):
        """Return at most `limit` links of each of `stories`, in their order, each with its story's `total`."""
        live = Coalesce("story__merged_into", "story")
        return first_of_stories(self.exclude(target__story=live), stories, limit, ["position", "pk"], live)

    def of_story(self, story):
        """Return the links of a story and of those merged into it, except links to its own articles."""
        return self.filter(Q(story=story) | Q(story__merged_into=story)).exclude(target__story=story)


def first_of_stories(queryset, stories, limit, order, live_story):
    """Return at most `limit` rows of each of `stories`, each with its `live_story`, `place` there and the `total`."""
    place = Window(RowNumber(), partition_by=live_story, order_by=order)
    total = Window(Count("pk"), partition_by=live_story)
    rows = queryset.annotate(live_story=live_story).filter(live_story__in=stories)
    return rows.annotate(place=place, total=total).filter(place__lte=limit)
