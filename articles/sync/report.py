"""What an import did, for a person and for a program."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Count

from ..models import Article, ArticleTopic, Source
from ..text.plain import counted
from .found import FileWarning, Rejection
from .merging import Difference
from .reading import Reading

MAX_FIRST = 20  # created articles that are named


@dataclass
class Report:
    """The counts of an import. `files` is the sum of created, updated, unchanged and rejected ones."""

    files: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[FileWarning] = field(default_factory=list)
    stories: int = 0
    topics: int = 0
    providers: int = 0
    gone: int = 0  # articles whose files were not there any more
    retired: list[str] = field(default_factory=list)  # the paths of those of them that were retired
    seconds: float = 0.0
    differences: list[Difference] | None = None  # of a dry run: what it would change in known articles
    first: list[tuple[str, str, str]] = field(default_factory=list)  # created ones: path, title, address

    def name_first(self, readings: Iterable[Reading]) -> None:
        """Note the first articles that were created, for people."""
        new = [r for r in readings if r.stored is None][: MAX_FIRST - len(self.first)]
        self.first += [(r.file.path, r.values["title"], r.values.get("web_url", "")) for r in new]

    def count(self, sources: list[Source]) -> None:
        """Count what these sites have now: stories of two or more articles, topics and providers in use."""
        articles = Article.objects.filter(source__in=sources)
        sizes = articles.exclude(story=None).values("story").annotate(size=Count("pk"))
        self.stories = sizes.filter(size__gte=2).count()
        self.topics = ArticleTopic.objects.filter(content_object__in=articles).values("tag").distinct().count()
        self.providers = articles.values("provider").distinct().count()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--report` writes."""
        found = asdict(self) | {"retired": len(self.retired)}
        for name in ("rejected", "warnings"):
            found[name] = [remark.as_json() for remark in getattr(self, name)]
        hidden = {"first"} | ({"differences"} if self.differences is None else set())
        return {name: value for name, value in found.items() if name not in hidden}

    def __str__(self) -> str:
        more = f", {counted(len(self.warnings), 'warning')}" if self.warnings else ""
        more += f", {self.gone} gone" if self.gone else ""
        more += f", {len(self.retired)} retired" if self.retired else ""
        return (
            f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged,"
            f" {len(self.rejected)} rejected, {counted(self.conflicts, 'new conflict')}"
            f"{more};"
            f" {self.stories} stories, {self.topics} topics, {self.providers} providers; {self.seconds:.1f} s"
        )
