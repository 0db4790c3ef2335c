"""Suggest which story an article belongs to, and which article it repeats; apply what editors decide.

The words of titles and the addresses of pages are in a table (`ArticleTerm`), so a new article is compared only with
those around its date that share words with it. The cost does not depend on the size of the archive.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from ..db import bulk
from ..db.bulk import BATCH, batches
from ..models import Action, Article, ArticleTerm, RelatedLink, Story, Suggestion
from ..stories import editing
from ..stories.actions import Record, quoted, recorded
from ..text import digests
from . import duplicates, similarity
from .similarity import Evidence, Features

MAX_REASON = 500  # characters of an action's reason
KEPT = 3  # stories suggested for one article at most, and pages that it may repeat
NAMED, LOOKED = 10, 10_000  # articles with an address that are named; newest of an outlet that are looked at for it
COMPARED = 30  # articles that one is compared with at most
SEEN = digests.number("")  # a term of every article, so that one without words is not looked at again
READ = ("pk", "title", "excerpt", "web_url", "amp_web_url", "cdn_amp_web_url", "published_at", "story_id")
Alike = list[tuple[Article, Evidence]]
Kind, State = Suggestion.Kind, Suggestion.State


def waiting(**scope: Any) -> Iterable[list[int]]:
    """Return batches of ids of the articles that were not looked at yet, oldest first. `scope` filters them."""
    new = Article.objects.filter(**scope).exclude(Exists(ArticleTerm.objects.filter(article=OuterRef("pk"))))
    return batches(new.order_by("published_at", "pk").values_list("pk", flat=True))


def look_at(article_ids: Iterable[int]) -> list[Suggestion]:
    """Suggest stories for those of the articles that have none, and duplicates for all. Return the suggestions.

    Oldest first, each in a transaction of its own so that editors can save meanwhile. Later articles are compared
    with these from now on.
    """
    made = []
    rows = Article.objects.filter(pk__in=list(article_ids)).only(*READ).order_by("published_at", "pk")
    for article in rows:
        with transaction.atomic():
            made += _suggest(article)
            remember(article)
    return made


def remember(article: Article) -> None:
    """Store the words and addresses by which later articles find this one."""
    terms = {SEEN, *map(digests.number, _features(article).title), *_addresses(article)}
    ArticleTerm.objects.filter(article=article).delete()
    values = ((article.pk, term, article.published_at) for term in terms)
    bulk.insert(ArticleTerm, ("article", "term", "published_at"), values)


def _features(article: Article) -> Features:
    return similarity.features(article.title, article.excerpt, article.web_url)


def _addresses(article: Article) -> set[int]:
    keys = similarity.duplicate_keys(article.web_url, article.amp_web_url, article.cdn_amp_web_url)
    return {digests.number(f"//{key}") for key in keys}


def same_page(article: Article) -> Article | None:
    """Return another article of the site with the same page, or None."""
    return next(iter(with_page(article).filter(source=article.source)[:1]), None)


def with_page(article: Article) -> Any:
    """Return the other articles of all sites with the same page.

    It finds those that were looked at, and else those with the very address among the newest of its outlet.
    """
    same = ArticleTerm.objects.filter(term__in=_addresses(article)).exclude(article=article.pk)
    ids = set(same.values_list("article", flat=True)[:NAMED])
    if not ids:
        hosts = [re.split("[/?]", key)[0] for key in similarity.duplicate_keys(article.web_url)]
        newest = Article.objects.filter(provider__domain__in=hosts).order_by("-published_at").values("pk")[:LOOKED]
        there = Article.objects.filter(pk__in=newest, web_url=article.web_url).exclude(pk=article.pk)
        ids = set(there.order_by().values_list("pk", flat=True)[:NAMED])
    return Article.objects.filter(pk__in=ids).order_by("pk")


def _suggest(article: Article) -> list[Suggestion]:
    """Store suggestions for an article and return them. Those decided on before stay as they are."""
    alike = _alike(article)
    found = _duplicates(article, alike)
    if article.story_id is None:
        found += _stories(article, alike)
    different = _told_apart(article)
    found = [made for made in found if made.other_id not in different]
    Suggestion.objects.bulk_create(found, ignore_conflicts=True, batch_size=BATCH)
    return found


def _told_apart(article: Article) -> set[int]:
    """Return the articles that an editor said to be different from one, whichever of the two was suggested first."""
    pairs = Suggestion.objects.filter(Q(article=article) | Q(other=article), state=State.REJECTED)
    return {pk for pair in pairs.values_list("article", "other") for pk in pair} - {article.pk}


def _alike(article: Article) -> Alike:
    """Return articles around its date that share words with it, with the evidence, the most alike first."""
    features = _features(article)
    at = article.published_at
    around = ArticleTerm.objects.filter(published_at__range=(at - similarity.WINDOW, at + similarity.WINDOW))
    postings = around.filter(term__in=list(map(digests.number, features.title))).exclude(article=article)
    counts = postings.values("article").annotate(shared=Count("pk")).filter(shared__gte=similarity.LEAST_SHARED)
    ids = counts.order_by("-shared", "-article").values("article")[:COMPARED]
    found = []
    for other in Article.objects.filter(pk__in=ids, removed=False).only(*READ).order_by("pk"):
        days = abs(at - other.published_at) / timedelta(days=1)
        found.append((other, similarity.compare(features, _features(other), days)))
    return sorted(found, key=lambda pair: -pair[1].confidence)


def _duplicates(article: Article, alike: Alike) -> list[Suggestion]:
    """Return suggestions of articles with an address of the same page, and of copies."""
    same = ArticleTerm.objects.filter(term__in=_addresses(article)).exclude(article=article).values("article")
    pages = list(Article.objects.filter(pk__in=same, removed=False).only("pk")[:KEPT])
    found = [_made(Kind.DUPLICATE, article, other, 1.0, "the same page, by its address") for other in pages]
    copies = [(other, evidence) for other, evidence in alike if evidence.copied and other not in pages]
    return found + [_made(Kind.DUPLICATE, article, other, e.confidence, f"a copy: {e}") for other, e in copies]


def _stories(article: Article, alike: Alike) -> list[Suggestion]:
    """Return suggestions of the likeliest stories, each by its article that is most like this one."""
    decided = Suggestion.objects.filter(article=article, kind=Kind.STORY, state=State.REJECTED)
    rejected = set(decided.values_list("other__story", flat=True)) - {None}
    found: dict[int, Suggestion] = {}
    for other, evidence in alike:
        story = other.story_id or -other.pk  # an article without a story may begin one
        if evidence.confidence >= similarity.SUGGESTED and story not in rejected:
            found.setdefault(story, _made(Kind.STORY, article, other, evidence.confidence, str(evidence)))
    return list(found.values())[:KEPT]


def _made(kind: str, article: Article, other: Article, confidence: float, evidence: str) -> Suggestion:
    return Suggestion(kind=kind, article=article, other=other, confidence=round(confidence, 3), evidence=evidence)


# Decisions


def group_sure_ones(made: Iterable[Suggestion]) -> int:
    """Let articles join stories where the confidence is high enough, if the setting allows it. Return how many did."""
    joined = 0
    if settings.NEWSROOM_AUTOMATIC_STORIES:
        for suggestion in made:
            if suggestion.kind == Kind.STORY and suggestion.confidence >= similarity.AUTOMATIC:
                joined += _join(suggestion)
    return joined


def _join(made: Suggestion) -> bool:
    """Accept a suggestion if it is still open and its article has no story."""
    pair = Suggestion.objects.filter(kind=Kind.STORY, article=made.article_id, other=made.other_id)
    stored = pair.filter(state=State.OPEN, article__story=None).first()
    if stored:
        accept(stored, None)
    return stored is not None


def accept(suggestion: Suggestion, user: Any) -> Action:
    """Put the article into the other's story, or both into a new one; of duplicates, remove the one that is less good.

    Raise ValueError if it was decided on before, and StoryError if both are in stories of their own by now.
    """
    return keep(suggestion, user) if suggestion.kind == Kind.DUPLICATE else join(suggestion, user)


def join(suggestion: Suggestion, user: Any) -> Action:
    """Put both articles into one story. Of a suggestion that they are one article, this says that they are two.

    Raise as `accept` does.
    """
    state = State.ACCEPTED if suggestion.kind == Kind.STORY else State.REJECTED
    with _decided(suggestion, state, user, Action.Kind.ACCEPT) as (suggestion, record):
        action, about = record.action, Q(article=suggestion.article)
        about &= Q() if suggestion.kind == Kind.STORY else Q(kind=Kind.STORY)
        action.reason = f"suggested: {suggestion.evidence}, confidence {suggestion.confidence:.2f}"[:MAX_REASON]
        action.what = f"Put {quoted(suggestion.article)} into a story with {quoted(suggestion.other)}"
        done = editing.gather([suggestion.other, suggestion.article], user, action.reason)
        action.effects = done.effects
        _close_others(suggestion, about, State.IGNORED, user)
    return action


def keep(suggestion: Suggestion, user: Any, chosen: Article | None = None) -> Action:
    """Keep one of two articles that are one: the chosen one, or else the better. Raise as `accept` does.

    Of a suggestion that they tell one story, this says more: they are the same article.
    """
    state = State.ACCEPTED if suggestion.kind == Kind.DUPLICATE else State.IGNORED
    with _decided(suggestion, state, user, Action.Kind.ACCEPT) as (suggestion, record):
        about = _keep_one(suggestion, record, chosen)
        if suggestion.kind == Kind.STORY:  # the removed one's address leads to the other by this
            said: dict[str, Any] = {"confidence": 1.0, "evidence": "an editor said so", "state": State.ACCEPTED}
            said |= {"decided_at": timezone.now(), "decided_by": user}
            pair: dict[str, Any] = {"article": suggestion.article, "other": suggestion.other, "kind": Kind.DUPLICATE}
            Suggestion.objects.update_or_create(defaults=said, **pair)
        _close_others(suggestion, about, State.IGNORED, user)
    return record.action


def _close_others(suggestion: Suggestion, about: Q, state: str, user: Any) -> None:
    others = Suggestion.objects.filter(about, state=State.OPEN).exclude(pk=suggestion.pk)
    others.update(state=state, decided_at=timezone.now(), decided_by=user)


def _keep_one(suggestion: Suggestion, record: Record, chosen: Article | None) -> Q:
    """Keep one of two duplicates. Return which suggestions are about the other."""
    pair = [suggestion.article, suggestion.other]
    record.watch(RelatedLink.objects.filter(target__in=pair))
    record.watch(Story.objects.filter(pk__in=[article.story_id for article in pair if article.story_id]))
    done = duplicates.keep_one(pair[0], pair[1], record.action.user, chosen)
    kept, removed = (f"{quoted(one)} ({one.provider.name})" for one in (done.kept, done.removed))
    leads_now = f"; {quoted(done.leads_now)} leads the story of the removed one now" if done.leads_now else ""
    record.action.what = f"Kept {kept}, removed its duplicate {removed}{leads_now}"
    return Q(article=done.removed) | Q(other=done.removed)


def reject(suggestion: Suggestion, user: Any) -> Action:
    """Remember that these two are different, so that they are not suggested again, in whatever way.

    Raise ValueError if decided on before.
    """
    with _decided(suggestion, State.REJECTED, user) as (suggestion, record):
        ids = (suggestion.article_id, suggestion.other_id)
        _close_others(suggestion, Q(article__in=ids, other__in=ids), State.REJECTED, user)
    return record.action


def ignore(suggestion: Suggestion, user: Any) -> Action:
    """Take it off the list without a verdict. Raise ValueError if decided on before."""
    with _decided(suggestion, State.IGNORED, user) as (_, record):
        pass
    return record.action


KINDS = {
    State.ACCEPTED: Action.Kind.ACCEPT,
    State.REJECTED: Action.Kind.REJECT,
    State.IGNORED: Action.Kind.IGNORE,
}


@contextmanager
def _decided(
    suggestion: Suggestion, state: Suggestion.State, user: Any, kind: str = ""
) -> Iterator[tuple[Suggestion, Record]]:
    """Record what the block does as a decision about a suggestion, and store the decision."""
    action = Action(kind=kind or KINDS[state], user=user)
    with recorded(action) as record:
        suggestion = _undecided(suggestion)
        alike = f"{quoted(suggestion.article)} is {suggestion.get_kind_display()} as {quoted(suggestion.other)}"
        action.what = f"{state.label.capitalize()} that {alike}"
        record.about(Suggestion, [suggestion.pk])
        record.watch_articles([suggestion.article_id, suggestion.other_id])
        yield suggestion, record
        suggestion.state, suggestion.decided_at, suggestion.decided_by = state, timezone.now(), user
        suggestion.save(update_fields=["state", "decided_at", "decided_by"])


def _undecided(suggestion: Suggestion) -> Suggestion:
    found = Suggestion.objects.select_for_update(of=["self"]).select_related(
        "article__source", "article__story", "article__provider", "other__source", "other__story", "other__provider"
    )
    stored = found.get(pk=suggestion.pk)
    if stored.state != State.OPEN:
        raise ValueError(f"it was {stored.get_state_display()} before")
    return stored
