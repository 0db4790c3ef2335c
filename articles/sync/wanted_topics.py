"""The topics that a site's files want: found among those there are, merged, checked and written as one state."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import uuid4

from django.db.models import Q

from .. import frontmatter
from ..frontmatter import FrontMatterError, Kind
from ..models import ImportRun, Topic, TopicAlias
from ..provenance import conflicts
from ..provenance.conflicts import Open
from ..provenance.merge import Clash, merge
from ..provenance.values import Values
from .found import FoundFile, Rejection
from .topic_values import COLUMNS, UNIQUE, below_itself, in_file, not_its_own, of_topic

FILE_COLUMNS = ("file_text", "file_name", "file_site")


@dataclass(eq=False)
class Wanted:
    """A topic as its file wants it, and the row that it becomes."""

    file: FoundFile
    said: Values
    row: Topic = field(default_factory=Topic)
    merged: Values = field(default_factory=dict)
    clashes: list[Clash] | None = None  # None: the file is the one last imported
    known: Open = field(default_factory=dict)  # its open conflicts
    follows_parent: bool = True  # has the parent that its file names, not one that an editor chose
    named_parent: "Wanted | Topic | None" = None  # that its file names, if there is one

    @property
    def text(self) -> str:
        return self.file.data.decode()

    def rejection(self, key: str, message: str) -> Rejection:
        """Say what is wrong with its file."""
        lines = enumerate(self.text.splitlines(), 1)
        line = next((number for number, text in lines if text.startswith(f"{key}:")), 1)
        return Rejection(self.file.path, message, line, key)


Node = Wanted | Topic  # a wanted topic, or the row of one that is not wanted
Former = tuple[int, str | None, str | None]  # a topic's id, and a name and a slug that lead to it
Problem = tuple[Wanted, str, str]  # whose file is wrong, its key, and a sentence


class WantedTopics:
    """A site's wanted topics. `is_whole` is whether they are all that the site has."""

    def __init__(self, site: str, is_whole: bool, wanted: list[Wanted]) -> None:
        self.site = site
        self.is_whole = is_whole
        self.rows = {row.pk: row for row in Topic.objects.select_related("parent", "file_parent")}
        self.aliases = list(TopicAlias.objects.values_list("topic_id", "name", "slug", "is_merged"))
        self.bases = {pk: self._base(row) for pk, row in self.rows.items()}
        self.absorbed: dict[int, Wanted] = {}  # ids of rows that become part of a wanted topic
        self.aside: set[int] = set()  # ids of rows whose slug a wanted topic takes
        self.new_parents: set[str] = set()  # names of topics above others that are to be made
        self.cut: set[int] = set()  # ids of rows that lose the topic above them
        self._recognise(wanted)
        self.joined = joined = self._merged_away(wanted)
        # What is described by another site, or was merged into another topic.
        self.others = [one for one in wanted if "" < one.row.file_site < site or one in joined]
        self.wanted = [one for one in wanted if one not in self.others]
        for one in self.wanted:
            self._merge(one)

    @cached_property
    def named(self) -> dict[str | None, Topic]:
        """The topics by their names, current and former, before anything is written."""
        former = {name: self.rows[pk] for pk, name, *_ in self.aliases}
        return former | {row.name: row for row in self.rows.values()}

    def _base(self, row: Topic) -> Values:
        """Return what a topic's file said when it was last imported, or what a topic without a file has."""
        if not row.file_text:
            return COLUMNS | {"parent": "", "slug": row.slug, "name": row.name}
        try:
            said = frontmatter.parse(row.file_text, Kind.TOPIC).values
        except FrontMatterError:  # an earlier release could read it
            return of_topic(row)
        return in_file(row.file_name, said) | {"parent": row.file_parent.name if row.file_parent else ""}

    def _with_known_parent(self, said: Values) -> Values:
        """Return a file's values with the current name of its parent, if it prints a former one."""
        parent = self.named.get(said["parent"])
        return said | {"parent": parent.name} if parent else said

    def _recognise(self, wanted: list[Wanted]) -> None:
        """Find the rows of wanted topics by `_id`, else by name: by those in their last files, else by current ones.

        A row that only articles named has a slug that we made from its name: it is found by its name.
        """
        left = dict(self.rows)
        for column in UNIQUE:
            for known in (self.bases, {pk: vars(row) for pk, row in self.rows.items()}):
                found = (pk for pk in reversed(left) if column == "name" or not self._is_bare(self.rows[pk]))
                by_value = {known[pk][column]: pk for pk in found}
                for one in wanted:
                    pk = by_value.get(one.said[column])
                    if one.row.pk is None and pk in left:
                        one.row = left.pop(pk)

    def _merged_away(self, wanted: list[Wanted]) -> list[Wanted]:
        """Return the wanted topics that editors merged into others, whose rows they get.

        A topic that its file puts below one that was merged into it has none above it by that file.
        """
        names = {name: self.rows[pk] for pk, name, _, is_merged in self.aliases if is_merged and name}
        slugs = {slug: self.rows[pk] for pk, _, slug, is_merged in self.aliases if is_merged and slug}
        found = []
        for one in wanted:
            into = names.get(one.said["name"]) or slugs.get(one.said["slug"])
            if one.row.pk is None and into:
                one.row = into
                found.append(one)
            elif one.row.pk and names.get(one.said["parent"]) is one.row:
                one.said = one.said | {"parent": ""}
        return found

    def _merge(self, one: Wanted) -> None:
        """Merge what a file says into its topic's values."""
        row, said = one.row, self._with_known_parent(one.said)
        if row.pk is None:
            row.name, row.slug = said["name"], said["slug"]
        one.merged = of_topic(row)
        one.follows_parent = row.parent_id == row.file_parent_id
        if (row.file_name, row.file_text) != (one.file.name, one.text):
            base = self.bases[row.pk] if row.pk else one.merged
            if not row.file_name:  # the last import did not keep it
                base = base | {"menu_order": said["menu_order"]} if row.file_text else base
            one.known = conflicts.open_on("topic", [row.pk] if row.pk else [])
            base = conflicts.undecided_base(base, one.known.get(row.pk, {}))
            one.merged, one.clashes = merge(base, one.merged, said)
            one.follows_parent = one.merged["parent"] == said["parent"]

    # What may be wrong

    def check(self) -> list[Rejection]:
        """Take out topics, until the others contradict neither each other nor the topics that are not wanted."""
        rejected = []
        while problems := self._clash() or self._circles():
            for one, key, message in problems:
                self.wanted.remove(one)
                rejected.append(one.rejection(key, message))
        return rejected

    def _clash(self) -> list[Problem]:
        """Return the first topic with a name or `_id` that another keeps.

        A topic that only articles name, or former files of this site, keeps none: it becomes part of the one with its
        name, and gets another slug.
        """
        self.absorbed, self.aside = {}, set()
        for column, key in UNIQUE.items():
            owners: dict[str, Node] = {getattr(row, column): row for row in self._unwanted()}
            for one in self.wanted:
                value = one.merged[column]
                owner = owners.get(value)
                if isinstance(owner, Topic) and column == "slug" and self._is_bare(owner):
                    self.aside.add(owner.pk)
                elif isinstance(owner, Topic) and self._gives_way(owner):
                    self.absorbed[owner.pk] = one
                elif owner:
                    path = owner.file.path if isinstance(owner, Wanted) else "another topic"
                    return [(one, key, not_its_own(key, value, path))]
                owners[value] = one
        return []

    def _unwanted(self) -> list[Topic]:
        taken = {one.row.pk for one in self.wanted} | self.absorbed.keys()
        return [row for pk, row in self.rows.items() if pk not in taken]

    def _is_bare(self, row: Topic) -> bool:
        """Whether nothing is known of a topic but its name."""
        return not row.file_text and of_topic(row) == self.bases[row.pk]

    def _gives_way(self, row: Topic) -> bool:
        """Whether only articles name a topic, or a file of this site that is gone, and no editor changed it."""
        is_gone = self.is_whole and row.file_site in ("", self.site)
        return (is_gone or not row.file_text) and of_topic(row) == self.bases[row.pk]

    def _circles(self) -> list[Problem]:
        """Return the last of the topics of each circle: they are below themselves."""
        found = circles(self.wanted, self._above())
        rows = {node for circle in found for node in circle if isinstance(node, Topic)}
        if gone := {row.pk for row in rows if row.pk not in self.cut and self._gives_way(row)}:
            self.cut |= gone
            return self._circles()
        return self._last_of([[node for node in circle if isinstance(node, Wanted)] for circle in found])

    def _last_of(self, found: list[list[Wanted]]) -> list[Problem]:
        """Return the last topic of each circle, unless a former name made it."""
        names = {one.merged["name"] for one in self.wanted} | {row.name for row in self._unwanted()}
        parents = {one.said["parent"] for circle in found for one in circle if one.follows_parent}
        if astray := parents - names - self.new_parents:
            self.new_parents |= astray  # a former name led here, but another topic is meant
            return self._circles()
        order = {one: place for place, one in enumerate(self.wanted)}
        last = [max(circle, key=lambda one: order[one]) for circle in found if circle]
        return [(one, "parent", below_itself(one.said["parent"])) for one in last]

    def _above(self) -> dict[Node, Node | None]:
        """Return the topic above each. Notes the one that each file names."""
        unwanted = self._unwanted()
        of_row: dict[int | None, Node] = {one.row.pk: one for one in self.wanted if one.row.pk}
        of_row |= {pk: one for pk, one in self.absorbed.items()}  # noqa: C416 (the types differ)
        of_row |= {row.pk: row for row in unwanted}
        named: dict[str, Node] = {row.name: row for row in unwanted} | {one.merged["name"]: one for one in self.wanted}
        above: dict[Node, Node | None] = {row: of_row.get(row.parent_id) for row in unwanted if row.pk not in self.cut}
        for one in self.wanted:
            name = one.said["parent"]
            former = None if name in self.new_parents else self.named.get(name)
            one.named_parent = named.get(name) or (of_row[former.pk] if former else None)
            above[one] = one.named_parent if one.follows_parent else of_row.get(one.row.parent_id)
        return above

    # Writing

    def write(self, run: ImportRun) -> int:
        """Write what changes. Return the number of new conflicts."""
        above = self._above()
        former = self._other_names() + self._absorb()
        former += self._write_columns()
        if former:
            Topic.objects.lead_on(former)
            self._remember_merges()
        Topic.objects.give_free_slugs([self.rows[pk] for pk in sorted(self.aside)])
        self._write_parents(above)
        return sum(self._keep_conflicts(one, run) for one in self.wanted if one.clashes is not None)

    def _write_columns(self) -> list[Former]:
        """Write the topics that changed. Return what the renamed and new ones were called before."""
        changed = [one for one in self.wanted if self._differs(one)]
        made = [one.row for one in changed if one.row.pk is None]
        known = [one.row for one in changed if one.row.pk]
        former = []
        for pk in self.aside:
            self._spare(pk, "slug")
        for one in changed:
            row = one.row
            if row.pk and any(one.merged[name] != getattr(row, name) for name in UNIQUE):
                former.append((row.pk, row.name, row.slug))
                self._spare(row.pk, *UNIQUE)
            for name, value in self._columns(one).items():
                setattr(row, name, value)
        Topic.objects.bulk_create(made)
        Topic.objects.bulk_update(known, [*COLUMNS, *FILE_COLUMNS], batch_size=100)
        return former + [(row.pk, None, None) for row in made]

    def _spare(self, pk: int, *columns: str) -> None:
        """Free the name or slug of a topic, which another may be about to get."""
        Topic.objects.filter(pk=pk).update(**dict.fromkeys(columns, f"%{uuid4().hex}"))

    def _columns(self, one: Wanted) -> Values:
        file = {"file_text": one.text, "file_name": one.file.name, "file_site": self.site}
        return {name: one.merged[name] for name in COLUMNS} | file

    def _differs(self, one: Wanted) -> bool:
        return one.row.pk is None or any(getattr(one.row, name) != value for name, value in self._columns(one).items())

    def _other_names(self) -> list[Former]:
        """Return the names that this site gives to topics which another describes, and that nobody has yet."""
        names = {row.name for row in self.rows.values()} | {name for _, name, *_ in self.aliases}
        slugs = {row.slug for row in self.rows.values()} | {slug for *_, slug, _ in self.aliases}
        found = []
        for one in self.others:
            name = None if one.said["name"] in names else one.said["name"]
            slug = None if one.said["slug"] in slugs else one.said["slug"]
            if name or slug:
                found.append((one.row.pk, name, slug))
        return found

    def _remember_merges(self) -> None:
        """Note that the new names of merged topics are merged ones too."""
        for one in self.joined:
            said = Q(name=one.said["name"]) | Q(slug=one.said["slug"])
            TopicAlias.objects.filter(said, topic=one.row, is_merged=False).update(is_merged=True)

    def _absorb(self) -> list[Former]:
        """Give wanted topics all that refers to those which become part of them. Return the names of these."""
        former: list[Former] = []
        for pk, one in self.absorbed.items():
            row = self.rows[pk]
            if one.row.pk is None:
                one.row = row
            else:
                Topic.objects.join(pk, one.row.pk)
                former.append((one.row.pk, row.name, row.slug))
        return former

    def _write_parents(self, above: dict[Node, Node | None]) -> None:
        """Write the topics above those wanted, and those that their files name, which are created if need be."""
        unknown = {one.said["parent"] for one in self.wanted if not one.named_parent} - {""}
        made: dict[str, Topic] = Topic.objects.ensure(unknown - self.new_parents)
        made |= {name: Topic.objects.make(name) for name in sorted(unknown - made.keys())}
        Topic.objects.filter(pk__in=self.cut).update(parent=None, file_parent=None)
        moved = []
        for one in self.wanted:
            row, before = one.row, (one.row.parent_id, one.row.file_parent_id)
            row.file_parent = row_of(one.named_parent) or made.get(one.said["parent"])
            row.parent = row.file_parent if one.follows_parent else row_of(above[one])
            if (row.parent_id, row.file_parent_id) != before:
                moved.append(row)
        Topic.objects.bulk_update(moved, ["parent", "file_parent"], batch_size=100)

    def _keep_conflicts(self, one: Wanted, run: ImportRun) -> int:
        pk = one.row.pk
        return conflicts.keep("topic", {pk: one.clashes or []}, one.known or {pk: {}}, one.merged.keys(), run)


def circles(wanted: list[Wanted], above: dict[Node, Node | None]) -> list[list[Node]]:
    """Return the circles above wanted topics; `above` has the topic above each."""
    seen: set[Node] = set()
    found = []
    for one in wanted:
        path: list[Node] = []
        node: Node | None = one
        while node and node not in seen:
            path.append(node)
            seen.add(node)
            node = above.get(node)
        if node and node in path:
            found.append(path[path.index(node) :])
    return found


def row_of(node: Node | None) -> Topic | None:
    return node.row if isinstance(node, Wanted) else node
