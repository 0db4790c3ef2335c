"""Stored scores: the sums of `ranking`, in SQL, for some articles or for all at once.

A story's figures (coverage, newest, boost) are stored with it, so that an article of a large story costs no more
than one that stands alone. Whatever the number of rows, it is two statements.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from ..db.bulk import batches

STORIES = """
UPDATE articles_story SET (coverage, newest_at, boost) = (
  SELECT
    COUNT(CASE WHEN NOT a.removed THEN 1 END)
    + (SELECT COUNT(*) FROM articles_relatedlink l LEFT JOIN articles_article t ON t.id = l.target_id
       WHERE l.story_id = articles_story.id AND {counts})
    + (SELECT COUNT(*) FROM articles_story m JOIN articles_relatedlink l ON l.story_id = m.id
       LEFT JOIN articles_article t ON t.id = l.target_id
       WHERE m.merged_into_id = articles_story.id AND {counts}),
    {newest},
    {boosts}
  FROM articles_article a WHERE a.story_id = articles_story.id
)
{where}
"""
BOOSTS = (  # within the column's 32 bits
    "CASE WHEN SUM(a.boost) > 1000000000 THEN 1000000000 WHEN SUM(a.boost) < -1000000000 THEN -1000000000"
    " ELSE COALESCE(SUM(a.boost), 0) END"
)
COUNTS = "(t.id IS NULL OR NOT t.removed AND (t.story_id IS NULL OR t.story_id <> articles_story.id))"  # a link
ARTICLES = """
UPDATE articles_article SET (quality_score, heat_score, hot_score) = (
  SELECT
    n.quality + n.boost,
    CASE
      WHEN NOT n.leads THEN -1
      WHEN n.heat >= 0 AND NOT n.own_heat THEN n.heat + n.boost + n.quality - n.filed_quality
        + CASE WHEN n.quality >= n.heat_threshold THEN n.heat_weight * n.others ELSE 0 END
        - CASE WHEN n.filed_quality >= n.heat_threshold THEN n.heat_weight * n.others ELSE 0 END
      WHEN n.quality >= n.heat_threshold THEN n.quality + n.boost + n.heat_weight * n.others
      ELSE n.quality + n.boost END,
    n.quality + n.boost + {seconds} * n.hot_day_points / 86400 + CASE
      WHEN n.quality < n.heat_threshold THEN 0
      WHEN n.others > n.hot_most_coverage THEN n.heat_weight * n.hot_most_coverage
      ELSE n.heat_weight * n.others END
  FROM (
    SELECT a.quality, COALESCE(a.filed_quality, a.quality) AS filed_quality, a.heat, a.own_heat,
      CAST(s.heat_weight AS bigint) AS heat_weight, s.heat_threshold, s.hot_day_points, s.hot_most_coverage,
      t.id IS NULL OR t.lead_id IS NULL OR t.lead_id = a.id AS leads,
      CASE WHEN t.id IS NULL THEN a.boost WHEN t.lead_id IS NULL OR t.lead_id = a.id THEN t.boost ELSE 0 END AS boost,
      CASE WHEN (t.lead_id IS NULL OR t.lead_id = a.id) AND t.coverage > 1 THEN t.coverage - 1 ELSE 0 END AS others,
      CASE WHEN t.lead_id IS NULL OR t.lead_id = a.id THEN COALESCE(t.newest_at, a.published_at)
        ELSE a.published_at END AS newest
    FROM articles_article a
    JOIN articles_source s ON s.id = a.source_id
    LEFT JOIN articles_story t ON t.id = a.story_id
    WHERE a.id = articles_article.id
  ) AS n
)
{where}
"""
NEWEST = {  # of a story's articles and links
    "sqlite": "MAX(COALESCE({a}, {l}), COALESCE({l}, {a}))",
    "postgresql": "GREATEST({a}, {l})",
}
ARTICLE = "MAX(CASE WHEN NOT a.removed THEN a.published_at END)"
LINK = "(SELECT MAX(l.published_at) FROM articles_relatedlink l WHERE l.story_id = articles_story.id)"
SECONDS = {  # from 1900 to n.newest
    "sqlite": "(CAST(strftime('%%s', n.newest) AS INTEGER) + 2208988800)",
    "postgresql": "(FLOOR(EXTRACT(EPOCH FROM n.newest))::bigint + 2208988800)",
}


def rescore() -> None:
    """Store the figures of all stories and the scores of all articles anew."""
    _run()


def rescore_site(source_id: int) -> None:
    """The same for the stories and articles of one site."""
    _run("WHERE source_id = %s", [source_id], "WHERE source_id = %s", [source_id])


def rescore_stories(ids: Iterable[int]) -> None:
    """The same for some stories and those that they were merged into, and the articles in them."""
    for some in batches(ids):
        marks = ", ".join(["%s"] * len(some))
        merged = f"(SELECT merged_into_id FROM articles_story WHERE id IN ({marks}))"  # noqa: S608 (no values)
        _run(
            f"WHERE id IN ({marks}) OR id IN {merged}",
            [*some, *some],
            f"WHERE story_id IN ({marks}) OR story_id IN {merged}",
            [*some, *some],
        )


def rescore_articles(ids: Iterable[int]) -> None:
    """The same for some articles, and the stories they are in."""
    for some in batches(ids):
        marks = ", ".join(["%s"] * len(some))
        theirs = f"(SELECT story_id FROM articles_article WHERE id IN ({marks}))"  # noqa: S608 (no values)
        _run(f"WHERE id IN {theirs}", some, f"WHERE id IN ({marks}) OR story_id IN {theirs}", [*some, *some])


@transaction.atomic
def _run(stories: str = "", their_ids: Sequence[int] = (), articles: str = "", ids: Sequence[int] = ()) -> None:
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(
            STORIES.format(
                where=stories, newest=NEWEST[vendor].format(a=ARTICLE, l=LINK), counts=COUNTS, boosts=BOOSTS
            ),
            tuple(their_ids),
        )
        cursor.execute(ARTICLES.format(where=articles, seconds=SECONDS[vendor]), tuple(ids))
