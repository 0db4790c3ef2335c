"""Files of other programs to an article's values, by a mapping."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ..frontmatter import MAX_BYTES, FrontMatterError, expected, secrets
from ..frontmatter.scalars import Flag, Timestamp, Url
from ..frontmatter.schema import ARTICLE, TOPIC_NAME
from ..text import addresses
from . import bodies, dates, meta_lines, rest_lines, tables, toml_lines, yaml_lines
from .mapping import NOT, SCALARS, TOPICS, Mapping
from .matter import Dialect, Entry, Matter

REQUIRED = ("title", "publishedDateTime", "provider.domain")
YES = ("true", "yes", "on", "1", "published")
NO = ("false", "no", "off", "0", "draft", "hidden", "skip")
DATED = re.compile(r"(\d{4}-\d\d?-\d\d?)-(.+)")
TABLES = (".csv", ".tsv")
MOST_TOPICS = 100


@dataclass(frozen=True)
class Value:
    """A value of ours, and where it came from: `key` is theirs, "" if no key of the file has it."""

    value: Any
    origin: str
    key: str = ""


@dataclass
class Post:
    """What a file says by a mapping: values by our keys, keys that are not mapped, and its body.

    `warnings` say what is odd and does not cost the article.
    """

    matter: Matter
    values: dict[str, Value] = field(default_factory=dict)
    unmapped: list[str] = field(default_factory=list)
    warnings: list[FrontMatterError] = field(default_factory=list)

    @property
    def article(self) -> dict[str, Any]:
        """The values as those of an article's document."""
        found: dict[str, Any] = {"provider": {}}
        for key, value in self.values.items():
            within, _, name = key.rpartition(".")
            if within:
                found["provider"][name] = value.value
            elif value.value not in ("", []):
                found[ARTICLE.by_key[name].name] = value.value
        return found


