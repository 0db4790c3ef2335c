"""Articles to files. Without an edit a file is what was imported, to the byte; else only the edited lines differ."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import F, Q

from .. import frontmatter
from ..db.bulk import batches
from ..frontmatter import Document, FrontMatterError, Kind
from ..models import Article, ImportedFile, Provider, ProviderImage, RelatedLink, Source, Story
from ..provenance import originals, values
from ..provenance.values import FIELDS, Values, pictures, without_blanks
from ..stories import links as stories_links
from ..text.addresses import identity

ALWAYS = ("excerpt", "quality", "heat", "published")  # keys that are written even when empty
RELATED_COLUMNS = ("title", "excerpt", "published_at", "web_url", "amp_web_url", "cdn_amp_web_url", "type", "quality")


def files(source: Source, some_ids: Collection[int] | None = None) -> Iterator[tuple[str, bytes | FrontMatterError]]:
    """Yield the stem and the file of each article of a site, in the order of file names. Retired ones are left out.

    With `some_ids`, only of these.

    Leaves out files of other programs (mapped_export.py). A file that an older version imported, and that cannot be
    read any more, is an error instead. Costs a fixed number of queries for each 500 articles.
    """
    own = Article.objects.filter(source=source, file__mapping=None)
    ids = (own if some_ids is None else own.filter(pk__in=some_ids)).order_by("file_name")
    logos = _logos(source)
    edited = EditedStories(source)
    for some in batches(ids.values_list("pk", flat=True)):
        rows = list(Article.objects.filter(pk__in=some).select_related("provider").order_by("file_name"))
        live = values.from_rows(rows)
        known = ImportedFile.objects.in_bulk(some)
        items = originals.texts(known.values())
        edited.load({article.story_id for article in rows if edited.touches(article, known.get(article.pk))})
        for article in rows:
            file = known.get(article.pk)
            if file and file.gone_at and article.removed:
                continue
            try:
                if file and file.text:
                    data = _edited_file(article, file, live[article.pk], items, edited, logos)
                else:
                    data = _new_file(article, file, live[article.pk], edited, logos)
            except FrontMatterError as error:
                yield article.stem, error
            else:
                yield article.stem, data


def places(source: Source) -> dict[str, str]:
    """Return the paths below `_news`, by stem, of the files of a site whose name is not just their stem and `.md`."""
    rows = ImportedFile.objects.filter(article__source=source).exclude(place="")
    return dict(rows.values_list("article__stem", "place"))


def _edited_file(
    article: Article,
    file: ImportedFile,
    live: Values,
    items: dict[int, str],
    edited: "EditedStories",
    logos: dict[int, list[Values]],
) -> bytes:
    parts = originals.parts(file, items)
    said = originals.document(file).values
    base = values.from_file(said, file.kept)
    changed = [name for name in FIELDS if live[name] != base[name]]
    changes = {}
    if changed:
        printed = _provider(article, live, logos)
        if live["provider"]["domain"] == base["provider"]["domain"]:
            printed = said["provider"] | {"name": printed["name"]}
        in_file = _in_file(live, printed)
        changes = {name: in_file.get(name) for name in changed}
        if images := changes.get("images"):
            changes["images"] = _as_said(images, said.get("images", []))
    related = None
    if edited.touches(article, file):
        named = frontmatter.parse(frontmatter.join(parts)).values.get("related", [])
        texts = parts.related if len(parts.related) == len(named) else named
        related = edited.related(article, file, named, texts)
    if changes or related is not None:
        parts = frontmatter.edit(parts, changes, related)
    return frontmatter.join(parts)


def _new_file(
    article: Article, file: ImportedFile | None, live: Values, edited: "EditedStories", logos: dict[int, list[Values]]
) -> bytes:
    """Return a file in the source's own style, for an article without a file or with one that was not kept."""
    if file is None and article.heat_is_computed:
        live = live | {"heat": article.heat_score - article.facts.boost}
    found = _in_file(live, _provider(article, live, logos))
    if related := edited.of_story(article):
        found["related"] = related
    if file and file.secured:
        found["secured"] = file.secured
    return frontmatter.serialise(Document(Kind.ARTICLE, found, crlf=bool(file and file.crlf))).encode()


def _as_said(images: list[Values], said: list[Values]) -> list[Values]:
    """Return images, each with the blanks that the file has in it."""
    return [
        next((known for known in said if without_blanks(pictures({"images": [known]})[0]) == image), image)
        for image in images
    ]


def _in_file(live: Values, provider: Values) -> Values:
    """Return an article's values as its file has them, without empty keys."""
    extra = dict(live["extra"])
    live = live | {"topics": values.topics_with_gaps(live["topics"], extra)}
    extra.pop("topics", None)
    found = {name: value for name, value in live.items() if value not in ("", [], {}, False) or name in ALWAYS}
    if within := extra.pop("provider", None):
        provider = provider | {"extra": within}
    found.pop("extra", None)
    return found | {"provider": provider} | ({"extra": extra} if extra else {})


def _provider(article: Article, live: Values, logos: dict[int, list[Values]]) -> Values:
    """Return the provider as this site's files print it."""
    printed = {"name": live["provider"]["name"] or article.provider.name, "domain": live["provider"]["domain"]}
    return printed | ({"images": logos[article.provider_id]} if article.provider_id in logos else {})


