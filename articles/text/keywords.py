"""Which topics a title names: those with a keyword that stands in it as a whole word.

Case is ignored, plurals are not folded and the excerpt does not count. This is how the sources' own files are tagged.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

Topic = TypeVar("Topic", bound=Hashable)


def named(title: str, keywords: Mapping[Topic, Sequence[str]]) -> list[Topic]:
    """Return the topics that a title names, in the order of `keywords` (keywords by topic)."""
    return [topic for topic, words in keywords.items() if words and _pattern(tuple(words)).search(title)]


@lru_cache(maxsize=1000)
def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
