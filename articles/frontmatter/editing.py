"""Edits of single keys that leave all other lines alone, in whatever style a file is written.

A value is replaced where it is, in the style of what it replaces. Of a list or mapping only the items and keys that
differ are written. Comments, line ends, and keys that the schema does not know stay as they are.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from . import serialiser, styles, template
from .delimiters import bounds
from .nodes import BREAK, Child, Node, compose, is_read
from .parts import ITEM, Parts
from .schema import ARTICLE, RELATED_LIST, Field, List, Map, Type

Values = dict[str, Any]
COMMENT_LINE = re.compile(rf"( *)#[^\n\r\x85\u2028\u2029]*(?:{BREAK.pattern})")
REST_OF_LINE = re.compile(r"[ \t]+#[^\n\r\x85\u2028\u2029]*|[ \t]*")


class NotEditableError(Exception):
    """A value that cannot be edited in place; what holds it must be written anew."""


def edits(
    parts: Parts, old: Values, changes: Mapping[str, Any], related: Sequence[str | Values] | None = None
) -> Iterator[Parts]:
    """Yield a file with other values for some keys, in two ways: with the fewest changes, and with whole keys replaced.

    `old` are the file's values, `changes` new ones by the schema's names: None, [] and {} delete a key. `related`
    is a new list of related items, each its text or its values. A way that does not lead to YAML is left out.
    """
    items = parts.related
    if related is not None:
        if items and related:
            items = tuple(item if isinstance(item, str) else item_text(item) for item in related)
        else:
            items, changes = (), {**changes, "related": [item_values(item) for item in related]}
    new = {**old, **changes}
    for whole_keys in (False, True):
        try:
            text = _edited(parts.text, old, new, whole_keys)
        except NotEditableError:
            continue
        yield replace(parts, text=text, related=items)


def item_text(values: Values) -> str:
    """Return a related item as the source writes it, without its dash and last line end."""
    return serialiser.item(values, RELATED_LIST, 2).removeprefix(ITEM).removesuffix("\n")


def item_values(item: str | Values) -> Values:
    found: Values = template.items(RELATED_LIST, 2)[item] if isinstance(item, str) else item
    return found


def _edited(text: str, old: Values, new: Values, whole_keys: bool) -> str:
    editor = Editor(text, with_comments=whole_keys)
    editor.change_map(compose(text, *bounds(text)), ARTICLE, old, new, whole_keys)
    pieces, place = [], 0
    for start, end, replacement in sorted(editor.changes, key=lambda change: change[:2]):
        pieces += [text[place:start], replacement]
        place = end
    return "".join(pieces) + text[place:]


def _by_key(values: Values, schema: Map) -> dict[str, tuple[Field | None, Any]]:
    """Return values by their keys in files, each with its field; None for a key that the schema does not know."""
    found: dict[str, tuple[Field | None, Any]] = {
        field.key: (field, values[field.name])
        for field in schema.fields
        if values.get(field.name) not in (None, [], {})
    }
    return found | {key: (None, value) for key, value in values.get("extra", {}).items()}


class Editor:
    """Collects changes of a text: pieces of it and what replaces them. No two pieces overlap."""

    def __init__(self, text: str, with_comments: bool = False) -> None:
        self.text = text
        self.with_comments = with_comments  # whether indented comments below a key are part of it
        self.changes: list[tuple[int, int, str]] = []
        self.lines = [0, *(match.end() for match in BREAK.finditer(text))]

    def change_map(self, node: Node, schema: Map, old: Values, new: Values, whole_keys: bool = False) -> None:
        """Give a mapping new values. With `whole_keys` all that is below a changed key is written anew."""
        if not node.is_map or schema.open or node.children is None:
            raise NotEditableError
        before, after = _by_key(old, schema), _by_key(new, schema)
        plan: dict[str, int | str] = {}
        for place, child in enumerate(node.children):
            was, known = before.get(child.key), after.get(child.key)
            if was == known:
                plan[child.key] = place
            elif known:
                is_changed = not whole_keys and self._is_changed(child, known[0], was and was[1], known[1])
                plan[child.key] = (
                    place if is_changed else styles.entry(self.text, node, *known, child.key, spaced=False)
                )
        there = {child.key for child in node.children}
        for key, (field, value) in after.items():
            if key not in there:
                plan = self._with_entry(plan, node, schema, key, field, value)
        spaced = {place for place, child in enumerate(node.children) if _is_spaced(schema, child.key)}
        self._arrange(node, list(plan.values()), spaced)

    def _with_entry(
        self, plan: dict[str, int | str], node: Node, schema: Map, key: str, field: Field | None, value: Any
    ) -> dict[str, int | str]:
        """Return a mapping's plan with a new key, where the source would write it."""
        order = [known.key for known in schema.fields]
        earlier = order[: order.index(key)] if field else plan
        place = max((place for place, known in enumerate(plan, 1) if known in earlier), default=0)
        entries = list(plan.items())
        entries.insert(place, (key, styles.entry(self.text, node, field, value, key, spaced=place > 0)))
        return dict(entries)

    def _is_changed(self, child: Child, field: Field | None, old: Any, new: Any) -> bool:
        """Change a key's value in place. Return whether that was possible; if not, nothing is changed."""
        kept = len(self.changes)
        try:
            if field is None or not child.has_colon:
                raise NotEditableError
            self._change(child, field.type, old, new)
        except NotEditableError:
            del self.changes[kept:]
            return False
        return True

    def _change(self, child: Child, type_: Type, old: Any, new: Any) -> None:
        node = child.value
        if isinstance(type_, Map):
            self.change_map(node, type_, old or {}, new)
        elif isinstance(type_, List):
            self._change_list(node, type_, old, new)
        elif node.children is not None or new is None:
            raise NotEditableError
        else:
            text = styles.scalar(self.text, node, type_, new, self._column(child.start) + 2)
            gap = " " if node.start == node.end and self.text[node.start - 1] not in " \t" else ""
            self.changes.append((node.start, node.end, gap + text.replace("\n", self._line_end_at(node.start))))

    def _change_list(self, node: Node, type_: List, old: Any, new: list[Any]) -> None:
        children = node.children
        if node.is_map or children is None:
            raise NotEditableError
        old = old or []
        places = [place for place, child in enumerate(children) if is_read(child.value, type_)]
        if len(old) != len(places):
            raise NotEditableError
        plan: list[int | str] = []
        matcher = SequenceMatcher(None, [*map(repr, old)], [*map(repr, new)], autojunk=False)
        for kind, start, end, new_start, new_end in matcher.get_opcodes():
            if kind == "equal":
                plan += places[start:end]
                continue
            pairs = list(zip(range(start, end), new[new_start:new_end], strict=False))
            for n, value in pairs:
                if self._is_changed(children[places[n]], Field("", "", type_.item), old[n], value):
                    plan.append(places[n])
                else:
                    plan.append(styles.item(self.text, node, type_, value))
            added = new[new_start + len(pairs) : new_end]
            plan += [styles.item(self.text, node, type_, value) for value in added]
        self._arrange(node, _with_others(plan, set(range(len(children))).difference(places)), set())

    def _arrange(self, node: Node, plan: Sequence[int | str], spaced: set[int]) -> None:
        """Make a collection's children those of the plan: places of children that stay, and texts of new ones."""
        place, new = 0, list[str]()
        for step in (*plan, len(node.children or ())):
            if isinstance(step, str):
                new.append(step)
                continue
            if new or step > place:
                (self._replace_in_flow if node.flow else self._replace_lines)(node, place, step, new, spaced)
            place, new = step + 1, []

    def _replace_in_flow(self, node: Node, first: int, end: int, new: list[str], spaced: set[int]) -> None:
        """Replace the children from `first` up to `end` of a collection in brackets."""
        children = node.children or []
        comma = styles.comma(self.text, node)
        if not children:
            self.changes.append((node.start + 1, node.end - 1, comma.join(new)))
        elif end == first and first:
            place = children[first - 1].end
            self.changes.append((place, place, "".join(comma + text for text in new)))
        elif end == first:
            self.changes.append((children[0].start, children[0].start, "".join(text + comma for text in new)))
        elif new:
            self.changes.append((children[first].start, children[end - 1].end, comma.join(new)))
        else:
            self.changes.append((*self._with_a_comma(children, first, end), ""))

    def _with_a_comma(self, children: list[Child], first: int, end: int) -> tuple[int, int]:
        """Return the place of some children in brackets and of a comma beside them, but of no comment."""
        start, stop = children[first].start, children[end - 1].end
        if end < len(children):
            between = self.text[stop : children[end].start]
            stop += between.index(",") + 1 if "#" in between else len(between)
        elif first and "#" not in self.text[children[first - 1].end : start]:
            start = children[first - 1].end
        return start, stop

    def _replace_lines(self, node: Node, first: int, end: int, new: list[str], spaced: set[int]) -> None:
        """Replace the children from `first` up to `end` of a collection that has a line for each.

        What is between them is kept.
        """
        children = node.children or []
        column = self._column(node.start)
        line_end = self._line_end_at(children[first - 1 if first else 0].end)
        text = "".join(styles.indented(each, column, line_end) for each in new)
        if first == 0 and self.text[self._line_start(node.start) : node.start].strip():
            if end == len(children):
                raise NotEditableError
            self.changes.append((node.start, children[end].start, text[column:] + (" " * column if text else "")))
        elif end == first:
            start = self._after_line(children[first - 1].end) if first else self._line_start(node.start)
            self.changes.append((start, start, text))
        else:
            for place in range(first, end):
                start = self._line_start(children[place].start)
                if place in spaced and place and not text:
                    start = self._blank_line_before(start, children[place - 1].end)
                after = self._after_comments(self._after_line(children[place].end), column)
                self.changes.append((start, after, text))
                text = ""

    def _line_start(self, place: int) -> int:
        return self.lines[bisect_right(self.lines, place) - 1]

    def _column(self, place: int) -> int:
        return place - self._line_start(place)

    def _after_line(self, place: int) -> int:
        """Return where the line after that of `place` starts. Raises NotEditableError if something else follows."""
        end = REST_OF_LINE.match(self.text, place)
        following = BREAK.match(self.text, end.end()) if end else None
        if following is None:
            raise NotEditableError
        return following.end()

    def _after_comments(self, place: int, column: int) -> int:
        """Return where the lines of comments that are indented more than a key end, if they are part of the key."""
        while self.with_comments and (comment := COMMENT_LINE.match(self.text, place)):
            if comment.end(1) - place <= column:
                break
            place = comment.end()
        return place

    def _line_end_at(self, place: int) -> str:
        found = BREAK.search(self.text, place)
        return "\r\n" if found and found[0] == "\r\n" else "\n"

    def _blank_line_before(self, start: int, after: int) -> int:
        """Return where the blank line before a line starts; `start` if there is none, or if it belongs to a block."""
        before = self.lines[bisect_right(self.lines, start) - 2]
        return start if self.text[before:start].strip() or before <= after else before


def _with_others(plan: list[int | str], places: set[int]) -> list[int | str]:
    """Return a list's plan with the places of items that could not be read, which stay where they are."""
    for place in sorted(places):
        later = (n for n, step in enumerate(plan) if isinstance(step, int) and step > place)
        plan.insert(next(later, len(plan)), place)
    return plan


def _is_spaced(schema: Map, key: str) -> bool:
    field = schema.by_key.get(key)
    return field is not None and field.spaced


def unknown_lines(text: str, keys: Mapping[str, Any]) -> str:
    """Return the lines of some keys as the text has them, for a mapping without brackets or indentation."""
    lines = ""
    for child in compose(text, *bounds(text)).children or ():
        if child.key in keys:
            start = child.value.start
            if child.value.children and not child.value.flow:
                start = Editor(text)._line_start(start)
            lines += f"{child.raw_key}:{chr(10) if start < child.value.start else ' '}{text[start : child.value.end]}\n"
    return lines
