"""Files to rows: in batches, each whole or not at all; then the stories of what changed.

A file whose bytes are those last imported for its path is not even parsed. One that differs only in what
is secured or in its line ends leaves its article alone. Else its values replace the article's: a key that
is absent clears the column, except that a file without quality, heat or published keeps the stored ones,
since the source sometimes writes such a version and restores it with the next.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from time import monotonic

from django.db import transaction
from django.db.models import Count

from . import addresses, frontmatter, stories
from .files import FoundFile, Rejection
from .frontmatter import Document, FrontMatterError, Kind
from .models import (
    Article,
    ArticleImage,
    ArticleTopic,
    ImportedFile,
    Picture,
    Provider,
    ProviderImage,
    Source,
    Topic,
)
from .querysets import BATCH

DEFAULT_SOURCE = "default"
COLUMNS = (
    "category", "title", "excerpt", "published_at", "original_url", "web_url", "amp_web_url", "cdn_amp_web_url",
    "type", "quality", "heat", "removed", "published", "featured_content",
)  # fmt: skip
KEPT_WHEN_ABSENT = ("quality", "heat", "published")
UPDATED_COLUMNS = [*COLUMNS, "provider", "provider_name", "extra", "updated_at"]
TOPIC_COLUMNS = {
    "slug": "", "name": "", "shortname": "", "keywords": [], "hashtags": [], "images": [], "services": {}, "extra": {},
}  # fmt: skip
PROVIDER_COLUMNS = {"name": "", "other_names": [], "description": "", "extra": {}}
IMAGE_COLUMNS = ("url", "width", "height", "is_cached", "title", "attribution", "extra")


@dataclass
class Report:
    """What an import did; `files` and the counts after it are of articles, and of files rejected."""

    files: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    conflicts: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    stories: int = 0
    topics: int = 0
    providers: int = 0
    seconds: float = 0.0

    def as_json(self):
        """For `--report`."""
        return asdict(self)

    def __str__(self):
        return (
            f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged,"
            f" {len(self.rejected)} rejected; {self.stories} stories, {self.topics} topics,"
            f" {self.providers} providers; {self.seconds:.1f} s"
        )


class _DryRunError(Exception):
    """Undoes everything."""


def import_files(found: Iterable[FoundFile | Rejection], source: str | None = None, dry_run: bool = False) -> Report:
    """Import files as they come. `source` overrides the site that each was found in.

    Never raises for what is in a file: that is told in the report.
    """
    started = monotonic()
    run = Run(source)
    if dry_run:
        try:
            with transaction.atomic():
                run.take_all(found)
                raise _DryRunError
        except _DryRunError:
            pass
    else:
        run.take_all(found)
    run.report.seconds = round(monotonic() - started, 3)
    return run.report


@dataclass
class Reading:
    """An article's file that has been read and differs from what was last imported."""

    file: FoundFile
    digest: str
    content_digest: str
    document: Document
    stored: "Stored | None"  # None: a new article

    @property
    def values(self):
        return self.document.values

    @property
    def mention(self):
        return stories.Mention(self.values.get("web_url", ""), self.values.get("related", ()))


@dataclass(frozen=True)
class Stored:
    """What the database knows of an article's file; without digests if the article came from the admin."""

    article_id: int
    digest: str | None
    content_digest: str | None
    story_key: str | None
    grouped_key: str | None

    @property
    def grouped(self):
        return self.story_key == self.grouped_key


