"""Stories from files: which articles belong together, and which of them leads.

Each file of a story lists all the others, by address. So the files of one story are those whose addresses,
their own and their related ones taken together, are the same, counting repeats: an address may stand at
two articles, and joining files link by link would merge their stories.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from . import bulk, conflicts, frontmatter, originals, scoring
from .merge import Clash, merge
from .models import Article, DeletedArticle, ImportedFile, ImportRun, Provider, RelatedLink, Source, Story
from .querysets import BATCH, batches
from .values import from_json, to_json, without_blanks

PENDING = "?"  # a grouped key that no file has: the article's story is still to be made


@dataclass
class Member:
    """An article by its file: the story it is in, the one that files put it in before, its file's address."""

    article_id: int
    story_id: int | None
    grouped_story: int | None
    address: str

    @property
    def moved(self) -> bool:
        """An editor's decision, which files do not undo."""
        return self.story_id != self.grouped_story


@dataclass
class Group:
    """The articles that files say are one story."""

    key: str
    members: list[Member] = field(default_factory=list)
    story_id: int | None = None

    @property
    def addresses(self) -> Counter[str]:
        return Counter(member.address for member in self.members)

    @property
    def complete(self) -> bool:
        """Whether each address that the files name is an article's: no file need be read to know that."""
        return _key(self.addresses.elements()) == self.key


def story_key(own: str, related: Iterable[dict[str, Any]]) -> str:
    """The same for all files of one story; empty for a file that lists nothing."""
    others = [item["web_url"] for item in related]
    return _key([own, *others]) if others else ""


def _key(addresses: Iterable[str]) -> str:
    return blake2b("\n".join(sorted(addresses)).encode(), digest_size=16).hexdigest()


@transaction.atomic
def settle(story_ids: Iterable[int], article_ids: Iterable[int] = ()) -> None:
    """Bring up to date what follows from who is in which story, for stories and for articles that stand alone.

    That is leads, whose figure heat is, and all scores.
    """
    story_ids, article_ids = set(story_ids), set(article_ids)
    _elect_leads(story_ids)
    _own_heat(story_ids, article_ids)
    scoring.rescore_stories(story_ids)
    scoring.rescore_articles(article_ids)


def _elect_leads(story_ids: Iterable[int]) -> None:
    """Set the lead of each story: the one that an editor chose, else its best published article, else its best.

    Best is the highest quality, and of equals the first by file name. Removed articles never lead, those dated ahead
    only if nothing else is published.
    """
    now = timezone.now()
    public = Case(When(published=True, published_at__lte=now, then=1), default=0)
    for ids in batches(story_ids):
        rows = (
            Article.objects.filter(story__in=ids, removed=False)
            .order_by("story", public.desc(), "-published", "-quality", "file_name")
            .values_list("story_id", "pk")
        )
        best: dict[int, int] = {}
        for story_id, article_id in rows:
            best.setdefault(story_id, article_id)
        chosen = Story.objects.filter(pk__in=ids, chosen_lead__story=F("pk"), chosen_lead__removed=False)
        best |= dict(chosen.values_list("pk", "chosen_lead"))
        changed = [s for s in Story.objects.filter(pk__in=ids) if s.lead_id != best.get(s.pk)]
        # An article leads one story at most: let go of the old ones before taking the new.
        Story.objects.filter(pk__in=[story.pk for story in changed]).update(lead=None)
        Story.objects.filter(lead__in=[best[story.pk] for story in changed if story.pk in best]).update(lead=None)
        bulk.update(Story, "lead", ((best[story.pk], story.pk) for story in changed if story.pk in best))
        # What readers see of such a story is the new lead's, though nothing in that article changed.
        instead = [best[story.pk] for story in changed if story.lead_id and story.pk in best]
        Article.objects.filter(pk__in=instead).update(updated_at=now)


