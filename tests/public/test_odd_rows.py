"""No row takes a page down: what cannot be shown is left out and logged, and the rest is there."""

import logging
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import transaction

from articles.models import (
    Action,
    ActionRow,
    ArticleImage,
    Boost,
    ImportedFile,
    Issue,
    IssueArticle,
    Pin,
    ProviderAlias,
    ProviderImage,
    RelatedLink,
    TopicAlias,
)
from articles.pictures import renditions
from articles.search import index
from tests.factories import make_article, make_provider, make_source, make_story, make_topic
from tests.public.odd_rows import READ, columns, odd_values, plant

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LISTS = ["/", "/feeds/rss.xml", "/sitemap.xml", "/api/news/", "/search/?q=ferries", "/archive/2026/11/"]
MORE_LISTS = [
    *("/?order=hot", "/?order=latest&page=1", "/feeds/atom.xml", "/feeds/feed.json", "/api/news/page1/"),
    *("/archive/2026/11/20/", "/search/rss.xml?q=ferries", "/api/news/?order=heat", "/api/news/tags/US/"),
    *("/newsletters/", "/newsletters/2026-11-20/?site=good"),
]
PAGES = ["/topics/", "/providers/", "/archive/", "/api/topics/", "/api/newsletters/", "/news-sitemap.xml"]


def make_set(name):
    """Store a row of each model that a public address reads. Return them, and the addresses of their own pages."""
    source, provider = make_source(name), make_provider(f"{name}.example")
    root = make_topic(f"{name} root")
    topic = make_topic(f"{name} topic", parent=root, slug=f"{name}-topic")
    fields = {"source": source, "provider": provider, "topics": [topic, root], "tags": ["US"], "published_at": MOMENT}
    lead = make_article(f"{name} ferries", stem=f"{name}-ferries", quality=90, **fields)
    member = make_article(f"{name} boats", stem=f"{name}-boats", quality=85, **fields)
    story = make_story(lead, member)
    image = {"url": "https://i.example/a.png", "file": "pictures/a.png", "true_width": 8, "true_height": 8}
    issue = Issue.objects.create(date=MOMENT.date(), source=source, state="sent", sent_at=MOMENT)
    rows = [
        *(source, provider, topic, lead, story, issue, lead.topic_links.first(), lead.tags.first()),
        TopicAlias.objects.create(topic=topic, name=f"{name} old", slug=f"{name}-old"),
        ImportedFile.objects.create(article=lead, digest="0"),
        ActionRow.objects.create(action=Action.objects.create(kind="lead"), model="story", key=story.pk),
        RelatedLink.objects.create(story=story, title="Out", web_url="https://o.example/", provider=provider),
        ArticleImage.objects.create(article=lead, **image),
        ProviderImage.objects.create(provider=provider, source=source, **image),
        Boost.objects.create(article=lead, points=1, reason="Because"),
        Pin.objects.create(article=lead, reason="Because", position=9),
        IssueArticle.objects.create(issue=issue, article=lead, position=1),
        ProviderAlias.objects.create(provider=provider, domain=f"old.{name}.example"),
    ]
    rows += [row.action for row in rows if isinstance(row, ActionRow)]
    pages = [
        lead.get_absolute_url(),
        member.get_absolute_url(),
        story.get_absolute_url(),
        f"/why/{lead.pk}/",
    ]
    folders = [topic.get_absolute_url(), root.get_absolute_url(), provider.get_absolute_url()]
    pages += [folder + page for folder in folders for page in ("", "rss.xml", "feed.json")]
    pages += [f"{folders[2]}scorecard/?period=all", f"/topics/{name}-old/", f"/api/news/{lead.stem}/"]
    pages += [f"/providers/old.{name}.example/{page}" for page in ("", "rss.xml")]
    pages += [f"/newsletters/2026-11-20/?site={name}"]
    pages += [f"/{name}/api/{part}" for part in ("news/", "topics/", "newsletters/", "newsletters/2026-11-20/")]
    pages += [f"{lead.get_absolute_url()}picture.png", renditions.address(rows[12], "320.webp")]
    pages += [renditions.address(rows[13], "160.avif"), renditions.address(rows[12])]
    return {type(row): row for row in rows}, pages


@pytest.fixture
def bad(settings, tmp_path):
    """A row of each model that has no odd value yet, beside as many good ones; and the addresses of their pages."""
    settings.MEDIA_ROOT = tmp_path
    make_set("good")
    made = make_set("bad")
    index.refresh()
    return made


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def faults(client, lists, others):
    """Yield what is wrong: addresses that fail, and lists without the good article."""
    for address in [*lists, *others]:
        try:
            response = client.get(address)
        except Exception as error:  # what a server answers with 500
            yield address, repr(error)[:200]
            continue
        content = response.content.decode(errors="replace")
        if response.status_code >= 500:
            yield address, response.status_code
        elif address in lists and not ("good ferries" in content or "good-ferries" in content):
            yield address, "the good article is gone"


def test_a_row_full_of_odd_values_takes_no_list_down(client, bad):
    rows, _pages = bad
    found = []
    for model in READ:
        with undone():
            planted = [plant(rows[model], field, odd_values(field)[0]) for of, field in columns() if of is model]
            assert any(planted), model
            found += [(model.__name__, *fault) for fault in faults(client, LISTS[:4], [])]

    assert found == []


def some(addresses, turn):
    """Return two of the addresses, others at each turn."""
    return [addresses[(turn * 2 + place) % len(addresses)] for place in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize("model", READ, ids=lambda model: model.__name__)
def test_no_odd_value_of_a_column_takes_any_page_down(client, bad, model):
    rows, pages = bad
    found, planted = [], 0
    for field in (field for of, field in columns() if of is model):
        for value in odd_values(field):
            with undone():
                if plant(rows[model], field, value):
                    planted += 1
                    lists, others = some([*LISTS, *MORE_LISTS], planted), some([*PAGES, *pages], planted)
                    found += [(field.name, value, *fault) for fault in faults(client, lists, others)]

    assert found == []
    assert planted


def test_a_row_that_is_left_out_is_logged_without_what_it_says(client, bad, caplog):
    rows, _pages = bad
    plant(
        rows[type(rows[ImportedFile].article.provider)],
        type(rows[ImportedFile].article.provider)._meta.get_field("domain"),
        "",
    )

    with caplog.at_level(logging.WARNING, "newsroom.pages"):
        client.get("/")

    article = rows[ImportedFile].article
    logged = [record.getMessage() for record in caplog.records if record.name == "newsroom.pages"]
    assert [text for text in logged if f"Article {article.pk}:" in text]
    assert "bad" not in " ".join(logged).lower().replace("bad_", "")