class Run:
    """One import: what it has seen so far, and what it still has to do."""

    def __init__(self, source: str | None) -> None:
        self.source_name = source
        self.report = Report()
        self.sources: dict[str, Source] = {}
        self.batch: dict[str, FoundFile] = {}  # by stem, all of one source
        self.batch_source = ""
        self.mentions: dict[str, dict[int, stories.Mention]] = {}
        self.topics: dict[str, int] = {}

    def take_all(self, found: Iterable[FoundFile | Rejection]) -> None:
        for item in found:
            if isinstance(item, Rejection):
                self.reject(item)
            elif item.kind is Kind.ARTICLE:
                self.take_article(item)
            else:
                self.take_taxonomy(item)
        self.write_batch()
        for name, mentions in self.mentions.items():
            if mentions:
                stories.regroup(self.sources[name], mentions)
        self.count()

    def reject(self, rejection: Rejection) -> None:
        self.report.files += 1
        self.report.rejected.append(rejection)

    # Articles

    def take_article(self, file: FoundFile) -> None:
        """Put a file into the batch, writing the batch first if it is full or not for this file."""
        try:
            file.name = file.name or _name(file)
            if not re.match(addresses.STEM, file.name):
                what = "1 to 255 letters, digits, '-', '_' or '.', the first no sign"
                raise FrontMatterError(1, "file name", frontmatter.expected(what, file.name))
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
            return
        source = self.source_name or file.source or DEFAULT_SOURCE
        if source != self.batch_source or file.name in self.batch or len(self.batch) >= BATCH:
            self.write_batch()
        self.batch_source = source
        self.batch[file.name] = file

    def write_batch(self) -> None:
        files, self.batch = self.batch, {}
        if files:
            with transaction.atomic():
                source = self.source(self.batch_source)
                readings = self.read(source, files)
                if readings:
                    self.write(source, readings)

    def source(self, name: str) -> Source:
        if name not in self.sources:
            self.sources[name] = Source.objects.get_or_create(name=name)[0]
            self.mentions[name] = {}
        return self.sources[name]

    def read(self, source: Source, files: dict[str, FoundFile]) -> list[Reading]:
        """The files that say something new, and the counts of all."""
        stored = _stored(source, files)
        readings = []
        for stem, file in files.items():
            was = stored.get(stem)
            digest = _digest(file.data)
            if was and was.digest == digest and was.grouped:
                self.report.files += 1
                self.report.unchanged += 1
            elif reading := self.parse(file, digest, was):
                readings.append(reading)
        return readings

    def parse(self, file: FoundFile, digest: str, was: Stored | None) -> Reading | None:
        try:
            document = frontmatter.parse(file.data)
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
            return None
        self.report.files += 1
        return Reading(file, digest, _content_digest(file.data, document), document, was)

    def write(self, source: Source, readings: list[Reading]) -> None:
        """Write a batch of articles and all that hangs on them."""
        changed = []
        for reading in readings:
            if reading.stored and reading.stored.content_digest == reading.content_digest:
                self.report.unchanged += 1
            else:
                changed.append(reading)
                self.report.updated += bool(reading.stored)
                self.report.created += not reading.stored
        providers = Provider.objects.ensure(
            {printed["domain"]: printed.get("name") for printed in (r.values["provider"] for r in changed)}
        )
        articles = self.write_articles(source, changed, providers)
        _write_logos(source, changed, providers)
        _write_topics(articles, self.topic_ids(changed))
        _replace_images(ArticleImage, "article_id", {article.pk: r.values.get("images", []) for r, article in articles})
        ids = {reading.file.name: reading.stored.article_id for reading in readings if reading.stored}
        ids |= {article.stem: article.pk for _, article in articles}
        _write_files(readings, ids)
        self.mentions[source.name] |= {ids[reading.file.name]: reading.mention for reading in readings}

    def write_articles(
        self, source: Source, readings: list[Reading], providers: dict[str, Provider]
    ) -> list[tuple[Reading, Article]]:
        kept = _kept(readings)
        articles = []
        for reading in readings:
            printed = reading.values["provider"]
            articles.append(
                Article(
                    source=source,
                    stem=reading.file.name,
                    provider=providers[printed["domain"]],
                    provider_name=printed.get("name", ""),
                    extra=_extra(reading.values),
                    **_columns(reading.values, kept.get(reading.stored and reading.stored.article_id, {})),
                )
            )
        Article.objects.bulk_create(
            articles,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["source", "stem"],
            update_fields=UPDATED_COLUMNS,
        )
        return list(zip(readings, articles, strict=True))

    # What surrounds articles

    def topic_ids(self, readings: list[Reading]) -> dict[str, int]:
        """Topics by name; those not there yet are made."""
        for name in dict.fromkeys(name for reading in readings for name in reading.values.get("topics", ())):
            if name not in self.topics:
                self.topics[name] = Topic.objects.ensure(name).pk
        return self.topics

    def take_taxonomy(self, file: FoundFile) -> None:
        """Write a topic's or an organization's file at once: they are few."""
        try:
            values = frontmatter.parse(file.data, file.kind).values
            with transaction.atomic():
                (_write_topic if file.kind is Kind.TOPIC else _write_organization)(file, values)
        except FrontMatterError as error:
            self.reject(Rejection(file.path, error.message, error.line, error.key))
        self.topics.clear()

    def count(self) -> None:
        """What the sites of this run hold now: stories of two or more articles, topics and providers in use."""
        articles = Article.objects.filter(source__in=self.sources.values())
        sizes = articles.exclude(story=None).values("story").annotate(size=Count("pk"))
        self.report.stories = sizes.filter(size__gte=2).count()
        self.report.topics = ArticleTopic.objects.filter(content_object__in=articles).values("tag").distinct().count()
        self.report.providers = articles.values("provider").distinct().count()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _name(file: FoundFile) -> str:
    """A name for a document that came without one."""
    values = frontmatter.parse(file.data).values
    return addresses.stem(values["title"], values["published_at"])