def _own_heat(story_ids: Iterable[int], article_ids: Iterable[int]) -> None:
    """Note whose heat is computed here: of stories that are not as files say, and of articles without a file."""
    here, filed = OuterRef("pk"), ImportedFile.objects.filter(grouped_story=OuterRef("pk"))
    for ids in batches(story_ids):
        own = Story.objects.filter(pk__in=ids).filter(
            Q(chosen_lead__isnull=False)
            | Exists(Article.objects.filter(story=here).exclude(file__grouped_story=F("story")))
            | Exists(filed.exclude(article__story=F("grouped_story")))
        )
        own_ids = set(own.values_list("pk", flat=True))
        Article.objects.filter(story__in=own_ids, own_heat=False).update(own_heat=True)
        Article.objects.filter(story__in=set(ids) - own_ids, own_heat=True).update(own_heat=False)
    for ids in batches(article_ids):
        alone = Article.objects.filter(pk__in=ids, story=None)
        as_filed = alone.filter(file__isnull=False, file__grouped_story=None)
        as_filed.filter(own_heat=True).update(own_heat=False)
        alone.filter(own_heat=False).exclude(pk__in=as_filed.values("pk")).update(own_heat=True)


@transaction.atomic
def regroup(source: Source, article_ids: Collection[int], run: ImportRun | None = None) -> int:
    """Bring the stories of `source` up to date with the files of these articles, just read.

    A story keeps its identity as long as it keeps most of its articles. An article that an editor moved stays
    where it is. Returns the number of conflicts with editors' decisions.
    """
    read = [row for ids in batches(article_ids) for row in _members(ImportedFile.objects.filter(article__in=ids))]
    was_in = {story_id for _, member in read for story_id in (member.grouped_story, member.story_id) if story_id}
    groups = _groups(source, {key for key, _ in read}, was_in)
    _choose_stories(source, groups)
    # Articles whose files named others and name none any more.
    moves = [(member, None) for key, member in read if not key and member.grouped_story]
    moves += [(member, group.story_id) for group in groups for member in group.members]
    live = dict(_live({group.story_id for group in groups if group.story_id}))
    raised = _move(moves, live, run)
    raised += _write_links(source, groups, set(article_ids), run)
    touched = was_in | live.keys() | set(live.values())
    _leave_empty(touched, moves, live)
    for ids in batches(article_ids):
        ImportedFile.objects.filter(article__in=ids).update(grouped_key=F("story_key"))
    settle(touched, {member.article_id for member, to in moves if to is None})
    return raised


def live(story_id: int | None) -> Story | None:
    """A story, or the one that it was merged into; None if it is no more."""
    story = Story.objects.select_related("merged_into").filter(pk=story_id).first()
    return story and (story.merged_into or story)


