"""A site's own figures, told from what its files say. Pure: counts in, figures out.

Sites differ in the points that another article in a story is worth, and in the heat from which they publish. Their
files show both: a lead's heat less its quality, divided by the number of others, is the weight.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .rules import MEMBER_HEAT, Rules

MAX_COUNTER = 8  # points a day that some sites add to heat
MAX_WEIGHT = 100
MIN_EVIDENCE = 2  # files that must agree before a figure is taken from them
MIN_SHARE = 0.9  # of all that say something about it


class Said(NamedTuple):
    """What a file says: quality, heat, whether it is published (None: nothing), how many others it lists."""

    quality: int
    heat: int
    published: bool | None
    others: int


Observed = Counter[Said]


@dataclass(frozen=True)
class Fit:
    """A figure that agrees with most files: with `agree` of the `of` that say anything about it.

    `default_agrees` is how many the default agrees with.
    """

    value: int
    agree: int
    of: int
    default_agrees: int

    @property
    def is_enough(self) -> bool:
        """Whether the figure can be taken."""
        return self.agree >= MIN_EVIDENCE and self.agree >= self.of * MIN_SHARE

    @property
    def contradicts_default(self) -> bool:
        return self.default_agrees < self.of


def fit(observed: Observed, default: Rules) -> dict[str, Fit]:
    """Return a fit of each figure of a site, by the names of its columns; none for one that no file tells of."""
    found = {
        "heat_weight": _weight(observed, default.weight),
        "heat_threshold": _threshold(observed, _is_raised, lambda said: said.quality, default.threshold),
        "publish_threshold": _threshold(observed, lambda said: said.published, lambda said: said.heat, default.publish),
    }
    return {name: one for name, one in found.items() if one}


def is_possible(said: Said) -> bool:
    """Whether any weight gives a lead's heat."""
    return said.heat == said.quality or any(_weighs(weight, said) for weight in range(MAX_WEIGHT + 1))


def agrees(said: Said, rules: Rules) -> bool:
    """Whether a file says what the figures give."""
    if said.published is not None and said.published != rules.published(said.heat):
        return False
    raised = _is_raised(said)
    return raised is None or (
        raised == (said.quality >= rules.threshold) and (not raised or _weighs(rules.weight, said))
    )


def _is_raised(said: Said) -> bool | None:
    """Whether a lead gets heat from others. None: it does not lead a story."""
    return None if said.heat <= MEMBER_HEAT or not said.others else said.heat > said.quality


def _weighs(weight: int, said: Said) -> bool:
    return 0 <= said.heat - said.quality - weight * said.others <= MAX_COUNTER


def _weight(observed: Observed, default: int) -> Fit | None:
    raised = {said: count for said, count in observed.items() if _is_raised(said)}
    if not raised:
        return None
    votes: Counter[int] = Counter()
    for said, count in raised.items():
        weight, rest = divmod(said.heat - said.quality, said.others)
        if not rest and weight <= MAX_WEIGHT:
            votes[weight] += count
    best = max(votes, key=lambda weight: (votes[weight], weight == default, -weight), default=default)
    agree, default_agrees = (
        sum(count for said, count in raised.items() if _weighs(weight, said)) for weight in (best, default)
    )
    return Fit(best, agree, sum(raised.values()), default_agrees)


def _threshold(
    observed: Observed, answer: Callable[[Said], bool | None], value: Callable[[Said], int], default: int
) -> Fit | None:
    """Fit the value from which on the answer is yes. The default is kept if no other agrees with more.

    So it is if all answers are the same: any value beyond them would do.
    """
    sides: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for said, count in observed.items():
        if (side := answer(said)) is not None:
            sides[side][value(said)] += count
    if not (values := sorted({*sides[True], *sides[False]})):
        return None
    total, agree = sides[True].total() + sides[False].total(), sides[True].total()
    agreement = {}  # by threshold: files that agree
    for at in values:
        agreement[at] = agree
        agree += sides[False][at] - sides[True][at]
    agreement[values[-1] + 1] = agree
    at_default = agreement[min((at for at in agreement if at >= default), default=values[-1] + 1)]
    best = max(agreement.values())
    if best == at_default or not (sides[True] and sides[False]):
        return Fit(default, at_default, total, at_default)
    last = max(at for at, number in agreement.items() if number == best)
    first = max((at + 1 for at in agreement if at < last), default=0)
    return Fit(_roundest(first, last), best, total, at_default)


def _roundest(first: int, last: int) -> int:
    """Return the number from `first` to `last` that a person would choose."""
    for step in (100, 50, 10, 5):
        if last // step * step >= first:
            return last // step * step
    return last
