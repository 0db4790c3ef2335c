"""How well stories are suggested: python -m tests.clustering ARCHIVE [--articles N] [--picture FILE.svg]

Reads a site's articles without their lists of related ones, gives them to the grouping in the order of time, and
compares its stories with the source's. Prints a table in Markdown. With --flat: what one article costs, in archives
of made-up articles of several sizes.
"""

import argparse
import random
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from articles.frontmatter import Kind, parse
from articles.suggestions.similarity import AUTOMATIC, SUGGESTED, WINDOW, Index, group, story_score, terms
from articles.sync.files import find
from articles.sync.found import FoundFile

SHORT = timedelta(days=14)  # stories that span no more are measured on their own
OVERLAP = 0.6  # of the baseline
SHARED = 3  # words, at least, of the baseline
THRESHOLDS = [n / 100 for n in range(5, 93, 2)]
FLAT_SIZES = (1_000, 10_000, 50_000, 200_000)
LEAST = 0.01  # confidence that matters to no threshold
A_DAY = 20  # made-up articles; the real ones come at half that pace
HEAD = "| | B³ P | B³ R | B³ F1 | pair P | pair R | pair F1 | pairs |\n|---|---:|---:|---:|---:|---:|---:|---:|"


class Corpus:
    """A site's articles in the order of time: their features, their times, their stories at the source."""

    def __init__(self, archive: str, limit: int | None = None):
        rows = []
        for file in find(archive):
            if isinstance(file, FoundFile) and file.kind is Kind.ARTICLE:
                values = parse(file.data).values
                related = [item["web_url"] for item in values.pop("related", [])]
                story = tuple(sorted([values["web_url"], *related])) if related else file.name  # as in stories.py
                rows.append((values["published_at"], file.name, story, values))
        rows.sort(key=lambda row: row[:2])
        rows = rows[:limit]
        self.times = [row[0] for row in rows]
        self.truth = [row[2] for row in rows]
        self.titles = [row[3]["title"] for row in rows]
        self.features = [terms(v["title"], v.get("excerpt", ""), v["web_url"]) for *_, v in rows]

    @property
    def short(self) -> list[int]:
        """The places of articles in stories that span at most SHORT, and of those in none."""
        times = defaultdict(list)
        for story, at in zip(self.truth, self.times, strict=True):
            times[story].append(at)
        return [n for n, story in enumerate(self.truth) if max(times[story]) - min(times[story]) <= SHORT]

    def arrivals(self):
        """Each article with the confidence of those before it, as the index finds them."""
        index, arrivals = Index(), []
        for n, (features, at) in enumerate(zip(self.features, self.times, strict=True)):
            found = ((key, why.confidence) for key, why in index.suggest(features, at))
            arrivals.append((n, {key: sure for key, sure in found if sure > LEAST}))
            index.add(n, features, at)
        return arrivals

    def by_words(self, measure: Callable):
        """The baseline's: each article with a plain measure of the words it shares with those of the window before."""
        plain = [frozenset(re.findall(r"\w+", title.lower())) for title in self.titles]
        start = 0
        for n, at in enumerate(self.times):
            while self.times[start] < at - WINDOW:
                start += 1
            yield n, {k: measure(plain[n], plain[k]) for k in range(start, n) if len(plain[n] & plain[k]) >= SHARED}

    def by_title(self):
        """The other baseline's: the words of the title are the same, whenever that was."""
        known = {}
        for n, features in enumerate(self.features):
            yield n, {known.setdefault(features.words, n): 1.0} if features.words in known else {}
            known.setdefault(features.words, n)


def jaccard(a, b):
    return len(a & b) / len(a | b)


def overlap(a, b):
    return len(a & b) / min(len(a), len(b))


def join_best(arrivals, threshold):
    """Plain incremental grouping: each article joins the story of the one most like it."""
    story = {}
    for n, earlier in arrivals:
        best = max(earlier, key=lambda k: (earlier[k], k), default=None)
        story[n] = story[best] if best is not None and earlier[best] >= threshold else n
    return story


def scores(found, truth):
    """B-cubed and pairwise precision, recall and F1 of one grouping against another; the number of pairs found."""
    both, ours, theirs = Counter(zip(found, truth, strict=True)), Counter(found), Counter(truth)
    cubed = (
        sum(n * n / ours[a] for (a, _), n in both.items()) / len(found),
        sum(n * n / theirs[b] for (_, b), n in both.items()) / len(found),
    )
    right, pairs, wanted = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, ours, theirs))
    pairwise = (right / pairs if pairs else 1.0, right / wanted if wanted else 1.0)
    return (*cubed, f1(*cubed), *pairwise, f1(*pairwise), pairs)


