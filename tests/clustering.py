"""Measure how well stories are suggested: python -m tests.clustering ARCHIVE [--articles N]

    python -m tests.with_postgres python -m tests.clustering ARCHIVE
    python -m tests.clustering --flat

Imports a site into a database of its own and takes its articles out of their stories. Then they arrive again, oldest
first, through the code of `manage.py suggest_stories`, and the stories it makes are compared with the source's. Prints
tables in Markdown. --flat measures what one article costs in archives of made-up articles of several sizes.
"""

import argparse
import random
import re
import statistics
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from unittest import mock

from tests import scratch

SHORT = timedelta(days=14)  # stories that span no more are also measured on their own
BETWEEN = 0.5  # a threshold between those of the product
LEVELS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)  # of confidence, for the table of suggestions
OVERLAP = 0.6  # of the baseline
SHARED = 3  # words, at least, of the baseline
SIZES = (1_000, 10_000, 50_000)
A_DAY = 20  # made-up articles; the real ones come at half that pace
TIMED = 300  # articles at each size


@dataclass(frozen=True)
class Item:
    """An article, and its story at the source: an id, or a negative number of its own if it has none."""

    pk: int
    title: str
    published_at: datetime
    story: int

    @property
    def words(self):
        return tuple(re.findall(r"\w+", self.title.lower()))


class Scores(NamedTuple):
    """How much a grouping agrees with another: B-cubed averages over articles, pairwise over pairs."""

    precision: float
    recall: float
    f1: float
    pair_precision: float
    pair_recall: float
    pair_f1: float
    pairs: int


def load(archive, limit=None):
    """Import an archive and return its articles, oldest first; `limit` takes the first so many."""
    importer.import_files(files.find(archive), source="site")
    rows = Article.objects.order_by("published_at", "pk").values_list("pk", "title", "published_at", "story")
    return [Item(pk, title, at, story or -pk) for pk, title, at, story in rows[:limit]]


def forget():
    """Take all articles out of their stories, as if none had been looked at."""
    Article.objects.update(story=None)
    Suggestion.objects.all().delete()
    ArticleTerm.objects.all().delete()


def joined(items, threshold):
    """Return the story of each article when all suggestions from a confidence on are followed."""
    forget()
    automatic = override_settings(NEWSROOM_AUTOMATIC_STORIES=True)
    with automatic, mock.patch.object(similarity, "AUTOMATIC", threshold):
        for item in items:
            matching.group_sure_ones(matching.look_at([item.pk]))
    stories = dict(Article.objects.values_list("pk", "story"))
    return [stories[item.pk] or -item.pk for item in items]


def suggested(items):
    """Return the suggestions for each article, if those before it are in their stories at the source.

    They are pairs of the confidence and whether it is the right story, whatever the confidence, best first.
    """
    forget()
    story_of = {item.pk: item.story for item in items}
    found = []
    with mock.patch.object(similarity, "SUGGESTED", 0.0):
        for item in items:
            made = [(made.confidence, made.other_id) for made in matching.look_at([item.pk]) if made.kind == "story"]
            found.append([(confidence, story_of[other] == item.story) for confidence, other in made])
            Article.objects.filter(pk=item.pk).update(story=item.story if item.story > 0 else None)
    return found


def by_title(items):
    """Return the story of each article by the first baseline: the words of the title are the same."""
    first = {}
    return [first.setdefault(item.words, item.pk) for item in items]


def by_overlap(items):
    """Return the story of each article by the second baseline, which looks at all articles of the window before.

    It joins the one whose title has most of its words, or it of the other's, if that is enough.
    """
    words = [frozenset(item.words) for item in items]
    story, start = [], 0
    for n, item in enumerate(items):
        while items[start].published_at < item.published_at - similarity.WINDOW:
            start += 1
        shared = {k: len(words[n] & words[k]) for k in range(start, n)}
        alike = {k: s / min(len(words[n]), len(words[k])) for k, s in shared.items() if s >= SHARED}
        best = max(alike, key=lambda k: (alike[k], k), default=None)
        story.append(story[best] if best is not None and alike[best] >= OVERLAP else item.pk)
    return story


def scores(found, truth):
    """Return the Scores of a grouping against another, the true one."""
    both, ours, theirs = Counter(zip(found, truth, strict=True)), Counter(found), Counter(truth)
    cubed = (
        sum(n * n / ours[a] for (a, _), n in both.items()) / len(found),
        sum(n * n / theirs[b] for (_, b), n in both.items()) / len(found),
    )
    right, pairs, wanted = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, ours, theirs))
    pairwise = (right / pairs if pairs else 1.0, right / wanted if wanted else 1.0)
    return Scores(*cubed, f1(*cubed), *pairwise, f1(*pairwise), pairs)


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def measured(items, stories, short=False):
    """Return the Scores of the articles' stories; `short` leaves out those of long stories at the source."""
    wanted = short_stories(items) if short else {item.story for item in items}
    pairs = [(story, item.story) for story, item in zip(stories, items, strict=True) if item.story in wanted]
    return scores(*zip(*pairs, strict=True))


def short_stories(items):
    """Return the stories at the source that span at most SHORT."""
    times = defaultdict(list)
    for item in items:
        times[item.story].append(item.published_at)
    return {story for story, found in times.items() if max(found) - min(found) <= SHORT}


