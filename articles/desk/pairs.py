"""Suggestions one by one: which comes next for a person, what the two articles share, and what deciding will do."""

import difflib
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..admin.presentation import link_of
from ..models import Article, Postponed, Suggestion
from ..provenance import values
from ..stories import leads
from ..suggestions import duplicates, similarity
from ..text.plain import plain
from .queues import MOST

MAX_WORDS = 400  # of a text that is compared: comparing longer ones takes long
ALIKE = 0.4  # the share of words from which on those that differ are marked
WORD = re.compile(r"\s*\S+")
LETTERS = re.compile(r"\w{4,}")
Kind, State = Suggestion.Kind, Suggestion.State
KINDS = {
    "": gettext_lazy("All"),
    Kind.STORY.value: gettext_lazy("Stories"),
    Kind.DUPLICATE.value: gettext_lazy("Duplicates"),
}


@dataclass(frozen=True)
class Queue:
    """The open suggestions of a kind, or of all, in the order of a person: what they want to decide later is last."""

    user: Any
    kind: str = ""

    def first(self) -> int | None:
        return self._fresh().values_list("pk", flat=True).first() or self._first_postponed()

    def number(self) -> int:
        """Return how many there are, up to MOST."""
        return int(self._open().order_by()[:MOST].count())

    def after(self, one: Suggestion) -> int | None:
        """Return the suggestion that comes after one, also if that is decided; None if it is the last."""
        if mine := self._postponed().filter(suggestion=one).first():
            later = self._postponed().filter(Q(at__gt=mine.at) | Q(at=mine.at, pk__gt=mine.pk))
            return later.values_list("suggestion", flat=True).first()
        below = Q(confidence__lt=one.confidence) | Q(confidence=one.confidence, pk__lt=one.pk)
        return self._fresh().filter(below).values_list("pk", flat=True).first() or self._first_postponed()

    def before(self, one: Suggestion) -> int | None:
        """Return the suggestion that comes before one; None if it is the first."""
        fresh = self._fresh().order_by("confidence", "pk").values_list("pk", flat=True)
        if mine := self._postponed().filter(suggestion=one).first():
            earlier = self._postponed().filter(Q(at__lt=mine.at) | Q(at=mine.at, pk__lt=mine.pk))
            return earlier.order_by("-at", "-pk").values_list("suggestion", flat=True).first() or fresh.first()
        return fresh.filter(Q(confidence__gt=one.confidence) | Q(confidence=one.confidence, pk__gt=one.pk)).first()

    def _open(self) -> Any:
        rows = Suggestion.objects.filter(state=State.OPEN)
        return rows.filter(kind=self.kind) if self.kind else rows

    def _fresh(self) -> Any:
        return self._open().exclude(Exists(Postponed.objects.filter(user=self.user, suggestion=OuterRef("pk"))))

    def _postponed(self) -> Any:
        rows = Postponed.objects.filter(user=self.user, suggestion__state=State.OPEN)
        return (rows.filter(suggestion__kind=self.kind) if self.kind else rows).order_by("at", "pk")

    def _first_postponed(self) -> int | None:
        found: int | None = self._postponed().values_list("suggestion", flat=True).first()
        return found


@dataclass
class Side:
    """One of the two articles: the row, and its texts with the words marked that tell."""

    article: Any
    number: int
    title: SafeString
    excerpt: SafeString

    @property
    def link(self) -> str:
        return link_of(self.article)


@dataclass
class Pair:
    """A suggestion, with both articles, which are called 1 and 2, and what each answer will do, in words."""

    suggestion: Suggestion
    sides: list[Side]
    join: str = ""  # why they cannot become one story; empty if they can
    joined: str = ""
    kept: int = 0  # which of the two is kept if nobody chooses: 1 or 2
    keeps: tuple[str, str] = ("", "")

    @property
    def is_duplicate(self) -> bool:
        return self.suggestion.kind == Kind.DUPLICATE

    @property
    def default(self) -> str:
        """What accepting does, in words."""
        return self.keeps[self.kept - 1] if self.is_duplicate else self.joined

    @property
    def percent(self) -> str:
        return f"{self.suggestion.confidence:.0%}"

    @property
    def why(self) -> str:
        return self.suggestion.evidence[:1].upper() + self.suggestion.evidence[1:]


def load(suggestions: Any) -> list[Pair]:
    """Return suggestions as pairs, in their order, with all that their pages show."""
    found = list(suggestions)
    ids = {pk for one in found for pk in (one.article_id, one.other_id)}
    rows = Article.objects.with_images().select_related("source", "provider", "story__lead")
    articles = rows.in_bulk(ids)
    for one in found:
        one.article, one.other = articles[one.article_id], articles[one.other_id]
    doubles = [one for one in found if one.kind == Kind.DUPLICATE]
    both = {pk: articles[pk] for one in doubles for pk in (one.article_id, one.other_id)}
    has = values.from_rows(both.values())
    return [_pair(one, has) for one in found]


