"""The rows beside the search index, which each database keeps in its own way."""

from django.db import models

from .articles import Article


class SearchEntry(models.Model):
    """A published article that is in the search index."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="+")
    place = models.BigIntegerField(unique=True, help_text="Sorts by quality and age, the best first, then by id.")
    title_key = models.BigIntegerField(db_index=True, help_text="A digest of the title's words.")

    class Meta:
        verbose_name_plural = "search entries"

    def __str__(self):
        return f"article {self.article_id}"


class ReindexRequest(models.Model):
    """A request to index an article again, because its words changed. Triggers in the database write it."""

    article_id = models.BigIntegerField()

    class Meta:
        db_table = "articles_unindexed"  # which the triggers name

    def __str__(self):
        return f"article {self.article_id}"
