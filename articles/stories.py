"""Stories from files: which articles belong together, and which of them leads.

Each file of a story lists all the others, by address. So the files of one story are those whose addresses,
their own and their related ones taken together, are the same, counting repeats: an address may stand at
two articles, and joining files link by link would merge their stories.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery

from .models import Article, ImportedFile, Provider, RelatedLink, Source, Story
from .querysets import BATCH, batches


@dataclass
class Mention:
    """What an article's file, just read, says of its story: its own address and the related items."""

    own: str
    related: Sequence[dict[str, Any]]

    @property
    def addresses(self) -> Counter[str]:
        return Counter([self.own, *(item["web_url"] for item in self.related)])


@dataclass
class Group:
    """The articles of one story, by their files. `own` are their addresses."""

    story_id: int | None = None
    articles: dict[int, int | None] = field(default_factory=dict)  # article: the story it is in now
    own: Counter[str] = field(default_factory=Counter)
    missing: dict[str, dict[str, Any]] | None = None  # related items of no article here; None: not known


def story_key(own: str, related: Iterable[dict[str, Any]]) -> str:
    """The same for all files of one story; empty for a file that lists nothing."""
    others = sorted(item["web_url"] for item in related)
    if not others:
        return ""
    return blake2b("\n".join(sorted([own, *others])).encode(), digest_size=16).hexdigest()


def elect_leads(story_ids: Iterable[int]) -> None:
    """Set the lead of each story: its best published article, else its best; of a story with none, nothing.

    Best is the highest quality, and of equals the first by file name. Removed articles never lead.
    """
    for ids in batches(story_ids):
        rows = (
            Article.objects.filter(story__in=ids, removed=False)
            .order_by("story", "-published", "-quality", "file_name")
            .values_list("story_id", "pk")
        )
        best: dict[int, int] = {}
        for story_id, article_id in rows:
            best.setdefault(story_id, article_id)
        changed = [s for s in Story.objects.filter(pk__in=ids) if s.lead_id != best.get(s.pk)]
        with transaction.atomic():
            # An article leads one story at most: let go of the old ones before taking the new.
            Story.objects.filter(pk__in=[story.pk for story in changed]).update(lead=None)
            Story.objects.filter(lead__in=[best[story.pk] for story in changed if story.pk in best]).update(lead=None)
            for story in changed:
                story.lead_id = best.get(story.pk)
            Story.objects.bulk_update(changed, ["lead"], batch_size=BATCH)


@transaction.atomic
def regroup(source: Source, mentions: dict[int, Mention]) -> None:
    """Bring the stories of `source` up to date with files just read: `mentions`, by article id.

    A story keeps its identity as long as it keeps most of its articles.
    """
    was_in = set(_story_ids(mentions))
    groups = _groups(source, mentions, was_in)
    _choose_stories(source, groups.values())
    _leave(mentions)
    for group in groups.values():
        _join(group)
    _write_links(groups.values(), mentions)
    touched = was_in | {group.story_id for group in groups.values() if group.story_id}
    _drop_empty(touched)
    _attach(source, mentions)
    for ids in batches(mentions):
        ImportedFile.objects.filter(article__in=ids).update(grouped_key=F("story_key"))
    elect_leads(touched)


def _story_ids(article_ids: Iterable[int]) -> Iterator[int]:
    for ids in batches(article_ids):
        yield from (
            Article.objects.filter(pk__in=ids).exclude(story=None).values_list("story_id", flat=True).distinct()
        )


def _groups(source: Source, mentions: dict[int, Mention], story_ids: set[int]) -> dict[str, Group]:
    """The groups that the mentioned articles are in now, and those of their former companions."""
    keys = set()
    for ids in batches(mentions):
        keys.update(ImportedFile.objects.filter(article__in=ids).values_list("story_key", flat=True))
    for ids in batches(story_ids):
        keys.update(ImportedFile.objects.filter(article__story__in=ids).values_list("story_key", flat=True))
    groups: dict[str, Group] = defaultdict(Group)
    for some in batches(sorted(keys - {""})):
        rows = (
            ImportedFile.objects.filter(story_key__in=some, article__source=source)
            .order_by("article__file_name")
            .values_list("story_key", "article_id", "article__story_id", "article__web_url")
        )
        for key, article_id, story_id, web_url in rows:
            groups[key].articles[article_id] = story_id
            groups[key].own[web_url] += 1
    return groups


