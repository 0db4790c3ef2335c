"""What merging stories, and combining articles into one, will do: told before it is done, with names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from ..models import Action, Article, Story
from ..stories import editing, leads
from ..stories.actions import Kind, recorded
from . import searching

MOST = 100  # stories and articles on a page


@dataclass
class Joined:
    """Stories and articles that become one story. `into` is the story that stays; None if a new one is made."""

    stories: list[Any] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    into: Any = None

    @property
    def others(self) -> list[Any]:
        return [story for story in self.stories if story.pk != self.into.pk]

    @property
    def loose(self) -> list[Article]:
        """The articles that come by themselves, not with a story."""
        known = {story.pk for story in self.stories}
        return [article for article in self.articles if article.story_id not in known]

    @property
    def size(self) -> int:
        return sum(story.size for story in self.stories) + len(self.loose)

    @property
    def is_possible(self) -> bool:
        return len(self.stories) > 1 or bool(self.stories and self.loose) or len(self.loose) > 1

    def told(self) -> list[tuple[str, list[Any], str]]:
        """Return what it will do, in words around names. Costs one query."""
        found = Q(story__in=[story.pk for story in self.stories]) | Q(pk__in=[article.pk for article in self.loose])
        lead = leads.would_lead(self.into, Article.objects.filter(found))
        lines = self._about(lead) if lead else []
        former = [story.lead for story in self.stories if story.lead and story.lead != lead]
        coverage = [article for article in former if article.is_public]
        lines.append((_("No longer a lead, but still published, as coverage:"), coverage, ""))
        others = self.others if self.into else []
        lines.append((_("These addresses lead to it:"), others, ""))
        lines.append((_("Its own headline is no longer shown:"), [story for story in others if story.headline], ""))
        return [line for line in lines if line[1] or not line[0].endswith(":")]

    def _about(self, lead: Article) -> list[tuple[str, list[Any], str]]:
        chosen = self.into and self.into.chosen_lead_id == lead.pk
        why = _("It was chosen to lead.") if chosen else _("It is the best of all.")
        seen = _("Readers see it.") if lead.is_public else _("Readers do not see it: nothing is published.")
        return [(_("Its lead:"), [lead], why), (seen, [], "")]

    def join(self, user: Any, reason: str) -> tuple[Action, list[Any]]:
        """Make them one story, as one action. Return it, and its effects one after the other. Raises StoryError."""
        if self.into is None:
            action = editing.gather(self.loose, user, reason)
            return action, [action.effects]
        if self.others and not self.loose:
            action = editing.merge(self.into, self.others, user, reason)
            return action, [action.effects]
        if not self.others:
            action = editing.move(self.loose, self.into, user, reason)
            return action, [action.effects]
        action = Action(kind=Kind.MERGE, user=user, reason=reason)
        with recorded(action):
            done = [editing.merge(self.into, self.others, user), editing.move(self.loose, self.into, user)]
            action.what = f"{done[0].what}; {done[1].what[:1].lower()}{done[1].what[1:]}"
        return action, [one.effects for one in done]


def read(story_ids: Iterable[int], article_ids: Iterable[int], into: int | None = None) -> Joined:
    """Return the stories and articles with these ids that are there, and which story stays.

    That is the one with the id `into`, else the one that readers see, with most articles. Articles that are in a
    story bring it: to take one out of its story, move it on that story's page.
    """
    rows = searching.with_stories(Article.objects.all()).in_bulk(list(article_ids)[:MOST])
    articles = list(rows.values())
    ids = {*list(story_ids)[:MOST], *(article.story_id for article in articles if article.story_id)}
    members = Article.objects.filter(story=OuterRef("pk")).order_by().values("story")
    size = Coalesce(Subquery(members.annotate(size=Count("pk")).values("size")), 0)
    found = Story.objects.filter(pk__in=ids, merged_into=None).select_related("lead__provider", "chosen_lead")
    stories = list(found.annotate(size=size))
    stories.sort(key=lambda story: (not (story.lead and story.lead.is_public), -story.size, story.pk))
    chosen = next((story for story in stories if story.pk == into), stories[0] if stories else None)
    return Joined(stories, articles, chosen)
