"""Suggests which story an article that comes without related ones belongs to, and which page it repeats.

Words of titles are in a table by time, so that what a new article costs does not depend on how many there are:
those within its window that share its rarest words are looked at, so many at most.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from ..db import bulk
from ..db.bulk import BATCH, batches
from ..models import Article, ArticleTerm, StoryAction, Suggestion
from ..stories import editing
from ..sync import decisions
from . import similarity
from .similarity import Evidence, Features, Idf, Rarities, term_key

KEPT = 3  # suggestions for one article
EVERY = term_key("")  # the term of all articles, so that those of a window can be counted
READ = ("pk", "title", "excerpt", "web_url", "amp_web_url", "cdn_amp_web_url", "published_at", "story_id")
Kind, State = Suggestion.Kind, Suggestion.State


def waiting(**scope: Any) -> Iterable[list[int]]:
    """Articles that were not looked at yet, oldest first, in batches of ids. `scope` filters them."""
    new = Article.objects.filter(**scope).exclude(Exists(ArticleTerm.objects.filter(article=OuterRef("pk"))))
    return batches(new.order_by("published_at", "pk").values_list("pk", flat=True))


def look_at(article_ids: Iterable[int]) -> list[Suggestion]:
    """Make articles known to later ones, and suggest a story to those that have none and a duplicate to all.

    In the order of time, each in a transaction of its own, so that editors can save meanwhile. Returns the
    suggestions made.
    """
    made = []
    rows = Article.objects.filter(pk__in=list(article_ids)).only(*READ).order_by("published_at", "pk")
    for article in rows:
        with transaction.atomic():
            features, addresses = _features(article), _addresses(article)
            made += _suggest(article, features, addresses)
            _remember(article, features, addresses)
    return made


def _features(article: Article) -> Features:
    return _terms(article.title, article.excerpt, article.web_url)


_terms = lru_cache(maxsize=2000)(similarity.terms)  # those of a window are looked at again and again


def _addresses(article: Article) -> set[int]:
    keys = similarity.duplicate_keys(article.web_url, article.amp_web_url, article.cdn_amp_web_url)
    return {term_key(f"//{key}") for key in keys}


def _remember(article: Article, features: Features, addresses: set[int]) -> None:
    ArticleTerm.objects.filter(article=article).delete()
    terms = {EVERY, *map(term_key, features.telling), *addresses}
    bulk.insert(
        ArticleTerm, ("article", "term", "published_at"), ((article.pk, term, article.published_at) for term in terms)
    )


def _suggest(article: Article, features: Features, addresses: set[int]) -> list[Suggestion]:
    """Suggestions for an article, stored. Those that were decided on before stay as they are."""
    found = [_of_page(article, other) for other in _same_page(article, addresses)]
    alike = _alike(article, features)
    for other, evidence, copied in alike:
        if copied and other.pk not in {suggestion.other_id for suggestion in found}:
            found.append(_made(Kind.DUPLICATE, article, other, evidence.confidence, f"a copy: {evidence}"))
    if article.story_id is None:
        found += _of_stories(article, [(other, evidence) for other, evidence, _ in alike])
    Suggestion.objects.bulk_create(found, ignore_conflicts=True, batch_size=BATCH)
    return found


def _made(kind: str, article: Article, other: Article, confidence: float, evidence: str) -> Suggestion:
    return Suggestion(kind=kind, article=article, other=other, confidence=round(confidence, 3), evidence=evidence)


def _of_page(article: Article, other: Article) -> Suggestion:
    return _made(Kind.DUPLICATE, article, other, 1.0, "the same page, by its address")


def _same_page(article: Article, addresses: set[int]) -> list[Article]:
    """Articles with an address in common, those of an AMP cache included."""
    ids = ArticleTerm.objects.filter(term__in=addresses).exclude(article=article).values("article")
    return list(Article.objects.filter(pk__in=ids).only(*READ)[:KEPT]) if addresses else []


def _alike(article: Article, features: Features) -> list[tuple[Article, Evidence, bool]]:
    """Articles of its time that share words with it, most alike first, and whether one is a copy of the other."""
    at = article.published_at
    counts = _counts(features, at)
    idf = _idf(counts)
    ids = _candidates(article, features, counts, idf)
    there = {other.pk: other for other in Article.objects.filter(pk__in=ids, removed=False).only(*READ)}
    theirs = {pk: _features(other) for pk, other in there.items()}
    others = ((pk, theirs[pk], other.published_at) for pk, other in there.items())
    return [
        (there[pk], evidence, similarity.copied(features, theirs[pk], evidence.days))
        for pk, evidence in similarity.ranked(features, at, others, idf)
    ]


def _window(at: datetime) -> tuple[datetime, datetime]:
    return at - similarity.WINDOW, at + similarity.WINDOW


def _counts(features: Features, at: datetime) -> dict[int, int]:
    """How many articles of the window have each of the terms."""
    terms = [EVERY, *map(term_key, features.telling)]
    rows = ArticleTerm.objects.filter(term__in=terms, published_at__range=_window(at)).values("term")
    return dict(rows.annotate(number=Count("pk")).values_list("term", "number"))


def _idf(counts: dict[int, int]) -> Idf:
    return Rarities(lambda word: counts.get(term_key(word), 0)).__getitem__


def _candidates(article: Article, features: Features, counts: dict[int, int], idf: Idf) -> list[int]:
    """Those that share the rarest words: as many postings are read as similarity allows."""
    left = similarity.LOOKED_AT
    weights: dict[int, float] = defaultdict(float)
    for word in sorted(features.telling, key=lambda word: (-idf(word), word)):
        term = term_key(word)
        if counts.get(term) and left > 0:
            rows = ArticleTerm.objects.filter(term=term, published_at__range=_window(article.published_at))
            for pk in rows.order_by("-published_at").values_list("article_id", flat=True)[:left]:
                weights[pk] += idf(word) ** 2
            left -= counts[term]
    weights.pop(article.pk, None)
    return sorted(weights, key=lambda pk: (-weights[pk], pk))[: similarity.COMPARED]


def _of_stories(article: Article, alike: list[tuple[Article, Evidence]]) -> list[Suggestion]:
    """The stories that it is most likely of, each by the article there that is most like it."""
    decided = Suggestion.objects.filter(article=article, kind=Kind.STORY, state=State.REJECTED)
    rejected = set(decided.values_list("other__story", flat=True)) - {None}
    members: dict[Any, list[tuple[Article, Evidence]]] = defaultdict(list)
    for other, evidence in alike:
        if other.story_id not in rejected:
            members[other.story_id or -other.pk].append((other, evidence))
    found = []
    scores = {
        key: similarity.story_score(evidence.confidence for _, evidence in pairs) for key, pairs in members.items()
    }
    for key in sorted(members, key=lambda key: -scores[key])[:KEPT]:
        other, evidence = members[key][0]
        if evidence.confidence >= similarity.SUGGESTED:
            found.append(_made(Kind.STORY, article, other, evidence.confidence, str(evidence)))
    return found


# What becomes of them


def group_sure_ones(made: Iterable[Suggestion]) -> int:
    """Let articles join stories where that is sure enough, if the setting says so. Returns how many did."""
    joined = 0
    if settings.NEWSROOM_AUTOMATIC_STORIES:
        for suggestion in made:
            sure = suggestion.kind == Kind.STORY and suggestion.confidence >= similarity.AUTOMATIC
            stored = sure and Suggestion.objects.filter(
                kind=Kind.STORY, article=suggestion.article_id, other=suggestion.other_id, state=State.OPEN
            )
            if stored and (found := stored.first()) and Article.objects.get(pk=found.article_id).story_id is None:
                accept(found, None)
                joined += 1
    return joined


@transaction.atomic
def accept(suggestion: Suggestion, user: Any) -> StoryAction | None:
    """Put the article into the other's story, or into a new one with it; of a duplicate, remove it from readers.

    Raises ValueError if it was decided on before, and StoryError if both are in stories of their own by now.
    """
    suggestion = _undecided(suggestion)
    action = None
    if suggestion.kind == Kind.DUPLICATE:
        decisions.store(suggestion.article, {"removed": True, "published": False}, user)
    else:
        reason = f"suggested: {suggestion.evidence}, confidence {suggestion.confidence:.2f}"
        action = editing.gather([suggestion.other, suggestion.article], user, reason)
    _decide(suggestion, State.ACCEPTED, user)
    others = Suggestion.objects.filter(article=suggestion.article, state=State.OPEN)
    others.update(state=State.IGNORED, decided_at=timezone.now(), decided_by=user)
    return action


def reject(suggestion: Suggestion, user: Any) -> None:
    """Remember that the two are not one: it is not suggested again. Raises ValueError if decided on before."""
    _decide(_undecided(suggestion), State.REJECTED, user)


def ignore(suggestion: Suggestion, user: Any) -> None:
    """Take it from the list, without a verdict. Raises ValueError if decided on before."""
    _decide(_undecided(suggestion), State.IGNORED, user)


def _undecided(suggestion: Suggestion) -> Suggestion:
    found = Suggestion.objects.select_for_update(of=["self"]).select_related("article__source", "other__source")
    stored = found.get(pk=suggestion.pk)
    if stored.state != State.OPEN:
        raise ValueError(f"it was {stored.get_state_display()} before")
    return stored


def _decide(suggestion: Suggestion, state: str, user: Any) -> None:
    suggestion.state, suggestion.decided_at, suggestion.decided_by = state, timezone.now(), user
    suggestion.save(update_fields=["state", "decided_at", "decided_by"])
