"""Types of single values: what each reads, and how it writes it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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
    """Whether a character may be in the name of a host: a letter, a digit, or a sign such as an emoji."""
    return letter in ".:" or _in_name(letter) or (not letter.isascii() and unicodedata.category(letter) == "So")


def _in_name(letter: str) -> bool:
    """Whether a character may be in a name: letters, which have marks in many scripts, digits, `-` and `_`."""
    if letter.isascii():
        return letter.isalnum() or letter in "-_"
    return unicodedata.category(letter)[0] in "LMN" or letter in "\u200c\u200d"  # that join letters, or do not


@dataclass(frozen=True, eq=False)
class Slug(Text):
    """A name that is part of an address on this site."""

    maximum: int = 100
    visible: bool = True
    what: str = "letters, digits, '-' or '_'"

    def read(self, text: str) -> str:
        text = super().read(text)
        if not all(map(_in_name, text)):
            raise ValueError(expected(self.what, text))
        return text


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
