"""The taxonomy's rule: an article's topics are those that have a keyword as a whole word in its title.

The excerpt is never looked at, plurals are not folded, letter case does not matter; found so in the sources' own
files. Pure: texts in, names out.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

Topic = TypeVar("Topic", bound=Hashable)


def named(title: str, keywords: Mapping[Topic, Sequence[str]]) -> list[Topic]:
    """The topics, of a dictionary of topics and their keywords, that a title names, in the dictionary's order."""
    return [topic for topic, words in keywords.items() if words and _pattern(tuple(words)).search(title)]


@lru_cache(maxsize=1000)
def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
