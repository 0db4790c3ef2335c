"""Types of single values: what each reads, and how it writes it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..text import rules
from ..text.domains import MAX_DOMAIN
from .errors import expected

# A database's whole numbers reach 9 * 10**18, and a pin's place in an order is 10**15. Scores add to these figures.
BIG = 10**12

NULLS = frozenset(("", "~", "null", "Null", "NULL"))  # without quotes


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
class Rule(Text):
    """A text that must follow a rule of `text.rules`, which may give a plainer spelling of it."""

    visible: bool = True
    rule: Callable[[str], str] = str

    def read(self, text: str) -> str:
        return self.rule(super().read(text))


@dataclass(frozen=True, eq=False)
class Url(Rule):
    quoted: bool = True
    maximum: int = rules.MAX_ADDRESS
    rule: Callable[[str], str] = rules.address
    what: str = "an address that starts with http:// or https://"


@dataclass(frozen=True, eq=False)
class ImageUrl(Url):
    """The address of an image: of http or https, or one of the source's own site such as `/assets/logo.png`."""

    rule: Callable[[str], str] = rules.picture_address
    what: str = "an address that starts with http://, https:// or /"


@dataclass(frozen=True, eq=False)
class Domain(Rule):
    maximum: int = MAX_DOMAIN
    rule: Callable[[str], str] = rules.domain
    what: str = "a domain name such as example.org"

    def read(self, text: str) -> str:
        return text if rules.PLAIN_HOST(text) and len(text) <= self.maximum else super().read(text)  # nearly all


@dataclass(frozen=True, eq=False)
class Slug(Rule):
    maximum: int = rules.MAX_SLUG
    rule: Callable[[str], str] = rules.slug
    what: str = "letters, digits, '-' or '_'"


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
