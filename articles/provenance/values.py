"""The values of an article, topic or provider in one form, whether they come from its row or from its file.

Both have every field, so that they can be compared and merged. A key that a file leaves out has the value that its
row gets then: an article without `published` is published, one without `heat` has none. What a row cannot hold is left
out: a topic that is named twice counts once.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from ..db.bulk import BATCH, batches
from ..db.fields import default_of
from ..frontmatter import oddities
from ..frontmatter.secrets import without_secrets
from ..models import Article, ArticleImage, ArticleTag, ArticleTopic, Picture, Provider, Topic
from ..text.domains import normal_domain
from ..text.signs import stream_safe

Values = dict[str, Any]
COLUMNS: dict[str, Any] = {
    "category": "news", "title": "", "excerpt": "", "published_at": None, "original_url": "", "web_url": "",
    "amp_web_url": "", "cdn_amp_web_url": "", "type": "article", "quality": 0, "heat": None, "removed": False,
    "published": True, "featured_content": "",
}  # fmt: skip
FIELDS = (*COLUMNS, "provider", "topics", "tags", "images", "extra")
UNSEEN = {"category", "original_url", "quality", "heat", "tags", "extra"}  # an article looks the same when these change
GONE: Values = {"removed": True, "published": False}  # what a file says by being gone from its site
IMAGE_COLUMNS = ("url", "width", "height", "is_cached", "title", "attribution", "extra")


def from_file(values: Values, kept: Values | None = None) -> Values:
    """Return an article's values for its file's. `kept` are values that an older Newsroom gave keys it lacks.

    What could slow down or mislead readers' pages stays in the file (see `oddities`).
    """
    values = (kept or {}) | values
    printed = values["provider"]
    found = {name: values.get(name, default) for name, default in COLUMNS.items()}
    for name in ("title", "excerpt"):
        found[name] = stream_safe(found[name])
    if len(found["featured_content"]) > oddities.MOST_EMBED:
        found["featured_content"] = ""
    found["provider"] = {"name": stream_safe(printed.get("name", "")), "domain": normal_domain(printed["domain"])}
    topics = (stream_safe(name) for name in values.get("topics", ()) if name is not None)
    found["topics"] = list(dict.fromkeys(topics))
    found["tags"] = [stream_safe(name) for name in values.get("tags", ())]
    found["images"] = [without_blanks(image) for image in pictures(values)]
    found["extra"] = extra(values)
    return found


def pictures(values: Values) -> list[Values]:
    """Return the images in a file's values, or in those of an outlet or a related item."""
    return [_picture(image) for image in values.get("images", ())]


def _picture(image: Values) -> Values:
    found = dict(image)
    for name, clean in (("title", stream_safe), ("attribution", stream_safe), ("extra", without_secrets)):
        if found.get(name):
            found[name] = clean(found[name])
    return found


def when_gone(said: Values, fields: Iterable[str]) -> Values:
    """Return an article's values by its file, with those that these fields got when the file was gone."""
    return said | {name: GONE[name] for name in fields}


def extra(values: Values) -> Values:
    """Return what a file has and no column holds.

    That is its unknown keys and those of its provider below `provider`, and the places of absent topics below `topics`.
    Spellings of `secured` are left out.
    """
    found = without_secrets(values.get("extra", {}))
    if within := without_secrets(values["provider"].get("extra", {})):
        found["provider"] = within
    if gaps := [place for place, name in enumerate(values.get("topics", ())) if name is None]:
        found["topics"] = gaps
    return found


def topics_with_gaps(topics: Iterable[str], extra: Values) -> list[str | None]:
    """Return an article's topics as its file lists them, with None for each absent topic."""
    found: list[str | None] = list(topics)
    for place in extra.get("topics", ()):
        found.insert(place, None)
    return found


def from_rows(articles: Iterable[Article]) -> dict[int, Values]:
    """Return the values of articles, by id. Costs three queries for each 500; load their providers before."""
    articles = list(articles)
    topics = _names(ArticleTopic, "content_object_id", articles)
    tags = _names(ArticleTag, "article_id", articles)
    images = _images(articles)
    return {
        article.pk: {
            **{name: getattr(article, name) for name in COLUMNS},
            "provider": {"name": article.provider_name, "domain": article.printed_domain},
            "topics": topics[article.pk],
            "tags": tags[article.pk],
            "images": images[article.pk],
            "extra": article.extra,
        }
        for article in articles
    }


def from_row(article: Article) -> Values:
    return from_rows([article])[article.pk]


def _names(model: type[models.Model], owner: str, articles: list[Article]) -> dict[int, list[str]]:
    """Return the names in rows of articles, by the id in the column `owner`."""
    names = defaultdict(list)
    for some in batches([article.pk for article in articles]):
        rows = model._default_manager.filter(**{f"{owner}__in": some}).order_by("position", "pk")
        for article_id, name in rows.values_list(owner, "name"):
            names[article_id].append(name)
    return names