def f1(precision, recall):
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def measured(corpus, story, short=False):
    places = corpus.short if short else range(len(corpus.truth))
    return scores([story[n] for n in places], [corpus.truth[n] for n in places])


def ranks(corpus, arrivals):
    """Of articles whose story has another within the window before: in how many is it among the first 1 and 3 told,
    if the stories before were right."""
    hits, asked, start = Counter(), 0, 0
    for n, earlier in arrivals:
        while corpus.times[start] < corpus.times[n] - WINDOW:
            start += 1
        if corpus.truth[n] not in corpus.truth[start:n]:
            continue
        stories = defaultdict(list)
        for key, sure in earlier.items():
            stories[corpus.truth[key]].append(sure)
        order = sorted(stories, key=lambda s: -story_score(stories[s]))
        asked += 1
        for first in (1, 3):
            hits[first] += corpus.truth[n] in order[:first]
    return asked, hits[1] / max(1, asked), hits[3] / max(1, asked)


def same_titles(corpus):
    """How often the source has two articles of the same title in one story, by the days between them."""
    bounds = (1, 2, 4, 7, 14)
    by_title, pairs, together = defaultdict(list), Counter(), Counter()
    for n, features in enumerate(corpus.features):
        for k in by_title[features.words]:
            days = (corpus.times[n] - corpus.times[k]) / timedelta(days=1)
            bound = next((bound for bound in bounds if days <= bound), None)
            pairs[bound] += 1
            together[bound] += corpus.truth[n] == corpus.truth[k]
        by_title[features.words].append(n)
    rows = ["| the same title, days apart at most | pairs | in one story |", "|---:|---:|---:|"]
    rows += [f"| {bound} | {pairs[bound]} | {together[bound] / pairs[bound]:.0%} |" for bound in bounds if pairs[bound]]
    return "\n".join(rows)