def _choose_stories(source: Source, groups: Iterable[Group]) -> None:
    """Give each group the story that most of its articles are in, if no other has a better claim, or a new one."""
    groups = list(groups)
    claims = sorted(
        (-count, story_id, place)
        for place, group in enumerate(groups)
        for story_id, count in Counter(group.articles.values()).items()
        if story_id is not None
    )
    taken = set()
    for _, story_id, place in claims:
        if story_id not in taken and groups[place].story_id is None:
            groups[place].story_id = story_id
            taken.add(story_id)
    homeless = [group for group in groups if group.story_id is None]
    created = Story.objects.bulk_create([Story(source=source) for _ in homeless], batch_size=BATCH)
    for group, story in zip(homeless, created, strict=True):
        group.story_id = story.pk


def _leave(article_ids: Iterable[int]) -> None:
    """Articles whose files named others and name none any more are in no story."""
    for ids in batches(article_ids):
        silent = ImportedFile.objects.filter(article__in=ids, story_key="").exclude(grouped_key="")
        Article.objects.filter(pk__in=silent.values("article")).update(story=None)


def _join(group: Group) -> None:
    movers = [article_id for article_id, story_id in group.articles.items() if story_id != group.story_id]
    for ids in batches(movers):
        Article.objects.filter(pk__in=ids).update(story=group.story_id)


def _write_links(groups: Iterable[Group], mentions: dict[int, Mention]) -> None:
    """A link for each address that a story's files name and none of its articles has."""
    groups = {group.story_id: group for group in groups}
    links = []
    for group in groups.values():
        if speaker := next((mentions[pk] for pk in group.articles if pk in mentions), None):
            missing = speaker.addresses - group.own
            group.missing = {item["web_url"]: item for item in speaker.related if item["web_url"] in missing}
            links += [_link(group.story_id, position, item) for position, item in enumerate(group.missing.values())]
    for ids in batches(groups):
        for link in RelatedLink.objects.filter(story__in=ids).only("story_id", "web_url"):
            group = groups[link.story_id]
            gone = link.web_url in group.own if group.missing is None else link.web_url not in group.missing
            if gone:
                link.delete()
    providers = Provider.objects.ensure(
        {item["domain"]: item.get("name") for item in (link.printed_provider for link in links)}
    )
    for link in links:
        link.provider = providers[link.printed_provider["domain"]]
        link.provider_name = link.printed_provider.get("name", "")
    RelatedLink.objects.bulk_create(
        links,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["story", "web_url"],
        update_fields=[*LINK_FIELDS, "position", "provider", "provider_name", "images", "extra"],
    )


LINK_FIELDS = ["title", "excerpt", "published_at", "amp_web_url", "cdn_amp_web_url", "type", "quality"]


def _link(story_id: int, position: int, item: dict[str, Any]) -> RelatedLink:
    link = RelatedLink(
        story_id=story_id,
        position=position,
        web_url=item["web_url"],
        images=item.get("images", []),
        extra=item.get("extra", {}),
        **{name: item[name] for name in LINK_FIELDS if name in item},
    )
    link.printed_provider = item["provider"]
    return link


def _drop_empty(story_ids: set[int]) -> None:
    """Stories that nothing is left of."""
    for ids in batches(story_ids):
        empty = Story.objects.filter(pk__in=ids).annotate(
            has_articles=Exists(Article.objects.filter(story=OuterRef("pk"))),
        )
        empty.filter(has_articles=False).delete()


def _attach(source: Source, article_ids: Iterable[int]) -> None:
    """Links whose address an article of ours has lead to it."""
    for ids in batches(article_ids):
        RelatedLink.objects.filter(target__in=ids).exclude(web_url=F("target__web_url")).update(target=None)
        arrived = Article.objects.filter(pk__in=ids).exclude(web_url="").values("web_url")
        owner = (
            Article.objects.filter(source=source, web_url=OuterRef("web_url")).order_by("file_name").values("pk")[:1]
        )
        RelatedLink.objects.filter(story__source=source, target=None, web_url__in=arrived).update(
            target=Subquery(owner)
        )
