"""Upgrades of topics and outlets that an older version stored."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from articles.models import Article, ArticleTopic, Conflict, Pin, Provider, ProviderImage, ReindexRequest, Story, Topic
from articles.search import index

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEFORE = [("articles", "0019_api")]


@pytest.fixture
def before():
    """The models of the version before, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    call_command("migrate", verbosity=0)


def add(apps, name, /, **fields):
    return apps.get_model("articles", name).objects.create(**fields)


def test_an_upgrade_makes_spellings_of_a_domain_one_outlet(before):
    source, other = (add(before, "Source", name=name) for name in ("harbour", "other"))
    spellings = ["Example.ORG", "example.org.", "example.org", "EXAMPLE.org"]
    providers = [add(before, "Provider", domain=domain, name=domain) for domain in spellings]
    alone = add(before, "Provider", domain="xn--bcher-kva.example", name="Books")
    described = providers[1]
    described.is_organization, described.file_text = True, "---\n"
    described.save()
    for number, provider in enumerate([*providers, alone]):
        fields = {"title": f"Article {number}", "published_at": "2026-11-01T12:00:00Z", "published": True}
        add(before, "Article", source=source, provider=provider, stem=f"a{number}", **fields)
    add(before, "ProviderImage", provider=described, source=None, url="https://a.example/1.png")
    add(before, "ProviderImage", provider=providers[0], source=None, url="https://a.example/2.png")
    add(before, "ProviderImage", provider=providers[0], source=other, url="https://a.example/3.png")
    pinned = before.get_model("articles", "Article").objects.first()
    add(before, "Pin", article=pinned, provider=providers[2])
    add(before, "Conflict", provider=providers[3], field="name", ours="A", theirs="B")
    link = {"title": "L", "web_url": "https://a.example/", "provider": {"name": "", "domain": "Example.ORG"}}
    story = add(before, "Story", source=source, imported_links=[link])
    add(before, "RelatedLink", story=story, title="L", web_url="https://a.example/", provider=providers[0])

    call_command("migrate", verbosity=0)

    one, books = Provider.objects.order_by("-domain")
    assert (one.pk, one.domain, one.is_organization, books.domain) == (
        described.pk,
        "example.org",
        True,
        "bücher.example",
    )
    assert (one.articles.count(), one.related_links.count(), books.articles.count()) == (4, 1, 1)
    logos = ProviderImage.objects.order_by("url").values_list("url", "provider")
    assert list(logos) == [("https://a.example/1.png", one.pk), ("https://a.example/3.png", one.pk)]
    assert (Pin.objects.get().provider, Conflict.objects.get().provider) == (one, one)
    assert Story.objects.get().imported_links[0]["provider"]["domain"] == "example.org"


def test_an_upgrade_keeps_the_names_of_topics_and_what_indexes_them(before):
    article = add(
        before,
        "Article",
        source=add(before, "Source", name="harbour"),
        provider=add(before, "Provider", domain="a.example", name="A"),
        stem="a",
        title="Article",
        published=True,
        published_at="2026-11-01T12:00:00Z",
    )
    for place, name in enumerate(["Sea", "Land"]):
        text = f"_id: {name.lower()}\nname: {name}\nparent: 'Sea'\n" if place else ""
        topic = add(before, "Topic", name=name, slug=name.lower(), file_text=text)
        add(before, "ArticleTopic", content_object_id=article.pk, tag=topic, position=place)

    call_command("migrate", verbosity=0)

    assert list(ArticleTopic.objects.values_list("name", flat=True)) == ["Sea", "Land"]
    assert [topic.file_parent and topic.file_parent.name for topic in Topic.objects.order_by("pk")] == [None, "Sea"]
    list(index.catch_up())
    topic = Topic.objects.get(name="Sea")
    topic.name = "Ocean"
    topic.save()
    assert ReindexRequest.objects.filter(article_id=Article.objects.get().pk).exists()
