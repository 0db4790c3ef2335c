"""The topics of each site as a tree, and what editors move in it.

Where a file puts its topic stays known beside where an editor put it, so that no import undoes a move.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery

from ..frontmatter import schema
from ..models import Action, ArticleTopic, Topic
from ..models.topic_names import LEVELS
from .actions import Kind, quoted, recorded


class TreeError(ValueError):
    """A topic cannot go there. The message says why, to an editor."""


@dataclass(eq=False)
class Node:
    """A topic, the topics below it in their order, and how many articles have it."""

    topic: Any
    rank: int = 0  # among all, by numbers and names
    number: int = 0  # in the menu, as it is stored
    above: "Node | None" = None
    below: list["Node"] = field(default_factory=list)
    count: int = 0

    def walk(self) -> Iterator["Node"]:
        yield self
        for node in self.below:
            yield from node.walk()

    @property
    def depth(self) -> int:
        """How many topics are above it."""
        return self.above.depth + 1 if self.above else 0

    @property
    def site(self) -> str:
        """The site whose files describe it or one below it, else that of an article; "" if there is none."""
        nodes = list(self.walk())
        sites = (*(node.topic.file_site for node in nodes), *(node.topic.used_by for node in nodes))
        return next(filter(None, sites), "")


def trees(counts: bool = False) -> dict[str, list[Node]]:
    """Return the topics at the top of each site's tree, by the sites' names. Costs a query, with counts two."""
    links = ArticleTopic.objects.filter(tag=OuterRef("pk")).order_by("pk")
    rows = Topic.objects.annotate(used_by=Subquery(links.values("content_object__source__name")[:1]))
    rows = rows.defer("file_text", "extra", "services", "images")
    nodes = {topic.pk: Node(topic, rank, topic.menu_order) for rank, topic in enumerate(rows)}
    if counts:
        used = ArticleTopic.objects.order_by().values_list("tag").annotate(Count("pk"))
        for pk, number in used:
            nodes[pk].count = number
    tops = []
    for node in nodes.values():
        above = nodes.get(node.topic.parent_id)
        if above and not _is_below(above, node, nodes):
            node.above = above
            above.below.append(node)
        else:
            tops.append(node)
    found = defaultdict(list)
    for node in tops:
        found[node.site].append(node)
    return dict(sorted(found.items(), key=lambda pair: (not pair[0], pair[0])))


def _is_below(node: Node, other: Node, nodes: dict[int, Node]) -> bool:
    """Return whether a topic is another one, or below it, by the stored parents, which may go round in circles."""
    seen: set[int] = set()
    now: Node | None = node
    while now and now.topic.pk not in seen:
        if now is other:
            return True
        seen.add(now.topic.pk)
        now = nodes.get(now.topic.parent_id)
    return False


@transaction.atomic
def move(topic_id: int, step: str, user: Any, at: int | None = None) -> Action:
    """Move a topic: up, down, in or out; or below or before the topic `at`. Raises TreeError if it cannot go there."""
    list(Topic.objects.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    found = trees()
    nodes = {node.topic.pk: node for tops in found.values() for top in tops for node in top.walk()}
    node, other = nodes.get(topic_id), nodes.get(at or 0)
    if node is None or (step in AT and other is None and at):
        raise TreeError("This topic is gone: somebody merged or deleted it meanwhile.")
    beside = node.above.below if node.above else next(tops for tops in found.values() if node in tops)
    above, order, where = STEPS[step](node, beside, other, found)
    _expect_free(node, above)
    action = Action(kind=Kind.CHANGE, user=user, what=f"Moved the topic {quoted(node.topic)} {where}")
    with recorded(action, only_changes=True) as record:
        record.watch(Topic.objects.filter(pk__in=[each.topic.pk for each in order]))
        _store(node, above, order)
    return action


def _expect_free(node: Node, above: Node | None) -> None:
    if above and above in node.walk():
        name, other = quoted(node.topic), quoted(above.topic)
        if above is node:
            raise TreeError(f"{name} cannot be below itself.")
        raise TreeError(f"{name} cannot be below {other}, which is below it.")
    levels = max(each.depth for each in node.walk()) - node.depth
    if above and above.depth + 1 + levels > LEVELS:
        raise TreeError(f"{quoted(node.topic)} cannot go there: readers see {LEVELS} levels below the top.")


def _store(node: Node, above: Node | None, order: list[Node]) -> None:
    """Store the topic above one, and the order of all that are below that. Only numbers that must change do."""
    changed, last = [node.topic], None
    for place, each in enumerate(order):
        following = order[place + 1] if place + 1 < len(order) else None
        number = min(_number(each, node, last, following), schema.MENU_ORDER.maximum)
        if each.topic.menu_order != number:
            each.topic.menu_order = number
            changed += [each.topic] if each is not node else []
        last = each
    node.topic.parent_id = above.topic.pk if above else None
    Topic.objects.bulk_update(changed, ["menu_order", "parent"], batch_size=100)


def _number(each: Node, moved: Node, last: Node | None, following: Node | None) -> int:
    """Return a topic's number between those before and after it: its own if that stands there already."""
    least = last.topic.menu_order + 1 if last else 0
    own: int = each.topic.menu_order
    if each is moved:
        most = following.topic.menu_order - 1 if following else own
        return max(least, min(own, most))
    if last and last is not moved and last.topic.menu_order == last.number == own and last.rank < each.rank:
        return own  # of two with one number, their names say which is first
    return max(own, least)


