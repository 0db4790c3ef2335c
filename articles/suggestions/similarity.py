"""Which story a new article belongs to, told from its words. Pure: texts and dates in, suggestions out.

Two articles tell the same story if their titles share rare words, several of them, within days. Which words
are rare is told by the articles of the same weeks: nothing is learned beforehand. `Index` keeps these articles
in memory; `confidence` scores a pair wherever its words come from.
"""

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import pairwise
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from ..text import digests

AUTOMATIC = 0.86  # the confidence from which an article joins a story unasked
SUGGESTED = 0.14  # the confidence from which a story is worth showing to an editor
WINDOW = timedelta(days=14)  # articles further apart are not compared
FADING = 10.0  # days in which confidence falls to a third
COINCIDENCE = 0.25  # shared words that say nothing: one word alone leaves 0.8 of the confidence
LOOKED_AT = 2000  # postings that are read for one article at most
COMPARED = 30  # articles that one is compared with at most
FEW = 4  # a title of fewer telling words is helped out by its address
COPY = 0.9  # of an excerpt's words, shared: a copy
STOP_WORDS = frozenset(
    "a an and are as at be been but by can for from has have how if in into is it its more new not now of on or our"  # noqa: SIM905
    " out over so than that the their they this to up was we what when where which who why will with you your".split()
)
TRACKING = re.compile(r"utm_\w+|(?:fb|g|ms|y)clid|ocid|cmpid|ncid|cvid|ref|mc_[ce]id|_ga|igshid|amp|outputtype")
Key = Hashable
Idf = Callable[[str], float]


@dataclass(frozen=True)
class Features:
    """What is compared of an article: its title's words in their order, those that tell, pairs of them side by side
    of which one tells; its excerpt's telling words; its host."""

    words: tuple[str, ...]
    telling: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    excerpt: frozenset[str]
    outlet: str


@dataclass(frozen=True)
class Evidence:
    """How sure it is that two articles tell one story, from 0 to 1, and why."""

    confidence: float
    shared: tuple[str, ...]  # words that both titles have, rarest first
    likeness: float  # of the titles, from 0 to 1
    days: float
    topics: tuple[str, ...] = ()

    def __str__(self) -> str:
        apart = "the same day" if self.days < 1 else f"{self.days:.0f} day{'s' if self.days >= 1.5 else ''} apart"
        return f"shares: {', '.join(self.shared[:4]) or 'nothing'}; {apart}"


def terms(title: str, excerpt: str = "", url: str = "") -> Features:
    """What is compared of an article. Its address's words count only where the title has few of its own."""
    found = words(without_outlet(title, url))
    if len(set(found) - STOP_WORDS) < FEW:
        slug = re.sub(r"\.\w{2,5}$", "", _split(url).path.rstrip("/").rpartition("/")[2])
        found += [word for word in words(slug) if word not in found and not word.isdecimal()]
    return Features(
        words=tuple(found),
        telling=frozenset(found) - STOP_WORDS,
        pairs=frozenset(pair for pair in pairwise(found) if not STOP_WORDS.issuperset(pair)),
        excerpt=frozenset(words(excerpt)) - STOP_WORDS,
        outlet=_host(_split(url)),
    )


def words(text: str) -> list[str]:
    """A text's words: lower case, without accents, trademark signs, possessive and plural endings."""
    text = re.sub(r"[™®©]|\((?:r|tm|c)\)", "", text, flags=re.IGNORECASE)
    folded = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    bare = re.sub(r"['\u2019]s\b|['\u2019]", "", folded)
    return [_stem(word) for word in re.findall(r"[^\W_]+(?:[.&][^\W_]+)*", bare)]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def without_outlet(title: str, url: str = "") -> str:
    """A title without ' | The Outlet' at its end; after a dash only if the address says that it is the outlet."""
    match = re.fullmatch(r"(.+?)\s+([|–—-])\s+([^|]{2,40})", title.strip())  # noqa: RUF001
    if not match:
        return title
    name = "".join(words(match[3]))
    known = any(len(label) > 2 and (label in name or name in label) for label in _host(_split(url)).split(".")[:-1])
    return match[1] if known or (match[2] == "|" and len(match[1].split()) >= FEW) else title


def confidence(a: Features, b: Features, days: float, idf: Idf, topics: Collection[str] = ()) -> Evidence:
    """How sure it is that two articles, so many days apart, tell one story. `topics` are those that both have.

    It grows with the likeness of the titles, rare words weighing most, and with the number of words they share; it
    fades with the days. Topics are evidence for the eye and do not count: the titles' words made them.
    """
    shared = sorted(a.telling & b.telling, key=lambda word: (-idf(word), word))
    if not shared:
        return Evidence(0.0, (), 0.0, days, tuple(topics))
    both = sum(idf(word) ** 2 for word in shared) + sum(_pair_idf(pair, idf) ** 2 for pair in a.pairs & b.pairs)
    likeness = min(1.0, both / (_norm(a, idf) * _norm(b, idf)))
    known = len(shared) / (len(shared) + COINCIDENCE)
    return Evidence(likeness * known * math.exp(-days / FADING), tuple(shared), likeness, days, tuple(topics))


