"""What readers see at a moment: articles in their time, and the lead of each story, though no program has run since.

Stored leads are right until `Story.elect_at`. From then on queries elect the lead themselves, until
`stories.leads.elect_due` stores it.
"""

from django.db.models import BooleanField, Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Greatest, Least


def in_time(now):
    """Return the condition for articles that readers may see at a moment, if nothing else hides them."""
    has_begun = Q(published_at__lte=now) & (Q(live_at=None) | Q(live_at__lte=now))
    return has_begun & (Q(ends_at=None) | Q(ends_at__gt=now))


def is_due(now, story="story__"):
    """Return the condition for stories whose stored lead is out of date."""
    return Q(**{f"{story}elect_at__lte": now})


def is_settled(now, story="story__"):
    """Return the condition for stories whose stored lead is right."""
    return Q(**{f"{story}elect_at": None}) | Q(**{f"{story}elect_at__gt": now})


def leading(published, now):
    """Return the condition for the leads of stories, among the articles that are `published` at a moment.

    It elects as `stories.leads` does: the chosen one, else the highest quality, then the first file name.
    """
    alike = {"quality": OuterRef("quality"), "file_name": OuterRef("file_name")}
    ahead = Q(quality__gt=OuterRef("quality"))
    ahead |= Q(quality=OuterRef("quality"), file_name__lt=OuterRef("file_name")) | Q(pk__lt=OuterRef("pk"), **alike)
    is_chosen = Q(story__chosen_lead=F("pk")) & ~Q(pk=OuterRef("pk"))
    better = published.filter(is_chosen | ahead & ~Q(story__chosen_lead=OuterRef("pk")), story=OuterRef("story"))
    return Q(story__lead=F("pk")) & is_settled(now) | is_due(now) & ~Exists(better)


def cards(published, now):
    """Return the condition for articles that stand in lists for their stories: leads, and those in no story."""
    return Q(story=None) | Q(story__lead=None) | leading(published, now)


def is_led(published, story, now):
    """Return the condition for a story (a reference from outside) that has a lead that readers see at a moment."""
    settled = published.filter(is_settled(now, "leads__"), leads=story)
    return Exists(settled) | Exists(published.filter(is_due(now), story=story))


def as_bool(condition):
    """Return a condition as a column."""
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def points_of_heir(score, now):
    """Return what an article's stored score lacks while it leads its story and that is not stored yet.

    That is what the scores of leads count of their stories: boosts and coverage. `score` is a column's name.
    """
    others = Greatest(F("story__coverage") - 1, Value(0))
    if score == "hot_score":
        others = Least(others, F("source__hot_most_coverage"))
    counted = When(quality__gte=F("source__heat_threshold"), then=others * F("source__heat_weight"))
    coverage = Case(counted, default=Value(0), output_field=IntegerField())
    points = {
        "quality_score": F("story__boost"),
        "hot_score": F("story__boost") + coverage,
        "heat_score": F("quality") + F("story__boost") + coverage - F("heat_score"),
    }[score]
    takes_over = is_due(now) & ~Q(story__lead=F("pk"))
    return Case(When(takes_over, then=points), default=Value(0), output_field=IntegerField())