# The steps: each returns the topic above, all that are below that in their order, and in words where it went


Went = tuple[Node | None, list[Node], str]
Trees = dict[str, list[Node]]


def _shift(by: int, word: str, end: str) -> Callable[[Node, list[Node], Node | None, Trees], Went]:
    def step(node: Node, beside: list[Node], other: Node | None, found: Trees) -> Went:
        place = beside.index(node) + by
        if not 0 <= place < len(beside):
            raise TreeError(f"{quoted(node.topic)} is the {end} already.")
        order = _without(beside, node)
        order.insert(place, node)
        return node.above, order, f"{word}, {'before' if by < 0 else 'after'} {quoted(beside[place].topic)}"

    return step


def _in(node: Node, beside: list[Node], other: Node | None, found: Trees) -> Went:
    place = beside.index(node)
    if not place:
        raise TreeError(f"There is no topic before {quoted(node.topic)} that it could go below.")
    return _below(node, beside, beside[place - 1], found)


def _out(node: Node, beside: list[Node], other: Node | None, found: Trees) -> Went:
    if not node.above:
        raise TreeError(f"{quoted(node.topic)} is at the top already.")
    above = node.above
    around = above.above.below if above.above else next(tops for tops in found.values() if above in tops)
    order = list(around)
    order.insert(order.index(above) + 1, node)
    return above.above, order, f"out of {quoted(above.topic)}"


def _below(node: Node, beside: list[Node], other: Node | None, found: Trees) -> Went:
    if other is None:
        tops = next(tops for tops in found.values() if _top(node) in tops)
        return None, [*_without(tops, node), node], "to the top"
    return other, [*_without(other.below, node), node], f"below {quoted(other.topic)}"


def _before(node: Node, beside: list[Node], other: Node | None, found: Trees) -> Went:
    if other is None or other is node:
        raise TreeError(f"Choose another topic than {quoted(node.topic)}, before which it goes.")
    around = other.above.below if other.above else next(tops for tops in found.values() if other in tops)
    order = _without(around, node)
    order.insert(order.index(other), node)
    return other.above, order, f"before {quoted(other.topic)}"


def _without(nodes: Iterable[Node], node: Node) -> list[Node]:
    return [each for each in nodes if each is not node]


def _top(node: Node) -> Node:
    return _top(node.above) if node.above else node


STEPS: dict[str, Callable[[Node, list[Node], Node | None, Trees], Went]] = {
    "up": _shift(-1, "up", "first"),
    "down": _shift(1, "down", "last"),
    "in": _in,
    "out": _out,
    "below": _below,
    "before": _before,
}
AT = ("below", "before")
