"""How articles are ranked: the rules are here, `scoring` stores what they give."""

from .rules import AMONG, DAY, MEMBER_HEAT, PINNED, START, Facts, Rules, Term, lead, pin, score, seconds, spread, terms

__all__ = [
    "AMONG",
    "DAY",
    "MEMBER_HEAT",
    "PINNED",
    "START",
    "Facts",
    "Rules",
    "Term",
    "lead",
    "pin",
    "score",
    "seconds",
    "spread",
    "terms",
]
