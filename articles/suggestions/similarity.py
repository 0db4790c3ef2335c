"""Compare two articles: do they tell the same story, and are they the same page or text?

Pure: texts, addresses and dates in, numbers out. docs/story-suggestions.md says how often it is right.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

AUTOMATIC = 0.9  # the confidence at which an article joins a story without an editor
SUGGESTED = 0.25  # the confidence at which a story is suggested to an editor
WINDOW = timedelta(days=14)  # articles further apart are not compared
LEAST_SHARED = 2  # words that the titles of one story share
COPY = 0.9  # the likeness at which two excerpts are copies
COPIED_TITLE = 4  # words of a title that can be called a copy
COPIED_EXCERPT = 8  # words of an excerpt that can be called a copy
NAME = 4  # letters of a word whose first capital makes it a name
TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")  # numbers and words
TRACKING = re.compile(r"utm_\w+|(?:fb|g|ms|y)clid|ocid|cmpid|ncid|cvid|ref|mc_[ce]id|_ga|igshid|amp|outputtype")


@dataclass(frozen=True)
class Features:
    """The parts of an article that are compared."""

    title: tuple[str, ...]  # its words
    excerpt: tuple[str, ...]  # its words
    outlet: str  # the host of its address
    headline: str = ""  # the title itself


@dataclass(frozen=True)
class Evidence:
    """The confidence, from 0 to 1, that two articles tell one story, and the reasons for it."""

    confidence: float
    shared: tuple[str, ...]  # words of both titles
    days: float  # between the two
    copied: bool = False  # one looks like a copy of the other

    def __str__(self) -> str:
        apart = "the same day" if self.days < 1 else f"{self.days:.0f} day{'s' if self.days >= 1.5 else ''} apart"
        return f"shares: {', '.join(self.shared) or 'nothing'}; {apart}"


def features(title: str, excerpt: str = "", url: str = "") -> Features:
    """Return the parts of an article that are compared."""
    return Features(words(title), words(excerpt), _host(_split(url)), title)


def words(text: str) -> tuple[str, ...]:
    """Return a text's words of four letters or more, in lower case, each once.

    Shorter words are mostly the likes of "the", which say nothing about a story.
    """
    return tuple(dict.fromkeys(re.findall(r"\w{4,}", text.lower())))


def compare(a: Features, b: Features, days: float) -> Evidence:
    """Return the evidence that two articles, `days` apart, tell one story.

    The confidence is the share of their titles' words that both have. It falls evenly with the days, to 0 at the end
    of the window, and is 0 for fewer than two shared words.
    """
    shared = tuple(word for word in a.title if word in b.title)
    likeness = _likeness(a.title, b.title) if len(shared) >= LEAST_SHARED else 0.0
    near = max(0.0, 1 - days / WINDOW.days)
    return Evidence(likeness * near, shared, days, days <= WINDOW.days and _copied(a, b))


def _copied(a: Features, b: Features) -> bool:
    """Return whether another outlet has a title of the same words, or the excerpts are nearly the same.

    They are no copies if a telling word of their titles differs.
    """
    title = a.outlet != b.outlet and len(a.title) >= COPIED_TITLE and set(a.title) == set(b.title)
    excerpt = min(len(a.excerpt), len(b.excerpt)) >= COPIED_EXCERPT and _likeness(a.excerpt, b.excerpt) >= COPY
    return (title or excerpt) and not tells_apart(a.headline, b.headline, a.outlet == b.outlet)


def tells_apart(one: str, other: str, same_outlet: bool) -> bool:
    """Return whether two titles are of different news: each has a number or a name that the other lacks.

    An outlet changes the title of one text less, and uses an excerpt again for the next version or place: there it is
    enough that one title has such a word.
    """
    words, others = TOKEN.findall(one), TOKEN.findall(other)
    found = _has_own(words, others), _has_own(others, words)
    return any(found) if same_outlet else all(found)


def _has_own(words: list[str], others: list[str]) -> bool:
    """Return whether a title has a number or a name that another lacks, which may have the words of an acronym."""
    known, initials = set(map(_stem, others)), "".join(word[0] for word in others).lower()
    names = {word for place, word in enumerate(words) if _is_name(word, place) and _stem(word) not in known}
    return any(not word.isupper() or word.lower() not in initials for word in names) or bool(
        _numbers(words) - _numbers(others)
    )


def _is_name(word: str, place: int) -> bool:
    """Return whether a word has capitals. A short one, and the first of a title, need more than the first letter."""
    return (word[0].isupper() and len(word) >= NAME and place > 0) or any(letter.isupper() for letter in word[1:])


def _numbers(words: list[str]) -> Counter[str]:
    return Counter(word for word in words if word[0].isdigit())


def _stem(word: str) -> str:
    return word.casefold().removesuffix("s") or word


def _likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Return the share of the words of two texts that both have (their Jaccard index)."""
    either = {*a, *b}
    return len(set(a) & set(b)) / len(either) if either else 0.0


def duplicate_keys(*urls: str) -> frozenset[str]:
    """Return an article's addresses (web, AMP, AMP cache) in a form that all addresses of one page share."""
    return frozenset(key for key in map(_canonical, urls) if key)


def _canonical(url: str) -> str:
    parts = _split(url)
    path = parts.path
    cached = re.match(r"/(?:[acv]|amp)/(?:s/)?([^/]+\.[^/]+)(/.*)?$", path)
    if cached and re.search(r"(?:^|\.)(?:cdn\.ampproject\.org|google\.[a-z.]+)$", parts.hostname or ""):
        parts = _split(f"https://{cached[1]}{cached[2] or '/'}?{parts.query}")
        path = parts.path
    if not parts.hostname:
        return ""
    path = re.sub(r"^/amp(?=/)|/amp(?:html)?/?$|\.amp(?=\.html?$|$)|/index\.html?$", "", path).rstrip("/")
    kept = sorted((k, v) for k, v in parse_qsl(parts.query) if not TRACKING.fullmatch(k.lower()))
    return _host(parts) + path + (f"?{urlencode(kept)}" if kept else "")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url.strip())
    except ValueError:
        return SplitResult("", "", "", "", "")


def _host(parts: SplitResult) -> str:
    return re.sub(r"^(?:(?:www\d?|m|amp)\.)+(?=[^.]+\.)", "", parts.hostname or "")