def picture(corpus, curve):
    """Precision and F1 by threshold, as an SVG that is readable in light and dark."""
    left, top, width, height = 60, 50, 560, 300
    results = {t: measured(corpus, story) for t, story in sorted(curve.items())}

    def x(value):
        return left + width * value

    def y(value):
        return top + height * (1 - value)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 170} {top + height + 60}" role="img"'
        ' aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="13">',
        '<title id="t">Precision and F1 of suggested stories, by threshold</title>',
        '<desc id="d">Both precisions rise with the threshold, to 0.95 and more at the automatic one; both F1 fall'
        " slowly. The pairwise F1 is near zero everywhere.</desc>",
        "<style>text{fill:#222}.axis{stroke:#767676;stroke-width:1}.grid{stroke:#767676;stroke-opacity:.25}"
        ".line{fill:none;stroke-width:2}.cubed{stroke:#0b62c4}.pairs{stroke:#b34700}.f1{stroke-dasharray:6 4}"
        "@media (prefers-color-scheme:dark){text{fill:#eee}.cubed{stroke:#78b4ff}.pairs{stroke:#ffa25e}}</style>",
        f'<text x="{left}" y="24" font-size="15">Stories suggested for {len(corpus.truth):,} articles</text>',
    ]
    for step in range(6):
        value = step / 5
        parts += [
            f'<path class="grid" d="M{left} {y(value):.1f}h{width}"/>',
            f'<text x="{left - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f}</text>',
            f'<text x="{x(value):.1f}" y="{top + height + 18}" text-anchor="middle">{value:.1f}</text>',
        ]
    parts += [
        f'<path class="axis" fill="none" d="M{left} {top}v{height}h{width}"/>',
        f'<text x="{left + width / 2}" y="{top + height + 42}" text-anchor="middle">threshold of confidence</text>',
    ]
    for value, name in ((SUGGESTED, "suggested"), (AUTOMATIC, "automatic")):
        parts.append(f'<path class="axis" stroke-dasharray="2 3" d="M{x(value):.1f} {top}v{height}"/>')
        parts.append(f'<text x="{x(value):.1f}" y="{top - 8}" text-anchor="middle">{name} {value}</text>')
    legend = (("B³ precision", "cubed", 0), ("pairwise precision", "pairs", 3), ("B³ F1", "cubed f1", 2))
    for place, (name, style, column) in enumerate((*legend, ("pairwise F1", "pairs f1", 5))):
        points = " ".join(f"{x(t):.1f},{y(values[column]):.1f}" for t, values in results.items())
        line = top + 20 + 24 * place
        parts += [
            f'<polyline class="line {style}" points="{points}"/>',
            f'<path class="line {style}" d="M{left + width + 14} {line}h28"/>',
            f'<text x="{left + width + 48}" y="{line + 4}">{name}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


@cache
def evaluated(archive, limit=None):
    """A corpus, its arrivals, and groupings by name: ours at two thresholds, and the baselines'."""
    corpus = Corpus(archive, limit)
    arrivals = corpus.arrivals()
    curve = {t: group(arrivals, t) for t in sorted({*THRESHOLDS, AUTOMATIC, SUGGESTED})}
    cubed = min(t for t in curve if measured(corpus, curve[t])[0] >= 0.95)
    plain = {m.__name__: join_best(corpus.by_words(m), OVERLAP) for m in (jaccard, overlap)}
    name = max(plain, key=lambda m: measured(corpus, plain[m])[2])
    groupings = {
        f"at the automatic threshold, {AUTOMATIC}": curve[AUTOMATIC],
        f"at {cubed:g}, the least with a B³ precision of 0.95": curve[cubed],
        f"at the threshold of suggestions, {SUGGESTED}: the best B³ F1": curve[SUGGESTED],
        "baseline: the same title": join_best(corpus.by_title(), 1.0),
        **{f"baseline: {m} of words ≥ {OVERLAP}{' (the better)' * (m == name)}": s for m, s in plain.items()},
    }
    return corpus, arrivals, curve, groupings


def table(corpus, groupings, short):
    rows = [HEAD]
    for name, story in groupings.items():
        *values, pairs = measured(corpus, story, short)
        rows.append(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} | {pairs:,} |")
    return "\n".join(rows)


def flat():
    """What an article costs at several sizes of the archive, all as dense in time."""
    chance = random.Random(1)  # noqa: S311
    letters = "bdfgklmnprstvz"
    vocabulary = ["".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(4)) for _ in range(50_000)]
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    total, running = sum(weights), 0.0
    cumulative = [running := running + weight / total for weight in weights]
    index, at, asked = Index(), datetime(2020, 1, 1, tzinfo=UTC), 500
    rows = ["| articles | postings read, mean | microseconds, median |", "|---:|---:|---:|"]
    for n in range(FLAT_SIZES[-1]):
        features = terms(" ".join(chance.choices(vocabulary, cum_weights=cumulative, k=9)))
        if n + 1 in FLAT_SIZES:
            others = [terms(" ".join(chance.choices(vocabulary, cum_weights=cumulative, k=9))) for _ in range(asked)]
            index.looked_at, spent = 0, []
            for other in others:
                start = time.perf_counter()
                index.suggest(other, at)
                spent.append(time.perf_counter() - start)
            rows.append(f"| {n + 1:,} | {index.looked_at / asked:,.0f} | {statistics.median(spent) * 1e6:,.0f} |")
        index.add(n, features, at)
        at += timedelta(days=1 / A_DAY)
    return "\n".join(rows)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("archive", nargs="?")
    arguments.add_argument("--articles", type=int, help="only the first so many, by time")
    arguments.add_argument("--picture", help="where to draw precision and F1 by threshold (.svg)")
    arguments.add_argument("--flat", action="store_true")
    options = arguments.parse_args()
    if options.flat:
        print(flat())
        return
    if not options.archive:
        arguments.error("expected an archive, or --flat")
    corpus, arrivals, curve, groupings = evaluated(options.archive, options.articles)
    print(f"{len(corpus.truth):,} articles\n\n{table(corpus, groupings, False)}\n")
    print(f"{len(corpus.short):,} articles in stories of at most 14 days, or in none\n")
    print(table(corpus, groupings, True))
    print(f"\n{same_titles(corpus)}")
    if options.picture:
        Path(options.picture).write_text(picture(corpus, curve), encoding="utf-8")
    asked, first, three = ranks(corpus, arrivals)
    print(
        f"\nOf {asked:,} articles with a story to join, it is told first for {first:.0%}, among three for {three:.0%}"
    )


if __name__ == "__main__":
    main()
