"""Suggestions to editors, and the words by which they are found."""

from django.conf import settings
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils import timezone

from .articles import Article

MOST_STEPS = 5  # from the duplicate of a duplicate to what was kept


class ArticleTerm(models.Model):
    """A word in an article's title, or an address of its page, by which similar articles are found."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="terms")
    term = models.BigIntegerField(help_text="A 64-bit digest of the word or address.")
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["term", "published_at"], name="articleterm_in_time")]

    def __str__(self):
        return f"{self.term:x}"


class Suggestion(models.Model):
    """A suggestion that an article belongs to the story of another, or repeats it. An editor decides."""

    class Kind(models.TextChoices):
        STORY = "story", "the same story"
        DUPLICATE = "duplicate", "the same article"

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        IGNORED = "ignored"

    kind = models.CharField(max_length=10, choices=Kind)
    article = models.ForeignKey(Article, models.CASCADE, related_name="suggestions")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name="match")
    confidence = models.FloatField(help_text="From 0 to 1.")
    evidence = models.TextField(help_text="Why it was suggested.")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField("made", auto_now_add=True)
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-confidence", "-pk"]
        constraints = [
            UniqueConstraint(
                fields=["article", "other", "kind"],
                name="suggestion_once",
                violation_error_message="These two articles were suggested already.",
            )
        ]
        indexes = [models.Index(fields=["-confidence", "-id"], name="suggestion_open", condition=Q(state="open"))]

    def __str__(self):
        return f"{self.article}: {self.get_kind_display()} as {self.other}"

    @classmethod
    def kept_instead_of(cls, article):
        """Return the article that was kept when this one was removed as its duplicate; None if there is none."""
        for _ in range(MOST_STEPS):
            accepted = cls.objects.filter(Q(article=article) | Q(other=article), kind="duplicate", state="accepted")
            pair = accepted.select_related("article__source", "other__source").order_by("-decided_at").first()
            article = pair and (pair.other if pair.article_id == article.pk else pair.article)
            if article is None or not article.removed:
                return article
        return None


class Postponed(models.Model):
    """A suggestion that a person wants to decide later. It comes last for this person, and nobody else."""

    suggestion = models.ForeignKey(Suggestion, models.CASCADE, related_name="postponed")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["user", "suggestion"],
                name="postponed_once",
                violation_error_message="This person wants to decide it later already.",
            )
        ]

    def __str__(self):
        return f"{self.suggestion}, later"
