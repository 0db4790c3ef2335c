"""How long it takes to compute all scores anew, beside setting one integer column: python -m tests.rescore

    python -m tests.rescore --articles 1000000
    python -m tests.with_postgres python -m tests.rescore --articles 1000000

Makes a database of its own (a file in a temporary folder, or another database on the server of DATABASE_URL) with
made-up articles, a fifth of them published and two thirds in stories, and prints the seconds of both statements in
each of some rounds, and the ratio of their medians. Every score changes in every round.
"""

import argparse
import statistics
import time

from tests import scratch


def fill(number):
    """Articles of 2,000 outlets over ten years, in stories of four but for each third."""
    source = Source.objects.create(name="many")
    Provider.objects.bulk_create(Provider(domain=f"o{n}.example", name=f"O {n}") for n in range(2000))
    providers = list(Provider.objects.values_list("pk", flat=True))
    Story.objects.bulk_create((Story(source=source) for _ in range(number // 6)), batch_size=5000)
    stories = list(Story.objects.order_by("pk").values_list("pk", flat=True))
    start = datetime(2016, 1, 1, tzinfo=UTC)
    step = timedelta(days=3650) / number
    names = ("source", "stem", "title", "published_at", "provider", "quality", "heat", "published", "story")
    names += ("heat_is_computed",)
    for first in range(0, number, 20_000):
        bulk.insert(
            Article,
            names,
            (
                (
                    source.pk,
                    f"a{n}",
                    f"Article {n}",
                    start + step * n,
                    providers[n % 2000],
                    n * 7919 % 140,
                    -1 if n % 6 in (1, 2, 3) else n * 7919 % 140,
                    n % 5 == 0,
                    stories[n // 6] if n % 6 < 4 and n // 6 < len(stories) else None,
                    False,
                )
                for n in range(first, min(first + 20_000, number))
            ),
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_story SET lead_id = (SELECT MIN(a.id) FROM articles_article a"
            " WHERE a.story_id = articles_story.id)"
        )


def settle_down():
    """What the database would do in its own time, so that neither statement pays for it."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def seconds(what):
    started = time.perf_counter()
    what()
    taken = time.perf_counter() - started
    settle_down()
    return taken


def one_column():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET boost = boost + 1")


def no_boost():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET boost = 0")
    settle_down()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        fill(options.articles)
    settle_down()
    print(f"{options.articles:,} articles on {connection.vendor}")
    plain, scores = [], []
    for number in range(options.rounds):
        plain.append(seconds(one_column))
        no_boost()
        # Every score moves; a site's figures are saved without the rescoring that belongs to it.
        Source.objects.update(heat_weight=20 + number, hot_day_points=60 + number)
        scores.append(seconds(scoring.rescore))
        print(f"one column {plain[-1]:.2f} s, all scores {scores[-1]:.2f} s")
    ratio = statistics.median(scores) / statistics.median(plain)
    print(f"ratio of the medians: {ratio:.2f} (limit 4)")


if __name__ == "__main__":
    scratch.begin()

from datetime import UTC, datetime, timedelta  # noqa: E402 (models need the settings)

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from articles.db import bulk  # noqa: E402 (models need the settings)
from articles.models import Article, Provider, Source, Story  # noqa: E402 (models need the settings)
from articles.ranking import scoring  # noqa: E402 (models need the settings)

if __name__ == "__main__":
    main()
