"""The source's own rules of heat, publication and leads. Pure: numbers in, numbers out."""

from collections.abc import Iterable
from dataclasses import dataclass

MEMBER_HEAT = -1  # of a story's articles other than its lead


@dataclass(frozen=True)
class Rules:
    """A site's figures: what an article in a story adds to its lead's heat, from which quality of the lead on,
    and the heat from which an article is published."""

    weight: int = 20
    threshold: int = 50
    publish: int = 70

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
