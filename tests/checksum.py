"""A digest of all that imports write, whatever the order and the ids: python -m tests.checksum

Prints the digest, and how many articles are not what their files say (halves, unless editors were at work).
"""

import json
import os

import django


def content():
    """Everything, as lines of text."""
    for source in Source.objects.all():
        articles = list(Article.objects.filter(source=source).select_related("provider", "file"))
        live = values.from_rows(articles)
        for article in articles:
            file = getattr(article, "file", None)
            known = file and [file.digest, file.story_key, file.grouped_key, file.address, file.kept, file.crlf]
            found = {name: values.to_json(value) for name, value in live[article.pk].items()}
            yield [source.name, article.stem, article.file_name, found, known]
        for stem, data in exporter.files(source):
            yield [source.name, stem, hex_digest(data)]
        for story in Story.objects.filter(source=source, merged_into=None).select_related("lead"):
            links = stories_links.links_as_values(story.links.select_related("provider"))
            stems = sorted(story.articles.values_list("stem", flat=True))
            targets = sorted(filter(None, story.links.values_list("target__stem", flat=True)))
            yield [source.name, stems, story.lead and story.lead.stem, links, story.imported_links, targets]
    for topic in Topic.objects.select_related("parent"):
        yield [topic_values.of_topic(topic), topic.file_text]
    for provider in Provider.objects.all():
        logos = provider.images.order_by("source__name", "position").values_list("source__name", *values.IMAGE_COLUMNS)
        yield [provider.domain, organizations.of_provider(provider), provider.file_text, list(logos)]
    for conflict in Conflict.objects.open():
        yield [str(conflict.subject), conflict.field, conflict.base, conflict.ours, conflict.theirs]


def whole():
    """The digest of everything."""
    lines = sorted(json.dumps(line, sort_keys=True, default=str) for line in content())
    return hex_digest("\n".join(lines))


def halves():
    """How many articles lack their file, or are not what it says."""
    articles = list(Article.objects.select_related("provider", "file"))
    live = values.from_rows(articles)
    return sum(
        not hasattr(article, "file") or history.file_values(article.file) != live[article.pk] for article in articles
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    django.setup()

from articles.models import Article, Conflict, Provider, Source, Story, Topic  # noqa: E402 (models need the settings)
from articles.provenance import history, values  # noqa: E402 (models need the settings)
from articles.stories import links as stories_links  # noqa: E402 (models need the settings)
from articles.sync import exporter, organizations, topic_values  # noqa: E402 (models need the settings)
from articles.text.digests import hex_digest  # noqa: E402 (with them)

if __name__ == "__main__":
    print(whole(), halves())
