"""The geometry of charts. Templates draw it."""

from collections.abc import Iterable
from typing import NamedTuple


class Bar(NamedTuple):
    """A rectangle, in the chart's units, measured from its upper left corner."""

    kind: str
    x: int
    y: int
    width: int
    height: int


def stacked_bars(stacks: Iterable[dict[str, int]], width: int, height: int) -> list[Bar]:
    """Return the bars of a chart with one column for each of `stacks`, which hold numbers (0 or more) by kind.

    The first kind is at the bottom, and the tallest column is as high as the chart. A bar is at least one unit high,
    so that small numbers are seen; 0 has no bar.
    """
    stacks = list(stacks)
    largest = max((sum(stack.values()) for stack in stacks), default=0)
    step = width // max(1, len(stacks))
    bars = []
    for place, stack in enumerate(stacks):
        bottom = height
        for kind, number in stack.items():
            if number:
                tall = min(bottom, max(1, round(height * number / largest)))
                bottom -= tall
                bars.append(Bar(kind, place * step + step // 10, bottom, step - step // 5, tall))
    return bars
