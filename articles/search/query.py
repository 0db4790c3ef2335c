"""Read what readers type into the search, and the words that texts are found by.

Words are folded here and nowhere else, so that every database finds the same: without case, accents and
punctuation. Each ideograph is a word of its own.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

MAX_LENGTH = 500  # characters of a query that count: as many as a title has
MAX_WORD_LENGTH = 64  # characters
MAX_WORDS = 64
TITLE = "§"  # stands before a word of a title; no word has it
INSIDE = "'`\u2018\u2019\u02bc\u00b4\u00ad\u200c\u200d\u2060"  # a word: apostrophes, and what is not seen
DROPPED = dict.fromkeys(map(ord, INSIDE))
MAX_QUALITY = 9_999  # a higher one counts as this
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)  # days that a range of dates may reach
OPERATOR = re.compile(r'(?<!\S)(provider|topic|after|before|quality):(?:"([^"]*)"|(\S+))', re.I)
PHRASE = re.compile(r'"([^"]*)"')
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?\Z", re.ASCII)
IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # and kana
WORD = re.compile(rf"[{IDEOGRAPHS}]|[^\W_{IDEOGRAPHS}]+")
WRITTEN = re.compile(rf"(\w+(?:[{INSIDE}]+\w+)*)")  # a word as it stands in a text


@dataclass(frozen=True)
class Query:
    """A search for articles that have all `words` and `phrases` (each of two words or more).

    `prefix` is the beginning of one more word, "" for none. All folded names in `providers` must be in the outlet's
    name or domain, all in `topics` in the topics' names. Dates are inclusive.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""
    providers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    quality: int | None = None
    title: str = ""  # all words in their order, folded; "" if it cannot be a title

    def __bool__(self) -> bool:
        return self != Query()

    def matches(self, word: str) -> bool:
        """Return whether a folded word of a text is one that was searched for."""
        wanted = word in self.words or any(word in phrase for phrase in self.phrases)
        return wanted or (bool(self.prefix) and word.startswith(self.prefix))


def folded(text: str) -> list[str]:
    """Return the folded words of a text: lower case, without accents and punctuation."""
    if not text.isascii():
        text = text.translate(DROPPED)
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
    return [word[:MAX_WORD_LENGTH] for word in WORD.findall(text.lower().translate(DROPPED))]


def parse(text: str) -> Query:
    """Return the query that a reader typed. Never fails: an operator without a valid value is plain words.

    The last word also finds longer words that begin with it, unless a space, a quotation mark or an operator follows.
    """
    text = text[:MAX_LENGTH]
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
    words = folded(loose)[:MAX_WORDS]
    words += [phrase[0] for phrase in phrases if len(phrase) == 1]
    open_ended = bool(loose) and loose[-1] not in " \t\r\n\x00" and words and loose.rstrip()[-1:].isalnum()
    prefix = words.pop(len(folded(loose)[:MAX_WORDS]) - 1) if open_ended else ""
    return Query(
        words=tuple(dict.fromkeys(words)),
        phrases=tuple(phrase for phrase in phrases if len(phrase) > 1),
        prefix=prefix,
        providers=tuple(found["provider"]),
        topics=tuple(found["topic"]),
        after=max(found["after"], default=None),
        before=min(found["before"], default=None),
        quality=max(found["quality"], default=None),
        title=" ".join(folded(rest)[:MAX_WORDS]),
    )


def _value(name: str, text: str) -> str | date | int | None:
    """Return an operator's value; None if the text is not one."""
    if name in ("provider", "topic"):
        return " ".join(folded(text)) or None
    if name == "quality":
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None
    return _day(text, last=name == "before")


def _day(text: str, last: bool) -> date | None:
    """Return the first or `last` day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; None if the text is not one of these."""
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
    """Return the fewest beginnings of numbers of `digits` digits that cover all from `low` to `high`, both included."""
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
