"""Rows for tests: a function for each kind, which fills in every value that a test does not care about."""

from datetime import UTC, datetime, timedelta
from itertools import count

from django.utils import timezone

from articles.frontmatter import Document, Kind, serialise
from articles.models import Article, ArticleImage, ArticleTag, ArticleTopic, Provider, Source, Story, Subscriber, Topic
from articles.ranking import scoring
from articles.stories import leads
from articles.sync.found import FoundFile

number = count(1)


def make_source(name="harbour"):
    return Source.objects.get_or_create(name=name)[0]


def make_provider(domain="gazette.example", **fields):
    return Provider.objects.get_or_create(domain=domain, defaults={"name": domain.partition(".")[0], **fields})[0]


def make_topic(name, **fields):
    return Topic.objects.get_or_create(name=name, defaults=fields)[0]


def make_article(title=None, *, topics=(), tags=(), **fields):
    """Store an article: published, of quality and heat 80 as given by its site, unless `fields` say otherwise."""
    article = Article.objects.create(**_values(title, stem=fields.pop("stem", ""), **fields))
    _set_topics([article], [topics])
    ArticleTag.objects.bulk_create(ArticleTag(article=article, name=tag, position=n) for n, tag in enumerate(tags))
    return article


def make_articles(rows):
    """Store an article for each of `rows` (the fields of `make_article`, without its saves) in a few statements."""
    rows = list(rows)
    articles = Article.objects.bulk_create(Article(**_values(**row)) for row in rows)
    scoring.rescore_articles([article.pk for article in articles])
    _set_topics(articles, [row.get("topics", ()) for row in rows])
    return articles


def _values(title=None, *, source=None, provider=None, topics=(), **fields):
    n = next(number)
    return {
        "title": title or f"Article {n}",
        "stem": f"article-{n}",
        "source": source or make_source(),
        "provider": provider or make_provider(),
        "published_at": datetime(2026, 11, 1, 12, n // 60 % 60, n % 60, tzinfo=UTC),
        "web_url": f"https://gazette.example/{n}",
        "quality": 80,
        "heat": 80,
        "heat_is_computed": False,
        "published": True,
        **fields,
    }


def _set_topics(articles, topics):
    ArticleTopic.objects.bulk_create(
        ArticleTopic(content_object=article, tag=topic, position=place)
        for article, theirs in zip(articles, topics, strict=True)
        for place, topic in enumerate(theirs)
    )


def make_image(url, article=None, **fields):
    return ArticleImage.objects.create(article=article or make_article(), url=url, **fields)


def make_story(lead, *members):
    """Store a story of `lead` and `members`, which lose their heat to it as in imported data."""
    (story,) = make_stories([(lead, *members)])
    for article in (lead, *members):
        article.refresh_from_db()
    return story


def make_stories(groups):
    """Store a story of each group of articles, led by its first, with few statements. The articles are not reread."""
    stories = Story.objects.bulk_create(Story(source=lead.source, lead=lead) for lead, *_ in groups)
    for story, articles in zip(stories, groups, strict=True):
        for article in articles:
            article.story = story
    Article.objects.bulk_update([article for articles in groups for article in articles], ["story"])
    members = [article.pk for _, *others in groups for article in others]
    Article.objects.filter(pk__in=members).update(heat=-1, published=False)
    leads.recompute([story.pk for story in stories])
    return stories


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


def make_subscribers(number, **fields):
    """Confirmed subscribers since yesterday, unless told otherwise. Return their mail addresses."""
    fields = {"state": "confirmed", "confirmed_at": timezone.now() - timedelta(days=1), **fields}
    emails = [f"reader{n}@example.org" for n in range(number)]
    Subscriber.objects.bulk_create(Subscriber(email=email, **fields) for email in emails)
    return emails