def _norm(features: Features, idf: Idf) -> float:
    weights = [*map(idf, features.telling), *(_pair_idf(pair, idf) for pair in features.pairs)]
    return math.sqrt(sum(weight * weight for weight in weights))


def _pair_idf(pair: tuple[str, str], idf: Idf) -> float:
    """At least: two words side by side are as rare as the rarer of them."""
    first, second = pair
    if first in STOP_WORDS:
        return idf(second)
    return idf(first) if second in STOP_WORDS else max(idf(first), idf(second))


def rarity(having: int, articles: int) -> float:
    """How rare a word is that so many of the articles within a window have: 0.7 if all have it."""
    return math.log(1 + (articles + 1) / (having + 1))


def ranked(
    features: Features, published_at: datetime, others: Iterable[tuple[Key, Features, datetime]], idf: Idf
) -> list[tuple[Key, Evidence]]:
    """Other articles, each with why it may tell the same story, most likely first."""
    found = [
        (key, confidence(features, other, abs(published_at - at) / timedelta(days=1), idf)) for key, other, at in others
    ]
    return sorted(found, key=lambda item: -item[1].confidence)


class Rarities(dict[str, float]):
    """Words' rarity, worked out once for each, from how many articles have it; "" stands for all."""

    def __init__(self, count: Callable[[str], int]) -> None:
        super().__init__()
        self.count = count
        self.articles = count("")

    def __missing__(self, word: str) -> float:
        self[word] = found = rarity(self.count(word), self.articles)
        return found


class Index:
    """Articles by the telling words of their titles. What it costs to ask does not depend on how many there are.

    A database does the same with a table of (`term_key(word)`, published_at, article) and an index on it, and `ranked`.
    """

    def __init__(self) -> None:
        self.looked_at = 0  # postings read so far
        self._times: dict[str, list[datetime]] = defaultdict(list)
        self._keys: dict[str, list[Key]] = defaultdict(list)
        self._articles: dict[Key, tuple[Features, datetime]] = {}

    def add(self, key: Key, features: Features, published_at: datetime) -> None:
        """Add an article: quickest in the order of time, and right in any."""
        self._articles[key] = features, published_at
        for word in (*features.telling, ""):  # every article is under "", so that all can be counted
            place = bisect_right(self._times[word], published_at)
            self._times[word].insert(place, published_at)
            self._keys[word].insert(place, key)

    def idf(self, published_at: datetime) -> Idf:
        """How rare a word is among the articles within the window."""
        return Rarities(lambda word: self._count(word, published_at)).__getitem__

    def suggest(self, features: Features, published_at: datetime) -> list[tuple[Key, Evidence]]:
        """Articles within the window that may tell the same story, and why, most likely first."""
        idf = self.idf(published_at)
        candidates = self._candidates(features, published_at, idf)
        return ranked(features, published_at, ((key, *self._articles[key]) for key in candidates), idf)

    def _candidates(self, features: Features, published_at: datetime, idf: Idf) -> list[Key]:
        """Those that share most, rarest words looked up first, and of each its latest articles."""
        left = LOOKED_AT
        weights: dict[Key, float] = defaultdict(float)
        for word in sorted(features.telling, key=lambda word: (-idf(word), word)):
            start, end = self._range(word, published_at)
            weight = idf(word) ** 2
            for key in self._keys[word][max(start, end - left) : end] if end > start else ():
                weights[key] += weight
            left -= min(left, end - start)
        self.looked_at += LOOKED_AT - left
        return nlargest(COMPARED, weights, key=lambda key: weights[key])

    def _range(self, word: str, at: datetime) -> tuple[int, int]:
        times = self._times.get(word, [])
        return bisect_left(times, at - WINDOW), bisect_right(times, at + WINDOW)

    def _count(self, word: str, at: datetime) -> int:
        start, end = self._range(word, at)
        return end - start


def term_key(word: str) -> int:
    """A word as a signed 64-bit number."""
    return digests.number(word)


def story_score(members: Iterable[float]) -> float:
    """By which stories are told to an editor, best first: the sum of the best three confidences in their articles."""
    return sum(nlargest(3, members))


def group(arrivals: Iterable[tuple[Key, Mapping[Key, float]]], threshold: float = AUTOMATIC) -> dict[Key, Key]:
    """Each article's story, named by its first article, given the confidence of each in those before it.

    An article joins the story of the one that it is surest of, if it is sure enough, and else begins its own.
    """
    story: dict[Key, Key] = {}
    for key, earlier in arrivals:
        best = max(earlier, key=lambda other: earlier[other], default=None)
        story[key] = story[best] if best is not None and earlier[best] >= threshold else key
    return story


def duplicate_keys(*urls: str) -> frozenset[str]:
    """An article's addresses (web, AMP, AMP cache) in a form that two of the same page have in common."""
    return frozenset(key for key in map(_canonical, urls) if key)


def copied(a: Features, b: Features, days: float) -> bool:
    """A hint that one is a syndicated copy: the same title elsewhere within the window, or nearly the same excerpt."""
    if days > WINDOW.days:
        return False
    if a.outlet != b.outlet and a.words == b.words and len(a.telling) >= FEW:
        return True
    shared, either = a.excerpt & b.excerpt, a.excerpt | b.excerpt
    return len(shared) >= 2 * FEW and len(shared) >= COPY * len(either)


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
