"""The state of all stories, to compare before and after."""

from articles.models import Article, Story


def observed():
    """Return all that a person can see of stories: members, leads, texts, publication and scores."""
    return (
        list(
            Article.objects.order_by("pk").values_list(
                "stem", "story", "published", "heat_is_computed", "heat_score", "hot_score"
            )
        ),
        list(
            Story.objects.filter(articles__isnull=False)
            .distinct()
            .order_by("pk")
            .values_list("pk", "lead", "chosen_lead", "headline", "summary", "coverage")
        ),
    )
