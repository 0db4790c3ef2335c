"""python -m tests.straightforward.load FOLDER: import FOLDER/*.md into a new database at DATABASE_URL."""

import os
import sys
from pathlib import Path

import django
import frontmatter
from django.conf import settings
from django.core.management import call_command


def main(folder):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    settings.INSTALLED_APPS = ["tests.straightforward"]
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    for path in sorted(Path(folder).glob("*.md")):
        load(path.stem, frontmatter.load(str(path)).metadata)


def load(slug, data):
    from tests.straightforward.models import Article, Image, RelatedLink, Topic  # noqa: PLC0415 (after setup)

    article, _ = Article.objects.update_or_create(
        slug=slug,
        defaults={
            "title": data["title"],
            "excerpt": data["excerpt"],
            "published_at": data["publishedDateTime"],
            "web_url": data.get("webUrl", ""),
            "type": data["type"],
            "quality": data["quality"],
            "heat": data["heat"],
            "published": data["published"],
            "provider": provider(data["provider"]),
        },
    )
    article.topics.set([Topic.objects.get_or_create(name=name)[0] for name in data["topics"]])
    for image in data.get("images", []):
        Image.objects.update_or_create(
            article=article, url=image["url"], defaults={"width": image["width"], "height": image["height"]}
        )
    for item in data.get("related", []):
        RelatedLink.objects.update_or_create(
            article=article,
            web_url=item["webUrl"],
            title=item["title"],
            defaults={
                "excerpt": item["excerpt"],
                "published_at": item["publishedDateTime"],
                "quality": item["quality"],
                "provider": provider(item["provider"]),
            },
        )


def provider(data):
    from tests.straightforward.models import Provider  # noqa: PLC0415 (after setup)

    return Provider.objects.update_or_create(domain=data["domain"], defaults={"name": data["name"]})[0]


if __name__ == "__main__":
    main(*sys.argv[1:])
