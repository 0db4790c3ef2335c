"""Charts, as the numbers that a template draws."""

from collections.abc import Iterable
from typing import NamedTuple


class Bar(NamedTuple):
    """A rectangle of a chart, in the chart's units from its upper left corner."""

    kind: str
    x: int
    y: int
    width: int
    height: int


def stacked_bars(stacks: Iterable[dict[str, int]], width: int, height: int) -> list[Bar]:
    """The bars of numbers by kind, 0 or more: one column for each of `stacks`, its first kind at the bottom, the
    largest as high as the chart. No number but 0 is without a bar, and 0 has none."""
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
