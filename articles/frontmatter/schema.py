"""Every key of every kind of file: its place, type, quotes and bounds.

Reading (parser.py, template.py) and writing (serialiser.py) follow these tables. A scalar is read by the type that
its key has here, not as YAML would guess: a title `2021` or `no` is text, a quality `010` is ten.

A key that says nothing is absent: null, `~`, nothing, an empty list or mapping and, but for text that may be empty,
an empty text. A quoted `null` is that word.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .errors import expected

# A database's whole numbers reach 9 * 10**18, and a pin's place in an order is 10**15. Scores add to these figures.
BIG = 10**12

NULLS = frozenset(("", "~", "null", "Null", "NULL"))  # without quotes
# Characters that YAML does not allow, or takes for a line's end: they stand in files as escapes only.
ESCAPE_ONLY = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"


@dataclass(frozen=True, eq=False)
class Scalar:
    """A single value. `quoted` is whether the source writes it in quotes."""

    quoted: bool = False

    @property
    def may_be_empty(self) -> bool:
        """Whether an empty text is a value. If not, it is an absent one."""
        return False

    def read(self, text: str) -> Any:
        """Return the value of a scalar's decoded text. Raises ValueError with a sentence for a person."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Return the text of a value, before quoting."""
        return str(value)


@dataclass(frozen=True, eq=False)
class Text(Scalar):
    """Any text. `maximum` counts characters; `visible` text has more than blanks; `pattern` must match all of it."""

    maximum: int = 100_000
    visible: bool = False
    pattern: str = ""
    what: str = "text"

    @property
    def may_be_empty(self) -> bool:
        return not (self.visible or self.pattern)

    def read(self, text: str) -> str:
        if "\x00" in text:
            raise ValueError(expected("text without NUL characters", text))
        if not text.isascii() and re.search("[\ud800-\udfff]", text):
            raise ValueError("expected Unicode text, found half of a surrogate pair")
        if len(text) > self.maximum:
            raise ValueError(f"expected at most {self.maximum} characters, found {len(text)}")
        if (self.visible and not text.strip()) or (self.pattern and not re.fullmatch(self.pattern, text)):
            raise ValueError(expected(self.what, text))
        return text


@dataclass(frozen=True, eq=False)
class Url(Text):
    """An http or https address, kept as the source has it: some are long, or contain blanks or non-ASCII characters.

    `maximum` counts bytes as well: a database's index has a limit.
    """

    quoted: bool = True
    maximum: int = 2048
    pattern: str = r"(?is)https?://[^\s/?#].*"
    what: str = "an address that starts with http:// or https://"

    def read(self, text: str) -> str:
        text = super().read(text)
        if (size := len(text.encode())) > self.maximum:
            raise ValueError(f"expected at most {self.maximum} bytes, found {size}")
        return text


@dataclass(frozen=True, eq=False)
class ImageUrl(Url):
    """The address of an image: of http or https, or one of the source's own site such as `/assets/logo.png`."""

    pattern: str = r"(?is)https?://[^\s/?#].*|(?![a-z][a-z0-9+.-]*:)\S.*"
    what: str = "an address that starts with http://, https:// or /"


PLAIN_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*+").fullmatch


@dataclass(frozen=True, eq=False)
class Domain(Text):
    """The domain of an outlet, as a file prints it, but for `https://` before it.

    A few real files have a whole address with its path.
    """

    maximum: int = 253
    visible: bool = True
    what: str = "a domain name such as example.org"

    def read(self, text: str) -> str:
        if PLAIN_HOST(text) and len(text) <= self.maximum:  # nearly all
            return text
        domain = re.sub("(?i)^https?://", "", super().read(text))
        host, slash, path = domain.partition("/")
        if not re.fullmatch(r"[^\s.:]+(\.[^\s.:]+)*\.?(:\d{1,5})?", host) or not all(map(_in_host, host)):
            raise ValueError(expected(self.what, text))
        if not all(letter > " " and letter.isprintable() for letter in path):
            raise ValueError(expected(self.what, text))
        return host + slash + path if path else host


def _in_host(letter: str) -> bool:
    """Whether a character may be in the name of a host: letters with their marks, digits, signs such as emoji."""
    if letter.isascii():
        return letter.isalnum() or letter in "-_.:"
    return unicodedata.category(letter)[0] in "LMN" or unicodedata.category(letter) == "So" or letter in "\u200c\u200d"


@dataclass(frozen=True, eq=False)
class Number(Scalar):
    """A whole number."""

    minimum: int = 0
    maximum: int = BIG

    def read(self, text: str) -> int:
        if not re.fullmatch(r"[-+]?[0-9]{1,30}", text) or not self.minimum <= int(text) <= self.maximum:
            raise ValueError(expected(f"a whole number from {self.minimum} to {self.maximum}", text))
        return int(text)


@dataclass(frozen=True, eq=False)
class Flag(Scalar):
    """true or false."""

    def read(self, text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(expected("true or false", text))
        return text.lower() == "true"

    def write(self, value: Any) -> str:
        return "true" if value else "false"


@dataclass(frozen=True, eq=False)
class Timestamp(Scalar):
    """A time to the second, in UTC, written with Z."""

    def read(self, text: str) -> datetime:
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", text, re.ASCII):
                raise ValueError
            moment = datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            what = "a date and time with its zone, such as 2022-11-14T17:30:00Z"
            raise ValueError(expected(what, text)) from None
        if not 1900 <= moment.year < 3000:
            raise ValueError(expected("a year from 1900 to 2999", text))
        return moment.replace(microsecond=0)

    def write(self, value: Any) -> str:
        moment: datetime = value
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, eq=False)
class Choice(Scalar):
    """One of some words."""

    words: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(expected(" or ".join(self.words), text))
        return text