def _logos(source: Source) -> dict[int, list[Values]]:
    logos = defaultdict(list)
    rows = ProviderImage.objects.filter(source=source).order_by("position", "pk")
    for provider_id, *columns in rows.values_list("provider_id", *values.IMAGE_COLUMNS):
        logos[provider_id].append(without_blanks(dict(zip(values.IMAGE_COLUMNS, columns, strict=True))))
    return dict(logos)


class EditedStories:
    """The stories of a site that editors changed, and the related lists that their files get."""

    def __init__(self, source: Source) -> None:
        self.came: dict[int, set[int]] = defaultdict(set)  # story: articles that editors put in
        self.left: dict[int, Counter[str]] = defaultdict(Counter)  # story: addresses that editors took out
        self.links: dict[int, list[Values]] = {}  # story: its links, where editors changed them
        self.members: dict[int, list[Article]] = {}
        moved = Article.objects.filter(source=source).filter(
            Q(story=None, file__grouped_story__isnull=False)
            | Q(story__isnull=False) & (Q(file__grouped_story=None) | ~Q(story=F("file__grouped_story")))
        )
        columns = ("pk", "story_id", "file__grouped_story", "file__address")
        for pk, story_id, grouped_story, address in moved.values_list(*columns):
            if story_id:
                self.came[story_id].add(pk)
            if grouped_story:
                self.left[grouped_story][address] += 1
        self._compare_links(source)

    def _compare_links(self, source: Source) -> None:
        ours: dict[int, list[RelatedLink]] = defaultdict(list)
        for link in RelatedLink.objects.filter(story__source=source).select_related("provider"):
            ours[link.story_id].append(link)
        imported = Story.objects.filter(source=source).exclude(imported_links=[])
        theirs = dict(imported.values_list("pk", "imported_links"))
        for story_id in {**ours, **theirs}:
            links, before = stories_links.links_as_values(ours.get(story_id, ())), theirs.get(story_id, [])
            if links != before:
                self.links[story_id] = stories_links.link_items(ours.get(story_id, ()))
                self.left[story_id].update(identity(link) for link in before if link not in links)

    def touches(self, article: Article, file: ImportedFile | None) -> bool:
        """Return whether an article's related list differs from its file's."""
        if file is None or not file.text or article.story_id != file.grouped_story:
            return True
        return article.story_id in self.came or article.story_id in self.left or article.story_id in self.links

    def load(self, story_ids: Iterable[int | None]) -> None:
        """Load the articles of stories, best first."""
        missing = {pk for pk in story_ids if pk and pk not in self.members}
        for some in batches(missing):
            self.members |= {pk: [] for pk in some}
            rows = Article.objects.filter(story__in=some).select_related("provider").prefetch_related("images")
            for article in rows.best_first():
                self.members[article.story_id].append(article)

    def of_story(self, article: Article) -> list[Values]:
        """Return the related list of a new file: the story's other articles, best first, then its links."""
        if not article.story_id:
            return []
        others = [m for m in self.members[article.story_id] if m.pk != article.pk and not m.removed and m.web_url]
        if article.story_id not in self.links:
            rows = RelatedLink.objects.filter(story=article.story_id).select_related("provider")
            self.links[article.story_id] = stories_links.link_items(rows)
        return [_related(member) for member in others] + self.links[article.story_id]

    def related(self, article: Article, file: ImportedFile, named: list[Values], texts: Iterable[Any]) -> list[Any]:
        """Return the related list of an article whose story was edited. Its file's items keep their text."""
        said = list(zip(named, texts, strict=True))
        if article.story_id != file.grouped_story:
            known = {identity(item): text for item, text in said}
            return [known.get(identity(item), item) for item in self.of_story(article)]
        story_id = article.story_id or 0
        kept = _without(said, Counter(self.left.get(story_id, ())))
        came = self.came.get(story_id, set()) - {article.pk}
        for member in self.members.get(story_id, []):
            if member.pk in came and member.web_url:
                place = next((i for i, item in enumerate(kept) if item.quality < member.quality), len(kept))
                kept.insert(place, Item(member.quality, member.web_url, _related(member)))
        names = {item.identity for item in kept}
        added = [link for link in self.links.get(story_id, []) if identity(link) not in names]
        return [item.text for item in kept] + added


class Item(NamedTuple):
    """A related item: its text in the file, or its values if the file does not have it."""

    quality: int
    identity: str  # see `addresses.identity`
    text: Any


def _without(said: Iterable[tuple[Values, Any]], left: Counter[str]) -> list[Item]:
    """Return a file's related items but for those whose articles left the story, as often as these addresses say."""
    kept = []
    for found, text in said:
        if left[identity(found)] > 0:
            left[identity(found)] -= 1
        else:
            kept.append(Item(found.get("quality", 0), identity(found), text))
    return kept


def _related(member: Article) -> Values:
    """Return what a story's files say of one of its articles: less than its own file, and no image titles."""
    found = {name: getattr(member, name) for name in RELATED_COLUMNS}
    found = {name: value for name, value in found.items() if value or name in ALWAYS}
    provider: Provider = member.provider
    found["provider"] = {"name": member.provider_name or provider.name, "domain": member.printed_domain}
    images = [
        without_blanks({name: getattr(image, name) for name in values.IMAGE_COLUMNS if name != "title"})
        for image in member.images.all()
    ]
    return found | ({"images": images} if images else {})
