"""The rules of heat, publication, leads and of every order. Pure: numbers in, numbers out.

Every score is a sum of terms, each with its reason: what a page shows as the explanation is what ranks. The
same sums are in SQL in `scoring`, which stores them.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

MEMBER_HEAT = -1  # of a story's articles other than its lead
START = datetime(1900, 1, 1, tzinfo=UTC)  # of time, for scores: no article is older
DAY = 86_400  # seconds
PINNED = 10**15  # more than any score
AMONG = 20  # the first cards of the front page, among which an outlet may have a limited number


@dataclass(frozen=True)
class Rules:
    """A site's figures: what an article in a story adds to its lead's heat, from which quality of the lead on,
    the heat from which an article is published; in the hot order, the points a day is worth and how many other
    articles count at most."""

    weight: int = 20
    threshold: int = 50
    publish: int = 70
    day_points: int = 60
    most_coverage: int = 10

    def heat(self, quality: int, others: int, leads: bool = True) -> int:
        """The heat of an article of this quality, with as many `others` in its story; -1 if it does not lead it.

        A lead adds `weight` for each of the others if its quality reaches `threshold`; else heat is quality.
        """
        if not leads:
            return MEMBER_HEAT
        return quality + self.weight * others if quality >= self.threshold else quality

    def published(self, heat: int) -> bool:
        """Whether an article of this heat is published."""
        return heat >= self.publish


def lead(members: Iterable[tuple[int, str]]) -> tuple[int, str] | None:
    """The lead of a story, given each article's quality and file name: the highest quality, of equals the first."""
    return min(members, key=lambda member: (-member[0], member[1]), default=None)


@dataclass(frozen=True)
class Facts:
    """What the scores of a card are made of. `coverage` is the number of other articles and links in its story,
    `newest` the time of the newest of them all, `heat` what its file says (None: it is computed here), and
    `filed_quality` what its file says where an editor says something else."""

    quality: int
    published_at: datetime
    leads: bool = True
    heat: int | None = None
    filed_quality: int | None = None
    coverage: int = 0
    newest: datetime | None = None
    boost: int = 0


@dataclass(frozen=True)
class Term:
    """A part of a score, and why: the name of a sentence in `why`, and what fills its gaps."""

    name: str
    points: int
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


def points(order: str, facts: Facts, rules: Rules) -> dict[str, int]:
    """Return what adds up to an article's score in an order, quality, heat, hot or latest, by the names of the terms.

    - *quality*: its quality, and editors' boost.
    - *heat*: quality, `weight` for each other article of its story if its quality reaches `threshold`, what the
      source's file says beyond these for the quality that it gives, and boost. A member of a story with another lead
      has -1.
    - *hot*: quality, `weight` for each other article up to `most_coverage`, boost, and `day_points` for each day from
      1900 to its story's newest coverage. So what is new gains on what is old at a fixed rate, though no score moves.
    - *latest*: the seconds from 1900 to its publication.

    Only leads, and articles in no story, have coverage and boost: they are a story's card.
    """
    if order == "latest":
        return {"time": seconds(facts.published_at)}
    if order == "heat" and not facts.leads:
        return {"member": MEMBER_HEAT}
    found = {"quality": facts.quality}
    if facts.leads and facts.coverage and order != "quality":
        counts = facts.quality >= rules.threshold
        found["coverage"] = rules.weight * _counted(order, facts, rules) if counts else 0
    of_file = facts.heat if order == "heat" else None
    if of_file is not None and of_file >= 0 and (beyond := of_file - _filed_heat(found, facts, rules)):
        found["source"] = beyond
    if facts.leads and facts.boost:
        found["boost"] = facts.boost
    if order == "hot":
        found["age"] = seconds(_newest(facts)) * rules.day_points // DAY
    return found


def _filed_heat(found: dict[str, int], facts: Facts, rules: Rules) -> int:
    """The heat that the rules give for the quality that the file says."""
    if facts.filed_quality is None:
        return sum(found.values())
    return rules.heat(facts.filed_quality, facts.coverage)


def _counted(order: str, facts: Facts, rules: Rules) -> int:
    """How many of the other articles of a story count."""
    return min(facts.coverage, rules.most_coverage) if order == "hot" else facts.coverage


def _newest(facts: Facts) -> datetime:
    """The time that a card has in the hot order."""
    return (facts.leads and facts.newest) or facts.published_at


def score(order: str, facts: Facts, rules: Rules) -> int:
    """Return an article's score in an order."""
    return sum(points(order, facts, rules).values())


def terms(order: str, facts: Facts, rules: Rules) -> list[Term]:
    """Return the points of an article's score in an order, each with its reason."""
    found = points(order, facts, rules)
    return [Term(name, number, *_reason(name, order, facts, rules)) for name, number in found.items()]


def _reason(name: str, order: str, facts: Facts, rules: Rules) -> tuple[str, dict[str, Any]]:
    """The name of a term's sentence, and what fills its gaps."""
    if name == "coverage":
        return _coverage_reason(order, facts, rules)
    if name == "boost":
        return "boost" if facts.boost > 0 else "bury", {}
    if name == "age":
        return "newest", {"moment": _day(_newest(facts)), "points": rules.day_points}
    if name == "time":
        return "published", {"moment": _day(facts.published_at)}
    return {"quality": "rated", "source": "beyond", "member": "member"}[name], {}


def _coverage_reason(order: str, facts: Facts, rules: Rules) -> tuple[str, dict[str, Any]]:
    others = {"others": facts.coverage}
    if facts.quality < rules.threshold:
        return "too thin", others | {"threshold": rules.threshold}
    counted = _counted(order, facts, rules)
    reason = "most others" if counted < facts.coverage else "others"
    return reason, others | {"counted": counted, "points": rules.weight}


def pin(position: int) -> Term:
    """What a pin adds on its page: more than any score, less the further down it is."""
    return Term("pin", PINNED - position, "pinned", {"place": position})


def seconds(moment: datetime) -> int:
    """Whole seconds from 1900 to a moment; 0 before."""
    return max(0, int((moment - START).total_seconds()))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def spread(providers: Sequence[Hashable], limit: int, fixed: int = 0, among: int = AMONG) -> list[int]:
    """The order in which to show cards so that an outlet has at most `limit` of the first `among`.

    `providers` are the cards' outlets in their ranked order, of which the first `fixed` (pinned) stay where they
    are. Cards that are too many come right after the first `among`, in their order. Returns places in `providers`.
    """
    shown: list[int] = []
    later: list[int] = []
    count: Counter[Hashable] = Counter()
    for place, provider in enumerate(providers):
        if len(shown) < among and (place < fixed or count[provider] < limit):
            count[provider] += 1
            shown.append(place)
        else:
            later.append(place)
    return shown + later
