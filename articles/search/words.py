"""What an article is found by: its words, and its place among all."""

from collections import Counter
from datetime import date

from ..models import Article, ArticleQuerySet
from ..text.digests import number
from ..text.plain import plain
from .query import EARLIEST, MAX_QUALITY, TITLE, folded

DAYS_A_POINT = 7  # an article that is so many days newer has one point more
MAX_WORDS, MAX_REPEATS, MAX_BYTES = 16_000, 250, 700_000  # words of an article, times of one word, bytes of all words
MAX_RANK, ID_BITS = 2**20, 40  # above every rank; bits of a place that hold an article's id
GAP = ":"  # between texts, so that no phrase reaches from one into the next
FIELDS = (
    *("title", "excerpt", "published", "removed", "published_at", "quality"),
    *("provider_name", "provider_domain", "provider__name", "provider__domain"),
)


def rank(quality: int, day: date) -> int:
    """Return an article's points, whatever is searched for: one for each point of quality and each week it is newer."""
    return min(quality, MAX_QUALITY) + (day.toordinal() - EARLIEST.toordinal()) // DAYS_A_POINT


def place(article: Article) -> int:
    """Return the article's place among all: the better it is, the smaller the number. Its lowest bits are its id."""
    return (MAX_RANK - rank(article.quality, article.published_at.date()) << ID_BITS) + article.pk


def id_of(place: int) -> int:
    """Return the id of the article at a place."""
    return place & (2**ID_BITS - 1)


def rank_of(place: int) -> int:
    """Return the rank of the article at a place."""
    return MAX_RANK - (place >> ID_BITS)


def title_key(title: str) -> int:
    """Return the digest that titles of the same words share."""
    return number(" ".join(shown(title)))


def shown(text: str) -> list[str]:
    """Return the folded words of a text as readers see it."""
    return folded(plain(text))


def readable(articles: ArticleQuerySet) -> ArticleQuerySet:
    """Load what `words_of` reads."""
    return articles.select_related("provider").with_topics().only(*FIELDS)


def words_of(article: Article) -> list[str]:
    """Return what an article is found by, in the order of its texts. Words with a ':' are for operators."""
    title = shown(article.title)
    names = (article.provider.name, article.provider.domain, article.provider_domain, article.provider_name)
    outlet = folded(" ".join(names))
    topics = [folded(topic.name) for topic in article.topic_list]
    texts = [title, [TITLE + word for word in title], outlet, *topics, shown(article.excerpt)]
    topical = {f"t:{word}" for topic in topics for word in topic}
    numbers = _beginnings("q", min(article.quality, MAX_QUALITY), digits=4, least=1)
    numbers += _beginnings("d", int(f"{article.published_at:%Y%m%d}"), digits=8, least=3)
    found = _limited([word for text in texts if text for word in (*text, GAP)])
    return [*found, *sorted({f"p:{word}" for word in outlet} | topical), *numbers]


def _limited(words: list[str]) -> list[str]:
    """Return as many of the words as a `tsvector` can tell the places of, with a gap for each one too many."""
    if len(words) <= MAX_REPEATS:
        return words
    times: Counter[str] = Counter()
    found, size = [], 0
    for word in words[:MAX_WORDS]:
        times[word] += 1
        size += len(word.encode()) if times[word] == 1 else 0
        found.append(word if times[word] <= MAX_REPEATS and size <= MAX_BYTES else GAP)
    return found


def _beginnings(name: str, number: int, digits: int, least: int) -> list[str]:
    """Return a number's beginnings of `least` and more digits, by which a range is found."""
    text = str(number).zfill(digits)
    return [f"{name}:{text[:end]}" for end in range(least, digits + 1)]
