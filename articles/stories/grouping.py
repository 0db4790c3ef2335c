"""Stories from files: which articles belong together.

Each file of a story lists all the others by address. So two files are of one story if they name the same addresses,
their own included and repeats counted. Joining files link by link would be wrong: two articles may have the same
address, and their stories would become one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from .. import frontmatter
from ..db import bulk
from ..db.bulk import BATCH, batches
from ..models import Article, DeletedArticle, ImportedFile, ImportRun, RelatedLink, Source, Story
from ..provenance import conflicts, originals
from ..provenance.merge import Clash, merge
from ..text.digests import hex_digest
from . import leads
from .links import attach, link_values, links_as_values, write_links

PENDING = "?"  # a grouped key that no file has: the article must still be grouped


@dataclass
class Member:
    """An article: the story it is in, the one that files put it in last, and its file's address."""

    article_id: int
    story_id: int | None
    grouped_story: int | None
    address: str

    @property
    def moved(self) -> bool:
        """Whether an editor moved it, which files do not undo."""
        return self.story_id != self.grouped_story


Moves = list[tuple[Member, int | None]]  # articles, and the stories that files put them in


@dataclass
class Group:
    """The articles that files say are one story."""

    key: str
    members: list[Member] = field(default_factory=list)
    story_id: int = 0  # until one is chosen

    @property
    def addresses(self) -> Counter[str]:
        return Counter(member.address for member in self.members)

    @property
    def complete(self) -> bool:
        """Whether each address that the files name is an article's. Known without reading a file."""
        return _key(self.addresses.elements()) == self.key


def story_key(own: str, related: Iterable[dict[str, Any]]) -> str:
    """Return a key that all files of one story share; empty for a file that lists no others."""
    others = [item["web_url"] for item in related]
    return _key([own, *others]) if others else ""


def _key(addresses: Iterable[str]) -> str:
    return hex_digest("\n".join(sorted(addresses)))


@transaction.atomic
def regroup(source: Source, article_ids: Collection[int], run: ImportRun | None = None) -> int:
    """Update the stories of `source` by the files of these articles, which were just imported.

    A story keeps its identity while it keeps most of its articles. An article that an editor moved stays where it is.
    Returns the number of new conflicts with editors' decisions.
    """
    read = [row for ids in batches(article_ids) for row in _members(ImportedFile.objects.filter(article__in=ids))]
    was_in = _stories_of(member for _, member in read)
    groups = _groups(source, {key for key, _ in read}, was_in)
    _choose_stories(source, groups)
    # Articles whose files do not name others any more.
    alone: list[tuple[Member, int | None]] = [
        (member, None) for key, member in read if not key and member.grouped_story
    ]
    moves = [*alone, *((member, group.story_id) for group in groups for member in group.members)]
    live = dict(leads.live_ids({group.story_id for group in groups}))
    raised = _move(moves, live, run)
    raised += _write_links(source, groups, set(article_ids), run)
    touched = was_in | live.keys() | set(live.values())
    _leave_empty(touched, moves, live)
    for ids in batches(article_ids):
        ImportedFile.objects.filter(article__in=ids).update(grouped_key=F("story_key"))
    leads.recompute(touched, {member.article_id for member, _ in alone})
    return raised


def _stories_of(members: Iterable[Member]) -> set[int]:
    """Return the stories that these articles are in, and those that files put them in."""
    return {pk for member in members for pk in (member.story_id, member.grouped_story) if pk}


def _members(files: QuerySet[ImportedFile]) -> Iterator[tuple[str, Member]]:
    """Yield the key of each file with its article."""
    names = ("story_key", "article_id", "article__story_id", "grouped_story", "address")
    return ((key, Member(*columns)) for key, *columns in files.values_list(*names))


def _groups(source: Source, keys: set[str], story_ids: set[int]) -> list[Group]:
    """Return the groups with these keys, and those of the files that were in these stories."""
    for ids in batches(story_ids):
        keys.update(ImportedFile.objects.filter(grouped_story__in=ids).values_list("story_key", flat=True))
    groups: dict[str, Group] = {}
    for some in batches(sorted(keys - {""})):
        files = ImportedFile.objects.filter(story_key__in=some, article__source=source)
        for key, member in _members(files.order_by("article__file_name")):
            groups.setdefault(key, Group(key)).members.append(member)
    return list(groups.values())


