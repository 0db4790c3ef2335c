"""Which files form a story: those that name the same addresses, and those that one file's list connects.

In some sites each file of a story lists all the others. Then the files of a story name the same addresses, their own
included and repeats counted, and nothing else is needed. Joining such files link by link would be wrong: two articles
may have the same address, and their stories would become one.

In other sites a file may list articles that do not list it back. So a list that names more than the files with the
same addresses also joins its article to those that it names. A removed article's list joins nothing: it left the story.

The result depends only on the files that there are, not on the order in which they came.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from .. import frontmatter
from ..db.bulk import BATCH, batches
from ..models import Article, ImportedFile, Source
from ..provenance import originals
from ..text.addresses import identity
from ..text.digests import hex_digest
from .links import naming

NO_KEY = ""  # of a file that lists no others
REMOVED = "\nremoved: true"  # in a file


@dataclass(eq=False)
class Member:
    """An article: the story it is in, the one that files put it in last, and what its file says."""

    article_id: int
    story_id: int | None
    grouped_story: int | None
    address: str
    key: str
    file_name: str

    @property
    def moved(self) -> bool:
        """Whether an editor moved it, which files do not undo."""
        return self.story_id != self.grouped_story


@dataclass
class Component:
    """Articles that are one story, sorted by file name, and the related items that are none of them."""

    members: list[Member]
    unmet: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_story(self) -> bool:
        return len(self.members) > 1 or self.members[0].key != NO_KEY


def story_key(own: str, related: Sequence[dict[str, Any]]) -> str:
    """Return a key that files share if they name the same addresses; empty for a file that lists no others."""
    try:
        others = [item["web_url"] for item in related]  # nearly all have one
    except KeyError:
        others = [identity(item) for item in related]
    return _key([own, *others]) if others else NO_KEY


def _key(addresses: Iterable[str]) -> str:
    return hex_digest("\n".join(sorted(addresses)))


def components(source: Source, article_ids: Collection[int]) -> list[Component]:
    """Return the components of some articles' files, and all that these were in a story with before.

    Costs a fixed number of queries for each 500 files and each step from file to file. Reads one file of each set of
    files with the same addresses, and only if these name others.
    """
    found = _Neighbourhood(source, set(article_ids))
    found.explore()
    return found.components()


class _Neighbourhood:
    """The files that can be connected with some files."""

    def __init__(self, source: Source, article_ids: set[int]) -> None:
        self.source = source
        self.read_ids = article_ids  # files that were just read: what they say of others is newest
        self.files = ImportedFile.objects.filter(article__source=source)
        self.members: dict[int, Member] = {}
        self.by_key: dict[str, list[Member]] = defaultdict(list)
        self.by_address: dict[str, list[Member]] = defaultdict(list)
        self.lists: dict[str, list[dict[str, Any]]] = {}  # by key: what one file lists, if that is not all of it
        self.speakers: dict[str, Member] = {}  # by key: that file
        self.silent: set[str] = set()  # keys whose lists join nothing
        self.asked: dict[str, set[Any]] = defaultdict(set)  # by column: the values that were looked up
        self.has_all = False  # all files of the site are loaded

    def explore(self) -> None:
        """Load all files that may be connected with those at hand."""
        loaded = self._load("article", self.read_ids)
        self.has_all = len(loaded) > BATCH and len(loaded) == self.files.count()
        fresh = loaded if self.has_all else self._without_lonely(loaded)
        while fresh:
            fresh = self._around(fresh)

    def _without_lonely(self, members: list[Member]) -> list[Member]:
        """Return these articles but for those that name no others, and that no others can name."""
        lonely = {member.address for member in members if member.key == NO_KEY and not member.grouped_story} - {""}
        named = {address for _, address in naming(self.source, lonely)}
        for some in batches(lonely):  # a list that names the address may mean either
            also = self.files.filter(address__in=some).exclude(grouped_story=None)
            named.update(also.values_list("address", flat=True))
        return [m for m in members if m.key != NO_KEY or m.grouped_story or m.address in named]

    def _around(self, members: list[Member]) -> list[Member]:
        """Load the files next to these: with the same story, key or address, naming them or named by them."""
        addresses = {member.address for member in members if member.address}
        stories = {pk for member in members for pk in (member.story_id, member.grouped_story) if pk}
        stories |= {story_id for story_id, _ in naming(self.source, addresses)}
        found = self._load("story_key", {member.key for member in members} - {NO_KEY})
        found += self._load("grouped_story", stories)
        found += self._load("address", addresses)
        named = self._read_lists({member.key for member in members})
        return found + self._load("address", named)

    def _load(self, column: str, values: Collection[Any]) -> list[Member]:
        """Load the files that have one of these values in a column, unless they are there."""
        if self.has_all:
            return []
        unasked = set(values) - self.asked[column]
        self.asked[column] |= unasked
        names = ("article_id", "article__story_id", "grouped_story", "address", "story_key", "article__file_name")
        loaded = []
        for some in batches(unasked):
            for row in self.files.filter(**{f"{column}__in": some}).values_list(*names):
                if row[0] not in self.members:
                    member = self.members[row[0]] = Member(*row)
                    self.by_key[member.key].append(member)
                    self.by_address[member.address].append(member)
                    loaded.append(member)
        return loaded

    def _read_lists(self, keys: set[str]) -> set[str]:
        """Read the lists of files that name others than the files with the same key. Return the addresses in them."""
        wanted = {key: self.by_key[key] for key in keys - self.lists.keys() - {NO_KEY}}
        open_keys = {key: members for key, members in wanted.items() if not _is_complete(key, members)}
        removed = self._removed(open_keys)
        for key, members in open_keys.items():
            joining = [member for member in members if member.article_id not in removed]
            if not joining:
                self.silent.add(key)
            self.speakers[key] = min(
                joining or members, key=lambda member: (member.article_id not in self.read_ids, member.file_name)
            )
        keys_of = {self.speakers[key].article_id: key for key in open_keys}
        for ids in batches(keys_of):
            files = list(ImportedFile.objects.filter(article__in=ids))
            items = originals.texts(files)
            for file in files:
                document = frontmatter.parse(frontmatter.join(originals.parts(file, items)))
                self.lists[keys_of[file.article_id]] = document.values.get("related", [])
        return {identity(item) for key in open_keys for item in self.lists[key] if key not in self.silent}

    def _removed(self, groups: dict[str, list[Member]]) -> set[int]:
        """Return the articles that their own files call removed, or whose files are gone."""
        ids = [member.article_id for members in groups.values() for member in members]
        found: set[int] = set()
        for some in batches(ids):
            rows = ImportedFile.objects.filter(Q(text__contains=REMOVED) | Q(gone_at__isnull=False), article__in=some)
            found.update(rows.values_list("article", flat=True))
        return found

    def components(self) -> list[Component]:
        """Join the files, and return what belongs together."""
        sets = _DisjointSets(self.members)
        for key, members in self.by_key.items():
            if key != NO_KEY:
                sets.join(members[0].article_id, *(member.article_id for member in members[1:]))
        values = self._values_of_alternatives()
        for key in sorted(self.lists.keys() - self.silent):
            for target in self._named(key, values):
                sets.join(self.speakers[key].article_id, target.article_id)
        joined: dict[int, list[Member]] = defaultdict(list)
        for member in sorted(self.members.values(), key=lambda member: (member.file_name, member.article_id)):
            joined[sets.root(member.article_id)].append(member)
        return [Component(members, self._unmet(members)) for members in joined.values()]

    def _named(self, key: str, values: dict[int, tuple[Any, ...]]) -> list[Member]:
        """Return the articles that files with a key name, other than their own. `values` are those of alternatives."""
        members, items = self.by_key[key], self.lists[key]
        addresses = Counter([self.speakers[key].address, *map(identity, items)])
        named = []
        for address, count in (addresses - Counter(member.address for member in members)).items():
            others = [member for member in self.by_address[address] if member.key != key]
            copies = [(item["title"], item.get("published_at")) for item in items if identity(item) == address]
            others.sort(key=lambda member: _unlikeness(member, copies, values))
            named += others[:count]
        return named

    def _values_of_alternatives(self) -> dict[int, tuple[Any, ...]]:
        """Return title and time of the articles whose address stands at several paths and is in a list."""
        named = {identity(item) for items in self.lists.values() for item in items}
        shared = [
            member.article_id
            for members in (self.by_address[address] for address in named)
            if len(members) > 1
            for member in members
        ]
        found = {}
        for some in batches(shared):
            for pk, *columns in Article.objects.filter(pk__in=some).values_list("pk", "title", "published_at"):
                found[pk] = tuple(columns)
        return found

    def _unmet(self, members: list[Member]) -> list[dict[str, Any]]:
        """Return the related items of these articles that are none of them, each once."""
        own = {member.address for member in members}
        keys = dict.fromkeys(member.key for member in members if member.key in self.lists)
        read = {member.key for member in members if member.article_id in self.read_ids}
        unmet: dict[str, dict[str, Any]] = {}
        for key in sorted(keys, key=lambda key: key not in read):
            for item in self.lists[key]:
                if identity(item) not in own:
                    unmet.setdefault(identity(item), item)
        return list(unmet.values())


def _unlikeness(member: Member, copies: list[tuple[Any, ...]], values: dict[int, tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return what sorts articles with one address by how well they fit what lists say of it, best first."""
    title, time = values.get(member.article_id, (None, None))
    titles, times = zip(*copies, strict=True) if copies else ((), ())
    return title not in titles, time not in times, member.file_name, member.article_id


def _is_complete(key: str, members: list[Member]) -> bool:
    """Return whether the files with a key are all that they name. Known without reading a file."""
    return _key(Counter(member.address for member in members).elements()) == key


class _DisjointSets:
    """Sets of numbers that can be joined."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.above = {number: number for number in numbers}

    def root(self, number: int) -> int:
        while (above := self.above[number]) != number:
            self.above[number] = number = self.above[above]
        return number

    def join(self, first: int, *others: int) -> None:
        for other in others:
            self.above[self.root(other)] = self.root(first)
