"""Rows to documents: the importer's mirror. A story's related lists are written out from its members."""

from collections import defaultdict
from collections.abc import Iterator

from .frontmatter import Document, Kind
from .importer import COLUMNS, IMAGE_COLUMNS
from .models import Article, Picture, ProviderImage, RelatedLink, Source
from .querysets import batches

ALWAYS = ("excerpt", "quality", "heat", "published")  # keys written even when there is nothing to say
RELATED_COLUMNS = ("title", "excerpt", "published_at", "web_url", "amp_web_url", "cdn_amp_web_url", "type", "quality")


def documents(source: Source) -> Iterator[tuple[str, Document]]:
    """Every article of a site as the document of its file, with the file's name, in the order of names.

    Costs a handful of queries for each 500 articles.
    """
    ids = Article.objects.filter(source=source).order_by("file_name").values_list("pk", flat=True)
    logos = _logos(source)
    for some in batches(ids):
        articles = _load(Article.objects.filter(pk__in=some)).select_related("file").order_by("file_name")
        stories = {article.story_id for article in articles if article.story_id}
        members, links = _members(stories), _links(stories)
        for article in articles:
            values = _values(article, logos)
            related = [_related(member) for member in members[article.story_id] if member.pk != article.pk]
            if related := related + links[article.story_id]:
                values["related"] = related
            file = getattr(article, "file", None)
            if file and file.secured:
                values["secured"] = file.secured
            yield article.stem, Document(Kind.ARTICLE, values, crlf=bool(file and file.crlf))


def _load(articles):
    return articles.select_related("provider").prefetch_related("images").with_topics()


def _values(article: Article, logos: dict[int, list[dict]]) -> dict:
    values = {name: getattr(article, name) for name in COLUMNS}
    values = {name: v for name, v in values.items() if v or name in ALWAYS}
    provider = _provider(article)
    if article.provider_id in logos:
        provider["images"] = logos[article.provider_id]
    extra = dict(article.extra)
    if within := extra.pop("provider", None):
        provider["extra"] = within
    values |= {"provider": provider, "topics": [topic.name for topic in article.topic_list]}
    if images := [_image(image) for image in article.images.all()]:
        values["images"] = images
    return values | ({"extra": extra} if extra else {})


def _provider(named: Article | RelatedLink) -> dict:
    return {"name": named.provider_name or named.provider.name, "domain": named.provider.domain}


def _image(image: Picture) -> dict:
    """An image's keys; those that its file does not have are absent."""
    values = {name: getattr(image, name) for name in IMAGE_COLUMNS}
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def _logos(source: Source) -> dict[int, list[dict]]:
    logos = defaultdict(list)
    for logo in ProviderImage.objects.filter(source=source):
        logos[logo.provider_id].append(_image(logo))
    return dict(logos)


def _members(stories: set[int]) -> dict[int | None, list[Article]]:
    """The articles of each story that its files list, best first."""
    members = defaultdict(list)
    for some in batches(stories):
        listed = Article.objects.filter(story__in=some, removed=False)
        for article in listed.select_related("provider").prefetch_related("images").best_first():
            members[article.story_id].append(article)
    return members


def _related(member: Article) -> dict:
    """What the files of a story say of one of its articles: less than its own file, and no image titles."""
    values = {name: getattr(member, name) for name in RELATED_COLUMNS}
    values = {name: value for name, value in values.items() if value or name in ALWAYS}
    values["provider"] = _provider(member)
    images = [{k: v for k, v in _image(image).items() if k != "title"} for image in member.images.all()]
    return values | ({"images": images} if images else {})


def _links(stories: set[int]) -> dict[int | None, list[dict]]:
    links = defaultdict(list)
    for some in batches(stories):
        for link in RelatedLink.objects.filter(story__in=some).select_related("provider"):
            values = {name: getattr(link, name) for name in RELATED_COLUMNS}
            values = {name: v for name, v in values.items() if v not in ("", None) or name == "excerpt"}
            values["provider"] = _provider(link)
            extras = {name: v for name, v in (("images", link.images), ("extra", link.extra)) if v}
            links[link.story_id].append(values | extras)
    return links
