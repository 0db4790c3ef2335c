"""The topics that a site's files want: found among those there are, merged, checked and written as one state."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import uuid4

from .. import frontmatter
from ..frontmatter import Kind
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
    """A site's wanted topics. `whole` is whether they are all that the site has."""

    def __init__(self, site: str, whole: bool, wanted: list[Wanted]) -> None:
        self.site = site
        self.whole = whole
        self.rows = {row.pk: row for row in Topic.objects.select_related("parent")}
        self.aliases = list(TopicAlias.objects.values_list("topic_id", "name", "slug"))
        self.bases = {pk: self._base(row) for pk, row in self.rows.items()}
        self.absorbed: dict[int, Wanted] = {}  # ids of rows that become part of a wanted topic
        self.aside: set[int] = set()  # ids of rows whose slug a wanted topic takes
        self.new_parents: set[Wanted] = set()  # topics below one that their file names and that is to be made
        self._recognise(wanted)
        self.others = [one for one in wanted if "" < one.row.file_site < site]  # described by another site
        self.wanted = [one for one in wanted if one not in self.others]
        for one in self.wanted:
            self._merge(one)

    @cached_property
    def named(self) -> dict[str | None, Topic]:
        """The topics by their names, current and former, before anything is written."""
        former = {name: self.rows[pk] for pk, name, _ in self.aliases}
        return former | {row.name: row for row in self.rows.values()}

    def _base(self, row: Topic) -> Values:
        """Return what a topic's file said when it was last imported, or what a topic without a file has."""
        if not row.file_text:
            return COLUMNS | {"parent": "", "slug": row.slug, "name": row.name}
        said = in_file(row.file_name, frontmatter.parse(row.file_text, Kind.TOPIC).values)
        return self._with_known_parent(said)

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

    def _merge(self, one: Wanted) -> None:
        """Merge what a file says into its topic's values."""
        row, said = one.row, self._with_known_parent(one.said)
        if row.pk is None:
            row.name, row.slug = said["name"], said["slug"]
        one.merged = of_topic(row)
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
        while problem := self._clash() or self._circle():
            one, key, message = problem
            self.wanted.remove(one)
            rejected.append(one.rejection(key, message))
        return rejected

    def _clash(self) -> Problem | None:
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
                    return one, key, not_its_own(key, value, path)
                owners[value] = one
        return None

    def _unwanted(self) -> list[Topic]:
        taken = {one.row.pk for one in self.wanted} | self.absorbed.keys()
        return [row for pk, row in self.rows.items() if pk not in taken]

    def _is_bare(self, row: Topic) -> bool:
        """Whether nothing is known of a topic but its name."""
        return not row.file_text and of_topic(row) == self.bases[row.pk]

    def _gives_way(self, row: Topic) -> bool:
        is_former = self.whole and row.file_site in ("", self.site) and of_topic(row) == self.bases[row.pk]
        return is_former or self._is_bare(row)

    def _circle(self) -> Problem | None:
        """Return the last of the topics that are below themselves."""
        above = self._above()
        for one in self.wanted:
            circle: list[Node] = []
            node: Node | None = one
            while node and node not in circle:
                circle.append(node)
                node = above.get(node)
            if node is one:
                members = [each for each in self.wanted if each in circle]
                if astray := {each for each in members if self._names_former_parent(each)}:
                    self.new_parents |= astray  # it means another topic
                    return self._circle()
                return members[-1], "parent", below_itself(members[-1].said["parent"])
        return None

    def _above(self) -> dict[Node, Node | None]:
        """Return the topic above each."""
        unwanted = self._unwanted()
        of_row = {one.row.pk: one for one in self.wanted if one.row.pk} | self.absorbed
        of_row |= {row.pk: row for row in unwanted}
        named: dict[str, Node] = {row.name: row for row in unwanted} | {one.merged["name"]: one for one in self.wanted}
        above = {row: of_row.get(row.parent_id) for row in unwanted}
        for one in self.wanted:
            name = one.said["parent"]
            former = None if one in self.new_parents else self.named.get(name)
            said = named.get(name) or (of_row[former.pk] if former else None)
            above[one] = said if one.follows_parent else of_row.get(one.row.parent_id)
        return above

    def _names_former_parent(self, one: Wanted) -> bool:
        """Whether a topic's file names its parent by a name that no topic will have."""
        names = {each.merged["name"] for each in self.wanted} | {row.name for row in self._unwanted()}
        return one.follows_parent and one not in self.new_parents and one.said["parent"] not in names

    # Writing

    def write(self, run: ImportRun) -> int:
        """Write what changes. Return the number of new conflicts."""
        above = self._above()
        former = self._other_names() + self._absorb()
        former += self._write_columns()
        if former:
            Topic.objects.lead_on(former)
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
        names = {row.name for row in self.rows.values()} | {name for _, name, _ in self.aliases}
        slugs = {row.slug for row in self.rows.values()} | {slug for *_, slug in self.aliases}
        found = []
        for one in self.others:
            name = None if one.said["name"] in names else one.said["name"]
            slug = None if one.said["slug"] in slugs else one.said["slug"]
            if name or slug:
                found.append((one.row.pk, name, slug))
        return found

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
        """Write the topics above those wanted. One that only its name is known of is created."""
        unknown = {one.said["parent"] for one in self.wanted if one.follows_parent and not above[one]} - {""}
        made = Topic.objects.ensure(unknown - {one.said["parent"] for one in self.new_parents})
        made |= {name: Topic.objects.make(name) for name in sorted(unknown - made.keys())}
        moved = []
        for one in self.wanted:
            node = above[one]
            parent = node.row if isinstance(node, Wanted) else node
            if parent is None and one.follows_parent:
                parent = made.get(one.said["parent"])
            if one.row.parent_id != (parent.pk if parent else None):
                one.row.parent = parent
                moved.append(one.row)
        Topic.objects.bulk_update(moved, ["parent"], batch_size=100)

    def _keep_conflicts(self, one: Wanted, run: ImportRun) -> int:
        pk = one.row.pk
        return conflicts.keep("topic", {pk: one.clashes or []}, one.known or {pk: {}}, one.merged.keys(), run)