@dataclass(frozen=True, eq=False)
class List:
    """A block of items, all of one type. An empty one is never written.

    An absent item is left out; one of `gaps` keeps its place, as None.
    """

    item: "Scalar | Map"
    maximum: int = 10_000
    gaps: bool = False


@dataclass(frozen=True, eq=False)
class Field:
    """One key. `name` is its name in Newsroom; `spaced` is whether a blank line precedes it.

    What is wrong in a `lenient` key does not cost the file: it is left out with a warning.
    """

    key: str
    name: str
    type: "Type"
    required: bool = False
    spaced: bool = False
    lenient: bool = False


@dataclass(frozen=True, eq=False)
class Map:
    """Keys in the order in which the source writes them. An `open` map has keys of any name, all of one type.

    `one_of` are names of fields of which at least one is there.
    """

    fields: tuple[Field, ...] = ()
    open: Scalar | None = None
    one_of: frozenset[str] = frozenset()

    @property
    def by_key(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}


Type = Scalar | List | Map

TITLE = Text(quoted=True, maximum=500, visible=True, what="a title")
EXCERPT = Text(quoted=True, maximum=20_000)
NAME = Text(maximum=255, visible=True, what="a name")
TOPIC_NAME = Text(maximum=100, visible=True, what="a topic's name")
TAG = Text(maximum=100, visible=True, what="a tag")
DOMAIN = Domain()
IMAGE_URL = ImageUrl()
SIDE = Number(maximum=1_000_000)

IMAGE = Map(
    (
        Field("url", "url", IMAGE_URL, required=True),
        Field("width", "width", SIDE),
        Field("height", "height", SIDE),
        Field("isCached", "is_cached", Flag()),
        Field("title", "title", Text(quoted=True, maximum=500)),
        Field("attribution", "attribution", Text(quoted=True, maximum=500)),
    )
)
PROVIDER_FIELDS = (
    Field("name", "name", NAME, lenient=True),
    Field("domain", "domain", DOMAIN, required=True),
)

RELATED = Map(
    (
        Field("title", "title", TITLE, required=True),
        Field("excerpt", "excerpt", EXCERPT),
        Field("publishedDateTime", "published_at", Timestamp()),
        Field("webUrl", "web_url", Url()),
        Field("ampWebUrl", "amp_web_url", Url()),
        Field("cdnAmpWebUrl", "cdn_amp_web_url", Url()),
        Field("type", "type", Choice(words=("article", "video"))),
        Field("provider", "provider", Map(PROVIDER_FIELDS), required=True),
        Field("quality", "quality", Number()),
        Field("images", "images", List(IMAGE, maximum=100)),
    ),
    one_of=frozenset(("web_url", "published_at")),  # a video without an address is known by its title and date
)

RELATED_LIST = List(RELATED)

ARTICLE = Map(
    (
        Field("category", "category", Choice(words=("news",))),
        Field("title", "title", TITLE, required=True),
        Field("excerpt", "excerpt", EXCERPT),
        Field("publishedDateTime", "published_at", Timestamp(), required=True),
        Field("originalUrl", "original_url", Url()),
        Field("webUrl", "web_url", Url()),
        Field("ampWebUrl", "amp_web_url", Url()),
        Field("cdnAmpWebUrl", "cdn_amp_web_url", Url()),
        Field("type", "type", Choice(words=("article", "video"))),
        Field("quality", "quality", Number()),
        Field("heat", "heat", Number(minimum=-BIG)),
        Field("removed", "removed", Flag()),
        Field("published", "published", Flag()),
        Field("featuredContent", "featured_content", Text(quoted=True), spaced=True),
        Field(
            "provider",
            "provider",
            Map((*PROVIDER_FIELDS, Field("images", "images", List(IMAGE, maximum=100), lenient=True))),
            required=True,
            spaced=True,
        ),
        Field("topics", "topics", List(TOPIC_NAME, maximum=100, gaps=True), spaced=True, lenient=True),
        Field("tags", "tags", List(TAG, maximum=100), spaced=True, lenient=True),
        Field("images", "images", List(IMAGE, maximum=100), spaced=True, lenient=True),
        Field("related", "related", RELATED_LIST, spaced=True, lenient=True),
        Field("secured", "secured", Text(quoted=True), spaced=True),
    )
)

SLUG = Text(maximum=100, pattern=r"[\w-]+", what="letters, digits, '-' or '_'")
LINE = Text(maximum=500)

TOPIC = Map(
    (
        Field("taxonomy", "taxonomy", Choice(words=("topic",))),
        Field("_id", "slug", SLUG, required=True),
        Field("name", "name", TOPIC_NAME, required=True),
        Field("shortname", "shortname", Text(maximum=100)),
        Field("parent", "parent", Text(maximum=100)),
        Field("keywords", "keywords", List(LINE)),
        Field("hashtags", "hashtags", List(Text(quoted=True, maximum=500))),
        Field("images", "images", List(Text(maximum=2048))),
        Field("services", "services", Map(open=Text(maximum=2048))),
    )
)

ORGANIZATION = Map(
    (
        Field("taxonomy", "taxonomy", Choice(words=("organization",))),
        Field("_id", "slug", DOMAIN),
        Field("name", "name", NAME, required=True),
        Field("otherNames", "other_names", List(LINE)),
        Field("domain", "domain", DOMAIN, required=True),
        Field("description", "description", Text()),
        Field(
            "images",
            "images",
            List(
                Map(
                    (
                        Field("url", "url", Text(maximum=2048, visible=True), required=True),
                        Field("width", "width", SIDE),
                        Field("height", "height", SIDE),
                        Field("title", "title", LINE),
                        Field("attribution", "attribution", LINE),
                    )
                )
            ),
        ),
    )
)
