"""New articles from their files, inserted in bulk."""

from .. import ranking
from ..db import bulk
from ..db.fields import default_of
from ..models import Article, ArticleImage, ArticleTag, ArticleTopic, Mark, Provider, Source, Topic
from ..provenance import values
from ..provenance.values import IMAGE_COLUMNS, Values
from ..stories import links
from .reading import Reading

SCORED_ORDERS = ("quality", "heat", "hot")  # each has a column for its score
COLUMNS = (
    *("source", "stem", "provider", "provider_name", "provider_domain", "extra", "heat_is_computed"),
    *(f"{order}_score" for order in SCORED_ORDERS),
    *values.COLUMNS,
)


def create(source: Source, readings: list[Reading]) -> None:
    """Insert the articles of files, and note their ids in the readings."""
    if not readings:
        return
    found = [values.from_file(reading.values) for reading in readings]
    _insert_articles(source, readings, found)
    stems = [reading.file.name for reading in readings]
    ids = dict(Article.objects.filter(source=source, stem__in=stems).values_list("stem", "pk"))
    for reading in readings:
        reading.article_id = ids[reading.file.name]
    _insert_topics(readings, found)
    _insert_tags(readings, found)
    _insert_images(readings, found)
    bulk.insert(Mark, ("article",), ((reading.article_id,) for reading in readings))  # new to the editors
    links.attach(source, {reading.address for reading in readings})


def _insert_articles(source: Source, readings: list[Reading], found: list[Values]) -> None:
    printed = {article["provider"]["domain"]: article["provider"]["name"] for article in found}
    providers = Provider.objects.ensure(printed)
    merged = Provider.objects.merged(printed)
    rules = source.rules
    bulk.insert(
        Article,
        COLUMNS,
        (
            (
                source.pk,
                reading.file.name,
                providers[article["provider"]["domain"]],
                article["provider"]["name"],
                article["provider"]["domain"] if article["provider"]["domain"] in merged else "",
                article["extra"],
                False,
                *_scores(article, rules),
                *(article[name] for name in values.COLUMNS),
            )
            for reading, article in zip(readings, found, strict=True)
        ),
    )


def _scores(article: Values, rules: ranking.Rules) -> list[int]:
    """Return the scores of an article that is in no story yet, one for each order."""
    facts = ranking.Facts(article["quality"], article["published_at"], heat=article["heat"])
    return [ranking.score(order, facts, rules) for order in SCORED_ORDERS]


def _insert_topics(readings: list[Reading], found: list[Values]) -> None:
    topics = Topic.objects.ensure({name for article in found for name in article["topics"]})
    bulk.insert(
        ArticleTopic,
        ("content_object", "tag", "name", "position"),
        (
            (reading.article_id, topics[name].pk, name, position)
            for reading, article in zip(readings, found, strict=True)
            for position, name in enumerate(article["topics"])
        ),
    )


def _insert_tags(readings: list[Reading], found: list[Values]) -> None:
    bulk.insert(
        ArticleTag,
        ("article", "name", "position"),
        (
            (reading.article_id, name, position)
            for reading, article in zip(readings, found, strict=True)
            for position, name in enumerate(article["tags"])
        ),
    )


def _insert_images(readings: list[Reading], found: list[Values]) -> None:
    defaults = [default_of(ArticleImage, name) for name in IMAGE_COLUMNS]
    bulk.insert(
        ArticleImage,
        ("article", "position", *IMAGE_COLUMNS),
        (
            (reading.article_id, position, *map(image.get, IMAGE_COLUMNS, defaults))
            for reading, article in zip(readings, found, strict=True)
            for position, image in enumerate(article["images"])
        ),
    )