def _content_digest(data: bytes, document: Document) -> str:
    """The same for files that differ in their line ends or in what is secured only."""
    if document.crlf:
        data = data.replace(b"\r\n", b"\n")
    if secured := document.values.get("secured"):
        data = data.replace(secured.encode(), b"")
    return _digest(data)


def _stored(source: Source, stems: Iterable[str]) -> dict[str, Stored]:
    rows = Article.objects.filter(source=source, stem__in=list(stems)).values_list(
        "stem", "pk", "file__digest", "file__content_digest", "file__story_key", "file__grouped_key"
    )
    return {stem: Stored(*columns) for stem, *columns in rows}


def _kept(readings: list[Reading]) -> dict[int, dict[str, object]]:
    """What stays as it is, by article, where a file does not say it."""
    silent = [
        reading.stored.article_id
        for reading in readings
        if reading.stored and any(column not in reading.values for column in KEPT_WHEN_ABSENT)
    ]
    if not silent:
        return {}
    return {row["pk"]: row for row in Article.objects.filter(pk__in=silent).values("pk", *KEPT_WHEN_ABSENT)}


def _columns(values: dict, kept: dict[str, object]) -> dict[str, object]:
    """An article's own columns from its file; those of absent keys are left to the model's defaults."""
    columns = {column: kept[column] for column in KEPT_WHEN_ABSENT if column in kept}
    return columns | {column: values[column] for column in COLUMNS if column in values}


def _extra(values: dict) -> dict[str, object]:
    """Keys that Newsroom does not know, those within `provider` under that name."""
    extra = dict(values.get("extra", {}))
    if within := values["provider"].get("extra"):
        extra["provider"] = within
    return extra


def _write_logos(source: Source, readings: list[Reading], providers: dict[str, Provider]) -> None:
    """The logos that this site's articles print for their providers; an article without says nothing."""
    wanted = {}
    for reading in readings:
        printed = reading.values["provider"]
        if "images" in printed:
            wanted[providers[printed["domain"]].pk] = printed["images"]
    _replace_images(ProviderImage, "provider_id", wanted, source=source)


