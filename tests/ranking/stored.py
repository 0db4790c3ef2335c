"""Stored scores, for tests that compare them with what is explained."""

from articles import ranking

COLUMNS = {"quality": "quality_score", "heat": "heat_score", "hot": "hot_score"}


def stored_score(article, order):
    """Return the number that the database sorts by; in *latest*, the seconds from 1900 to publication."""
    return ranking.seconds(article.published_at) if order == "latest" else getattr(article, COLUMNS[order])
