"""What readers type into the search, and the words that texts are found by.

Words are folded here and nowhere else, so that every database finds the same: without case, accents and
punctuation. Each ideograph is a word of its own.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

LONGEST = 500  # characters of a query that count, as many as a title has
LONGEST_WORD = 64
MOST_WORDS = 64
TITLE = "§"  # stands before a word of a title; no word has it
INSIDE = "'`\u2018\u2019\u02bc\u00b4\u00ad\u200c\u200d\u2060"  # a word: apostrophes, and what is not seen
DROPPED = dict.fromkeys(map(ord, INSIDE))
BIGGEST_QUALITY = 9_999  # better ones count as this
OPERATOR = re.compile(r'(?<!\S)(provider|topic|after|before|quality):(?:"([^"]*)"|(\S+))', re.I)
PHRASE = re.compile(r'"([^"]*)"')
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?\Z", re.ASCII)
IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # and kana
WORD = re.compile(rf"[{IDEOGRAPHS}]|[^\W_{IDEOGRAPHS}]+")
WRITTEN = re.compile(rf"(\w+(?:[{INSIDE}]+\w+)*)")  # a word as it stands in a text


@dataclass(frozen=True)
class Query:
    """What is asked for: articles that have all `words` and `phrases` (each of two words or more).

    `prefix` is the beginning of a further word, "" for none. `providers` and `topics` are folded names, of which
    an article's outlet, and its topics, must be all. Dates are inclusive.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""
    providers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    quality: int | None = None
    title: str = ""  # what is asked for as a title, folded; "" if it cannot be one

    def __bool__(self) -> bool:
        return self != Query()

    def matches(self, word: str) -> bool:
        """Whether a folded word of a text is one that was asked for."""
        wanted = word in self.words or any(word in phrase for phrase in self.phrases)
        return wanted or (bool(self.prefix) and word.startswith(self.prefix))


def folded(text: str) -> list[str]:
    """The words of a text, folded."""
    if not text.isascii():
        text = text.translate(DROPPED)
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
    return [word[:LONGEST_WORD] for word in WORD.findall(text.lower().translate(DROPPED))]


def parse(text: str) -> Query:
    """Read what a reader typed. Never fails: what is no operator with a good value is plain words.

    The last word also stands for longer ones, unless a space, a quotation mark or an operator follows it.
    """
    text = text[:LONGEST]
    found: dict[str, list[Any]] = {"provider": [], "topic": [], "after": [], "before": [], "quality": []}

    def take(match: re.Match[str]) -> str:
        name = match[1].lower()
        value = _value(name, match[2] if match[2] is not None else match[3])
        if value is None:
            return match[0]
        found[name].append(value)
        return " \N{NULL} "

    rest = OPERATOR.sub(take, text.replace("\x00", " "))
    phrases = [tuple(folded(phrase)) for phrase in PHRASE.findall(rest)]
    loose = PHRASE.sub(" \N{NULL} ", rest)
    words = folded(loose)[:MOST_WORDS]
    words += [phrase[0] for phrase in phrases if len(phrase) == 1]
    open_ended = bool(loose) and loose[-1] not in " \t\r\n\x00" and words and loose.rstrip()[-1:].isalnum()
    prefix = words.pop(len(folded(loose)[:MOST_WORDS]) - 1) if open_ended else ""
    return Query(
        words=tuple(dict.fromkeys(words)),
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1),
        prefix=prefix,
        providers=tuple(found["provider"]),
        topics=tuple(found["topic"]),
        after=max(found["after"], default=None),
        before=min(found["before"], default=None),
        quality=max(found["quality"], default=None),
        title=" ".join(folded(rest)[:MOST_WORDS]),
    )


def _value(name: str, text: str) -> str | date | int | None:
    """An operator's value; None for one that it cannot have."""
    if name in ("provider", "topic"):
        return " ".join(folded(text)) or None
    if name == "quality":
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None
    return _day(text, last=name == "before")


def _day(text: str, last: bool) -> date | None:
    """The day that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` begins with, or its `last`."""
    match = DAY.match(text)
    if not match:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        if day or not last:
            return date(year, month or 1, day or 1)
        return date(year, month or 12, monthrange(year, month or 12)[1])
    except ValueError:
        return None


def prefixes(low: int, high: int, digits: int) -> list[str]:
    """The fewest beginnings of numbers of so many `digits` that cover all from `low` to `high`, both included."""
    if low > high:
        return []
    found = []
    while low <= high:
        size = 1
        while low % (size * 10) == 0 and low + size * 10 - 1 <= high and size * 10 < 10**digits:
            size *= 10
        found.append(str(low).zfill(digits)[: digits - len(str(size)) + 1])
        low += size
    return found
