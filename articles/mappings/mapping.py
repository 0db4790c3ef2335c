"""Mapping files: which key of another program is which of ours, and where its files are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from ..frontmatter import FrontMatterError, expected, parser
from ..frontmatter.scalars import Choice, Scalar, Text
from ..frontmatter.schema import ARTICLE, PROVIDER_FIELDS, TOPIC_NAME, Field, List, Map
from ..text.digests import hex_digest

READY = Path(__file__).parent / "ready"
NOT = "not "  # before the name of a key that says the opposite, as `draft` does
TOPICS = "topics"
# Our keys that a mapping can name: those with a single value, and topics.
SCALARS: dict[str, Scalar] = {
    **{entry.key: entry.type for entry in ARTICLE.fields if isinstance(entry.type, Scalar)},
    **{f"provider.{entry.key}": entry.type for entry in PROVIDER_FIELDS if isinstance(entry.type, Scalar)},
}
for _left_out in ("category", "heat", "secured"):  # the source's own figures
    del SCALARS[_left_out]
OURS = (*SCALARS, TOPICS)
WORDS = List(Text(maximum=500, visible=True), maximum=100)
DATES = Map((Field("zone", "zone", Text(maximum=100)), Field("formats", "formats", WORDS)))
SCHEMA = Map(
    (
        Field("files", "files", WORDS, required=True),
        Field("skip", "skip", WORDS),
        Field("stem", "stem", Text(maximum=100)),
        Field("keys", "keys", Map(open=Text(maximum=100)), required=True),
        Field(
            "constants",
            "constants",
            Map(open=Text(maximum=2048)),
        ),
        Field("provider", "provider", Choice(words=("link", "constant"))),
        Field("body", "body", Choice(words=("excerpt", "keep", "warn"))),
        Field("separator", "separator", Text(maximum=5)),
        Field("dates", "dates", DATES),
    )
)


@dataclass(frozen=True)
class Mapping:
    """A mapping as its file has it. `keys` are pairs of their key and ours, the most important of each first.

    A key that says the opposite has `not ` before ours.
    """

    text: str
    files: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    skip: tuple[str, ...] = ()
    stem: str = "name"
    constants: tuple[tuple[str, str], ...] = ()
    provider: str = "link"
    body: str = "excerpt"
    separator: str = ""
    formats: tuple[str, ...] = ()
    zone: tzinfo = UTC

    @cached_property
    def digest(self) -> str:
        return hex_digest(self.text)

    def theirs(self, ours: str) -> list[str]:
        """Return their keys for one of ours, the most important first, without those that say the opposite."""
        return [theirs for theirs, name in self.keys if name == ours]

    def place(self, path: PurePosixPath) -> str | None:
        """Return a path if it is one of a file to import, else None."""
        text = path.as_posix()
        wanted = any(_pattern(glob).fullmatch(text) for glob in self.files)
        return text if wanted and not self.skips(path) else None

    def skips(self, path: PurePosixPath) -> bool:
        """Return whether a file is one to leave out."""
        return any(_pattern(glob).fullmatch(path.as_posix()) for glob in self.skip)


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    """Return the expression of a pattern: `**` is any folders, `*` and `?` are within a name. Any case fits."""
    signs = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(signs.get(part) or re.escape(part) for part in parts), re.IGNORECASE)


def ready() -> list[str]:
    """Return the names of the mappings that come with Newsroom."""
    return sorted(path.stem for path in READY.glob("*.yaml"))


@lru_cache(maxsize=64)
def read(text: str) -> Mapping:
    """Read a mapping's file. Raises FrontMatterError at the first error, with the path of the key."""
    root = parser.compose(text, 1)
    if root is None:
        raise FrontMatterError(1, "", "expected keys and values, found nothing")
    values = parser.read(text, SCHEMA, 1)
    found = _Checked(root, values)
    found.check_names()
    dates = values.get("dates", {})
    return Mapping(
        text=text,
        files=tuple(values["files"]),
        skip=tuple(values.get("skip", ())),
        stem=values.get("stem", "name"),
        keys=tuple(values["keys"].items()),
        constants=tuple(values.get("constants", {}).items()),
        provider=values.get("provider", "link"),
        body=values.get("body", "excerpt"),
        separator=values.get("separator", ""),
        formats=tuple(dates.get("formats", ())),
        zone=found.zone(dates.get("zone", "UTC")),
    )


class _Checked:
    """Raises errors for names in a mapping that nobody knows, with their lines."""

    def __init__(self, root: parser.Node, values: dict[str, Any]) -> None:
        self.root, self.values = root, values

    def check_names(self) -> None:
        for name in self.values.get("extra", ()):
            self.fail([name], f"one of {', '.join(SCHEMA.by_key)}", name)
        for name in self.values.get("dates", {}).get("extra", ()):
            self.fail(["dates", name], f"one of {', '.join(DATES.by_key)}", name)
        for theirs, ours in self.values["keys"].items():
            name = ours.removeprefix(NOT)
            if name not in OURS or (name != ours and name not in ("published", "removed")):
                what = f"one of {', '.join(OURS)}, not published, not removed"
                self.fail(["keys", theirs], what, ours)
        for ours, value in self.values.get("constants", {}).items():
            if ours not in OURS:
                self.fail(["constants", ours], f"one of {', '.join(OURS)}", ours)
            try:
                (TOPIC_NAME if ours == TOPICS else SCALARS[ours]).read(value)
            except ValueError as error:
                raise FrontMatterError(self._line(["constants", ours]), f"constants.{ours}", str(error)) from error
        if "title" not in self.values["keys"].values():
            self.fail(["keys"], "a key for title", ", ".join(self.values["keys"]))

    def zone(self, name: str) -> tzinfo:
        try:
            return ZoneInfo(name) if name != "UTC" else UTC
        except (ValueError, OSError, KeyError):
            self.fail(["dates", "zone"], "a time zone such as UTC or Europe/Berlin", name)
            raise

    def fail(self, path: list[str], what: str, found: str) -> None:
        raise FrontMatterError(self._line(path), ".".join(path), expected(what, found))

    def _line(self, path: Iterable[str]) -> int:
        node = self.root
        for name in path:
            if isinstance(node.content, dict) and name in node.content:
                node = node.content[name]
        return node.line