def _choose_stories(source: Source, groups: list[Group]) -> None:
    """Give each group the story that most of its articles are in, or a new one if another group has more of that."""
    claims = sorted(
        (-count, story_id, place)
        for place, group in enumerate(groups)
        for story_id, count in Counter(member.grouped_story or member.story_id for member in group.members).items()
        if story_id is not None
    )
    there: set[int] = set()
    for ids in batches({story_id for _, story_id, _ in claims}):
        there.update(Story.objects.filter(pk__in=ids).values_list("pk", flat=True))
    for _, story_id, place in claims:
        if story_id in there and not groups[place].story_id:
            groups[place].story_id = story_id
            there.remove(story_id)
    homeless = [group for group in groups if not group.story_id]
    created = Story.objects.bulk_create([Story(source=source) for _ in homeless], batch_size=BATCH)
    for group, story in zip(homeless, created, strict=True):
        group.story_id = story.pk


def _move(moves: Moves, live: dict[int, int], run: ImportRun | None) -> int:
    """Move articles into stories, except those that an editor moved. Return the number of new conflicts.

    `live` has the story that each was merged into, or its own id: articles join that one.
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


def _write_links(source: Source, groups: list[Group], read: set[int], run: ImportRun | None) -> int:
    """Store a link for each address that a story's files name and none of its articles has.

    Editors' links and their changes to others stay. Returns the number of new conflicts.
    """
    ids = [group.story_id for group in groups]
    stories = {story.pk: story for some in batches(ids) for story in Story.objects.filter(pk__in=some)}
    rows = defaultdict(list)
    for some in batches(stories):
        for link in RelatedLink.objects.filter(story__in=some).select_related("provider").order_by("position", "pk"):
            rows[link.story_id].append(link)
    missing = _missing(groups, read)
    addresses = {item["web_url"] for items in missing.values() for item in items}
    deleted = _deleted(source, addresses)
    raised = 0
    for group in groups:
        story = stories[group.story_id]
        links = _links_of(story, group, missing.get(story.pk), deleted)
        if links != story.imported_links:
            raised += _merge_links(story, rows[story.pk], links, group, run)
    attach(source, addresses)
    return raised


def _links_of(
    story: Story, group: Group, missing: list[dict[str, Any]] | None, deleted: set[str]
) -> list[dict[str, Any]]:
    """Return the links that a story's files name; `missing` is None if none of them was read."""
    if missing is None:
        own = group.addresses
        return [link for link in story.imported_links if link["web_url"] not in own]
    return [link_values(item) for item in missing if item["web_url"] not in deleted]


def _missing(groups: list[Group], read: set[int]) -> dict[int, list[dict[str, Any]]]:
    """Return by story the related items that are none of its articles, from the first of its files that was read."""
    speakers: dict[int, Group] = {}
    missing: dict[int, list[dict[str, Any]]] = {}
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
    """Return the addresses whose articles were deleted here: they do not come back as links."""
    rows = DeletedArticle.objects.filter(source=source)
    return {
        url for some in batches(addresses) for url in rows.filter(web_url__in=some).values_list("web_url", flat=True)
    }


def _merge_links(
    story: Story, rows: list[RelatedLink], theirs: list[dict[str, Any]], group: Group, run: ImportRun | None
) -> int:
    ours = links_as_values(rows)
    subject = group.members[0].article_id
    known = conflicts.open_on("article", [subject])
    base = conflicts.undecided_base({"links": story.imported_links}, known[subject])
    merged, clashes = merge(base, {"links": ours}, {"links": theirs})
    if merged["links"] != ours:
        write_links(story, merged["links"], rows)
    story.imported_links = theirs
    story.save(update_fields=["imported_links"])
    return conflicts.keep("article", {subject: clashes}, known, ["links"], run)


def _leave_empty(story_ids: set[int], moves: Moves, live: dict[int, int]) -> None:
    """Point stories without articles to the story that most of these moved to, or delete them if there is none.

    A story with links that an editor wrote stays.
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
