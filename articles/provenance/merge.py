"""Merge three versions of an article's values: the file as last imported, the article, and the file now.

A field that one side changed gets that side's value. A field that both changed to different values keeps the
editor's, and is reported as a clash. Lists merge item by item, so that one side's addition and the other's removal
both take effect.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..text import addresses

Values = dict[str, Any]
Item = Any  # of a list: text, or a mapping
# The source's own figures, and keys that nobody here reads. They always follow the file, and no history lists them.
FILE_ONLY = frozenset({"category", "extra", "heat"})


def _address(item: Item) -> str:
    return str(item["url"] if isinstance(item, Mapping) else item)


KEYS: dict[str, Callable[[Item], str]] = {  # what makes two items the same one
    "topics": str,
    "tags": str,
    "images": _address,
    "links": addresses.identity,
    "keywords": str,
    "hashtags": str,
    "other_names": str,
}
SETS = frozenset({"topics", "tags", "keywords", "hashtags", "other_names"})  # an item has no slot that two could claim


@dataclass(frozen=True)
class Clash:
    """A field that both sides changed to different values. `base` is None if no earlier file was known."""

    field: str
    base: Any
    ours: Any
    theirs: Any


def merge(
    base: Mapping[str, Any] | None, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[Values, list[Clash]]:
    """Merge a file's values (`theirs`) into an article's (`ours`). Return the merged values and the clashes.

    All three have the same fields. `base` is the file as last imported; if it is None, every difference clashes.
    Merging the same file again changes nothing.
    """
    merged, clashes = {}, []
    for field, incoming in theirs.items():
        known = base is not None and field in base
        was = base[field] if base is not None and known else None
        live = ours[field]
        if field in FILE_ONLY or incoming == live or (known and live == was):
            merged[field] = incoming
        elif known and incoming == was:
            merged[field] = live
        else:
            combined = merge_lists(was or (), live, incoming, field) if field in KEYS else None
            merged[field] = live if combined is None else combined
            if combined is None:
                clashes.append(Clash(field, was, live, incoming))
    return merged, clashes


def merge_lists(base: Sequence[Item], ours: Sequence[Item], theirs: Sequence[Item], field: str) -> list[Item] | None:
    """Merge lists item by item. Return None if both sides changed the same thing differently.

    That is an item that one side changed and the other changed or dropped, an order that both changed and, except in
    sets, an item that both replaced.
    """
    was, live, incoming = (_by_key(items, KEYS[field]) for items in (base, ours, theirs))
    items: dict[Any, Item] = {}
    for key in {**live, **incoming}:
        chosen = _one_of(was.get(key), live.get(key), incoming.get(key))
        if chosen is _CLASH:
            return None
        if chosen is not None:
            items[key] = chosen
    if field not in SETS and _both_replaced(was, live, incoming):
        return None
    order = _order(was, live, incoming)
    return None if order is None else [items[key] for key in order if key in items]


_CLASH = object()


def _one_of(was: Item, live: Item, incoming: Item) -> Item:
    """Return the merged item: None if it is dropped, _CLASH if both sides changed it."""
    if live == incoming or incoming == was:
        return live
    if live == was:
        return incoming
    if isinstance(was, Mapping) and isinstance(live, Mapping) and isinstance(incoming, Mapping):
        merged = {name: _one_of(was.get(name), live.get(name), incoming.get(name)) for name in {**live, **incoming}}
        return _CLASH if _CLASH in merged.values() else {k: v for k, v in merged.items() if v is not None}
    return _CLASH


def _by_key(items: Sequence[Item], key: Callable[[Item], str]) -> dict[Any, Item]:
    """Return items by their key, and by their count among items with the same key."""
    seen: Counter[str] = Counter()
    found = {}
    for item in items:
        name = key(item)
        found[name, seen[name]] = item
        seen[name] += 1
    return found


def _both_replaced(was: Iterable[Any], live: Iterable[Any], incoming: Iterable[Any]) -> bool:
    dropped = set(was) - set(live) - set(incoming)
    return bool(dropped and set(live) - set(was) - set(incoming) and set(incoming) - set(was) - set(live))


def _order(was: Iterable[Any], live: Iterable[Any], incoming: Iterable[Any]) -> list[Any] | None:
    """Return all keys in the order of the side that changed it. The other side's new keys follow their predecessors.

    None if both sides changed the order.
    """
    common = set(was) & set(live) & set(incoming)
    orders = [[key for key in keys if key in common] for keys in (was, live, incoming)]
    if orders[0] == orders[1]:
        first, second = incoming, live
    elif orders[0] == orders[2] or orders[1] == orders[2]:
        first, second = live, incoming
    else:
        return None
    order = list(first)
    place = 0
    for key in second:
        if key in order:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order