def table_of_stories(items, groupings, short=False):
    rows = ["| confidence | B³ P | B³ R | B³ F1 | pair P | pair R | pair F1 | pairs |", "|---|" + "---:|" * 7]
    for name, stories in groupings.items():
        *values, pairs = measured(items, stories, short)
        rows.append(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} | {pairs:,} |")
    return "\n".join(rows)


def table_of_suggestions(items, found):
    """How many suggestions there are from a confidence on, how many are right, and which articles they help."""
    latest, helped = {}, []
    for item, suggestions in zip(items, found, strict=True):
        if item.published_at - latest.get(item.story, datetime.min.replace(tzinfo=UTC)) <= similarity.WINDOW:
            helped.append(suggestions)
        latest[item.story] = item.published_at
    rows = [
        "| from a confidence of | suggestions | right | right story first | among the first three |",
        "|" + "---:|" * 5,
    ]
    for level in LEVELS:
        told = [right for suggestions in found for sure, right in suggestions if sure >= level]
        first, three = (
            sum(any(right for sure, right in suggestions[:n] if sure >= level) for suggestions in helped)
            for n in (1, 3)
        )
        shares = (sum(told) / max(1, len(told)), first / max(1, len(helped)), three / max(1, len(helped)))
        rows.append(f"| {level:g} | {len(told):,} | {' | '.join(f'{share:.0%}' for share in shares)} |")
    return f"{len(helped):,} articles have a story to join\n\n" + "\n".join(rows)


def table_of_titles(items):
    """How often the source has two articles of the same title in one story, by the days between them."""
    bounds = (1, 2, 4, 7, 14)
    by_words, pairs, together = defaultdict(list), Counter(), Counter()
    for item in items:
        for other in by_words[item.words]:
            days = (item.published_at - other.published_at) / timedelta(days=1)
            bound = next((bound for bound in bounds if days <= bound), None)
            pairs[bound] += 1
            together[bound] += item.story == other.story
        by_words[item.words].append(item)
    rows = ["| the same title, days apart at most | pairs | in one story |", "|---:|---:|---:|"]
    rows += [f"| {bound} | {pairs[bound]} | {together[bound] / pairs[bound]:.0%} |" for bound in bounds if pairs[bound]]
    return "\n".join(rows)


def flat():
    """Return a table of what an article costs at several sizes of the archive, all as dense in time."""
    rows, there = ["| articles | milliseconds, median |", "|---:|---:|"], 0
    for size in SIZES:
        with transaction.atomic():
            for article in made_up(there, size):
                matching.remember(article)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        spent, there = [], size + TIMED
        for article in made_up(size, there):
            started = time.perf_counter()
            matching.look_at([article.pk])
            spent.append(time.perf_counter() - started)
        rows.append(f"| {size:,} | {statistics.median(spent) * 1000:.1f} |")
    return "\n".join(rows)


def made_up(first, end):
    """Store articles with these numbers, of which each is a little later than the one before; return them."""
    chance = random.Random(first)  # noqa: S311
    words, weights = vocabulary(random.Random(1))  # noqa: S311
    source, _ = Source.objects.get_or_create(name="many")
    provider, _ = Provider.objects.get_or_create(domain="o.example", name="O")
    names = ("source", "provider", "stem", "web_url", "published_at", "title", "excerpt")
    values = []
    for n in range(first, end):
        at = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=n / A_DAY)
        texts = (" ".join(chance.choices(words, cum_weights=weights, k=length)) for length in (9, 30))
        values.append((source.pk, provider.pk, f"a{n}", f"https://o.example/{n}", at, *texts))
    bulk.insert(Article, names, values)
    return list(Article.objects.filter(published_at__gte=values[0][4]).order_by("published_at"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("archive", nargs="?")
    arguments.add_argument("--articles", type=int, help="only the first so many, by time")
    arguments.add_argument("--flat", action="store_true")
    options = arguments.parse_args()
    if not options.archive and not options.flat:
        arguments.error("expected an archive, or --flat")
    call_command("migrate", verbosity=0)
    if options.flat:
        print(flat())
        return
    items = load(options.archive, options.articles)
    automatic, shown = similarity.AUTOMATIC, similarity.SUGGESTED
    groupings = {
        f"automatic: {automatic} and more": joined(items, automatic),
        f"{BETWEEN} and more": joined(items, BETWEEN),
        f"all suggestions: {shown} and more": joined(items, shown),
        "baseline: the same title": by_title(items),
        f"baseline: overlap of words ≥ {OVERLAP}": by_overlap(items),
    }
    print(f"All {len(items):,} articles\n\n{table_of_stories(items, groupings)}\n")
    short = short_stories(items)
    number = sum(item.story in short for item in items)
    print(f"The {number:,} articles in stories of at most {SHORT.days} days, or in none\n")
    print(f"{table_of_stories(items, groupings, True)}\n")
    print(f"{table_of_suggestions(items, suggested(items))}\n\n{table_of_titles(items)}")


if __name__ == "__main__":
    scratch.begin()

from django.core.management import call_command  # noqa: E402 (models need the settings)
from django.db import connection, transaction  # noqa: E402
from django.test import override_settings  # noqa: E402

from articles.db import bulk  # noqa: E402 (models need the settings)
from articles.models import Article, ArticleTerm, Provider, Source, Suggestion  # noqa: E402 (models need the settings)
from articles.suggestions import matching, similarity  # noqa: E402 (models need the settings)
from articles.sync import files, importer  # noqa: E402 (models need the settings)
from tests.search_speed import vocabulary  # noqa: E402 (models need the settings)

if __name__ == "__main__":
    main()
