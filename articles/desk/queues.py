"""What waits for editors: how much of it, and since when. Counts stop at MOST."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, IntegerField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Action, Article, ArticleImage, Conflict, ImportRun, Issue, Mark, State, Suggestion, Visit, timing
from ..templatetags.articles import grouped
from .filters import mine

MOST = 1000  # that are counted
GROWING = 2  # articles of a day, from which a story grows
MAX_STORIES, MAX_ACTIONS, MAX_RUNS = 8, 10, 20  # that are shown; imports that are looked at
DAY = timedelta(days=1)
PAUSE = timedelta(minutes=30)  # after which a person comes back
FIRST = timedelta(days=7)  # what a first visit looks back


@dataclass(frozen=True)
class Queue:
    """What waits: its name, the number, the moment of the oldest if that is told, and the address of its list."""

    name: str
    number: int
    oldest: datetime | None
    address: str

    @property
    def said(self) -> str:
        """The number in words."""
        return _("%(number)s or more") % {"number": grouped(MOST)} if self.number >= MOST else grouped(self.number)


def queues(user: Any) -> list[Queue]:
    """Return what waits, as far as a person may look at it, in two queries."""
    shown = [waiting for model, waiting in _waiting(user) if sees(user, model)]
    counts = _counts([(rows, moment) for _, rows, moment, _ in shown]) if shown else []
    found = [
        Queue(name, number, oldest if name != str(State.SCHEDULED.label) else None, address)
        for (name, _, _, address), (number, oldest) in zip(shown, counts, strict=True)
    ]
    return [*found, _rejected()] if sees(user, "importrun") else found


def _waiting(user: Any) -> Iterator[tuple[str, tuple[str, Any, str, str]]]:
    """Yield whose right each queue takes; and its name, its rows, the column of their age, and its list's address."""
    triage, now = reverse("desk_triage"), timezone.now()
    new = Mark.objects.filter(state=Mark.State.NEW).order_by("article_id")
    scheduled = Article.objects.in_state(State.SCHEDULED, now)
    unsent = Issue.objects.filter(state=Issue.State.BUILT, date__gt=now - FIRST)
    suggested = Suggestion.objects.filter(state=Suggestion.State.OPEN)
    broken = ArticleImage.broken()
    yield "article", (_("New from imports"), new, "at", triage)
    yield "article", (_("For later, yours"), mine(user), "at", f"{triage}?mark=later")
    yield "conflict", (_("Conflicts"), Conflict.objects.open(), "raised_at", _list("conflict"))
    yield "suggestion", (_("Suggestions"), suggested, "made_at", reverse("desk_suggestions"))
    yield (
        "article",
        (str(State.SCHEDULED.label), scheduled, "published_at", f"{triage}?mark=all&state={State.SCHEDULED}"),
    )
    yield "article", (_("Broken pictures"), broken, "article__created_at", f"{triage}?mark=all&picture=broken")
    yield "issue", (_("Newsletter to send"), unsent, "built_at", _list("issue"))


def _counts(queried: list[tuple[Any, str]]) -> list[tuple[int, datetime | None]]:
    """Return the number of rows of each query, up to MOST, and the earliest moment of these, in one statement."""
    parts, values = [], []
    for place, (rows, moment) in enumerate(queried):
        rows = rows if rows.query.order_by else rows.order_by()
        sql, given = rows.annotate(since=F(moment)).values("since")[:MOST].query.sql_with_params()
        parts.append(f"SELECT {place} AS place, COUNT(*), MIN(since) FROM ({sql}) AS of_{place}")  # noqa: S608
        values += given
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY place", values)
        return [(number, _moment(oldest)) for _, number, oldest in cursor.fetchall()]


def _moment(value: Any) -> datetime | None:
    """Return a moment as the database gave it: SQLite has texts."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value


def sees(user: Any, model: str) -> bool:
    """Return whether a person may look at the rows of a model, as the admin decides it."""
    return bool(user.has_perm(f"articles.view_{model}") or user.has_perm(f"articles.change_{model}"))


def _list(model: str) -> str:
    return reverse(f"admin:articles_{model}_changelist")


class Length(Func):
    """The number of items in a list of JSON."""

    function, output_field = "json_array_length", IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> Any:
        return self.as_sql(compiler, connection, function="jsonb_array_length", **options)


def _rejected() -> Queue:
    """Count the files that the last import of each site rejected, and lead to the one that rejected most."""
    runs = ImportRun.objects.order_by("-pk").annotate(number=Length("rejected"))[:MAX_RUNS]
    last: dict[str, Any] = {}
    for run in runs.values("pk", "sources", "started_at", "number"):
        last.setdefault(" ".join(run["sources"]), run)
    bad = sorted((run for run in last.values() if run["number"]), key=lambda run: -run["number"])
    address = reverse("admin:articles_importrun_change", args=[bad[0]["pk"]]) if bad else _list("importrun")
    oldest = min((run["started_at"] for run in bad), default=None)
    return Queue(_("Rejected files"), sum(run["number"] for run in bad), oldest, address)


def growing() -> list[dict[str, Any]]:
    """Return the stories that got most articles within a day: the id, the name, and how many they have and got.

    Articles count whether or not they are published, but not those that are removed, ended or still to come.
    """
    now = timezone.now()
    recent = Article.objects.filter(timing.in_time(now), published_at__gt=now - DAY, removed=False).exclude(story=None)
    names = {"headline": F("story__headline"), "lead_title": F("story__lead__title"), "size": F("story__coverage")}
    counts = recent.order_by().values("story", **names).annotate(grown=Count("pk"))
    most: list[Any] = list(counts.filter(grown__gte=GROWING).order_by("-grown", "-story")[:MAX_STORIES])
    leading = Article.objects.published(now).leading(now).filter(story__in=[row["story"] for row in most])
    titles = dict(leading.order_by().values_list("story", "title"))
    for row in most:
        unnamed = _("Story %(number)s") % {"number": row["story"]}
        row["name"] = row["headline"] or titles.get(row["story"]) or row["lead_title"] or unnamed
    return most


def of_others(user: Any, since: datetime) -> list[Action]:
    """Return what others did since a moment, newest first, without what they only marked."""
    done = Action.objects.filter(is_begun=True, at__gt=since).exclude(kind=Action.Kind.MARK)
    return list(done.exclude(user=user).select_related("user")[:MAX_ACTIONS])


def visit(user: Any) -> datetime:
    """Note that a person is at the desk. Return the moment of the last time before this one."""
    now = timezone.now()
    found = Visit.objects.filter(user=user).first() or Visit(user=user, at=now - 2 * PAUSE, before=now - FIRST)
    if now - found.at > PAUSE:
        found.before = found.at if found.pk else found.before
    if now - found.at > timedelta(minutes=1):
        found.at = now
        if found.pk:
            found.save()
        else:
            Visit.objects.bulk_create([found], ignore_conflicts=True)  # of two first requests, one stores it
    return found.before