def _live(story_ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Stories and what they were merged into, or themselves."""
    for ids in batches(story_ids):
        yield from Story.objects.filter(pk__in=ids).values_list("pk", Coalesce("merged_into", "pk"))


def _members(files: QuerySet[ImportedFile]) -> Iterator[tuple[str, Member]]:
    """The key of each file, and its article."""
    names = ("story_key", "article_id", "article__story_id", "grouped_story", "address")
    return ((key, Member(*columns)) for key, *columns in files.values_list(*names))


def _groups(source: Source, keys: set[str], story_ids: set[int]) -> list[Group]:
    """The groups of these keys, and those of the files that were in these stories."""
    for ids in batches(story_ids):
        keys.update(ImportedFile.objects.filter(grouped_story__in=ids).values_list("story_key", flat=True))
    groups: dict[str, Group] = {}
    for some in batches(sorted(keys - {""})):
        files = ImportedFile.objects.filter(story_key__in=some, article__source=source)
        for key, member in _members(files.order_by("article__file_name")):
            groups.setdefault(key, Group(key)).members.append(member)
    return list(groups.values())


def _choose_stories(source: Source, groups: list[Group]) -> None:
    """Give each group the story that most of its articles are in, if no other has a better claim, or a new one."""
    claims = sorted(
        (-count, story_id, place)
        for place, group in enumerate(groups)
        for story_id, count in Counter(member.grouped_story or member.story_id for member in group.members).items()
        if story_id is not None
    )
    there = set()
    for ids in batches({story_id for _, story_id, _ in claims}):
        there.update(Story.objects.filter(pk__in=ids).values_list("pk", flat=True))
    for _, story_id, place in claims:
        if story_id in there and groups[place].story_id is None:
            groups[place].story_id = story_id
            there.remove(story_id)
    homeless = [group for group in groups if group.story_id is None]
    created = Story.objects.bulk_create([Story(source=source) for _ in homeless], batch_size=BATCH)
    for group, story in zip(homeless, created, strict=True):
        group.story_id = story.pk


def _move(moves: list[tuple[Member, int | None]], live: dict[int, int], run: ImportRun | None) -> int:
    """Put articles into stories, but for those that an editor moved. Returns how many conflicts that raises.

    What joins a story that an editor merged into another joins the other: `live` says which.
    """
    goals = ((live[to] if to else None, member) for member, to in moves if not member.moved)
    bulk.update(Article, "story", ((goal, m.article_id) for goal, m in goals if m.story_id != goal))
    bulk.update(ImportedFile, "grouped_story", ((to, m.article_id) for m, to in moves if m.grouped_story != to))
    moved = [(member, to) for member, to in moves if member.moved]
    known = conflicts.open_on("article", [member.article_id for member, _ in moved])
    clashes = {}
    for member, to in moved:
        conflict = known[member.article_id].get("story")
        base = conflict.base if conflict else member.grouped_story
        clash = Clash("story", base, member.story_id, to)
        clashes[member.article_id] = [] if to in (base, member.story_id) else [clash]
    return conflicts.keep("article", clashes, known, ["story"], run)


LINK_FIELDS = ["title", "excerpt", "published_at", "web_url", "amp_web_url", "cdn_amp_web_url", "type", "quality"]


def _write_links(source: Source, groups: list[Group], read: set[int], run: ImportRun | None) -> int:
    """A link for each address that a story's files name and none of its articles has.

    Editors' links stay, and so does what they changed in others'. Returns the number of conflicts.
    """
    there = {
        story.pk: story for ids in batches(g.story_id for g in groups) for story in Story.objects.filter(pk__in=ids)
    }
    rows = defaultdict(list)
    for ids in batches(there):
        for link in RelatedLink.objects.filter(story__in=ids).select_related("provider").order_by("position", "pk"):
            rows[link.story_id].append(link)
    missing = _missing(groups, read)
    deleted = _deleted(source, {item["web_url"] for items in missing.values() for item in items})
    raised = 0
    for group in groups:
        story, own = there[group.story_id], group.addresses
        if story.pk in missing:
            theirs = [link_values(item) for item in missing[story.pk] if item["web_url"] not in deleted]
        else:
            theirs = [link for link in story.imported_links if link["web_url"] not in own]
        if theirs != story.imported_links:
            raised += _merge_links(story, rows[story.pk], theirs, group, run)
    attach(source, {item["web_url"] for items in missing.values() for item in items})
    return raised


def _missing(groups: list[Group], read: set[int]) -> dict[int, list[dict[str, Any]]]:
    """By story: the items of no article in it, as the first of its files that was read names them."""
    speakers, missing = {}, {}
    for group in groups:
        if speaker := next((member for member in group.members if member.article_id in read), None):
            if group.complete:
                missing[group.story_id] = []
            else:
                speakers[speaker.article_id] = group
    for ids in batches(speakers):
        files = list(ImportedFile.objects.filter(article__in=ids))
        items = originals.texts(files)
        for file in files:
            named = frontmatter.parse(frontmatter.join(originals.parts(file, items))).values.get("related", [])
            group = speakers[file.article_id]
            unmet = Counter([file.address, *(item["web_url"] for item in named)]) - group.addresses
            missing[group.story_id] = list({i["web_url"]: i for i in named if i["web_url"] in unmet}.values())
    return missing


def _deleted(source: Source, addresses: Collection[str]) -> set[str]:
    """Those of the addresses whose articles were deleted here: they do not come back as links."""
    rows = DeletedArticle.objects.filter(source=source)
    return {
        url for some in batches(addresses) for url in rows.filter(web_url__in=some).values_list("web_url", flat=True)
    }


def link_values(item: dict[str, Any]) -> dict[str, Any]:
    """A related item of a file as a link's values, in JSON."""
    provider = {"name": item["provider"].get("name", ""), "domain": item["provider"]["domain"]}
    found = {name: to_json(item.get(name)) for name in (*LINK_FIELDS, "images", "extra")}
    return without_blanks(found) | {"provider": provider}


def link_items(links: Iterable[RelatedLink]) -> list[dict[str, Any]]:
    """Links, with their providers loaded, as the related items of a file."""
    links = list(links)
    items = []
    for link, found in zip(links, links_as_values(links), strict=True):
        provider = {"name": link.provider_name or link.provider.name, "domain": link.provider.domain}
        items.append({"excerpt": "", **{k: from_json(k, v) for k, v in found.items()}, "provider": provider})
    return items


def links_as_values(links: Iterable[RelatedLink]) -> list[dict[str, Any]]:
    """Links, with their providers loaded, as values like those of files."""
    return [
        link_values(
            {name: getattr(link, name) for name in (*LINK_FIELDS, "images", "extra")}
            | {"provider": {"name": link.provider_name, "domain": link.provider.domain}}
        )
        for link in links
    ]


def _merge_links(
    story: Story, rows: list[RelatedLink], theirs: list[dict[str, Any]], group: Group, run: ImportRun | None
) -> int:
    ours = links_as_values(rows)
    subject = group.members[0].article_id
    known = conflicts.open_on("article", [subject])
    base = known[subject]["links"].base if "links" in known[subject] else story.imported_links
    merged, clashes = merge({"links": base}, {"links": ours}, {"links": theirs})
    if merged["links"] != ours:
        write_links(story, merged["links"], rows)
    story.imported_links = theirs
    story.save(update_fields=["imported_links"])
    return conflicts.keep("article", {subject: clashes}, known, ["links"], run)


def write_links(story: Story, wanted: list[dict[str, Any]], rows: Iterable[RelatedLink]) -> None:
    """Make a story's links those wanted; `rows` are those it has. A link is known by its address.

    Those to articles of ours are still to be attached.
    """
    known = {link.web_url: link for link in rows}
    providers = Provider.objects.ensure({item["provider"]["domain"]: item["provider"]["name"] for item in wanted})
    new, changed = [], []
    for position, item in enumerate(wanted):
        link = known.pop(item["web_url"], None)
        (changed if link else new).append(link := link or RelatedLink(story=story))
        for name in (*LINK_FIELDS, "images", "extra"):
            setattr(link, name, from_json(name, item.get(name, RelatedLink._meta.get_field(name).get_default())))
        link.position = position
        link.provider = providers[item["provider"]["domain"]]
        link.provider_name = item["provider"]["name"]
    RelatedLink.objects.bulk_create(new, batch_size=BATCH)
    columns = [*LINK_FIELDS, "images", "extra", "position", "provider", "provider_name"]
    RelatedLink.objects.bulk_update(changed, columns, batch_size=50)
    RelatedLink.objects.filter(pk__in=[link.pk for link in known.values()]).delete()


def _leave_empty(story_ids: set[int], moves: list[tuple[Member, int | None]], live: dict[int, int]) -> None:
    """Of stories that nothing is left of: leave a signpost to where most went, or drop them if they went nowhere.

    Links that an editor wrote are something.
    """
    went: dict[int, Counter[int]] = defaultdict(Counter)
    for member, to in moves:
        if member.story_id and to and not member.moved:
            went[member.story_id][live[to]] += 1
    for ids in batches(story_ids):
        empty = Story.objects.filter(pk__in=ids, merged_into=None)
        empty = empty.exclude(Exists(Article.objects.filter(story=OuterRef("pk"))))
        for story in empty.prefetch_related("links"):
            if {link.web_url for link in story.links.all()} <= {item["web_url"] for item in story.imported_links}:
                if story.pk in went:
                    target = went[story.pk].most_common(1)[0][0]
                    Story.objects.filter(Q(pk=story.pk) | Q(merged_into=story)).update(merged_into=target)
                else:
                    story.delete()


def attach(source: Source, web_urls: Collection[str]) -> None:
    """Links whose address an article of ours has lead to it."""
    for some in batches(web_urls):
        links = list(RelatedLink.objects.filter(story__source=source, target=None, web_url__in=some))
        if links:
            owners = Article.objects.filter(source=source, web_url__in={link.web_url for link in links})
            first = dict(owners.order_by("-file_name").values_list("web_url", "pk"))
            found = ((first[link.web_url], link.pk) for link in links if link.web_url in first)
            bulk.update(RelatedLink, "target", found)


def reattach(source: Source, web_urls: dict[int, str]) -> None:
    """The same for articles whose addresses changed, by id; links to their old ones lead there no more."""
    for ids in batches(web_urls):
        RelatedLink.objects.filter(target__in=ids).exclude(web_url=F("target__web_url")).update(target=None)
    attach(source, web_urls.values())