def decode(data: bytes) -> str:
    """Return a file's text as it is, with its line ends. Raises FrontMatterError."""
    if len(data) > MAX_BYTES:
        raise FrontMatterError(1, "", f"expected at most {MAX_BYTES} bytes, found {len(data)}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"expected UTF-8 text, found byte 0x{data[error.start]:02x}; save the file as UTF-8"
        raise FrontMatterError(line, "", message) from error
    if "\0" in text:
        raise FrontMatterError(text.count("\n", 0, text.index("\0")) + 1, "", "expected text, found a NUL character")
    return text


def dialect(text: str, place: str) -> Dialect:
    """Return how a file writes its keys, by its name and its first line."""
    if place.lower().endswith(TABLES):
        return tables
    if toml_lines.OPENING.match(text):
        return toml_lines
    if yaml_lines.OPENING.match(text):
        return yaml_lines
    if place.lower().endswith(".rst") or rest_lines.HEADING.match(text):
        return rest_lines
    return meta_lines if meta_lines.KEY.match(text) else yaml_lines


def read(mapping: Mapping, place: str, text: str) -> Post:
    """Read a file, or a row of a table with its header. Raises FrontMatterError at the first error that costs it."""
    try:
        post = _read(mapping, place, text)
    except FrontMatterError as error:
        raise secrets.all_guarded([error], text)[0] from None
    post.warnings = secrets.all_guarded(post.warnings, text)
    return post


def _read(mapping: Mapping, place: str, text: str) -> Post:
    matter = dialect(text, place).read(text)
    post = Post(matter)
    chosen = {name: _chosen(mapping, matter, name) for name in dict.fromkeys(ours for _, ours in _ours(mapping))}
    for name, entry in chosen.items():
        if entry:
            _take(post, mapping, name, entry)
    _from_name(post, mapping, place)
    _from_body(post, mapping, any(k.lower() in matter.entries for k in mapping.theirs("excerpt")))
    _from_constants(post, mapping)
    _require(post, mapping)
    used = {entry.key for entry in chosen.values() if entry}
    post.unmapped = [e.key for e in matter.entries.values() if e.key not in used and e.found != "keys and values"]
    return post


def _require(post: Post, mapping: Mapping) -> None:
    for name in REQUIRED:
        if name not in post.values:
            keys = ", ".join(mapping.theirs(name)) or "none"
            message = f"expected a value, found none; the mapping looks for it in these keys: {keys}"
            raise FrontMatterError(next((e.line for e in post.matter.entries.values()), 1), name, message)


def _ours(mapping: Mapping) -> list[tuple[str, str]]:
    return [(theirs, ours.removeprefix(NOT)) for theirs, ours in mapping.keys]


def _chosen(mapping: Mapping, matter: Matter, name: str) -> Entry | None:
    """Return the first of their keys for one of ours that has a value, else the first that is there."""
    there = [matter.entries[k.lower()] for k, ours in _ours(mapping) if ours == name and k.lower() in matter.entries]
    return next((entry for entry in there if entry.value != ""), there[0] if there else None)


def _take(post: Post, mapping: Mapping, name: str, entry: Entry) -> None:
    """Take over a value. One that is odd is an error where it is required, and else a warning."""
    try:
        value = _typed(mapping, name, entry)
    except ValueError as error:
        if name in REQUIRED:
            raise FrontMatterError(entry.line, entry.key, str(error)) from error
        post.warnings.append(FrontMatterError(entry.line, entry.key, f"{error}; left out"))
    else:
        if value not in (None, "", []):
            post.values[name] = Value(value, entry.key, entry.key)


def _typed(mapping: Mapping, name: str, entry: Entry) -> Any:
    """Return the value of an entry as ours. Raises ValueError with a sentence."""
    if name == TOPICS:
        return _topics(entry, mapping.separator)
    value = entry.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise ValueError(f"expected a single value, found {'a list' if value else entry.found}")
    type_ = SCALARS[name]
    if not value.strip():
        return None
    if isinstance(type_, Timestamp):
        return dates.read(value, mapping.formats, mapping.zone)
    if isinstance(type_, Flag):
        return flag(value) != _is_opposite(mapping, entry.key)
    return type_.read(value.strip() if isinstance(type_, Url) else value)


def _is_opposite(mapping: Mapping, key: str) -> bool:
    return any(theirs.lower() == key.lower() and ours.startswith(NOT) for theirs, ours in mapping.keys)


def flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in (*YES, *NO):
        raise ValueError(expected(f"one of {', '.join((*YES, *NO))}", text))
    return word in YES


def _topics(entry: Entry, separator: str) -> list[str]:
    if entry.value is None:
        raise ValueError(f"expected a list of words, found {entry.found}")
    items = entry.value if isinstance(entry.value, list) else split(entry.value, separator)
    names = list(dict.fromkeys(item.strip() for item in items if item.strip()))
    if len(names) > MOST_TOPICS:
        raise ValueError(f"expected at most {MOST_TOPICS} topics, found {len(names)}")
    return [TOPIC_NAME.read(name) for name in names]


def split(text: str, separator: str) -> list[str]:
    """Return the items of a text: between commas or semicolons, else between the mapping's separators."""
    if sign := next((sign for sign in ",;" if sign in text), ""):
        return text.split(sign)
    return text.split(separator) if separator else [text]


def _from_name(post: Post, mapping: Mapping, place: str) -> None:
    """Take the date and the title from a name such as 2004-12-25-a-title.md if no key has them."""
    path = PurePosixPath(place)
    name = path.parent.name if path.stem in ("index", "_index") else path.stem
    match = DATED.fullmatch(name)
    if place.lower().endswith(TABLES):
        return
    if match and "publishedDateTime" not in post.values:
        with suppress(ValueError):  # no day of a calendar
            post.values["publishedDateTime"] = Value(dates.read(match[1], zone=mapping.zone), "file name")
    if "title" not in post.values and (words := re.sub(r"[-_\s]+", " ", match[2] if match else name).strip()):
        post.values["title"] = Value(words[:1].upper() + words[1:], "file name")


def _from_body(post: Post, mapping: Mapping, is_said: bool) -> None:
    if mapping.body == "excerpt" and not is_said and (text := bodies.first_paragraph(post.matter.body)):
        post.values["excerpt"] = Value(text, "body")
    elif mapping.body == "warn" and post.matter.body.strip():
        post.warnings.append(
            FrontMatterError(post.matter.body_line, "body", "expected no body, found one; it is kept, not shown")
        )


def _from_constants(post: Post, mapping: Mapping) -> None:
    """Fill in the outlet of the link, then the constants. Those of the outlet are for posts without a link."""
    link = post.values.get("webUrl")
    host = domain(link.value) if link and mapping.provider == "link" else ""
    if host:
        post.values.setdefault("provider.domain", Value(host, f"host of {link.origin if link else ''}"))
    known = "provider.domain" in post.values
    for name, text in mapping.constants:
        if name not in post.values and not (known and name.startswith("provider.")):
            value = [text] if name == TOPICS else SCALARS[name].read(text)
            post.values[name] = Value(value, "constant")


def domain(url: str) -> str:
    """Return the host of an address without `www.`, or "" if it has none that can be an outlet's."""
    try:
        host = (urlsplit(addresses.browsable(url)).hostname or "").removeprefix("www.").rstrip(".")
        return str(SCALARS["provider.domain"].read(host))
    except ValueError:
        return ""


def shown(value: Any) -> str:
    """Return a value for a preview, on one line."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
