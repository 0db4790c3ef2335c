"""What the search index notes beside the database's own index."""

from django.db import models

from .articles import Article


class SearchEntry(models.Model):
    """That a published article is in the search index, which each database keeps in its own way beside this."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="+")
    place = models.BigIntegerField(unique=True, help_text="By quality and age, the best first, then by id.")
    title_key = models.BigIntegerField(db_index=True, help_text="A digest of the title's words.")

    class Meta:
        verbose_name_plural = "search entries"

    def __str__(self):
        return f"article {self.article_id}"


class Unindexed(models.Model):
    """An article whose words changed since it was indexed: written by the database itself, by triggers."""

    article_id = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "unindexed"

    def __str__(self):
        return f"article {self.article_id}"
