"""Topics by their names. Names and slugs that a topic had before lead on to it."""

from collections import defaultdict
from itertools import count
from unicodedata import normalize

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ..db.bulk import BATCH, batches
from ..db.showing import showable
from ..text import addresses, keywords
from ..text.domains import composed

REFERRING = [
    *(("ArticleTopic", "tag"), ("Topic", "parent"), ("Topic", "file_parent"), ("TopicAlias", "topic")),
    *(("Pin", "topic"), ("Conflict", "topic"), ("IssueArticle", "topic")),
]


LEVELS = 4  # of topics below a topic that count; in practice there is one


class TopicQuerySet(QuerySet):
    def visible(self):
        """Return the topics that readers see: of published articles, above such a topic, or of no article at all."""
        is_used = Exists(self._model("ArticleTopic").objects.filter(tag=OuterRef("pk")))
        return showable(self.filter(self._is_seen(LEVELS) | ~is_used))

    def _is_seen(self, levels):
        """Return the condition that a topic, or one of so many levels below it, has a published article."""
        own = self._model("ArticleTopic").objects.filter(tag=OuterRef("pk"))
        published = self._model("Article").objects.published().filter(pk=OuterRef("content_object"))
        is_seen = Exists(own.filter(Exists(published)))
        below = self.model.objects.filter(parent=OuterRef("pk"))
        return is_seen | Exists(below.filter(self._is_seen(levels - 1))) if levels else is_seen

    def ensure(self, names):
        """Return topics by the names that articles print, current or former ones.

        Creates those that are missing, each with a slug of its own. Costs one query for 500 names if none is missing.
        """
        known = self.named(names)
        if missing := {composed(name) for name in names if name not in known}:
            self.bulk_create(self._with_free_slugs(sorted(missing)), ignore_conflicts=True, batch_size=BATCH)
            known |= self.named(name for name in names if name not in known)
        return known

    def named(self, names):
        """Return the topics that these names lead to, by name."""
        normal = {name: composed(name) for name in names}
        found = {}
        for some in batches(set(normal.values())):
            rows = self.annotate(former=F("aliases__name")).filter(Q(name__in=some) | Q(former__in=some)).order_by()
            for topic in rows:
                found[topic.name] = topic
                found.setdefault(topic.former, topic)
        return {name: found[key] for name, key in normal.items() if key in found}

    def make(self, name):
        """Create a topic of this name, which no topic has now, with a slug of its own. Returns it."""
        (topic,) = self._with_free_slugs([name])
        topic.save()
        return topic

    def give_free_slugs(self, topics):
        """Give topics other slugs, made from their names."""
        free = self._with_free_slugs([topic.name for topic in topics])
        for topic, other in zip(topics, list(free), strict=True):
            topic.slug = other.slug
        self.bulk_update(topics, ["slug"], batch_size=BATCH)

    give_free_slugs.alters_data = True

    def formerly(self, slug):
        """Return the topic that had a slug before; None if there is none."""
        return self.visible().filter(aliases__slug=slug).first()

    def named_in(self, title, source):
        """Return a site's topics whose keywords are in a title, and the topics above them, in the order of the menu.

        A site's are those that its files or articles have, and those that no site has yet.
        """
        topics = list(self.select_related("parent").order_by("menu_order", "name"))
        found = keywords.named(title, {topic: topic.keywords for topic in topics})
        found = [topic for topic in found if self._is_of(topic, source)]
        above = {topic.parent for topic in found if topic.parent}
        return [topic for topic in topics if topic in above or topic in found]

    def _is_of(self, topic, source):
        site = topic.file_site or (topic.parent.file_site if topic.parent else "")
        links = self._model("ArticleTopic").objects.filter(tag=topic)
        if site == source.name or links.filter(content_object__source=source).exists():
            return True
        return not site and not links.exists()

    def _with_free_slugs(self, names):
        """Yield new topics. A slug that is taken gets a number."""
        taken = {*self.values_list("slug", flat=True), *self._aliases().values_list("slug", flat=True)}
        numbers = defaultdict(lambda: count(2))
        for name in names:
            slug = unique = (addresses.slug(name) or "topic")[:90]
            while unique in taken:
                unique = f"{slug}-{next(numbers[slug])}"
            taken.add(unique)
            yield self.model(name=name, slug=unique)

    def lead_on(self, former):
        """Let names and slugs that topics had before lead to them, and let articles follow the names they print.

        `former` are triples of a topic's id, name and slug, each None for one that it had not; call it when the new
        ones are stored. A name that another topic has now leads to that one, and so do the articles that print it.
        """
        topics = self.in_bulk({pk for pk, *_ in former})
        for place, column in enumerate(("name", "slug"), 1):
            old = {row[place]: topics[row[0]] for row in former if row[place] != getattr(topics[row[0]], column)}
            new = {getattr(topics[row[0]], column): topics[row[0]] for row in former}
            old.pop(None, None)
            for some in batches({*old, *new}):
                self._aliases().filter(**{f"{column}__in": some}).delete()
            for some in batches(old):
                for taken in self.filter(**{f"{column}__in": some}).values_list(column, flat=True):
                    del old[taken]
            self._aliases().bulk_create(self._aliases().model(**{column: text, "topic": old[text]}) for text in old)
            if column == "name":
                self._follow(new)

    lead_on.alters_data = True

    def join(self, gone, kept):
        """Give a topic all that refers to another one, and delete that one. Both are ids."""
        self._request_index(self._model("ArticleTopic").objects.filter(tag=gone))
        for name, field in REFERRING:
            self._model(name).objects.filter(**{field: gone}).update(**{field: kept})
        self.filter(pk=gone).delete()

    join.alters_data = True

    def follow(self, links, topics, into):
        """Give those of some links of articles that have one of these topics, by id, another one. Both are ids."""
        strayed = links.filter(tag__in=topics).exclude(tag=into).order_by()
        self._request_index(strayed)
        strayed.update(tag=into)

    follow.alters_data = True

    def _follow(self, topics):
        """Give the articles that print a name, by which `topics` are, the topic that has it now.

        Reads all links once for 500 names: their names have no index.
        """
        links = self._model("ArticleTopic").objects.order_by()
        for some in batches(topics):
            now = {spelling: topics[name].pk for name in some for spelling in (name, normalize("NFD", name))}
            for name, tag in links.filter(name__in=now).values_list("name", "tag").distinct():
                if tag != now[name]:
                    stale = links.filter(name=name, tag=tag)
                    self._request_index(stale)
                    stale.update(tag=now[name])

    def _request_index(self, links):
        """Note that the words of articles change: triggers see only links that are added or taken."""
        requests = self._model("ReindexRequest").objects
        ids = links.values_list("content_object_id", flat=True)
        requests.bulk_create((requests.model(article_id=pk) for pk in ids), batch_size=BATCH)

    def _model(self, name):
        return self.model._meta.apps.get_model("articles", name)

    def _aliases(self):
        return self._model("TopicAlias").objects
