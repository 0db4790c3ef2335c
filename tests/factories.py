"""One plain function for each kind of row a test needs; every value a test does not care about is filled in."""

from datetime import UTC, datetime
from itertools import count

from articles.frontmatter import Document, Kind, serialise
from articles.models import Article, ArticleTopic, Provider, Source, Story, Topic
from articles.stories.leads import settle
from articles.sync.found import FoundFile

number = count(1)


def make_source(name="harbour"):
    return Source.objects.get_or_create(name=name)[0]


def make_provider(domain="gazette.example", **fields):
    return Provider.objects.get_or_create(domain=domain, defaults={"name": domain.partition(".")[0], **fields})[0]


def make_topic(name, **fields):
    return Topic.objects.get_or_create(name=name, defaults=fields)[0]


def make_article(title=None, *, topics=(), source=None, provider=None, **fields):
    """A published article of quality and heat 80, which its site gave it, unless told otherwise."""
    n = next(number)
    article = Article.objects.create(
        title=title or f"Article {n}",
        source=source or make_source(),
        provider=provider or make_provider(),
        **{
            "published_at": datetime(2026, 11, 1, 12, n // 60 % 60, n % 60, tzinfo=UTC),
            "web_url": f"https://gazette.example/{n}",
            "quality": 80,
            "heat": 80,
            "own_heat": False,
            "published": True,
            **fields,
        },
    )
    ArticleTopic.objects.bulk_create(
        ArticleTopic(content_object=article, tag=topic, position=place) for place, topic in enumerate(topics)
    )
    return article


def make_story(lead, *members):
    """A story of `lead` and `members`, which lose their heat to it as in imported data."""
    story = Story.objects.create(source=lead.source, lead=lead)
    Article.objects.filter(pk__in=[lead.pk, *(member.pk for member in members)]).update(story=story)
    Article.objects.filter(pk__in=[member.pk for member in members]).update(heat=-1, published=False)
    settle([story.pk])
    for article in (lead, *members):
        article.refresh_from_db()
    return story


def make_file(name, *, source="harbour", crlf=False, **values):
    """An article's file as the source writes it; `values` by the schema's names, None for an absent key."""
    values = {
        "category": "news",
        "title": f"Title of {name}",
        "excerpt": "",
        "published_at": datetime(2026, 11, 1, 12, tzinfo=UTC),
        "web_url": address(name),
        "type": "article",
        "quality": 60,
        "heat": 60,
        "published": False,
        "provider": {"name": "The Gazette", "domain": "gazette.example"},
        "topics": ["Harbour"],
        "secured": "opaque;text",
        **values,
    }
    values = {key: value for key, value in values.items() if value is not None}
    text = serialise(Document(Kind.ARTICLE, values, crlf))
    return FoundFile(f"_news/{name}.md", Kind.ARTICLE, source, name, text.encode())


def address(name):
    return f"https://gazette.example/{name}"


def make_related(name, quality=60, web_url=None):
    """What a file of a story says of another of its articles."""
    return {
        "title": f"Title of {name}",
        "excerpt": "",
        "published_at": datetime(2026, 11, 1, 12, tzinfo=UTC),
        "web_url": web_url or address(name),
        "type": "article",
        "provider": {"name": "The Gazette", "domain": "gazette.example"},
        "quality": quality,
    }


def make_story_files(*names, **values):
    """The files of one story, in which each lists all the others."""
    return [
        make_file(name, related=[make_related(other) for other in names if other != name], **values) for name in names
    ]