def _pair(one: Suggestion, has: dict[int, Any]) -> Pair:
    both: list[Any] = [one.article, one.other]
    titles = _marked(both[0].title, both[1].title, one.kind)
    excerpts = _marked(plain(both[0].excerpt), plain(both[1].excerpt), one.kind)
    pair = Pair(one, [Side(both[n], n + 1, titles[n], excerpts[n]) for n in (0, 1)])
    kept, why = both[0], ""
    if pair.is_duplicate:
        kept, _other, why = duplicates.better(both[0], both[1], has)
    pair.kept = 1 if kept.pk == both[0].pk else 2
    reasons = (why, "") if pair.kept == 1 else ("", why)
    pair.keeps = (_keeping(both[0], both[1], (1, 2), reasons[0]), _keeping(both[1], both[0], (2, 1), reasons[1]))
    pair.joined, pair.join = _joining(one.article, one.other)
    return pair


def _joining(article: Any, other: Any) -> tuple[str, str]:
    """Return what putting both into one story does, and why it is impossible if it is."""
    if article.story_id and article.story_id == other.story_id:
        return "", _("Both are in the same story already.")
    if article.story_id and other.story_id:
        return "", _("Both are in stories of their own. The next page shows what merging these does.")
    story = other.story or article.story
    number, joins = (1, article) if other.story else (2, other)
    able = [one for one in ((story.lead, joins) if story else (article, other)) if one and not one.removed]
    lead = leads.first_to_lead(story, able) if able else None
    names = {article.pk: "1", other.pk: "2"}
    led = " " + _("%(lead)s leads it.") % {"lead": names.get(lead.pk, f"“{lead}”")} if lead else ""
    if story is None:
        return _("1 and 2 become a new story.") + led, ""
    words = {"number": number, "story": story, "size": story.coverage + 1}
    return _("%(number)s joins the story “%(story)s”, which then has %(size)s.") % words + led, ""


def _keeping(kept: Any, removed: Any, numbers: tuple[int, int], why: str) -> str:
    """Return what keeping one of two articles does, in words. `why` is why it is the better, if it is."""
    words = {"kept": numbers[0], "removed": numbers[1], "why": _(why) if why else "", "story": removed.story}
    if kept.removed:
        return _("%(kept)s is removed already, so it cannot be kept: restore it first.") % words
    parts = [_("%(kept)s stays: %(why)s.") if why else _("%(kept)s stays.")]
    parts.append(_("%(removed)s is removed, and its address leads to %(kept)s."))
    if removed.is_public and not kept.published:
        parts.append(_("%(kept)s is published."))
    if removed.story and not kept.story_id:
        parts.append(_("%(kept)s joins the story “%(story)s”."))
    elif removed.story and removed.story_id != kept.story_id and removed.leads_story:
        parts.append(_("The next best article leads “%(story)s”."))
    return " ".join(part % words for part in parts)


def _marked(one: str, other: str, kind: str) -> tuple[SafeString, SafeString]:
    """Return two texts as HTML: of duplicates the words that differ are marked, of one story those that both have."""
    words, others = WORD.findall(one), WORD.findall(other)
    if max(len(words), len(others)) > MAX_WORDS:
        return format_html("{}", one), format_html("{}", other)
    if kind == Kind.STORY:
        shared = set(similarity.words(one)) & set(similarity.words(other))
        tells = [[bool(shared & {*LETTERS.findall(word.lower())}) for word in some] for some in (words, others)]
    else:
        matcher = difflib.SequenceMatcher(None, _bare(words), _bare(others), autojunk=False)
        is_alike = matcher.ratio() >= ALIKE  # else nearly all is different, and marks tell nothing
        tells = [[is_alike] * len(words), [is_alike] * len(others)]
        for a, b, size in matcher.get_matching_blocks():
            tells[0][a : a + size] = tells[1][b : b + size] = [False] * size
    return _html(words, tells[0]), _html(others, tells[1])


def _bare(words: list[str]) -> list[str]:
    return [word.strip().casefold() for word in words]


def _html(words: list[str], tells: list[bool]) -> SafeString:
    return format_html_join(
        "",
        "{}{}",
        (
            (" " if word[0].isspace() else "", format_html("<mark>{}</mark>", word.strip()) if told else word.strip())
            for word, told in zip(words, tells, strict=True)
        ),
    )