def _images(articles: list[Article]) -> dict[int, list[Values]]:
    images = defaultdict(list)
    for some in batches(articles):
        rows = ArticleImage.objects.filter(article__in=some).order_by("position", "pk")
        for article_id, *columns in rows.values_list("article_id", *IMAGE_COLUMNS):
            images[article_id].append(without_blanks(dict(zip(IMAGE_COLUMNS, columns, strict=True))))
    return images


def without_blanks(values: Values) -> Values:
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}


def write(changes: dict[int, Values], articles: dict[int, Article]) -> None:
    """Store new values of some fields, by article id. `articles` are the rows, loaded in this transaction."""
    if not changes:
        return
    named = [values["provider"] for values in changes.values() if "provider" in values]
    providers = Provider.objects.ensure({printed["domain"]: printed["name"] for printed in named})
    merged = Provider.objects.merged(providers)
    for pk, values in changes.items():
        _assign_columns(articles[pk], values, providers)
        if "provider" in values:
            printed = values["provider"]["domain"]
            articles[pk].provider_domain = printed if printed in merged else ""
    seen = {pk for pk, values in changes.items() if values.keys() - UNSEEN}
    upsert([articles[pk] for pk in changes if pk in seen])
    upsert([articles[pk] for pk in changes if pk not in seen], seen=False)
    write_topics(_of_field(changes, "topics"))
    write_tags(_of_field(changes, "tags"))
    write_images(ArticleImage, "article_id", _of_field(changes, "images"))


def _of_field(changes: dict[int, Values], name: str) -> dict[int, Any]:
    return {pk: values[name] for pk, values in changes.items() if name in values}


def _assign_columns(article: Article, values: Values, providers: dict[str, int]) -> None:
    """Set an article's columns from values; `providers` are ids by domain."""
    for name in values.keys() & COLUMNS.keys():
        setattr(article, name, values[name])
    if "provider" in values:
        article.provider_id = providers[values["provider"]["domain"]]
        article.provider_name = values["provider"]["name"]
    if "extra" in values:
        article.extra = values["extra"]


def upsert(articles: list[Article], seen: bool = True) -> None:
    """Insert or update articles. `seen` is whether readers see the change: only then `updated_at` moves."""
    if not articles:
        return
    Article.objects.bulk_create(
        articles,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["source", "stem"],
        update_fields=[
            *COLUMNS,
            "provider",
            "provider_name",
            "provider_domain",
            "extra",
            *(["updated_at"] if seen else []),
        ],
    )


def write_topics(wanted: dict[int, list[str]]) -> None:
    """Set the topics of articles, by name and in order. Rows that stay the same are not written."""
    topics = Topic.objects.ensure({name for names in wanted.values() for name in names})
    rows = {pk: [{"tag_id": topics[name].pk, "name": name} for name in names] for pk, names in wanted.items()}
    replace(ArticleTopic, "content_object_id", "name", rows)


def write_tags(wanted: dict[int, list[str]]) -> None:
    """Set the tags of articles, in order. Rows that stay the same are not written."""
    rows = {pk: [{"name": name} for name in names] for pk, names in wanted.items()}
    replace(ArticleTag, "article_id", "name", rows)


def write_images(model: type[Picture], owner: str, wanted: dict[int, list[Values]], **scope: object) -> None:
    """Set the images of each owner, by the id in the column `owner`. Images that stay keep their cached copies."""
    rows = {
        pk: [{name: image.get(name, default_of(model, name)) for name in IMAGE_COLUMNS} for image in images]
        for pk, images in wanted.items()
    }
    replace(model, owner, "url", rows, **scope)


def replace(model: type[models.Model], owner: str, key: str, wanted: dict[int, list[Values]], **scope: object) -> None:
    """Make the rows of each owner those wanted, in their order.

    A row whose `key` stays is changed in place, so that a form which is open on it can still be saved.
    """
    stored = _rows_by_owner(model, owner, wanted, scope)
    new, different, gone = [], [], []
    for pk, rows in wanted.items():
        left = stored[pk]
        for position, found in enumerate(rows):
            values = {**found, "position": position}
            row = next((row for row in left if getattr(row, key) == values[key]), None)
            if row is None:
                new.append(model(**{owner: pk}, **values, **scope))
            else:
                left.remove(row)
                different += [row] if _assign(row, values) else []
        gone += [row.pk for row in left]
    for some in batches(gone):
        model._default_manager.filter(pk__in=some).delete()
    if different:
        columns = {name for rows in wanted.values() for row in rows for name in row}
        model._default_manager.bulk_update(different, [*columns, "position"], batch_size=100)
    model._default_manager.bulk_create(new, batch_size=BATCH)


def _rows_by_owner(
    model: type[models.Model], owner: str, ids: Iterable[int], scope: dict[str, object]
) -> dict[int, list[Any]]:
    rows = defaultdict(list)
    for some in batches(ids):
        for row in model._default_manager.filter(**{f"{owner}__in": some}, **scope).order_by("position", "pk"):
            rows[getattr(row, owner)].append(row)
    return rows


def _assign(row: models.Model, values: Values) -> bool:
    """Set a row's values. Return whether any is new."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


# Values in JSON, for what is kept about them


def to_json(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


def from_json(field: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if field == "published_at" and value else value
