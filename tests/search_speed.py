"""How long searches take among a million articles: python -m tests.search_speed [--articles 1000000]

    python -m tests.with_postgres python -m tests.search_speed --articles 100000

Makes a database of its own (a file in a temporary folder, or another database on the server of DATABASE_URL) with
made-up articles, all published. How often a word stands in them falls with its rank as in real text; one stands in
three quarters of them. Prints how long the index took, and the milliseconds of each kind of query, whole: what is
asked of the index, and the counts by topic and outlet. Exits with 1 if the median is over 30 or any is over 150.
"""

import argparse
import io
import random
import statistics
import sys
import time
from itertools import accumulate

from tests import scratch

MEDIAN, MOST = 30, 150  # milliseconds
COMMON = "kommon"
SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er")]


def vocabulary(chance, number=30_000):
    words = {}
    while len(words) < number:
        words["".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3, 4))))] = None
    return list(words), list(accumulate(1 / (rank + 3) for rank in range(number)))


def fill(number, chance):
    words, weights = vocabulary(chance)
    source = Source.objects.create(name="many")
    outlets = [
        Provider(domain=f"{words[n]}{n}.example", name=f"{words[n]} {words[n + 7]}".title()) for n in range(2000)
    ]
    Provider.objects.bulk_create(outlets)
    Topic.objects.bulk_create(Topic(name=words[500 + n].title(), slug=f"t{n}") for n in range(100))
    topics = list(Topic.objects.order_by("pk").values_list("pk", flat=True))
    start, step = datetime(2016, 1, 1, tzinfo=UTC), timedelta(days=3650) / number
    names = ("source", "stem", "title", "excerpt", "published_at", "provider", "provider_name", "quality", "published")
    outlets = list(Provider.objects.order_by("pk").values_list("pk", flat=True))

    def some(least, most):
        return chance.choices(words, cum_weights=weights, k=chance.randint(least, most))

    for first in range(0, number, 20_000):
        rows = []
        for n in range(first, min(first + 20_000, number)):
            title, excerpt = some(4, 12), some(15, 40)
            if chance.random() < 0.75:
                chance.choice((title, excerpt)).append(COMMON)
            when = start + step * n
            outlet = chance.choice(outlets)
            quality = chance.randrange(140)
            rows.append((source.pk, f"a{n}", " ".join(title), " ".join(excerpt), when, outlet, "", quality, True))
        bulk.insert(Article, names, rows)
    keys = list(Article.objects.order_by("pk").values_list("pk", flat=True))
    bulk.insert(ArticleTopic, ("content_object", "tag"), ((key, topics[chance.randrange(100)]) for key in keys))
    return words


def queries(words, chance):
    """Some of each kind of query."""
    titles = list(
        Article.objects.filter(stem__in=[f"a{n}" for n in range(0, 10_000, 100)]).values_list("title", flat=True)
    )
    often, seldom = words[:50], words[5_000:]
    pick = chance.choice
    return {
        "whole title": titles,
        "three words of a title": [" ".join(chance.sample(title.split(), 3)) + " " for title in titles],
        "a frequent word": [f"{word} " for word in often],
        "two frequent words": [f"{pick(often)} {pick(often)} " for _ in range(50)],
        "a rare word": [f"{pick(seldom)} " for _ in range(50)],
        "the word of three quarters": [f"{COMMON} ", COMMON, COMMON[:3], f"title {COMMON} "] * 5,
        "that and a rare one": [f"{COMMON} {pick(seldom)} " for _ in range(50)],
        "that and a frequent one": [f"{COMMON} {pick(often)} " for _ in range(50)],
        "one letter": [word[0] for word in often],
        "two letters": [word[:2] for word in often],
        "phrase of two frequent words": [f'"{pick(often)} {pick(often)}"' for _ in range(50)],
        "phrase of the most frequent": [f'"{COMMON} {often[0]}"', f'"{often[0]} {COMMON}"'] * 10,
        "quality": [f"{COMMON} quality:{n}" for n in range(0, 140, 7)],
        "dates": [f"{COMMON} after:{2016 + n % 10} before:{2017 + n % 10}-0{1 + n % 9}" for n in range(50)],
        "outlet": [f"{pick(often)} provider:{words[n]}" for n in range(50)],
        "topic": [f"{pick(often)} topic:{words[500 + n]}" for n in range(50)],
        "nothing": ["zzzz qqqq", f"{COMMON} zzzz "] * 10,
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=1_000_000)
    options = arguments.parse_args()
    call_command("migrate", verbosity=0)
    chance = random.Random(1)  # noqa: S311 (made-up words)
    with transaction.atomic():
        words = fill(options.articles, chance)
    started = time.perf_counter()
    call_command("rebuild_search", stdout=io.StringIO())
    print(f"{options.articles:,} articles on {connection.vendor}, indexed in {time.perf_counter() - started:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    everything = []
    for kind, texts in queries(words, chance).items():
        times = []
        for text in texts:
            started = time.perf_counter()
            hits = finding.find(parse(text))
            for found in finding.facets(hits).values():
                list(found)
            times.append((time.perf_counter() - started) * 1000)
        print(f"{kind:30} {len(texts):4} queries, median {statistics.median(times):6.1f} ms, most {max(times):6.1f} ms")
        everything += times
    median, most = statistics.median(everything), max(everything)
    print(f"all: median {median:.1f} ms (limit {MEDIAN}), most {most:.1f} ms (limit {MOST})")
    sys.exit(median > MEDIAN or most > MOST)


if __name__ == "__main__":
    scratch.begin()

from datetime import UTC, datetime, timedelta  # noqa: E402 (models need the settings)

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from articles.db import bulk  # noqa: E402 (models need the settings)
from articles.models import Article, ArticleTopic, Provider, Source, Topic  # noqa: E402 (models need the settings)
from articles.search import finding  # noqa: E402 (models need the settings)
from articles.search.query import parse  # noqa: E402 (models need the settings)

if __name__ == "__main__":
    main()