def _write_topics(articles: list[tuple[Reading, Article]], topic_ids: dict[str, int]) -> None:
    wanted = {
        article.pk: list(dict.fromkeys(topic_ids[name] for name in reading.values.get("topics", ())))
        for reading, article in articles
    }
    stored = defaultdict(list)
    links = ArticleTopic.objects.filter(content_object__in=list(wanted)).order_by("position", "pk")
    for article_id, topic_id in links.values_list("content_object_id", "tag_id"):
        stored[article_id].append(topic_id)
    different = [article_id for article_id, topics in wanted.items() if topics != stored[article_id]]
    ArticleTopic.objects.filter(content_object__in=different).delete()
    ArticleTopic.objects.bulk_create(
        (
            ArticleTopic(content_object_id=article_id, tag_id=topic_id, position=position)
            for article_id in different
            for position, topic_id in enumerate(wanted[article_id])
        ),
        batch_size=BATCH,
    )


def _replace_images(model: type[Picture], owner: str, wanted: dict[int, list[dict]], **scope: object) -> None:
    """Write the images of each owner (an id of the column `owner`) that differ; our copies of those stay."""
    stored = defaultdict(list)
    files = {}
    for image in model.objects.filter(**{f"{owner}__in": list(wanted)}, **scope):
        owner_id = getattr(image, owner)
        stored[owner_id].append(_image_values(image))
        files[owner_id, image.url] = image.file
    images = {
        owner_id: [
            model(position=place, file=files.get((owner_id, values["url"]), ""), **values, **{owner: owner_id}, **scope)
            for place, values in enumerate(items)
        ]
        for owner_id, items in wanted.items()
    }
    different = [pk for pk in images if stored[pk] != [_image_values(image) for image in images[pk]]]
    model.objects.filter(**{f"{owner}__in": different}, **scope).delete()
    model.objects.bulk_create((image for pk in different for image in images[pk]), batch_size=BATCH)


def _image_values(image: Picture) -> list[object]:
    return [getattr(image, column) for column in IMAGE_COLUMNS]


def _write_files(readings: list[Reading], ids: dict[str, int]) -> None:
    """Remember each file as it was; until its story is done too, it is not."""
    files = []
    for reading in readings:
        mention = reading.mention
        key = stories.story_key(mention.own, mention.related)
        files.append(
            ImportedFile(
                article_id=ids[reading.file.name],
                digest=reading.digest,
                content_digest=reading.content_digest,
                story_key=key,
                secured=reading.values.get("secured", ""),
                crlf=reading.document.crlf,
            )
        )
    ImportedFile.objects.bulk_create(
        files,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["digest", "content_digest", "story_key", "secured", "crlf", "imported_at"],
    )


def _write_topic(file: FoundFile, values: dict) -> None:
    topic = Topic.objects.filter(slug=values["slug"]).first() or Topic.objects.filter(name=values["name"]).first()
    topic = topic or Topic()
    if topic.file_digest == _digest(file.data):
        return  # what editors have changed since then stays
    if Topic.objects.filter(name=values["name"]).exclude(pk=topic.pk).exists():
        found = f"{values['name']!r}, the name of another topic"
        raise FrontMatterError(1, "name", f"expected a name of its own, found {found}")
    prefix = re.match(r"\d{1,6}(?=-)", file.name)
    topic.menu_order = int(prefix[0]) if prefix else 1000
    topic.parent = Topic.objects.ensure(values["parent"]) if values.get("parent") else None
    if topic.pk and topic.pk in topic.ancestors():
        found = f"{values['parent']!r}, which is below it"
        raise FrontMatterError(1, "parent", f"expected a topic above this one, found {found}")
    for column, default in TOPIC_COLUMNS.items():
        setattr(topic, column, values.get(column, default))
    topic.file_digest = _digest(file.data)
    topic.save()


def _write_organization(file: FoundFile, values: dict) -> None:
    provider, _ = Provider.objects.get_or_create(domain=values["domain"])
    if provider.file_digest == _digest(file.data):
        return  # what editors have changed since then stays
    provider.is_organization = True
    for column, default in PROVIDER_COLUMNS.items():
        setattr(provider, column, values.get(column, default))
    provider.file_digest = _digest(file.data)
    provider.save()
    _replace_images(ProviderImage, "provider_id", {provider.pk: values.get("images", [])}, source=None)
